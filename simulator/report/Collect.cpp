//===- simulator/report/Collect.cpp - From a simulation to RunData --------===//

#include "simulator/report/Collect.h"
#include "simulator/report/FitTable.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace synfire::report {

const char *modeName(sim::Mode M) {
  return M == sim::Mode::Prefill ? "prefill" : "generate";
}

namespace {

/// How many bounds are told apart before the rest is summed up.
constexpr size_t MaxBounds = 12;
/// How many populations of a level are named.
constexpr size_t MaxNames = 4;

/// Barriers depend on the mode and are kept with its time.
ActionCounts withoutBarriers(ActionCounts Counts) {
  Counts[Action::Barrier] = 0;
  return Counts;
}

/// The neighbour of \p At through \p Port; \p At itself for the host port.
Coord beyond(Coord At, image::Port Port) {
  switch (Port) {
  case image::North:
    return {At.X, At.Y - 1};
  case image::East:
    return {At.X + 1, At.Y};
  case image::South:
    return {At.X, At.Y + 1};
  case image::West:
    return {At.X - 1, At.Y};
  case image::Host:
    break;
  }
  return At;
}

std::string linkName(const sim::Link &L, const ChipSpec &Spec) {
  Coord From = Spec.coordOf(L.Router), To = beyond(From, L.Port);
  if (L.Port == image::Host)
    return fmt::format("link ({},{}) to host", From.X, From.Y);
  return fmt::format("link ({},{}) to ({},{})", From.X, From.Y, To.X, To.Y);
}

void addPopulations(const sim::Simulation &Run, const sim::Counters &Counts,
                    RunData &Data) {
  const image::Image &I = Run.image();
  for (const image::PopulationRecord &P : I.populations())
    Data.Populations.push_back(
        {std::string(I.string(P.Name)), P.NumNeurons, P.IsRelay != 0, {}});
  const sim::Wiring &Plan = Run.wiring();
  for (const sim::BlockPlan &B : Plan.Blocks) {
    ActionCounts &Of = Data.Populations[B.Population].Counts;
    Of[Action::NeuronUpdate] += Counts.TokenSteps * B.NumNeurons;
    const sim::InstructionCounts &Program = Plan.Programs[B.Program].counts();
    for (unsigned C = 0; C < isa::NumCostClasses; ++C)
      Of[sim::actionOf(static_cast<isa::CostClass>(C))] +=
          Counts.TokenSteps *
          (uint64_t(Program.PerNeuron[C]) * B.NumNeurons + Program.PerBlock[C]);
  }
}

void addConnections(const sim::Simulation &Run, const sim::Counters &Counts,
                    RunData &Data) {
  const image::Image &I = Run.image();
  for (size_t N = 0; N < I.connections().size(); ++N) {
    const image::ConnectionRecord &R = I.connections()[N];
    const sim::ConnectionCounts &C = Counts.Connections[N];
    ConnectionData Out;
    Out.Name = std::string(I.string(R.Name));
    Out.Rows = R.Rows;
    Out.Cols = R.Cols;
    Out.WeightBits = R.WeightBits;
    Out.AccumulateOnly = R.AccumulateOnly != 0;
    Out.FromHost = C.FromHost;
    Out.Events = C.RowsAccumulated;
    Out.EffectiveAcs = C.EffectiveAccumulates;
    Out.EffectiveMacs = C.EffectiveMultiplies;
    Out.Dense = C.Dense;
    Out.Counts[Action::SynapseAccumulate] = C.Accumulates;
    Out.Counts[Action::SynapseMultiply] = C.Multiplies;
    Out.Counts[Action::SynapseByteRead] = C.BytesRead;
    Out.Counts[Action::AxonLookup] = C.RowsAccumulated;
    Data.Connections.push_back(std::move(Out));
  }
}

/// A population whose neurons keep a membrane and send -1, 0 or 1.
bool isSpike(const image::Image &I, const image::StreamRecord &S) {
  if (S.Population == image::None || !sim::accumulates(S))
    return false;
  const image::PopulationRecord &P = I.populations()[S.Population];
  return !P.IsRelay && I.programs()[P.Program].NumStates > 0;
}

void addStreams(const sim::Simulation &Run, const sim::Counters &Counts,
                RunData &Data) {
  const image::Image &I = Run.image();
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
    const sim::StreamCounts &C = Counts.Streams[N];
    Out.Events = Out.FromHost ? C.Events : C.Emitted;
    Out.Sent = C.Events;
    Out.Copies = C.Copies;
    Out.Received = C.Received;
    Out.Host = C.Host;
    Out.Dropped = C.Dropped;
    Out.Deliveries = C.Deliveries;
    if (!Out.FromHost)
      Data.Populations[R.Population].Counts[Action::SpikeEmit] += Out.Sent;
    Data.Streams.push_back(std::move(Out));
  }
}

void addLinks(const sim::Simulation &Run, const sim::Counters &Counts,
              RunData &Data) {
  for (const sim::LinkCounts &L : Counts.Links) {
    Coord From = Run.spec().coordOf(L.Where.Router);
    Data.Links.push_back(
        {From, beyond(From, L.Where.Port), L.Crossing, L.Messages, L.Bits});
  }
}

std::vector<BoundData> boundsOf(const sim::Timing &Time,
                                const sim::Simulation &Run) {
  std::map<std::pair<sim::Bound, uint32_t>, BoundData> Found;
  for (const sim::TickTime &T : Time.Ticks) {
    BoundData &B = Found[{T.Waited, T.Id}];
    ++B.Ticks;
    B.TotalTime += T.Duration;
  }
  std::vector<BoundData> Out;
  for (auto &[Key, B] : Found) {
    B.Resource = "barrier";
    if (Key.first == sim::Bound::Core)
      B.Resource = fmt::format("core {}", Key.second);
    else if (Key.first == sim::Bound::Link)
      B.Resource = linkName(Run.wiring().Links[Key.second].Where, Run.spec());
    Out.push_back(std::move(B));
  }
  std::stable_sort(Out.begin(), Out.end(), [](const auto &A, const auto &B) {
    return A.TotalTime > B.TotalTime;
  });
  if (Out.size() > MaxBounds) {
    BoundData Rest;
    Rest.Resource = fmt::format("{} others", Out.size() - MaxBounds);
    for (size_t I = MaxBounds; I < Out.size(); ++I) {
      Rest.Ticks += Out[I].Ticks;
      Rest.TotalTime += Out[I].TotalTime;
    }
    Out.resize(MaxBounds);
    Out.push_back(std::move(Rest));
  }
  return Out;
}

/// In generate mode a tick runs one level, so ticks tell each level's time.
std::vector<LevelData> levelsOf(const sim::Timing &Time,
                                const sim::Simulation &Run) {
  const auto &Levels = Run.wiring().Levels;
  std::vector<LevelData> Out;
  if (Time.TokenMode != sim::Mode::Generate || Time.Tokens == 0)
    return Out;
  for (size_t L = 0; L < Levels.size(); ++L) {
    LevelData D;
    D.Level = static_cast<uint32_t>(L);
    for (size_t T = L; T < Time.Ticks.size(); T += Levels.size())
      D.MeanTime += Time.Ticks[T].Duration;
    D.MeanTime.Value /= static_cast<double>(Time.Tokens);
    std::vector<uint32_t> Of;
    for (uint32_t B : Levels[L]) {
      uint32_t P = Run.wiring().Blocks[B].Population;
      if (std::find(Of.begin(), Of.end(), P) == Of.end())
        Of.push_back(P);
    }
    const image::Image &I = Run.image();
    for (size_t N = 0; N < Of.size() && N < MaxNames; ++N)
      D.Populations +=
          (N ? ", " : "") + std::string(I.string(I.populations()[Of[N]].Name));
    if (Of.size() > MaxNames)
      D.Populations += fmt::format(" and {} more", Of.size() - MaxNames);
    Out.push_back(std::move(D));
  }
  return Out;
}

} // namespace

TimeData timeData(const sim::Timing &Time, const sim::Simulation &Run) {
  TimeData Out;
  Out.Mode = modeName(Time.TokenMode);
  Out.Ticks = Time.Ticks.size();
  Out.Barriers = Run.spec().System.Barrier ? Out.Ticks : 0;
  Out.Total = Time.Total;
  if (!Time.Latency.empty())
    Out.FirstToken = Time.Latency.front();
  Out.Bounds = boundsOf(Time, Run);
  Out.Levels = levelsOf(Time, Run);
  return Out;
}

RunData collect(const sim::Simulation &Run) {
  sim::Counters Counts = Run.counters();
  const ChipSpec &Spec = Run.spec();
  RunData Data;
  Data.Chip = Spec;
  Data.Chips = Run.wiring().NumChips;
  Data.ImageBytes = Run.image().fileBytes();
  Data.Tokens = Counts.TokenSteps;
  Data.Total = withoutBarriers(Counts.total());
  Data.System = withoutBarriers(Counts.System);
  for (const sim::CoreCounts &C : Counts.Cores) {
    RouterId Router = Spec.routerOf(C.Core);
    Data.Cores.push_back({C.Core, Spec.chipOf(Router), Spec.coordOf(Router),
                          withoutBarriers(C.Actions)});
  }
  addPopulations(Run, Counts, Data);
  addConnections(Run, Counts, Data);
  addStreams(Run, Counts, Data);
  addLinks(Run, Counts, Data);
  Data.Fit = fitOf(Run.image(), Spec);
  if (std::optional<sim::Timing> Time = Run.timing())
    Data.Times.push_back(timeData(*Time, Run));
  if (std::optional<sim::Timing> Time = Run.otherTiming())
    Data.Times.push_back(timeData(*Time, Run));
  return Data;
}

} // namespace synfire::report
