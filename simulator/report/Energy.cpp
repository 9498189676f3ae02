//===- simulator/report/Energy.cpp - Energy is count x cost ---------------===//

#include "simulator/report/Energy.h"

#include <algorithm>
#include <fmt/format.h>

namespace synfire::report {

namespace {

constexpr double PicojoulesPerJoule = 1e12;
constexpr double SecondsPerNanosecond = 1e-9;

EnergyRange rangeOf(const Cost &Row) {
  return {Row.EnergyLow.Value, Row.Energy.Value, Row.EnergyHigh.Value};
}

/// Cores and system must sum to the total, action by action, and parts of the
/// network must not exceed it.
Status checkClosed(const RunData &Run) {
  ActionCounts Cores = Run.System, Parts;
  for (const CoreData &C : Run.Cores)
    Cores += C.Counts;
  for (const PopulationData &P : Run.Populations)
    Parts += P.Counts;
  for (const ConnectionData &C : Run.Connections)
    Parts += C.Counts;
  for (const StreamData &S : Run.Streams)
    Parts += S.Traffic;
  Errors Open;
  for (unsigned I = 0; I < NumActions; ++I) {
    auto A = static_cast<Action>(I);
    auto fail = [&](const char *What, uint64_t Sum) {
      Open.push_back({std::string(actionKey(A)), "report-counts-open",
                      fmt::format("{} sum to {}, the total is {}; the "
                                  "simulator's counters are inconsistent, "
                                  "please report this run",
                                  What, Sum, Run.Total[A]),
                      ErrorKind::RunFailed});
    };
    if (Cores[A] != Run.Total[A])
      fail("cores and system", Cores[A]);
    if (Parts[A] > Run.Total[A])
      fail("populations, connections and streams", Parts[A]);
  }
  return Open.empty() ? Status() : Status(std::move(Open));
}

EnergyTerm actionTerm(Action A, uint64_t Count, const Cost &Row) {
  EnergyTerm T;
  T.Part = componentOf(A);
  T.Action = std::string(actionKey(A));
  T.Count = static_cast<double>(Count);
  T.Coefficient = rangeOf(Row);
  T.Energy = T.Coefficient * T.Count;
  T.Evidence = Row.EnergyGrade;
  T.EnergyScope = Row.EnergyScope;
  T.Source = Row.EnergySource;
  T.Formula = fmt::format("{} x {} pJ", Count, Row.Energy.Value);
  return T;
}

/// Static power over the simulated time: one term for each kind that the chip
/// states, that of the chip itself always.
void addStaticTerms(const RunData &Run, const TimeData &Time,
                    std::vector<EnergyTerm> &Terms) {
  const StaticPower &Power = Run.Chip.Costs.Static;
  const auto Chips = static_cast<double>(Run.Chips);
  const auto Busy = static_cast<double>(Run.Cores.size());
  const double Idle = std::max(0.0, Chips * Run.Chip.System.UsableCores - Busy);
  auto add = [&](const char *Key, const char *Unit, double Units,
                 const Ranged<Watts> &P) {
    EnergyTerm T;
    T.Part = Component::Static;
    T.Action = fmt::format("static.{}", Key);
    T.Count = Units * Time.Total.Value * SecondsPerNanosecond;
    T.Coefficient =
        EnergyRange{P.Low.Value, P.Value, P.High.Value} * PicojoulesPerJoule;
    T.Energy = T.Coefficient * T.Count;
    T.Evidence = P.Evidence;
    T.Source = P.Source;
    T.Formula = fmt::format("{} {} x {} W x {} ns", Units, Unit, P.Value,
                            Time.Total.Value);
    Terms.push_back(std::move(T));
  };
  add("per_chip", "chips", Chips, Power.PerChip);
  if (Power.PerCore.High.Value > 0)
    add("per_core", "cores in use", Busy, Power.PerCore);
  if (Power.PerIdleCore.High.Value > 0)
    add("per_idle_core", "idle cores", Idle, Power.PerIdleCore);
  if (Power.HostProcessor.High.Value > 0)
    add("host_processor", "chips", Chips, Power.HostProcessor);
}

void addToLayer(std::vector<NamedEnergy> &Layers, const std::string &Name,
                const EnergyRange &Energy) {
  for (NamedEnergy &L : Layers)
    if (L.Name == Name) {
      L.Energy += Energy;
      return;
    }
  Layers.push_back({Name, Energy});
}

/// Splits what Run.Total counts among populations, connections and layers.
void attribute(const RunData &Run, EnergyReport &Report) {
  const CostTable &Costs = Run.Chip.Costs;
  ActionCounts Left = Run.Total;
  auto take = [&](const std::string &Name, const ActionCounts &Counts,
                  std::vector<NamedEnergy> &List) {
    EnergyRange Energy = energyOf(Counts, Costs);
    List.push_back({Name, Energy});
    addToLayer(Report.ByLayer, layerOf(Name), Energy);
    for (unsigned I = 0; I < NumActions; ++I)
      Left.Values[I] -= Counts.Values[I];
  };
  for (const PopulationData &P : Run.Populations)
    take(P.Name, P.Counts, Report.ByPopulation);
  for (const ConnectionData &C : Run.Connections)
    take(C.Name, C.Counts, Report.ByConnection);
  // Traffic belongs to the layer that sends it.
  for (const StreamData &S : Run.Streams) {
    addToLayer(Report.ByLayer, layerOf(S.Name), energyOf(S.Traffic, Costs));
    for (unsigned I = 0; I < NumActions; ++I)
      Left.Values[I] -= S.Traffic.Values[I];
  }
  for (const CoreData &C : Run.Cores)
    Report.ByCore.push_back(
        {fmt::format("core {}", C.Core.Value), energyOf(C.Counts, Costs)});
  if (Left != ActionCounts())
    Report.ByLayer.push_back({"traffic", energyOf(Left, Costs)});
}

} // namespace

std::string_view componentName(Component C) {
  static constexpr std::string_view Names[NumComponents] = {
      "synapses",   "neurons", "messages", "hops",
      "chip_links", "barrier", "static"};
  return Names[static_cast<unsigned>(C)];
}

Component componentOf(Action A) {
  switch (A) {
  case Action::SynapseAccumulate:
  case Action::SynapseMultiply:
  case Action::SynapseByteRead:
  case Action::AxonLookup:
  case Action::DirectWrite:
  case Action::DynamicWrite:
    return Component::Synapses;
  case Action::NeuronUpdate:
  case Action::InstructionMove:
  case Action::InstructionMemory:
  case Action::InstructionAdd:
  case Action::InstructionMultiply:
  case Action::InstructionDivide:
  case Action::InstructionExponential:
  case Action::InstructionLogic:
  case Action::InstructionConvert:
  case Action::InstructionEmit:
  case Action::SpikeEmit:
    return Component::Neurons;
  case Action::MessageOut:
  case Action::MessageIn:
    return Component::Messages;
  case Action::HopEastWest:
  case Action::HopNorthSouth:
    return Component::Hops;
  case Action::ChipLinkBit:
    return Component::ChipLinks;
  case Action::Barrier:
    return Component::Barrier;
  }
  return Component::Synapses;
}

EnergyRange energyOf(const ActionCounts &Counts, const CostTable &Costs) {
  EnergyRange Sum;
  for (unsigned I = 0; I < NumActions; ++I)
    Sum += rangeOf(Costs.Rows[I]) * static_cast<double>(Counts.Values[I]);
  return Sum;
}

Result<EnergyReport> computeEnergy(const RunData &Run, std::string_view Mode) {
  if (Status Closed = checkClosed(Run); !Closed)
    return Closed.errors();
  const CostTable &Costs = Run.Chip.Costs;
  const TimeData *Time = timeOf(Run, Mode);
  ActionCounts Counts = Run.Total;
  Counts[Action::Barrier] = Time ? Time->Barriers : 0;

  EnergyReport Report;
  for (unsigned I = 0; I < NumActions; ++I)
    if (Counts.Values[I])
      Report.Terms.push_back(
          actionTerm(static_cast<Action>(I), Counts.Values[I], Costs.Rows[I]));
  if (Time)
    addStaticTerms(Run, *Time, Report.Terms);
  else
    Report.Notes.push_back("No time was simulated, so the energy holds neither "
                           "barriers nor static power.");
  for (const EnergyTerm &T : Report.Terms)
    Report.ByComponent[static_cast<unsigned>(T.Part)] += T.Energy;
  for (const EnergyRange &Part : Report.ByComponent)
    Report.Total += Part;

  attribute(Run, Report);
  auto part = [&](Component C) {
    return Report.ByComponent[static_cast<unsigned>(C)];
  };
  if (Time) {
    Report.ByLayer.push_back({"barrier", part(Component::Barrier)});
    Report.ByLayer.push_back({"static", part(Component::Static)});
  }
  Report.HasStatic = Time != nullptr;
  return Report;
}

} // namespace synfire::report
