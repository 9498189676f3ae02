//===- simulator/report/Collect.cpp - From a simulation to RunData --------===//

#include "simulator/report/Collect.h"
#include "simulator/report/FitTable.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace synfire::report {

namespace {

/// Barriers depend on the mode and are kept with its time.
ActionCounts withoutBarriers(ActionCounts Counts) {
  Counts[Action::Barrier] = 0;
  return Counts;
}

void addPopulations(const RunView &Run, RunData &Data) {
  const image::Image &I = Run.Image;
  for (const image::PopulationRecord &P : I.populations())
    Data.Populations.push_back(
        {std::string(I.string(P.Name)), P.NumNeurons, P.IsRelay != 0, {}});
  for (size_t P = 0; P < Data.Populations.size(); ++P)
    Data.Populations[P].Counts += Run.Counts.Populations[P].Programs;
}

void addConnections(const RunView &Run, RunData &Data) {
  const image::Image &I = Run.Image;
  for (size_t N = 0; N < I.connections().size(); ++N) {
    const image::ConnectionRecord &R = I.connections()[N];
    const sim::ConnectionCounts &C = Run.Counts.Connections[N];
    ConnectionData Out;
    Out.Name = std::string(I.string(R.Name));
    Out.Rows = R.Rows;
    Out.Cols = R.Cols;
    Out.WeightBits = R.WeightBits;
    Out.AccumulateOnly = R.AccumulateOnly != 0;
    Out.Kind = R.Kind;
    if (R.Kind == image::ConnectionKind::Keys) {
      Data.Network.Heads = R.Heads;
      Data.Network.KvHeads = R.KvHeads;
    }
    Out.FromHost = C.FromHost;
    Out.Events = C.RowsAccumulated;
    // NeuroBench does not count pooling.
    const bool Pools = R.Kind == image::ConnectionKind::Window &&
                       I.windows()[R.Window].Shared != 0;
    if (!Pools) {
      Out.EffectiveAcs = C.EffectiveAccumulates;
      Out.EffectiveMacs = C.EffectiveMultiplies;
      Out.Dense = C.Dense;
    }
    Out.Skipped = C.Skipped;
    Out.Counts[Action::SynapseAccumulate] = C.Accumulates;
    Out.Counts[Action::SynapseMultiply] = C.Multiplies;
    Out.Counts[Action::SynapseByteRead] = C.BytesRead;
    Out.Counts[Action::AxonLookup] = C.RowsAccumulated;
    Data.Connections.push_back(std::move(Out));
  }
}

/// What neurons send as spikes: codes that travel as spikes, -1, 0 or 1, and 0
/// or 1 of a neuron that keeps a membrane (others are bits, as those of an
/// embedding).
bool isSpike(const image::Image &I, const image::StreamRecord &S) {
  if (S.Population == image::None || !sim::accumulates(S.Kind))
    return false;
  const image::PopulationRecord &P = I.populations()[S.Population];
  return !P.IsRelay && (S.Kind != image::PayloadKind::Binary ||
                        I.programs()[P.Program].NumStates > 0);
}

void addStreams(const RunView &Run, RunData &Data) {
  const image::Image &I = Run.Image;
  for (size_t N = 0; N < I.streams().size(); ++N) {
    const image::StreamRecord &R = I.streams()[N];
    StreamData Out;
    Out.Name = std::string(I.string(R.Name));
    Out.Neurons = R.NumNeurons;
    Out.Kind = R.Kind;
    Out.PayloadBits = R.PayloadBits;
    Out.FromHost = R.Population == image::None;
    Out.IsRelay = !Out.FromHost && I.populations()[R.Population].IsRelay;
    Out.IsSpike = isSpike(I, R);
    const sim::StreamCounts &C = Run.Counts.Streams[N];
    Out.Events = Out.FromHost ? C.Events : C.Emitted;
    Out.Sent = C.Events;
    Out.Copies = C.Copies;
    Out.Received = C.Received;
    Out.Host = C.Host;
    Out.Dropped = C.Dropped;
    Out.Deliveries = C.Deliveries;
    Out.Traffic = C.Traffic;
    if (!Out.FromHost) {
      PopulationData &From = Data.Populations[R.Population];
      From.Counts[Action::SpikeEmit] += Out.Sent;
      From.SendsSpikes |= Out.IsSpike;
    }
    Data.Streams.push_back(std::move(Out));
  }
}

void addLinks(const RunView &Run, RunData &Data) {
  for (const sim::LinkCounts &L : Run.Counts.Links) {
    Coord From = Run.Spec.coordOf(L.Where.Router);
    Data.Links.push_back(
        {From, beyond(L.Where, Run.Spec), L.Crossing, L.Messages, L.Bits});
  }
}

} // namespace

RunData collect(const RunView &Run) {
  const ChipSpec &Spec = Run.Spec;
  RunData Data;
  Data.Chip = Spec;
  Data.Chips = Run.Plan.NumChips;
  Data.ImageBytes = Run.Image.fileBytes();
  Data.Tokens = Run.Counts.Tokens;
  Data.Steps = Run.Image.sequence().Steps;
  Data.Sweeps = Run.Image.sequence().Sweeps;
  Data.Sequences = Run.Counts.Sequences;
  Data.Total = withoutBarriers(Run.Counts.total());
  Data.System = withoutBarriers(Run.Counts.System);
  for (const sim::CoreCounts &C : Run.Counts.Cores) {
    RouterId Router = Spec.routerOf(C.Core);
    Data.Cores.push_back({C.Core, Spec.chipOf(Router), Spec.coordOf(Router),
                          withoutBarriers(C.Actions)});
  }
  addPopulations(Run, Data);
  addConnections(Run, Data);
  addStreams(Run, Data);
  addLinks(Run, Data);
  Data.Fit = fitOf(Run.Image, Spec);
  for (const sim::Timing &T : Run.Times) {
    // What `analytic` says of a mode that `event` has timed is kept beside it.
    if (const TimeData *Known = timeOf(Data, modeName(T.TokenMode)))
      Data.Times[Known - Data.Times.data()].AnalyticTotal = T.Total;
    else
      Data.Times.push_back(timeData(T, Run));
  }
  return Data;
}

Result<RunData> collect(const sim::Simulation &Run) {
  Result<std::vector<sim::Timing>> Times = Run.timings();
  if (!Times)
    return Times.errors();
  const sim::Counters Counts = Run.counters();
  return collect(
      RunView{Run.image(), Run.spec(), Run.wiring(), Counts, *Times});
}

} // namespace synfire::report
