//===- simulator/timing/TickTimer.cpp - Token steps to ticks --------------===//

#include "simulator/timing/TickTimer.h"

namespace synfire::sim {

Nanoseconds barrierTime(const Wiring &Plan, const ChipSpec &Spec) {
  if (!Spec.System.Barrier)
    return {};
  return barrierTime(Spec.Costs.Barrier, Plan.RoutersInUse, Plan.NumChips);
}

void addBarriers(Counters &Counts, const Wiring &Plan, const ChipSpec &Spec,
                 Mode TokenMode) {
  if (Spec.System.Barrier)
    Counts.System[Action::Barrier] =
        ticksOf(TokenMode, Counts.TokenSteps, Plan.Levels.size());
}

TickTimer::TickTimer(const Wiring &Wires, const image::Image &Image,
                     const ChipSpec &Spec, Mode TokenMode, Fidelity Kind,
                     std::unique_ptr<TickModel> Ticks)
    : Model(std::move(Ticks)),
      Plan(Wires, Image, Spec, Model->needsMessages()) {
  Done.TokenMode = TokenMode;
  Done.Model = Kind;
  Done.Barrier = barrierTime(Wires, Spec);
  Done.Cores.resize(Plan.numCores());
  Done.Links.resize(Wires.Links.size());
  Open.resize(TokenMode == Mode::Generate ? 1 : Plan.numLevels());
  for (TickWork &T : Open)
    T.Cores.resize(Plan.numCores());
}

Result<TickTime> TickTimer::timeAndShow(const TickWork &Work,
                                        Timing &Into) const {
  TickSchedule Schedule;
  const bool Filled = Model->setSchedule(&Schedule);
  Result<TickTime> Tick = Model->time(Work, Into.Links);
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
  Observer->see(Into.Ticks.size(), Into.Total, *Tick, Schedule);
  return Tick;
}

Result<TickTime> TickTimer::close(const TickWork &Work, Timing &Into) const {
  const uint64_t Index = Into.Ticks.size();
  Result<TickTime> Tick = Observer && Observer->wants(Index)
                              ? timeAndShow(Work, Into)
                              : Model->time(Work, Into.Links);
  if (!Tick)
    return Tick;
  if (Into.Barrier.Value > Tick->Duration.Value) {
    Tick->Waited = Bound::Barrier;
    Tick->Id = 0;
  }
  Tick->Duration += Into.Barrier;
  Into.Ticks.push_back(*Tick);
  Into.Total += Tick->Duration;
  for (size_t C = 0; C < Work.Cores.size(); ++C)
    Into.Cores[C] += Work.Cores[C];
  return Tick;
}

Status TickTimer::add(const TokenActivity &Token) {
  const uint64_t Depth = Plan.numLevels();
  const uint64_t Index = Done.Tokens++;
  if (Done.TokenMode == Mode::Generate) {
    Nanoseconds Sum;
    for (uint64_t K = 0; K < Depth; ++K) {
      Open[0].clear();
      Plan.add(Token, K, Open[0]);
      Result<TickTime> Tick = close(Open[0], Done);
      if (!Tick)
        return Tick.errors();
      Sum += Tick->Duration;
    }
    Done.Latency.push_back(Sum);
    return {};
  }
  for (uint64_t K = 0; K < Depth; ++K)
    Plan.add(Token, K, Open[(Index + K) % Depth]);
  // No later token takes part in this tick.
  TickWork &Over = Open[Index % Depth];
  Result<TickTime> Tick = close(Over, Done);
  if (!Tick)
    return Tick.errors();
  Over.clear();
  return {};
}

Result<Timing> TickTimer::result() const {
  Timing Out = Done;
  const uint64_t Depth = Plan.numLevels();
  const bool Drains = Out.TokenMode == Mode::Prefill && Out.Tokens != 0;
  for (uint64_t K = 0; Drains && K + 1 < Depth; ++K) {
    Result<TickTime> Tick = close(Open[(Out.Tokens + K) % Depth], Out);
    if (!Tick)
      return Tick.errors();
  }
  for (uint64_t T = 0; Drains && T < Out.Tokens; ++T) {
    Nanoseconds Sum;
    for (uint64_t K = 0; K < Depth; ++K)
      Sum += Out.Ticks[T + K].Duration;
    Out.Latency.push_back(Sum);
  }
  return Out;
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
  if (Kind == Fidelity::Analytic) {
    addAnalytic(TokenMode);
    addAnalytic(Other);
    observeFirst();
    return Out;
  }
  auto Model = makeEventModel(Plan, Image, Spec);
  if (!Model)
    return Model.errors();
  Out.Timers.emplace_back(Plan, Image, Spec, TokenMode, Kind,
                          std::move(*Model));
  addAnalytic(Other);
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
