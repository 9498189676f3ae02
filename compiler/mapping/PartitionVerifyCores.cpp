//===- compiler/mapping/PartitionVerifyCores.cpp - What cores hold --------===//
//
// Blocks cover populations, tiles cover linears, levels and depths suffice, and
// no core holds more than the chip has.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/Demand.h"
#include "compiler/mapping/PartitionVerifier.h"

#include <algorithm>
#include <map>
#include <set>

using namespace synfire;
using namespace synfire::mapping;

static uint64_t aligned(uint64_t Bytes) { return (Bytes + 15) / 16 * 16; }

void PartitionVerifier::verifyBlocks() {
  std::map<std::pair<bool, uint32_t>, std::vector<const MappedBlock *>> Of;
  for (const MappedBlock &B : Map.Blocks)
    Of[{B.IsRelay, B.Index}].push_back(&B);
  auto Covers = [&](bool IsRelay, uint32_t Index, uint32_t Neurons) {
    auto &Blocks = Of[{IsRelay, Index}];
    std::sort(Blocks.begin(), Blocks.end(),
              [](auto *A, auto *B) { return A->FirstNeuron < B->FirstNeuron; });
    uint32_t Next = 0;
    bool Exact = true;
    for (const MappedBlock *B : Blocks) {
      Exact &= B->FirstNeuron == Next && B->NumNeurons != 0;
      Next = B->FirstNeuron + B->NumNeurons;
    }
    if (!Exact || Next != Neurons)
      fail("block-cover",
           "{} {}: its blocks do not hold each of {} neurons "
           "once",
           IsRelay ? "relay" : "population", Index, Neurons);
  };
  for (uint32_t P = 0; P != Net.Populations.size(); ++P)
    Covers(false, P, Net.Populations[P].Neurons);
  for (uint32_t R = 0; R != Map.Relays.size(); ++R)
    Covers(true, R, Map.Relays[R].Neurons);
  for (const MappedBlock &B : Map.Blocks)
    for (uint32_t S = 0; S != B.NumSlots; ++S) {
      const MappedSlot &Slot = Map.Slots[B.FirstSlot + S];
      if (Slot.Uniform != isUniform(B, S) ||
          Slot.Size != (Slot.Uniform ? 1 : B.NumNeurons))
        fail("slot", "slot {} has the wrong size or kind", B.FirstSlot + S);
      uint32_t Bytes = 4;
      bool Largest = false;
      if (!B.IsRelay) {
        const Population &P = Net.Populations[B.Index];
        Largest = P.Slots[S].Largest;
        if (P.Held != image::Held::No)
          for (Bytes = 1; Bytes * 8 < P.Slots[S].SumBits; ++Bytes)
            ;
      }
      if (Slot.Largest != Largest || Slot.EntryBytes != Bytes)
        fail("slot", "slot {} keeps sums in {} bytes, needs {}, or the largest",
             B.FirstSlot + S, Slot.EntryBytes, Bytes);
    }
}

/// Blocks keep to their groups, and are of the sweep and rows that the network
/// says.
void PartitionVerifier::verifySequence() {
  if (Map.Steps != Net.Steps || Map.Positions != Net.Positions ||
      Map.Sweeps != Net.Sweeps)
    fail("sweep",
         "{} steps, {} positions, {} sweeps are not those of the "
         "network",
         Map.Steps, Map.Positions, Map.Sweeps);
  for (uint32_t I = 0; I != Map.Blocks.size(); ++I) {
    const MappedBlock &B = Map.Blocks[I];
    image::Held Holds = image::Held::No;
    image::RowRule Rows = image::RowRule::None;
    uint32_t FirstRow = 0;
    if (!B.IsRelay && B.NumNeurons != 0) {
      const Population &P = Net.Populations[B.Index];
      const uint32_t Group = P.Neurons / P.Groups;
      if (B.FirstNeuron / Group != (B.FirstNeuron + B.NumNeurons - 1) / Group)
        fail("group", "block {} of '{}' crosses a group of {} neurons", I,
             P.Name, Group);
      Holds = P.Held;
      Rows = P.Rows;
      if (Rows != image::RowRule::None)
        FirstRow = B.FirstNeuron % Net.Positions;
    }
    if (B.Sweep != sweepOf(B) || B.Holds != Holds)
      fail("sweep", "block {} is of sweep {}, or held or not, wrongly", I,
           B.Sweep);
    const bool Own = !B.IsRelay && B.NumNeurons != 0;
    if (B.ResetEvery != (Own ? Net.Populations[B.Index].ResetEvery : 0) ||
        B.ResetAt != (Own ? Net.Populations[B.Index].ResetAt : 0))
      fail("sweep", "block {} returns to its initial states at other steps", I);
    if (B.Rows != Rows || B.FirstRow != FirstRow)
      fail("rows", "block {} begins with row {} of a memory, must with {}", I,
           B.FirstRow, FirstRow);
  }
}

/// Populations that ask for cores of their own have them, cut as they ask.
void PartitionVerifier::verifyOwnCores() {
  for (uint32_t C = 0; C != Map.Cores.size(); ++C) {
    const MappedCore &Core = Map.Cores[C];
    for (uint32_t I = Core.FirstBlock; I != Core.FirstBlock + Core.NumBlocks;
         ++I) {
      const MappedBlock &B = Map.Blocks[I];
      if (B.IsRelay || !Net.Populations[B.Index].OwnCores)
        continue;
      const Population &P = Net.Populations[B.Index];
      if (Core.NumBlocks != 1)
        fail("own-core", "core {} holds a block of '{}' and {} others", C,
             P.Name, Core.NumBlocks - 1);
      const uint32_t Group = P.Neurons / P.Groups;
      const uint32_t At = B.FirstNeuron % Group;
      if (P.CutAt != 0 &&
          (At % P.CutAt != 0 || B.NumNeurons != std::min(P.CutAt, Group - At)))
        fail("own-core", "a block of '{}' has {} neurons from {} on, not {}",
             P.Name, B.NumNeurons, B.FirstNeuron, P.CutAt);
    }
  }
}

/// Dynamic tiles lie within one head and have a plane per inner step.
void PartitionVerifier::verifyMemories() {
  for (const MappedTile &T : Map.Tiles) {
    const Edge &E = Net.Edges[T.Edge];
    const bool Dynamic = E.Kind == EdgeKind::Keys || E.Kind == EdgeKind::Values;
    if (T.Planes != (Dynamic ? Net.Steps : 0)) {
      fail("memory", "a tile of '{}' has {} planes", E.Name, T.Planes);
      continue;
    }
    if (!Dynamic || T.Rows == 0 || T.Cols == 0)
      continue;
    if (!Chip.Core.DynamicSynapses)
      fail("limit", "'{}' writes synapses, which the chip cannot", E.Name);
    const uint32_t RowsOfHead = Net.sourceSize(E) / E.Heads;
    const uint32_t ColsOfHead = Net.Populations[E.To].Neurons / E.Heads;
    const uint32_t Head = T.FirstCol / ColsOfHead;
    if ((T.FirstCol + T.Cols - 1) / ColsOfHead != Head ||
        T.FirstRow / RowsOfHead != Head ||
        (T.FirstRow + T.Rows - 1) / RowsOfHead != Head)
      fail("memory", "a tile of '{}' is not within one head", E.Name);
    const uint32_t Position = E.Kind == EdgeKind::Keys
                                  ? T.FirstCol % ColsOfHead
                                  : T.FirstRow % RowsOfHead;
    if (T.FirstPosition != Position)
      fail("memory",
           "a tile of '{}' begins with row {} of the memory, must "
           "with {}",
           E.Name, T.FirstPosition, Position);
  }
}

/// Rows x columns of each linear exactly once. Tiles of one linear are checked
/// column group by column group.
void PartitionVerifier::verifyTiles() {
  std::map<uint32_t, std::vector<const MappedTile *>> Of;
  for (const MappedTile &T : Map.Tiles) {
    const Edge &E = Net.Edges[T.Edge];
    Of[T.Edge].push_back(&T);
    const MappedBlock &B = Map.Blocks[BlockOfSlot[T.Slot]];
    const uint32_t Slot = T.Slot - B.FirstSlot;
    if (B.Core != T.Core)
      fail("slot", "a tile of '{}' adds to another core", E.Name);
    if (B.IsRelay ? Map.Relays[B.Index].Edge != T.Edge
                  : B.Index != E.To || Slot != E.Slot ||
                        B.FirstNeuron + T.SlotOffset != T.FirstCol)
      fail("slot", "a tile of '{}' adds to a slot of something else", E.Name);
    if (T.SlotOffset + T.Cols > Map.Slots[T.Slot].Size)
      fail("slot", "a tile of '{}' is wider than its slot", E.Name);
    // Bits are unsigned, other widths hold them and a sign.
    const uint32_t Bits = image::bitsOf(T.Format);
    const auto &Widths = Chip.Core.WeightBits;
    const bool Window = E.Kind == EdgeKind::Window;
    const bool Packed = T.isDynamic() || Bits == 1 || Window;
    // Weights of one row: a kernel is as wide for one target as for all.
    uint32_t Weights = T.Cols;
    if (Window)
      Weights = E.Window.Shared ? 1 : E.Window.TargetChannels / E.Window.Groups;
    if (Bits < E.WeightBits || T.RowStride * 8ull < uint64_t(Weights) * Bits ||
        std::find(Widths.begin(), Widths.end(), Bits) == Widths.end() ||
        (Packed ? T.RowStride != (uint64_t(Weights) * Bits + 7) / 8
                : T.RowStride % 16 != 0))
      fail("slot", "a tile of '{}' has a wrong format or stride", E.Name);
  }
  for (uint32_t I = 0; I != Net.Edges.size(); ++I) {
    const Edge &E = Net.Edges[I];
    if (!hasTiles(E)) {
      if (Of.count(I))
        fail("tile-cover", "'{}' has tiles and is no linear", E.Name);
      continue;
    }
    const bool Heads = E.Kind == EdgeKind::Keys || E.Kind == EdgeKind::Values;
    const uint32_t Cols = Net.Populations[E.To].Neurons;
    uint32_t Rows = E.Only.empty() ? Net.sourceSize(E) : E.Only.size();
    if (E.Kind == EdgeKind::Window) // every tile has the kernel
      Rows = (E.Window.Shared ? 1 : E.Window.SourceChannels) *
             E.Window.KernelHeight * E.Window.KernelWidth;
    // Cut the columns at every tile's edge; within a stretch the tiles must
    // tile the rows.
    std::set<uint32_t> Cuts = {0, Cols};
    for (const MappedTile *T : Of[I]) {
      Cuts.insert(T->FirstCol);
      Cuts.insert(T->FirstCol + T->Cols);
    }
    std::map<uint32_t, std::vector<std::pair<uint32_t, uint32_t>>> Stretches;
    for (const MappedTile *T : Of[I])
      for (auto Cut = Cuts.find(T->FirstCol); *Cut != T->FirstCol + T->Cols;
           ++Cut)
        Stretches[*Cut].push_back({T->FirstRow, T->FirstRow + T->Rows});
    for (uint32_t Cut : Cuts) {
      if (Cut == Cols)
        continue;
      auto &Ranges = Stretches[Cut];
      std::sort(Ranges.begin(), Ranges.end());
      // The rows of a matmul's column are those of its head.
      const uint32_t Length = Heads ? Rows / E.Heads : Rows;
      const uint32_t Start = Heads ? Cut / (Cols / E.Heads) * Length : 0;
      uint32_t Next = Start;
      bool Exact = true;
      for (auto [First, End] : Ranges) {
        Exact &= First == Next && End > First;
        Next = End;
      }
      if (!Exact || Next != Start + Length || *Cuts.rbegin() != Cols)
        fail("tile-cover", "'{}': the rows of column {} are not covered once",
             E.Name, Cut);
    }
  }
}

void PartitionVerifier::verifyLevels() {
  // First level of every sweep; the host writes one level before it.
  std::vector<int64_t> FirstOf(Net.Sweeps + 1, INT64_MAX);
  std::vector<int64_t> LastOf(Net.Sweeps, -1);
  for (const MappedBlock &B : Map.Blocks) {
    const uint32_t Sweep = std::min(B.Sweep, Net.Sweeps - 1);
    FirstOf[Sweep] = std::min<int64_t>(FirstOf[Sweep], B.Level);
    LastOf[Sweep] = std::max<int64_t>(LastOf[Sweep], B.Level);
  }
  for (uint32_t W = 0; W != Net.Sweeps; ++W)
    if (FirstOf[W + 1] <= LastOf[W])
      fail("sweep", "sweep {} begins at level {}, the one before ends at {}",
           W + 1, FirstOf[W + 1], LastOf[W]);
  std::vector<int64_t> Earliest(Map.Slots.size(), INT64_MAX);
  // When a memory is last written and first asked in the same sweep.
  std::vector<std::pair<int64_t, int64_t>> Memory(Map.Tiles.size(),
                                                  {INT64_MIN, INT64_MAX});
  for (const MappedAxon &A : Map.Axons) {
    const MappedFlow &F = Map.Flows[A.Flow];
    const bool OfOutput = F.SourceKind == image::FlowSource::Output;
    const MappedBlock *From =
        OfOutput ? &Map.Blocks[Map.Outputs[F.Source].Block] : nullptr;
    if (A.Kind == image::AxonKind::Write) {
      int64_t &Last = Memory[A.Target].first;
      Last = std::max<int64_t>(Last, From ? From->Level : -1);
      continue;
    }
    const bool Rows = A.Kind == image::AxonKind::Rows;
    const uint32_t Slot =
        A.Kind == image::AxonKind::Direct ? A.Target : Map.Tiles[A.Target].Slot;
    const MappedBlock &To = Map.Blocks[BlockOfSlot[Slot]];
    // What waits is for a later token step: as if written levels before.
    const int64_t Write =
        (From ? From->Level : FirstOf[std::min(To.Sweep, Net.Sweeps - 1)] - 1) -
        int64_t(A.Delay);
    if (Rows) {
      int64_t &First = Memory[A.Target].second;
      First = std::min(First, Write);
    }
    Earliest[Slot] = std::min(Earliest[Slot], Write);
    if (Write >= int64_t(To.Level))
      fail("level", "a block of level {} hears one of level {}", To.Level,
           Write);
  }
  for (const auto &[Written, Asked] : Memory)
    if (Written >= Asked)
      fail("level", "a memory is written at level {} and asked at level {}",
           Written, Asked);
  // A population has one depth per slot: what any of its blocks needs.
  std::map<std::array<uint32_t, 3>, int64_t> Of;
  auto KeyOf = [&](uint32_t S) {
    const MappedBlock &B = Map.Blocks[BlockOfSlot[S]];
    return std::array<uint32_t, 3>{B.IsRelay, B.Index, S - B.FirstSlot};
  };
  for (uint32_t S = 0; S != Map.Slots.size(); ++S) {
    auto It = Of.try_emplace(KeyOf(S), INT64_MAX).first;
    It->second = std::min(It->second, Earliest[S]);
  }
  for (uint32_t S = 0; S != Map.Slots.size(); ++S) {
    const MappedBlock &B = Map.Blocks[BlockOfSlot[S]];
    const int64_t First = std::min<int64_t>(Of[KeyOf(S)], int64_t(B.Level) - 1);
    int64_t Needed = int64_t(B.Level) - First;
    if (B.Holds != image::Held::No)
      Needed =
          B.Holds == image::Held::Last ? 1 : int64_t(Net.Steps) * Net.Positions;
    if (int64_t(Map.Slots[S].Depth) != Needed)
      fail("depth", "slot {} has depth {}, needs {}", S, Map.Slots[S].Depth,
           Needed);
  }
  for (const MappedBlock &B : Map.Blocks) {
    const uint32_t Level =
        B.IsRelay ? Map.RelayLevels[B.Index] : Map.PopulationLevels[B.Index];
    if (B.Level != Level || Level >= Map.NumLevels)
      fail("level", "a block's level {} is not its population's {} of {}",
           B.Level, Level, Map.NumLevels);
  }
}

void PartitionVerifier::verifyLimits() {
  for (uint32_t C = 0; C != Map.Cores.size(); ++C) {
    const MappedCore &Core = Map.Cores[C];
    CoreUse Use;
    std::map<uint32_t, uint32_t> Programs;
    for (uint32_t I = 0; I != Core.NumBlocks; ++I) {
      const MappedBlock &B = Map.Blocks[Core.FirstBlock + I];
      Use.Neurons += B.NumNeurons;
      if (B.IsRelay) {
        Programs[image::None] = Net.RelayInstructions;
      } else {
        const Population &P = Net.Populations[B.Index];
        Programs[P.Program] = P.Instructions;
        Use.StateBytes += 4ull * P.States * B.NumNeurons;
        Use.ParameterBytes += aligned(4ull * P.Parameters * B.NumNeurons);
      }
      for (uint32_t S = B.FirstSlot; S != B.FirstSlot + B.NumSlots; ++S)
        Use.AccumulatorBytes += uint64_t(Map.Slots[S].EntryBytes) *
                                Map.Slots[S].Size * Map.Slots[S].Depth;
      for (uint32_t O = B.FirstOutput; O != B.FirstOutput + B.NumOutputs; ++O)
        Use.OutputFlows += Map.Outputs[O].NumFlows;
    }
    for (auto [Program, Length] : Programs)
      Use.ProgramBytes += uint64_t(Length) * Chip.Neuron.InstructionBytes;
    for (uint32_t I = 0; I != Core.NumTiles; ++I) {
      const MappedTile &T = Map.Tiles[Core.FirstTile + I];
      if (T.isDynamic())
        Use.DynamicBytes += uint64_t(T.Planes) * T.Rows * T.RowStride;
      else
        Use.SynapseBytes +=
            synapseBytes(Chip, Net.Edges[T.Edge], T.Rows, T.Cols);
    }
    std::set<std::pair<uint32_t, uint32_t>> Heard;
    uint64_t Kernels = 0; // an axon of one computes what others look up
    for (uint32_t I = 0; I != Core.NumAxons; ++I) {
      const MappedAxon &A = Map.Axons[Core.FirstAxon + I];
      if (A.Kind == image::AxonKind::Window) {
        Use.AxonBytes += Chip.Core.AxonEntryBytes;
        ++Kernels;
        continue;
      }
      for (uint32_t N = 0; N != A.NumIndices; ++N)
        if (A.Table == image::None || Map.Tables[A.Table][N] != image::None) {
          Use.AxonBytes += Chip.Core.AxonEntryBytes;
          Heard.insert({A.Flow, A.FirstIndex + N});
        }
    }
    Use.InputAxons = Heard.size() + Kernels;
    for (Limit L : {Limit::Neurons, Limit::InputAxons, Limit::OutputFlows,
                    Limit::UnifiedBytes, Limit::SynapseBytes, Limit::StateBytes,
                    Limit::ProgramBytes, Limit::AxonBytes}) {
      auto Has = available(Chip, L);
      if (Has && Use.used(L) > *Has)
        fail("limit", "core {} uses {} of {}, has {}", C, Use.used(L), keyOf(L),
             *Has);
      if (Use.used(L) != Core.Use.used(L) ||
          Use.DynamicBytes != Core.Use.DynamicBytes)
        fail("limit", "core {} claims {} of {}, uses {}", C, Core.Use.used(L),
             keyOf(L), Use.used(L));
    }
  }
  const uint64_t Cores =
      uint64_t(Chip.System.MaxChips) * Chip.System.UsableCores;
  if (Map.Cores.size() > Cores)
    fail("limit", "{} cores, the system has {}", Map.Cores.size(), Cores);
}
