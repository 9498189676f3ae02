//===- simulator/trace/TokenTrace.h - One token under a lens ----*- C++ -*-===//
//
// Collects the ticks in which a chosen token is on the chip and draws them for
// Perfetto: a row per core with its blocks and messages (at `event` fidelity
// when they happened; at `analytic` how long each stage took, one after the
// other), arrows from the block that sent to the first message of each flow,
// the messages on their way, and the ticks with what each one waited for.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TRACE_TOKENTRACE_H
#define SYNFIRE_SIMULATOR_TRACE_TOKENTRACE_H

#include "simulator/report/Collect.h"
#include "simulator/timing/TickModel.h"

#include <string>

namespace synfire::trace {

class TokenTrace : public sim::TickObserver {
public:
  /// Ticks of token \p Token (from 0).
  TokenTrace(uint64_t Token, sim::Mode TokenMode)
      : Token(Token), TokenMode(TokenMode) {}
  /// To be called before the first tick; \p Steps: inner steps of a token. The
  /// network passes a sequence once.
  void setLevels(uint64_t Levels, uint64_t Steps = 1);

  bool wants(uint64_t Tick) const override;
  void see(uint64_t Tick, Nanoseconds Start, const sim::TickTime &Time,
           const sim::TickSchedule &Schedule) override;

  bool empty() const { return Seen.empty(); }
  /// The trace file.
  std::string draw(const report::RunView &Run) const;

private:
  friend class TokenDrawing;
  struct Tick {
    uint64_t Index;
    double Start;
    sim::TickTime Time;
    sim::TickSchedule Schedule;
  };
  uint64_t Token;
  sim::Mode TokenMode;
  uint64_t First = 0, Last = 0; ///< ticks [First, Last)
  std::vector<Tick> Seen;
};

} // namespace synfire::trace

#endif // SYNFIRE_SIMULATOR_TRACE_TOKENTRACE_H
