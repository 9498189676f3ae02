//===- simulator/report/FitTable.cpp - Used and available -----------------===//

#include "simulator/report/FitTable.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace synfire::report {

/// Distinct (flow, index) pairs that the axons of a core take.
static uint64_t inputAxons(const image::Image &I, const image::CoreRecord &C) {
  auto All = I.axons().subspan(C.FirstAxon, C.NumAxons);
  std::vector<image::AxonRecord> Axons(All.begin(), All.end());
  std::sort(Axons.begin(), Axons.end(), [](const auto &A, const auto &B) {
    return std::pair(A.Flow, A.FirstIndex) < std::pair(B.Flow, B.FirstIndex);
  });
  uint64_t Count = 0, Covered = 0;
  for (size_t A = 0; A < Axons.size(); ++A) {
    if (A == 0 || Axons[A].Flow != Axons[A - 1].Flow)
      Covered = 0;
    uint64_t End = uint64_t(Axons[A].FirstIndex) + Axons[A].NumIndices;
    uint64_t Begin = std::max<uint64_t>(Axons[A].FirstIndex, Covered);
    if (End > Begin)
      Count += End - Begin;
    Covered = std::max(Covered, End);
  }
  return Count;
}

namespace {

/// One limit over all cores.
struct Tally {
  FitData Row;
  Tally(const char *Limit, const char *Unit, std::optional<uint64_t> Available)
      : Row{Limit, Unit, 0, Available, 0, ""} {}
  void add(uint32_t Core, uint64_t Used) {
    Row.Total += Used;
    if (Used > Row.Used || Row.Fullest.empty()) {
      Row.Used = Used;
      Row.Fullest = fmt::format("core {}", Core);
    }
  }
};

std::optional<uint64_t> limitOf(const std::optional<Bytes> &Limit) {
  return Limit ? std::optional<uint64_t>(Limit->Value) : std::nullopt;
}

} // namespace

std::vector<FitData> fitOf(const image::Image &I, const ChipSpec &Spec) {
  const CoreLimits &L = Spec.Core;
  Tally Neurons("core.neurons", "neurons", L.Neurons);
  Tally Axons("core.input_axons", "axons", L.InputAxons);
  Tally Flows("core.output_flows", "flows", L.OutputFlows);
  Tally Unified("core.unified_bytes", "bytes", limitOf(L.UnifiedBytes));
  Tally Synapses("core.synapse_bytes", "bytes", limitOf(L.SynapseBytes));
  Tally State("core.state_bytes", "bytes", limitOf(L.StateBytes));
  Tally Program("core.program_bytes", "bytes", limitOf(L.ProgramBytes));
  // Memory that tokens write: a part of the synapses' pool.
  Tally Dynamic("core.dynamic_synapses", "bytes", limitOf(L.SynapseBytes));
  Tally Tables("core.axon_bytes", "bytes", limitOf(L.AxonBytes));

  std::map<uint32_t, uint64_t> FlowsOf;
  for (const image::FlowRecord &F : I.flows())
    ++FlowsOf[F.SourceCore];
  std::set<uint32_t> Chips;
  for (const image::CoreRecord &C : I.cores()) {
    Chips.insert(Spec.chipOf(Spec.routerOf(CoreId{C.Core})));
    uint64_t OnCore = 0;
    for (const image::BlockRecord &B :
         I.blocks().subspan(C.FirstBlock, C.NumBlocks))
      OnCore += B.NumNeurons;
    Neurons.add(C.Core, OnCore);
    Axons.add(C.Core, inputAxons(I, C));
    Flows.add(C.Core, FlowsOf[C.Core]);
    uint64_t StateBytes = uint64_t(C.StateBytes) + C.AccumulatorBytes;
    uint64_t ProgramBytes = uint64_t(C.ProgramBytes) + C.ParameterBytes;
    uint64_t SynapseBytes = uint64_t(C.SynapseBytes) + C.DynamicBytes;
    Synapses.add(C.Core, SynapseBytes);
    Dynamic.add(C.Core, C.DynamicBytes);
    State.add(C.Core, StateBytes);
    Program.add(C.Core, ProgramBytes);
    Tables.add(C.Core, C.AxonBytes);
    Unified.add(C.Core, SynapseBytes + StateBytes + ProgramBytes + C.AxonBytes);
  }
  std::vector<FitData> Out;
  for (Tally *T : {&Neurons, &Axons, &Flows, &Unified, &Synapses, &State,
                   &Program, &Tables})
    Out.push_back(std::move(T->Row));
  if (Dynamic.Row.Total)
    Out.insert(Out.begin() + 5, std::move(Dynamic.Row));
  uint64_t Cores = I.cores().size();
  Out.push_back({"cores", "cores", Cores,
                 uint64_t(Spec.System.UsableCores) * Chips.size(), Cores,
                 "of the chips in use"});
  Out.push_back({"system.max_chips", "chips", Chips.size(),
                 Spec.System.MaxChips, Chips.size(), ""});
  return Out;
}

} // namespace synfire::report
