//===- simulator/replay/Replay.h - The same events, another chip -*- C++ -*-==//
//
// Counts and times of an image from a trace of its partition: nothing is
// computed again but when. Counters equal those of a run, whatever the chip.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPLAY_REPLAY_H
#define SYNFIRE_SIMULATOR_REPLAY_REPLAY_H

#include "simulator/replay/ActivityTrace.h"
#include "simulator/timing/TickTimer.h"

namespace synfire::sim {

struct ReplayResult {
  Counters Counts;
  std::vector<Timing> Times; ///< as RunTimers::results()
};

/// Replays \p Trace on \p Image, whose plan is \p Plan. Fails with BadInput
/// and rule `trace-partition` when it is of another partition.
Result<ReplayResult> replay(const ActivityTrace &Trace,
                            const image::Image &Image, const ChipSpec &Spec,
                            const Wiring &Plan, Mode TokenMode, Fidelity Model);

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_REPLAY_REPLAY_H
