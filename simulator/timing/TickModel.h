//===- simulator/timing/TickModel.h - How long a tick takes -----*- C++ -*-===//
//
// The seam between what a tick is made of and how long it takes. A model sees
// the work of one tick; a tick ends with a barrier, so nothing carries over to
// the next.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TIMING_TICKMODEL_H
#define SYNFIRE_SIMULATOR_TIMING_TICKMODEL_H

#include "simulator/timing/Work.h"
#include "targets/Status.h"

#include <memory>

namespace synfire::sim {

class TickModel {
public:
  virtual ~TickModel() = default;
  /// Duration and Waited leave the barrier out. Adds to \p Use, one per link of
  /// the plan. Fails with RunFailed when the network cannot deliver (deadlock).
  virtual Result<TickTime> time(const TickWork &Work,
                                std::span<LinkUse> Use) = 0;
  /// True when TickWork::Sends and Arrivals are needed.
  virtual bool needsMessages() const { return false; }
};

/// simulator/timing/Analytic.h. \p Plan and \p Spec must outlive it.
std::unique_ptr<TickModel> makeAnalyticModel(const Wiring &Plan,
                                             const image::Image &Image,
                                             const ChipSpec &Spec);
/// simulator/timing/Event.h. \p Plan, \p Image and \p Spec must outlive it.
Result<std::unique_ptr<TickModel>> makeEventModel(const Wiring &Plan,
                                                  const image::Image &Image,
                                                  const ChipSpec &Spec);

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_TIMING_TICKMODEL_H
