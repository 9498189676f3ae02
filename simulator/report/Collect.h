//===- simulator/report/Collect.h - From a simulation to RunData -*- C++ -*-==//
//
// The one place where the report knows the simulator.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_COLLECT_H
#define SYNFIRE_SIMULATOR_REPORT_COLLECT_H

#include "simulator/engine/Simulation.h"
#include "simulator/report/RunData.h"

namespace synfire::report {

/// What was run, or replayed, and what came of it.
struct RunView {
  const image::Image &Image;
  const ChipSpec &Spec;
  const sim::Wiring &Plan;
  const sim::Counters &Counts;
  /// As sim::RunTimers::results(): the mode that was asked for comes first.
  std::span<const sim::Timing> Times;
};

/// Everything that \p Run counted and timed. Left to the caller: Network (but
/// for heads), Quality, ImageHash, Mode and Fidelity.
RunData collect(const RunView &Run);
/// The same; fails when the time of the last ticks cannot be told.
Result<RunData> collect(const sim::Simulation &Run);

/// The time of one mode for RunData::Times (collect() has put in that of the
/// modes that were timed).
TimeData timeData(const sim::Timing &Time, const RunView &Run);

/// `prefill` or `generate`.
const char *modeName(sim::Mode M);
/// `core 17: synapses`, a link, `network` or `barrier`: what a tick waited for.
std::string resourceName(const sim::TickTime &T, const RunView &Run);
/// `link (3,2) to (4,2)`.
std::string linkName(const sim::Link &L, const ChipSpec &Spec);
/// The far end of \p L; the router itself for the host port.
Coord beyond(const sim::Link &L, const ChipSpec &Spec);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_COLLECT_H
