//===- simulator/report/Stats.cpp - stats.csv -----------------------------===//

#include "simulator/report/Stats.h"

#include <fmt/format.h>

namespace synfire::report {

std::string csvField(const std::string &Text) {
  if (Text.find_first_of(",\"\r\n") == std::string::npos)
    return Text;
  std::string Out = "\"";
  for (char C : Text) {
    if (C == '"')
      Out += '"';
    Out += C;
  }
  return Out + "\"";
}

namespace {

class CsvWriter {
public:
  /// Shortest decimal form that reads back to the same value.
  template <typename T>
  void line(std::string_view Name, std::string_view Scope,
            const std::string &Instance, T Value, std::string_view Unit,
            std::string_view Definition) {
    Text += fmt::format("{},{},{},{},{},{}\n", Name, Scope, csvField(Instance),
                        Value, Unit, Definition);
  }
  void counts(std::string_view Scope, const std::string &Instance,
              const ActionCounts &Counts, bool Zeros) {
    for (unsigned I = 0; I < NumActions; ++I) {
      auto A = static_cast<Action>(I);
      if (Counts[A] || Zeros)
        line(actionKey(A), Scope, Instance, Counts[A],
             A == Action::ChipLinkBit ? "bits" : "count", "action-counts");
    }
  }
  void energies(std::string_view Scope, const std::vector<NamedEnergy> &List) {
    for (const NamedEnergy &N : List)
      line("energy", Scope, N.Name, N.Energy.Nominal, "pJ", "energy");
  }

  std::string Text = "name,scope,instance,value,unit,definition\n";
};

void totals(const Analysis &A, CsvWriter &Csv) {
  const RunData &Run = *A.Run;
  Csv.line("tokens", "total", "", Run.Tokens, "tokens", "run");
  Csv.line("cores", "total", "", Run.Cores.size(), "cores", "fit");
  Csv.line("chips", "total", "", Run.Chips, "chips", "fit");
  for (const ModeReport &M : A.Modes) {
    if (M.Time) {
      Csv.line("ticks", "total", M.Mode, M.Time->Ticks, "ticks", "time");
      Csv.line("simulated_time", "total", M.Mode, M.Time->Total.Value, "ns",
               "time");
    }
    Csv.line("energy", "total", M.Mode, M.Energy.Total.Nominal, "pJ", "energy");
    Csv.line("energy_low", "total", M.Mode, M.Energy.Total.Low, "pJ", "energy");
    Csv.line("energy_high", "total", M.Mode, M.Energy.Total.High, "pJ",
             "energy");
  }
  ActionCounts Counts = Run.Total;
  Counts[Action::Barrier] = A.main().Time ? A.main().Time->Barriers : 0;
  Csv.counts("total", "", Counts, true);
  const NeuroBenchOps &N = A.SynOps.NeuroBench;
  Csv.line("neurobench_effective_acs", "total", "", N.EffectiveAcs, "count",
           "neurobench");
  Csv.line("neurobench_effective_macs", "total", "", N.EffectiveMacs, "count",
           "neurobench");
  Csv.line("neurobench_dense", "total", "", N.Dense, "count", "neurobench");
}

/// Time of cores by stage in the mode that was asked for.
void busyCores(const Analysis &A, CsvWriter &Csv) {
  const TimeData *Time = A.main().Time;
  if (!Time || Time->CoreBusy.size() != A.Run->Cores.size())
    return;
  for (size_t C = 0; C < A.Run->Cores.size(); ++C)
    for (unsigned I = 0; I < sim::NumStages; ++I) {
      auto S = static_cast<sim::Stage>(I);
      Csv.line(fmt::format("busy_{}", sim::stageName(S)), "core",
               fmt::format("core {}", A.Run->Cores[C].Core.Value),
               Time->CoreBusy[C][S], "ns", "heat");
    }
}

void streams(const RunData &Run, CsvWriter &Csv) {
  for (const StreamData &S : Run.Streams) {
    Csv.line("neurons", "stream", S.Name, S.Neurons, "neurons", "activity");
    Csv.line("events", "stream", S.Name, S.Events, "events", "activity");
    Csv.line("events_sent", "stream", S.Name, S.Sent, "events", "delivery");
    Csv.line("copies", "stream", S.Name, S.Copies, "events", "delivery");
    Csv.line("received", "stream", S.Name, S.Received, "events", "delivery");
    Csv.line("host_received", "stream", S.Name, S.Host, "events", "delivery");
    Csv.line("dropped", "stream", S.Name, S.Dropped, "events", "delivery");
    Csv.line("axon_deliveries", "stream", S.Name, S.Deliveries, "events",
             "delivery");
    Csv.counts("stream", S.Name, S.Traffic, false);
  }
}

void links(const Analysis &A, CsvWriter &Csv) {
  const TimeData *Time = A.main().Time;
  for (size_t I = 0; I < A.Run->Links.size(); ++I) {
    const LinkData &L = A.Run->Links[I];
    std::string Name =
        fmt::format("({} {})->({} {})", L.From.X, L.From.Y, L.To.X, L.To.Y);
    Csv.line("packets", "link", Name, L.Packets, "packets", "links");
    Csv.line("bits", "link", Name, L.Bits, "bits", "links");
    if (!Time || Time->LinkUse.size() != A.Run->Links.size())
      continue;
    Csv.line("busy", "link", Name, Time->LinkUse[I].Busy.Value, "ns", "heat");
    if (Time->Fidelity == "event")
      Csv.line("blocked", "link", Name, Time->LinkUse[I].Blocked.Value, "ns",
               "heat");
  }
}

/// The curves of the dense Transformer, one line per device and context.
void denseCurves(const DenseCurves &Curves, CsvWriter &Csv) {
  for (const DenseCurve &C : Curves.Curves)
    for (const std::optional<baselines::TokenCost> &P : C.Points) {
      if (!P)
        continue;
      std::string Name =
          fmt::format("{}{}{} batch {} context {}", C.Device,
                      C.Mode.empty() ? "" : " ", C.Mode, C.Batch, P->Context);
      Csv.line("dense_dynamic_energy", "baseline", Name, P->Dynamic.Nominal,
               "pJ", "baseline");
      std::vector<baselines::Part> Parts = P->Parts;
      if (P->Static)
        Parts.push_back(*P->Static);
      for (const baselines::Part &Part : Parts)
        Csv.line("dense_energy_" + Part.Name, "baseline", Name,
                 Part.Energy.Nominal, "pJ", "baseline");
      if (auto Total = P->total())
        Csv.line("dense_energy", "baseline", Name, Total->Nominal, "pJ",
                 "baseline");
      if (auto Speed = P->tokensPerSecond())
        Csv.line("dense_tokens_per_s", "baseline", Name, Speed->Nominal,
                 "tokens/s", "baseline");
    }
}

} // namespace

std::string statsCsv(const Analysis &A) {
  const RunData &Run = *A.Run;
  const EnergyReport &E = A.main().Energy;
  CsvWriter Csv;
  totals(A, Csv);
  Csv.energies("layer", E.ByLayer);
  for (const CoreData &C : Run.Cores)
    Csv.counts("core", fmt::format("core {}", C.Core.Value), C.Counts, false);
  Csv.energies("core", E.ByCore);
  busyCores(A, Csv);
  for (const PopulationData &P : Run.Populations)
    Csv.counts("population", P.Name, P.Counts, false);
  Csv.energies("population", E.ByPopulation);
  for (const ConnectionData &C : Run.Connections) {
    Csv.line("row_events", "connection", C.Name, C.Events, "events",
             "connections");
    if (C.Skipped != 0)
      Csv.line("skipped_zero_weights", "connection", C.Name, C.Skipped, "count",
               "synaptic_events");
    Csv.counts("connection", C.Name, C.Counts, false);
  }
  Csv.energies("connection", E.ByConnection);
  streams(Run, Csv);
  links(A, Csv);
  if (A.Baseline)
    denseCurves(A.Baseline->Curves, Csv);
  return std::move(Csv.Text);
}

} // namespace synfire::report
