//===- targets/ImageFit.cpp - Does an image fit a chip ----------*- C++ -*-===//

#include "targets/ImageFit.h"

#include "targets/ImageCheck.h"

#include <algorithm>
#include <bit>

using namespace synfire;
using namespace synfire::image;

namespace {

const std::string Name = "image";

class Fit {
public:
  Fit(const Image &I, const ChipSpec &Spec) : I(I), Spec(Spec) {
    NumRouters =
        uint64_t(Spec.systemWidth()) * Spec.systemHeight(Spec.System.MaxChips);
  }

  Errors run() {
    checkPrograms();
    checkPayloads();
    checkWeights();
    checkCores();
    // Routes are walked from the routers of cores, which must exist.
    if (Out.empty())
      checkFlows();
    return std::move(Out);
  }

private:
  bool isRouter(uint32_t Router) const {
    return Router < NumRouters &&
           Spec.chipOf(RouterId{Router}) < Spec.System.MaxChips;
  }
  bool isUsable(CoreId Core) const {
    return isRouter(Spec.routerOf(Core).Value) &&
           Spec.indexOnChip(Core) < Spec.System.UsableCores;
  }

  void checkPrograms();
  void checkPayloads();
  void checkWeights();
  void checkCores();
  uint64_t synapseBytesOf(const CoreRecord &C) const;
  void checkLimits(const CoreRecord &C, uint64_t Index, FaultList &Faults);
  uint64_t inputAxonsOf(const CoreRecord &C) const;
  void checkFlows();
  void checkTree(const FlowRecord &F, uint64_t Index, FaultList &Faults);
  bool checkHop(const HopRecord &H, uint64_t Flow, FaultList &Faults) const;

  const Image &I;
  const ChipSpec &Spec;
  uint64_t NumRouters;
  Errors Out;
  std::vector<uint32_t> FlowsOfCore; ///< by index in cores()
  /// Scratch of checkTree: (router, hop) by router, and which were reached.
  std::vector<std::pair<uint32_t, uint32_t>> HopAt;
  std::vector<bool> Reached;
};

/// True of the opcodes that read a register as binary32.
static bool isReal(isa::Opcode Op) {
  return (Op >= isa::Opcode::AddF && Op <= isa::Opcode::GeF) ||
         Op == isa::Opcode::ErfF;
}

void Fit::checkPrograms() {
  // A program on a chip with fixed neurons stands for the chip's own rule; the
  // compiler admits nothing else (spike-check-target). It takes no words of a
  // program memory that the chip does not have.
  if (!Spec.Neuron.Programmable)
    return;
  FaultList Faults(Name, "programs");
  for (uint64_t P = 0; P < I.programs().size(); ++P) {
    const ProgramRecord &Program = I.programs()[P];
    if (Program.NumInstructions > Spec.Neuron.ProgramWords)
      Faults.add(P, "fit-program",
                 fmt::format("{} instructions, but {} holds {}",
                             Program.NumInstructions, Spec.Name,
                             Spec.Neuron.ProgramWords));
    bool Missing[isa::NumCostClasses] = {};
    bool Real = false;
    for (const isa::Instruction &Code : I.instructions().subspan(
             Program.FirstInstruction, Program.NumInstructions)) {
      Real |= isReal(Code.Op);
      if (!Spec.hasInstruction(isa::info(Code.Op).Class))
        Missing[static_cast<unsigned>(isa::info(Code.Op).Class)] = true;
    }
    if (Real && Spec.Neuron.Numbers == Arithmetic::Fixed)
      Faults.add(P, "fit-arithmetic",
                 fmt::format("computes in binary32, but neurons of {} "
                             "calculate in fixed point",
                             Spec.Name));
    for (unsigned C = 0; C < isa::NumCostClasses; ++C)
      if (Missing[C])
        Faults.add(P, "fit-instruction",
                   fmt::format("uses `{}` instructions, which {} lacks",
                               costClassName(static_cast<isa::CostClass>(C)),
                               Spec.Name));
  }
  Faults.moveTo(Out);
}

void Fit::checkPayloads() {
  FaultList Faults(Name, "streams");
  for (uint64_t S = 0; S < I.streams().size(); ++S) {
    const StreamRecord &Stream = I.streams()[S];
    // A token is a binary event whatever the chip's neurons send.
    if (Stream.Population == None && Stream.Role != HostRole::Events)
      continue;
    // Numbers that travel as spikes need spikes only.
    if (std::ranges::find(Spec.Event.Kinds, carriedAs(Stream.Kind)) ==
        Spec.Event.Kinds.end())
      Faults.add(
          S, "fit-payload",
          fmt::format("{} has no events of this kind of payload", Spec.Name));
    bool Graded = Stream.Kind == PayloadKind::Signed ||
                  Stream.Kind == PayloadKind::Unsigned;
    if (Graded && Stream.PayloadBits > Spec.Event.PayloadBits)
      Faults.add(S, "fit-payload",
                 fmt::format("payloads of {} bits, at most {} on {}",
                             Stream.PayloadBits, Spec.Event.PayloadBits,
                             Spec.Name));
  }
  Faults.moveTo(Out);
  FaultList Sums(Name, "outputs");
  for (uint64_t O = 0; O < I.outputs().size(); ++O)
    if (I.outputs()[O].ReducedBits > Spec.Event.PayloadBits)
      Sums.add(O, "fit-payload",
               fmt::format("sums of {} bits, at most {} on {}",
                           I.outputs()[O].ReducedBits, Spec.Event.PayloadBits,
                           Spec.Name));
  Sums.moveTo(Out);
}

void Fit::checkWeights() {
  FaultList Faults(Name, "connections");
  for (uint64_t C = 0; C < I.connections().size(); ++C)
    // A narrow weight may be stored at a wider width.
    if (std::ranges::none_of(Spec.Core.WeightBits, [&](uint32_t Width) {
          return Width >= I.connections()[C].WeightBits;
        }))
      Faults.add(C, "fit-weights",
                 fmt::format("weights of {} bits; {} stores {}",
                             I.connections()[C].WeightBits, Spec.Name,
                             fmt::join(Spec.Core.WeightBits, ", ")));
  Faults.moveTo(Out);
  FaultList Stored(Name, "tiles");
  for (uint64_t T = 0; T < I.tiles().size(); ++T) {
    const TileRecord &Tile = I.tiles()[T];
    if (std::ranges::find(Spec.Core.WeightBits, bitsOf(Tile.Format)) ==
        Spec.Core.WeightBits.end())
      Stored.add(T, "fit-weights",
                 fmt::format("synapses of {} bits; {} stores {}",
                             bitsOf(Tile.Format), Spec.Name,
                             fmt::join(Spec.Core.WeightBits, ", ")));
    if (Tile.Planes != 0 && !Spec.Core.DynamicSynapses)
      Stored.add(T, "fit-dynamic",
                 fmt::format("events write synapses, which they cannot on {}",
                             Spec.Name));
  }
  Stored.moveTo(Out);
}

/// Distinct (flow, index) pairs that a core has a table entry for. An axon of a
/// convolution has one entry, from which the core works out what its indices
/// meet (as on Loihi 2, where a layer of PilotNet takes one or two per core:
/// models/pilotnet/traces/hardware.json, column axon_in).
uint64_t Fit::inputAxonsOf(const CoreRecord &C) const {
  struct Range {
    uint32_t Flow;
    uint64_t Begin, End;
  };
  std::vector<Range> Ranges;
  uint64_t Count = 0;
  for (const AxonRecord &A : I.axons().subspan(C.FirstAxon, C.NumAxons)) {
    if (A.Kind == AxonKind::Window) {
      ++Count;
      continue;
    }
    if (A.Table == None) {
      Ranges.push_back(
          {A.Flow, A.FirstIndex, uint64_t(A.FirstIndex) + A.NumIndices});
      continue;
    }
    // A source without a row needs no entry.
    for (uint32_t K = 0; K < A.NumIndices; ++K)
      if (I.axonRows()[A.Table + K] != None)
        Ranges.push_back({A.Flow, uint64_t(A.FirstIndex) + K,
                          uint64_t(A.FirstIndex) + K + 1});
  }
  std::ranges::sort(Ranges, {},
                    [](const Range &A) { return std::pair(A.Flow, A.Begin); });
  uint64_t Covered = 0;
  for (size_t A = 0; A < Ranges.size(); ++A) {
    if (A == 0 || Ranges[A].Flow != Ranges[A - 1].Flow)
      Covered = 0;
    uint64_t Begin = std::max(Ranges[A].Begin, Covered);
    Count += Ranges[A].End > Begin ? Ranges[A].End - Begin : 0;
    Covered = std::max(Covered, Ranges[A].End);
  }
  return Count;
}

/// What the weights of a core take on this chip, which need not be the one that
/// the image was written for.
uint64_t Fit::synapseBytesOf(const CoreRecord &C) const {
  const SynapseStore &Store = Spec.Core.Synapses;
  uint64_t Bytes = 0;
  for (const TileRecord &T : I.tiles().subspan(C.FirstTile, C.NumTiles)) {
    if (T.Planes != 0)
      continue;
    if (Store.WordBits == 0) {
      Bytes += (uint64_t(T.Rows) * T.RowStride + 15) / 16 * 16;
      continue;
    }
    const ConnectionRecord &Of = I.connections()[T.Connection];
    const bool Kernel = Of.Kind == ConnectionKind::Window;
    const WindowRecord *W = Kernel ? &I.windows()[Of.Window] : nullptr;
    Bytes += Store.bytes(!Kernel          ? SynapseStore::Kind::Linear
                         : W->StrideX > 1 ? SynapseStore::Kind::StridedKernel
                                          : SynapseStore::Kind::Kernel,
                         T.Rows, Kernel ? W->cols() : T.Cols,
                         narrowestWidth(Spec.Core.WeightBits, Of.WeightBits));
  }
  return Bytes;
}

void Fit::checkLimits(const CoreRecord &C, uint64_t Index, FaultList &Faults) {
  const CoreLimits &Limits = Spec.Core;
  auto Within = [&](std::string_view What, uint64_t Used, uint64_t Limit) {
    if (Used > Limit)
      Faults.add(Index, "fit-core",
                 fmt::format("core {} uses {} {}, at most {} on {}", C.Core,
                             Used, What, Limit, Spec.Name));
  };
  auto Pool = [&](std::string_view What, uint64_t Used,
                  const std::optional<Bytes> &Limit) {
    if (Limit)
      Within(What, Used, Limit->Value);
  };
  uint64_t Neurons = 0;
  for (const BlockRecord &B : I.blocks().subspan(C.FirstBlock, C.NumBlocks))
    Neurons += B.NumNeurons;
  Within("neurons", Neurons, Limits.Neurons);
  Within("input axons", inputAxonsOf(C), Limits.InputAxons);
  Within("output flows", FlowsOfCore[Index], Limits.OutputFlows);
  uint64_t Synapses = synapseBytesOf(C) + C.DynamicBytes, Axons = C.AxonBytes;
  uint64_t State = uint64_t(C.StateBytes) + C.AccumulatorBytes;
  uint64_t Program = uint64_t(C.ProgramBytes) + C.ParameterBytes;
  Pool("bytes of memory", Synapses + Axons + State + Program,
       Limits.UnifiedBytes);
  Pool("bytes of synapses", Synapses, Limits.SynapseBytes);
  Pool("bytes of states and accumulators", State, Limits.StateBytes);
  Pool("bytes of programs and parameters", Program, Limits.ProgramBytes);
  Pool("bytes of axon tables", Axons, Limits.AxonBytes);
}

void Fit::checkCores() {
  std::span<const CoreRecord> Cores = I.cores();
  FlowsOfCore.assign(Cores.size(), 0);
  for (const FlowRecord &F : I.flows()) {
    auto At =
        std::ranges::lower_bound(Cores, F.SourceCore, {}, &CoreRecord::Core);
    if (At != Cores.end() && At->Core == F.SourceCore)
      ++FlowsOfCore[At - Cores.begin()];
  }
  FaultList Faults(Name, "cores");
  for (uint64_t C = 0; C < Cores.size(); ++C) {
    if (!isUsable(CoreId{Cores[C].Core}))
      Faults.add(C, "fit-core-id",
                 fmt::format("core {} is none of the usable cores of {}",
                             Cores[C].Core, Spec.Name));
    checkLimits(Cores[C], C, Faults);
  }
  Faults.moveTo(Out);
}

bool Fit::checkHop(const HopRecord &H, uint64_t Flow, FaultList &Faults) const {
  if (!isRouter(H.Router)) {
    Faults.add(
        Flow, "fit-route",
        fmt::format("router {} does not exist on {}", H.Router, Spec.Name));
    return false;
  }
  uint32_t PerRouter = Spec.Noc.CoresPerRouter;
  for (uint32_t Core = 0; Core < 16; ++Core)
    if (H.Cores >> Core & 1)
      if (Core >= PerRouter || !isUsable(CoreId{H.Router * PerRouter + Core})) {
        Faults.add(Flow, "fit-route",
                   fmt::format("delivers to core {} of router {}, which is "
                               "none of the usable cores",
                               Core, H.Router));
        return false;
      }
  if ((H.Ports & Port::Host) && H.Router != Spec.hostRouter().Value) {
    Faults.add(Flow, "fit-route",
               fmt::format("leaves to the host at router {}; the host is at {}",
                           H.Router, Spec.hostRouter().Value));
    return false;
  }
  if (!Spec.Noc.Multicast &&
      std::popcount(H.Ports) + std::popcount(H.Cores) > 1) {
    Faults.add(Flow, "fit-multicast",
               fmt::format("branches at router {}, but {} has no multicast",
                           H.Router, Spec.Name));
    return false;
  }
  return true;
}

void Fit::checkTree(const FlowRecord &F, uint64_t Index, FaultList &Faults) {
  std::span<const HopRecord> Hops = I.hops().subspan(F.FirstHop, F.NumHops);
  RouterId Source = F.SourceCore == None ? Spec.hostRouter()
                                         : Spec.routerOf(CoreId{F.SourceCore});
  if (Hops.front().Router != Source.Value)
    return Faults.add(Index, "fit-route",
                      fmt::format("starts at router {}, but its source is at "
                                  "{}",
                                  Hops.front().Router, Source.Value));
  HopAt.clear();
  for (uint32_t H = 0; H < Hops.size(); ++H) {
    if (!checkHop(Hops[H], Index, Faults))
      return;
    HopAt.emplace_back(Hops[H].Router, H);
  }
  std::ranges::sort(HopAt);
  for (size_t H = 1; H < HopAt.size(); ++H)
    if (HopAt[H].first == HopAt[H - 1].first)
      return Faults.add(Index, "fit-route",
                        fmt::format("passes router {} twice", HopAt[H].first));

  Reached.assign(Hops.size(), false);
  Reached[0] = true;
  std::vector<uint32_t> Open{0};
  size_t NumReached = 1;
  while (!Open.empty()) {
    const HopRecord &H = Hops[Open.back()];
    Open.pop_back();
    for (Port P : {Port::North, Port::East, Port::South, Port::West}) {
      if (!(H.Ports & P))
        continue;
      const std::optional<RouterId> Next =
          Spec.neighbour(RouterId{H.Router}, P);
      if (!Next)
        return Faults.add(
            Index, "fit-route",
            fmt::format("leaves the grid at router {}", H.Router));
      const uint32_t Router = Next->Value;
      auto Found = std::ranges::lower_bound(
          HopAt, Router, {}, &std::pair<uint32_t, uint32_t>::first);
      if (Found == HopAt.end() || Found->first != Router)
        return Faults.add(Index, "fit-route",
                          fmt::format("goes from router {} to {}, where no hop "
                                      "takes it on",
                                      H.Router, Router));
      if (Reached[Found->second])
        return Faults.add(Index, "fit-route",
                          fmt::format("reaches router {} twice", Router));
      Reached[Found->second] = true;
      ++NumReached;
      Open.push_back(Found->second);
    }
  }
  if (NumReached != Hops.size())
    Faults.add(Index, "fit-route",
               fmt::format("{} of its hops are reached from nowhere",
                           Hops.size() - NumReached));
}

void Fit::checkFlows() {
  FaultList Faults(Name, "flows");
  for (uint64_t F = 0; F < I.flows().size(); ++F)
    checkTree(I.flows()[F], F, Faults);
  Faults.moveTo(Out);
}

} // namespace

Status image::checkAgainst(const Image &I, const ChipSpec &Spec) {
  return Fit(I, Spec).run();
}
