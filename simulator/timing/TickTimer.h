//===- simulator/timing/TickTimer.h - Token steps to ticks ------*- C++ -*-===//
//
// Puts the levels of token steps together into the ticks of a mode and has a
// model say how long each one takes.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TIMING_TICKTIMER_H
#define SYNFIRE_SIMULATOR_TIMING_TICKTIMER_H

#include "simulator/timing/TickModel.h"

#include <optional>

namespace synfire::sim {

/// Time of one barrier of the system that \p Plan uses; 0 when the target has
/// none.
Nanoseconds barrierTime(const Wiring &Plan, const ChipSpec &Spec);

/// Ticks that a sequence of \p Tokens tokens takes.
uint64_t ticksOf(Mode M, const Wiring &Plan, uint64_t Tokens);

/// What to say where a network of several sweeps is to run in generate mode;
/// rule `generate-sweeps`.
Error generateNeedsOneSweep(const Wiring &Plan);

/// Counts the barriers of a run in \p TokenMode.
void addBarriers(Counters &Counts, const Wiring &Plan, const ChipSpec &Spec,
                 Mode TokenMode);

/// Adds up ticks while token steps are handed in. \p Plan and \p Image must
/// outlive it.
class TickTimer {
public:
  TickTimer(const Wiring &Plan, const image::Image &Image, const ChipSpec &Spec,
            Mode TokenMode, Fidelity Model, std::unique_ptr<TickModel> Ticks);

  /// Shows ticks to \p Seen, which must outlive this.
  void observe(TickObserver &Seen) { Observer = &Seen; }
  /// Fails when the model does.
  Status add(const TokenActivity &Token);
  /// Everything so far; in prefill mode as if the last token was the last.
  Result<Timing> result() const;

private:
  /// Token steps that are in flight together: a sweep, or in generate mode the
  /// inner steps of one token.
  struct Pass {
    uint32_t FirstLevel = 0, NumLevels = 1;
    uint64_t Steps = 0; ///< so far
  };
  /// Of a sequence in prefill mode: its first tick in the first and last sweep.
  struct Span {
    uint64_t First = 0, Base = 0, Tokens = 0;
  };

  /// What there is of time up to a tick.
  struct Clock {
    Timing Time;
    std::vector<SynapseUnit> Units; ///< per core where sums are buffered
  };

  Result<TickTime> close(const TickWork &Work, Clock &Into) const;
  /// The ticks in which no token step begins.
  Status drain(Clock &Into) const;
  void finish(Clock &Of) const;
  Status begin(const StepPlace &At);
  Result<TickTime> timeAndShow(const TickWork &Work, Clock &Into) const;

  TickObserver *Observer = nullptr;
  std::unique_ptr<TickModel> Model;
  WorkPlan Plan;
  const Wiring &Wires;
  const image::Image &Image;
  Pass Now;
  /// Ticks of the pass that are not over; tick n of it is at n % NumLevels.
  std::vector<TickWork> Open;
  std::vector<Span> Sequences;
  Clock Done;
};

/// The timers of a run: the mode that was asked for and, since the events are
/// the same, the other one (unless there are several sweeps: those are prefill
/// only); at `event` also what `analytic` says.
class RunTimers {
public:
  /// \p Plan, \p Image, \p Spec and \p Observer (of the first timer; may be
  /// null) must outlive it. Fails when the network of the target cannot be
  /// built.
  static Result<RunTimers> create(const Wiring &Plan, const image::Image &Image,
                                  const ChipSpec &Spec, Mode TokenMode,
                                  Fidelity Model,
                                  TickObserver *Observer = nullptr);
  Status add(const TokenActivity &Token);
  /// The mode that was asked for at the fidelity that was; then the other mode
  /// at `analytic`; then, at `event`, the first mode at `analytic`. Empty at
  /// `functional`.
  Result<std::vector<Timing>> results() const;

private:
  std::vector<TickTimer> Timers;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_TIMING_TICKTIMER_H
