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

/// Everything that \p Run counted and timed. Left to the caller: Network,
/// Quality, ImageHash, Mode and Fidelity.
RunData collect(const sim::Simulation &Run);

/// The time of one mode for RunData::Times (collect() has put in that of the
/// mode that ran).
TimeData timeData(const sim::Timing &Time, const sim::Simulation &Run);

/// `prefill` or `generate`.
const char *modeName(sim::Mode M);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_COLLECT_H
