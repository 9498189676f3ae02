//===- simulator/engine/FlowWalk.h - Where a flow gets to -------*- C++ -*-===//
//
// Follows a flow from the router of its source through the ports that the image
// stores at each router, as an event would. What the compiler meant plays no
// part: a wrong route reaches wrong cores.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_FLOWWALK_H
#define SYNFIRE_SIMULATOR_ENGINE_FLOWWALK_H

#include "targets/ChipSpec.h"
#include "targets/Image.h"

#include <vector>

namespace synfire::sim {

/// One direction of a wire between two routers, or the way to the host.
struct Link {
  RouterId Router;  ///< the sending end
  image::Port Port; ///< where it leaves
  auto operator<=>(const Link &) const = default;
};

/// The tree of a flow as it is, not as it was meant.
struct FlowWalk {
  std::vector<Link> Links;   ///< crossed once per event, in walking order
  std::vector<CoreId> Cores; ///< delivered to, ascending
  bool ReachesHost = false;
  /// Branches on which an event is lost: a router without an entry for the
  /// flow, one that the flow has passed already (so loops end), a core or a
  /// neighbour that does not exist.
  uint32_t DeadEnds = 0;
  /// Time of an event's head along the slowest branch, alone in the network.
  Nanoseconds Latency;
};

/// True when \p L joins two chips.
bool crossesChips(const Link &L, const ChipSpec &Spec);

/// Walks \p Flow. Linear in its hops (times their logarithm).
FlowWalk walkFlow(const image::FlowRecord &Flow,
                  std::span<const image::HopRecord> Hops, const ChipSpec &Spec);

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_FLOWWALK_H
