//===- simulator/timing/NetworkModel.h - How long messages take -*- C++ -*-===//
//
// The seam between the timing of cores and that of the network on chip. A model
// sees the messages of one tick and says when the last one has arrived; a tick
// ends with a barrier, so nothing carries over to the next.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TIMING_NETWORKMODEL_H
#define SYNFIRE_SIMULATOR_TIMING_NETWORKMODEL_H

#include "simulator/engine/Wiring.h"
#include "simulator/timing/Timing.h"

#include <span>

namespace synfire::sim {

/// Events of one flow in a tick; each goes once over every link of the flow.
struct FlowLoad {
  uint32_t Flow = 0;
  uint32_t Events = 0;
};

struct NetworkTime {
  Nanoseconds Delivered;              ///< from the start of the tick
  uint32_t BusiestLink = image::None; ///< index into Wiring::Links
};

class NetworkModel {
public:
  virtual ~NetworkModel() = default;
  /// Flows without events do not appear; the order does not matter.
  virtual NetworkTime deliver(std::span<const FlowLoad> Loads) = 0;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_TIMING_NETWORKMODEL_H
