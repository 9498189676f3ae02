//===- targets/ImageCheckCores.cpp - Cores, blocks, slots -------*- C++ -*-===//

#include "targets/ImageCheck.h"

#include <algorithm>
#include <tuple>

using namespace synfire;
using namespace synfire::image;

namespace {

/// A run of records that one owner has: runs follow each other without gaps.
class Runs {
public:
  Runs(std::string_view What, uint64_t Size) : What(What), Size(Size) {}

  bool take(uint32_t First, uint32_t Count, uint64_t Owner, FaultList &Faults) {
    if (First == Next && within(First, Count, Size)) {
      Next += Count;
      return true;
    }
    Faults.add(Owner, "image-index",
               fmt::format("{} {}..{} do not follow on the run before (ends at "
                           "{}) or exceed the {} stored",
                           What, First, uint64_t(First) + Count, Next, Size));
    return false;
  }
  void finish(uint64_t Owner, FaultList &Faults) const {
    if (Next != Size)
      Faults.add(Owner, "image-index",
                 fmt::format("{} {} belong to nothing", Size - Next, What));
  }

private:
  std::string_view What;
  uint64_t Size;
  uint64_t Next = 0;
};

Errors checkCoreRecords(const Records &R) {
  Errors Out;
  FaultList Faults(R.File, "cores");
  Runs Blocks("blocks", R.Blocks.size()), Tiles("tiles", R.Tiles.size()),
      Axons("axons", R.Axons.size());
  uint64_t MemoryEnd = 0;
  for (uint64_t I = 0; I < R.Cores.size(); ++I) {
    const CoreRecord &C = R.Cores[I];
    if (C.Core == None || (I > 0 && C.Core <= R.Cores[I - 1].Core))
      Faults.add(I, "image-order",
                 fmt::format("core id {} does not ascend", C.Core));
    if (C.Reserved != 0 || C.Reserved2 != 0)
      Faults.add(I, "image-reserved", "the reserved field is not 0");
    bool Sound = Blocks.take(C.FirstBlock, C.NumBlocks, I, Faults);
    Sound &= Tiles.take(C.FirstTile, C.NumTiles, I, Faults);
    Sound &= Axons.take(C.FirstAxon, C.NumAxons, I, Faults);
    if (C.MemoryOffset % 16 != 0 || C.MemoryOffset < MemoryEnd ||
        !within(C.MemoryOffset, C.MemoryBytes, R.CoreMemory.size())) {
      Faults.add(I, "image-core-memory",
                 fmt::format("memory of {} bytes at {} is not at a multiple of "
                             "16, after the core before (ends at {}) and "
                             "within the {} bytes of core memory",
                             C.MemoryBytes, C.MemoryOffset, MemoryEnd,
                             R.CoreMemory.size()));
      Sound = false;
    }
    if (!Sound)
      break; // What follows would only repeat this fault.
    MemoryEnd = C.MemoryOffset + C.MemoryBytes;
  }
  if (Faults.empty()) {
    Blocks.finish(R.Cores.size(), Faults);
    Tiles.finish(R.Cores.size(), Faults);
    Axons.finish(R.Cores.size(), Faults);
  }
  Faults.moveTo(Out);
  return Out;
}

/// Sweep, rows of memories, and what held blocks need.
void checkSequence(const Records &R, const BlockRecord &B, uint64_t Index,
                   FaultList &Faults) {
  const SequenceRecord &S = R.Sequence.front();
  if (B.Sweep >= S.Sweeps || B.Holds > Held::Last ||
      (B.Holds != Held::No && B.Sweep == 0))
    Faults.add(Index, "image-sweep",
               fmt::format("sweep {} of {}, or held {} without a sweep before",
                           B.Sweep, S.Sweeps, static_cast<unsigned>(B.Holds)));
  if (B.Rows > RowRule::All ||
      !within(B.FirstRow, B.Rows == RowRule::None ? 0 : B.NumNeurons,
              B.Rows == RowRule::None ? 0 : S.Positions))
    Faults.add(Index, "image-rows",
               fmt::format("rows {}..{} of {} positions, or rule {}",
                           B.FirstRow, uint64_t(B.FirstRow) + B.NumNeurons,
                           S.Positions, static_cast<unsigned>(B.Rows)));
}

/// When states return to their initial values.
void checkReset(const BlockRecord &B, uint64_t Index, FaultList &Faults) {
  if (B.ResetEvery == 0 ? B.ResetAt != 0 : B.ResetAt >= B.ResetEvery)
    Faults.add(Index, "image-reset",
               fmt::format("resets at {} of every {} token steps", B.ResetAt,
                           B.ResetEvery));
}

/// Every sweep has blocks, and its levels lie above those of the one before.
void checkSweeps(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "blocks");
  std::vector<std::pair<uint32_t, uint32_t>> Range(R.Sequence.front().Sweeps,
                                                   {None, 0});
  for (const BlockRecord &B : R.Blocks) {
    auto &[First, Last] = Range[B.Sweep];
    First = std::min(First, B.Level);
    Last = std::max(Last, B.Level);
  }
  for (uint64_t S = 1; S < Range.size(); ++S)
    if (Range[S].first == None || Range[S - 1].first == None)
      Faults.add(R.Blocks.size(), "image-sweep",
                 fmt::format("sweep {} or the one before has no blocks", S));
    else if (Range[S].first <= Range[S - 1].second)
      Faults.add(R.Blocks.size(), "image-level",
                 fmt::format("sweep {} begins at level {}, the one before ends "
                             "at {}",
                             S, Range[S].first, Range[S - 1].second));
  Faults.moveTo(Out);
}

void checkParameters(const Records &R, const CoreRecord &Core,
                     const BlockRecord &B, uint64_t Index, FaultList &Faults) {
  const ProgramRecord &P = R.Programs[R.Populations[B.Population].Program];
  uint64_t Bytes = uint64_t(P.NumParams) * B.NumNeurons * sizeof(float);
  if (B.ParamOffset % 16 != 0 ||
      !within(B.ParamOffset, Bytes, Core.MemoryBytes))
    Faults.add(Index, "image-core-memory",
               fmt::format("{} bytes of parameters at {} are not at a multiple "
                           "of 16 within the {} bytes of core {}",
                           Bytes, B.ParamOffset, Core.MemoryBytes, Core.Core));
}

Errors checkBlocks(const Records &R) {
  Errors Out;
  FaultList Faults(R.File, "blocks");
  Runs Slots("slots", R.Slots.size()), Outputs("outputs", R.Outputs.size());
  for (const CoreRecord &Core : R.Cores)
    for (uint64_t I = Core.FirstBlock;
         I < uint64_t(Core.FirstBlock) + Core.NumBlocks; ++I) {
      const BlockRecord &B = R.Blocks[I];
      if (B.Population >= R.Populations.size()) {
        Faults.add(I, "image-index",
                   fmt::format("population {} of {}", B.Population,
                               R.Populations.size()));
        continue;
      }
      const PopulationRecord &P = R.Populations[B.Population];
      if (B.NumNeurons < 1 ||
          !within(B.FirstNeuron, B.NumNeurons, P.NumNeurons))
        Faults.add(
            I, "image-index",
            fmt::format("neurons {}..{} of a population of {}", B.FirstNeuron,
                        uint64_t(B.FirstNeuron) + B.NumNeurons, P.NumNeurons));
      // Every level holds a block, so there are no more levels than blocks.
      if (B.Level > R.Blocks.size())
        Faults.add(I, "image-level",
                   fmt::format("level {}, but there are only {} blocks",
                               B.Level, R.Blocks.size()));
      const ProgramRecord &Program = R.Programs[P.Program];
      if (B.NumSlots != Program.NumSlots || B.NumOutputs != Program.NumOutputs)
        Faults.add(I, "image-program",
                   fmt::format("{} slots and {} outputs, but the program has "
                               "{} and {}",
                               B.NumSlots, B.NumOutputs, Program.NumSlots,
                               Program.NumOutputs));
      bool Sound = Slots.take(B.FirstSlot, B.NumSlots, I, Faults);
      Sound &= Outputs.take(B.FirstOutput, B.NumOutputs, I, Faults);
      checkParameters(R, Core, B, I, Faults);
      checkSequence(R, B, I, Faults);
      checkReset(B, I, Faults);
      if (!Sound) {
        Faults.moveTo(Out);
        return Out;
      }
    }
  if (Faults.empty()) {
    Slots.finish(R.Blocks.size(), Faults);
    Outputs.finish(R.Blocks.size(), Faults);
  }
  Faults.moveTo(Out);
  return Out;
}

void checkHeldSlot(const Records &R, const BlockRecord &B, const SlotRecord &S,
                   uint64_t Index, FaultList &Faults) {
  const SequenceRecord &Seq = R.Sequence.front();
  const uint32_t Depth = B.Holds == Held::Last ? 1 : Seq.Steps * Seq.Positions;
  if (S.Depth != Depth || S.EntryBytes < 1 || S.EntryBytes > 4)
    Faults.add(Index, "image-slot",
               fmt::format("{} sums of {} bytes, a held block keeps {} of 1 to "
                           "4",
                           S.Depth, S.EntryBytes, Depth));
}

/// What a core claims for its slots is no less than what held ones take, so
/// that a reader who knows the chip knows what it has to keep.
void checkHeldBytes(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "cores");
  for (uint64_t C = 0; C < R.Cores.size(); ++C) {
    unsigned __int128 Bytes = 0;
    for (const BlockRecord &B :
         R.Blocks.subspan(R.Cores[C].FirstBlock, R.Cores[C].NumBlocks))
      if (B.Holds != Held::No)
        for (const SlotRecord &S : R.Slots.subspan(B.FirstSlot, B.NumSlots))
          Bytes +=
              static_cast<unsigned __int128>(S.Size) * S.Depth * S.EntryBytes;
    if (Bytes > R.Cores[C].AccumulatorBytes)
      Faults.add(C, "image-core-use",
                 fmt::format("held slots need more than the {} bytes that the "
                             "core claims for accumulators",
                             R.Cores[C].AccumulatorBytes));
  }
  Faults.moveTo(Out);
}

void checkSlots(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "slots");
  for (const BlockRecord &B : R.Blocks)
    for (uint64_t I = B.FirstSlot; I < uint64_t(B.FirstSlot) + B.NumSlots;
         ++I) {
      const SlotRecord &S = R.Slots[I];
      if (S.Uniform > 1 || S.Largest > 1)
        Faults.add(I, "image-reserved", "Uniform or Largest is not 0 or 1");
      else if (uint32_t Size = S.Uniform ? 1 : B.NumNeurons; S.Size != Size)
        Faults.add(I, "image-slot",
                   fmt::format("size {}, but a {} slot of this block has {}",
                               S.Size, S.Uniform ? "uniform" : "per-neuron",
                               Size));
      if (B.Holds != Held::No) {
        checkHeldSlot(R, B, S, I, Faults);
        continue;
      }
      if (S.EntryBytes != 4)
        Faults.add(I, "image-slot",
                   fmt::format("entries of {} bytes; only held sums are "
                               "narrower than 4",
                               S.EntryBytes));
      if (S.Depth < 1)
        Faults.add(I, "image-slot", "depth 0; a slot holds at least one sum");
    }
  Faults.moveTo(Out);
}

/// A program loads a slot once per block exactly when the slot is uniform.
void checkSlotLoads(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "blocks");
  // Slots that each program loads per neuron (false) and uniformly (true).
  // Kept as short lists: a program may declare many slots and load few.
  std::vector<std::vector<std::pair<uint32_t, bool>>> Loads(R.Programs.size());
  for (uint64_t I = 0; I < R.Programs.size(); ++I) {
    const ProgramRecord &P = R.Programs[I];
    for (const isa::Instruction &Code :
         R.Instructions.subspan(P.FirstInstruction, P.NumInstructions))
      if (Code.Op == isa::Opcode::LoadAccumulator)
        Loads[I].emplace_back(Code.Imm, Code.Uniform != 0);
    std::ranges::sort(Loads[I]);
    auto Repeated = std::ranges::unique(Loads[I]);
    Loads[I].erase(Repeated.begin(), Repeated.end());
  }
  for (uint64_t I = 0; I < R.Blocks.size(); ++I) {
    const BlockRecord &B = R.Blocks[I];
    for (auto [Slot, Uniformly] : Loads[R.Populations[B.Population].Program]) {
      bool Uniform = R.Slots[uint64_t(B.FirstSlot) + Slot].Uniform;
      if (Uniform != Uniformly)
        Faults.add(I, "image-uniform",
                   fmt::format("slot {} is {}, but the program loads it {}",
                               Slot, Uniform ? "uniform" : "per neuron",
                               Uniformly ? "uniformly" : "per neuron"));
    }
  }
  Faults.moveTo(Out);
}

void checkOutputs(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "outputs");
  for (const BlockRecord &B : R.Blocks)
    for (uint64_t I = B.FirstOutput; I < uint64_t(B.FirstOutput) + B.NumOutputs;
         ++I) {
      const OutputRecord &O = R.Outputs[I];
      if (O.Reduced > 2)
        Faults.add(I, "image-reserved", "Reduced is not 0, 1 or 2");
      if (O.Reduced ? O.ReducedBits < 1 || O.ReducedBits > 32
                    : O.ReducedBits != 0)
        Faults.add(I, "image-payload",
                   fmt::format("ReducedBits is {}; it is 1 to 32 for a reduced "
                               "output and 0 for any other",
                               O.ReducedBits));
      if (!within(O.FirstFlow, O.NumFlows, R.Flows.size()))
        Faults.add(I, "image-index",
                   fmt::format("flows {}..{} of {}", O.FirstFlow,
                               uint64_t(O.FirstFlow) + O.NumFlows,
                               R.Flows.size()));
      if (O.Stream >= R.Streams.size()) {
        Faults.add(I, "image-index",
                   fmt::format("stream {} of {}", O.Stream, R.Streams.size()));
        continue;
      }
      const StreamRecord &S = R.Streams[O.Stream];
      if (O.ReducedIndex >=
          (O.Reduced ? R.Populations[B.Population].NumNeurons : 1))
        Faults.add(I, "image-index",
                   fmt::format("reduced to group {}", O.ReducedIndex));
      if (O.Reduced == 2 &&
          (S.Kind == PayloadKind::Signed || S.Kind == PayloadKind::Ternary))
        Faults.add(I, "image-payload",
                   "sends the largest of payloads that may be negative");
      if (S.Population != B.Population)
        Faults.add(I, "image-index",
                   fmt::format("stream {} is of another population than the "
                               "block's {}",
                               O.Stream, B.Population));
      else if (!O.Reduced &&
               S.NumNeurons != R.Populations[B.Population].NumNeurons)
        Faults.add(I, "image-dimension",
                   fmt::format("each of {} neurons sends, but stream {} has {}",
                               R.Populations[B.Population].NumNeurons, O.Stream,
                               S.NumNeurons));
    }
  Faults.moveTo(Out);
}

/// The blocks of a population of the network hold each neuron exactly once.
void checkCoverage(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "populations");
  std::vector<std::tuple<uint32_t, uint32_t, uint32_t>> Ranges;
  for (const BlockRecord &B : R.Blocks)
    if (!R.Populations[B.Population].IsRelay)
      Ranges.emplace_back(B.Population, B.FirstNeuron, B.NumNeurons);
  std::ranges::sort(Ranges);
  uint64_t K = 0;
  for (uint32_t P = 0; P < R.Populations.size(); ++P) {
    uint64_t Next = 0;
    bool Exact = true;
    for (; K < Ranges.size() && std::get<0>(Ranges[K]) == P; ++K) {
      Exact &= std::get<1>(Ranges[K]) == Next;
      Next = uint64_t(std::get<1>(Ranges[K])) + std::get<2>(Ranges[K]);
    }
    if (!R.Populations[P].IsRelay &&
        (!Exact || Next != R.Populations[P].NumNeurons))
      Faults.add(P, "image-coverage",
                 fmt::format("its blocks do not hold each of its {} neurons "
                             "exactly once",
                             R.Populations[P].NumNeurons));
  }
  Faults.moveTo(Out);
}

} // namespace

Errors image::checkCores(const Records &R) {
  Errors Out = checkCoreRecords(R);
  if (Out.empty())
    Out = checkBlocks(R);
  if (!Out.empty())
    return Out;
  checkSweeps(R, Out);
  checkSlots(R, Out);
  checkHeldBytes(R, Out);
  checkSlotLoads(R, Out);
  checkOutputs(R, Out);
  checkCoverage(R, Out);
  return Out;
}
