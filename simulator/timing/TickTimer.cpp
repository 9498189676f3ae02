//===- simulator/timing/TickTimer.cpp - Token steps to ticks --------------===//

#include "simulator/timing/TickTimer.h"

#include <fmt/core.h>

#include <algorithm>

namespace synfire::sim {

Nanoseconds barrierTime(const Wiring &Plan, const ChipSpec &Spec) {
  if (!Spec.System.Barrier)
    return {};
  return barrierTime(Spec.Costs.Barrier, Plan.RoutersInUse, Plan.NumChips);
}

Error generateNeedsOneSweep(const Wiring &Plan) {
  return {
      "", "generate-sweeps",
      fmt::format("the network passes a sequence {} times, so tokens cannot "
                  "come one at a time; use prefill mode",
                  Plan.Sweeps.size()),
      ErrorKind::BadInput};
}

void addBarriers(Counters &Counts, const Wiring &Plan, const ChipSpec &Spec,
                 Mode TokenMode) {
  if (!Spec.System.Barrier)
    return;
  for (uint64_t Tokens : Counts.Sequences)
    Counts.System[Action::Barrier] += ticksOf(TokenMode, Plan, Tokens);
}

static uint32_t levelsOf(const SweepPlan &S) {
  return std::max(1u, S.NumLevels);
}

uint64_t ticksOf(Mode M, const Wiring &Plan, uint64_t Tokens) {
  if (Tokens == 0)
    return 0;
  uint64_t Sum = 0;
  for (const SweepPlan &S : Plan.Sweeps)
    Sum += M == Mode::Generate ? Tokens * (levelsOf(S) + Plan.Steps - 1)
                               : Tokens * Plan.Steps + levelsOf(S) - 1;
  return Sum;
}

TickTimer::TickTimer(const Wiring &Wires, const image::Image &Image,
                     const ChipSpec &Spec, Mode TokenMode, Fidelity Kind,
                     std::unique_ptr<TickModel> Ticks)
    : Model(std::move(Ticks)), Plan(Wires, Image, Spec, Model->needsMessages()),
      Wires(Wires), Image(Image) {
  Done.Time.TokenMode = TokenMode;
  Done.Time.Model = Kind;
  Done.Time.Barrier = barrierTime(Wires, Spec);
  Done.Time.Cores.resize(Plan.numCores());
  if (Spec.Core.BufferedSums)
    Done.Units.resize(Plan.numCores());
  Done.Time.Links.resize(Wires.Links.size());
  uint32_t Most = 1;
  for (const SweepPlan &S : Wires.Sweeps)
    Most = std::max(Most, S.NumLevels);
  Open.resize(Most);
  for (TickWork &T : Open)
    T.Cores.resize(Plan.numCores());
}

Result<TickTime> TickTimer::timeAndShow(const TickWork &Work,
                                        Clock &Into) const {
  TickSchedule Schedule;
  const bool Filled = Model->setSchedule(&Schedule);
  Result<TickTime> Tick = Model->time(Work, Into.Units, Into.Time.Links);
  Model->setSchedule(nullptr);
  if (!Tick)
    return Tick;
  for (uint32_t C = 0; !Filled && C < Work.Cores.size(); ++C) {
    double Start = 0;
    for (unsigned S = 0; S < NumStages; ++S) {
      const double Ns = Work.Cores[C].Ns[S];
      if (Ns > 0)
        Schedule.Stages.push_back({C, static_cast<Stage>(S), Start, Ns});
      Start += Ns;
    }
  }
  Observer->see(Into.Time.Ticks.size(), Into.Time.Total, *Tick, Schedule);
  return Tick;
}

Result<TickTime> TickTimer::close(const TickWork &Work, Clock &Of) const {
  Timing &Into = Of.Time;
  const uint64_t Index = Into.Ticks.size();
  Result<TickTime> Tick = Observer && Observer->wants(Index)
                              ? timeAndShow(Work, Of)
                              : Model->time(Work, Of.Units, Into.Links);
  if (!Tick)
    return Tick;
  if (Into.Barrier.Value > Tick->Duration.Value) {
    Tick->Waited = Bound::Barrier;
    Tick->Id = 0;
  }
  Tick->Duration += Into.Barrier;
  for (SynapseUnit &U : Of.Units) {
    U.Done -= Tick->Duration.Value;
    U.Queued -= Tick->Duration.Value;
  }
  Into.Ticks.push_back(*Tick);
  Into.Total += Tick->Duration;
  for (size_t C = 0; C < Work.Cores.size(); ++C)
    Into.Cores[C] += Work.Cores[C];
  return Tick;
}

Status TickTimer::drain(Clock &Into) const {
  if (Now.Steps == 0)
    return {};
  for (uint64_t K = 0; K + 1 < Now.NumLevels; ++K) {
    Result<TickTime> Tick = close(Open[(Now.Steps + K) % Now.NumLevels], Into);
    if (!Tick)
      return Tick.errors();
  }
  return {};
}

Status TickTimer::begin(const StepPlace &At) {
  if (Status S = drain(Done); !S)
    return S;
  for (TickWork &T : Open)
    T.clear();
  const SweepPlan &S = Wires.Sweeps[At.Sweep];
  Now = {S.FirstLevel, levelsOf(S), 0};
  const uint64_t Tick = Done.Time.Ticks.size();
  if (At.Sweep == 0)
    Sequences.push_back({Tick, Tick, 0});
  Sequences.back().Base = Tick;
  return {};
}

Status TickTimer::add(const TokenActivity &Token) {
  const StepPlace &At = Token.Place;
  const bool Generate = Done.Time.TokenMode == Mode::Generate;
  if (Generate ? At.Step == 0 : At.Index == 0)
    if (Status S = begin(At); !S)
      return S;
  for (uint64_t K = 0; K < Now.NumLevels; ++K)
    Plan.add(Token, Now.FirstLevel + K, Open[(Now.Steps + K) % Now.NumLevels]);
  // No later token step takes part in this tick.
  TickWork &Over = Open[Now.Steps % Now.NumLevels];
  Result<TickTime> Tick = close(Over, Done);
  if (!Tick)
    return Tick.errors();
  Over.clear();
  ++Now.Steps;
  if (!At.Last)
    return {};
  if (At.Sweep == 0) {
    ++Done.Time.Tokens;
    ++Sequences.back().Tokens;
  }
  if (!Generate)
    return {};
  if (Status S = drain(Done); !S)
    return S;
  Now.Steps = 0;
  Nanoseconds Sum;
  for (uint64_t T = Sequences.back().First; T < Done.Time.Ticks.size(); ++T)
    Sum += Done.Time.Ticks[T].Duration;
  Done.Time.Latency.push_back(Sum);
  Sequences.pop_back();
  return {};
}

/// The run is over when the last synapse unit is.
void TickTimer::finish(Clock &Of) const {
  Timing &Into = Of.Time;
  double Rest = 0;
  for (uint32_t C = 0; C < Of.Units.size(); ++C) {
    if (Of.Units[C].free() <= Rest || Into.Ticks.empty())
      continue;
    Rest = Of.Units[C].free();
    TickTime &Last = Into.Ticks.back();
    if (Rest > Last.Duration.Value) {
      Last.Waited = Bound::Core;
      Last.Kind = Of.Units[C].Kind;
      Last.Id = Image.cores()[C].Core;
    }
  }
  if (Rest == 0)
    return;
  TickTime &Last = Into.Ticks.back();
  Last.Duration += Nanoseconds(Rest);
  Last.Core = std::max(Last.Core, Last.Duration - Into.Barrier);
  Into.Total += Nanoseconds(Rest);
  if (Into.TokenMode == Mode::Generate && !Into.Latency.empty())
    Into.Latency.back() += Nanoseconds(Rest);
}

Result<Timing> TickTimer::result() const {
  Clock Now = Done;
  if (Status S = drain(Now); !S)
    return S.errors();
  finish(Now);
  Timing &Out = Now.Time;
  for (const Span &S : Sequences)
    for (uint64_t T = 0; T < S.Tokens; ++T) {
      Nanoseconds Sum;
      const uint64_t End =
          S.Base + (T + 1) * Wires.Steps + levelsOf(Wires.Sweeps.back()) - 1;
      for (uint64_t K = S.First + T * Wires.Steps; K < End; ++K)
        Sum += Out.Ticks[K].Duration;
      Out.Latency.push_back(Sum);
    }
  return std::move(Out);
}

Result<RunTimers> RunTimers::create(const Wiring &Plan,
                                    const image::Image &Image,
                                    const ChipSpec &Spec, Mode TokenMode,
                                    Fidelity Kind, TickObserver *Observer) {
  RunTimers Out;
  if (Kind == Fidelity::Functional)
    return Out;
  auto observeFirst = [&] {
    if (Observer)
      Out.Timers.front().observe(*Observer);
  };
  auto addAnalytic = [&](Mode M) {
    Out.Timers.emplace_back(Plan, Image, Spec, M, Fidelity::Analytic,
                            makeAnalyticModel(Plan, Image, Spec));
  };
  const Mode Other =
      TokenMode == Mode::Generate ? Mode::Prefill : Mode::Generate;
  auto addOther = [&] {
    if (Plan.Sweeps.size() == 1)
      addAnalytic(Other);
  };
  if (Kind == Fidelity::Analytic) {
    addAnalytic(TokenMode);
    addOther();
    observeFirst();
    return Out;
  }
  auto Model = makeEventModel(Plan, Image, Spec);
  if (!Model)
    return Model.errors();
  Out.Timers.emplace_back(Plan, Image, Spec, TokenMode, Kind,
                          std::move(*Model));
  addOther();
  addAnalytic(TokenMode);
  observeFirst();
  return Out;
}

Status RunTimers::add(const TokenActivity &Token) {
  for (TickTimer &T : Timers)
    if (Status S = T.add(Token); !S)
      return S;
  return {};
}

Result<std::vector<Timing>> RunTimers::results() const {
  std::vector<Timing> Out;
  for (const TickTimer &T : Timers) {
    Result<Timing> Time = T.result();
    if (!Time)
      return Time.errors();
    Out.push_back(std::move(*Time));
  }
  return Out;
}

} // namespace synfire::sim
