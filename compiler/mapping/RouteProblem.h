//===- compiler/mapping/RouteProblem.h - Flows to hops ----------*- C++ -*-===//
//
// Give every flow its hops through the routers.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_ROUTEPROBLEM_H
#define SYNFIRE_COMPILER_MAPPING_ROUTEPROBLEM_H

#include "compiler/mapping/Mapping.h"
#include "compiler/mapping/PlaceProblem.h"
#include "targets/ChipSpec.h"
#include "targets/Image.h"

#include <optional>
#include <vector>

namespace synfire::mapping {

/// One flow, placed. On a chip without multicast it has one end: a core, or
/// the host.
struct RouteRequest {
  std::optional<CoreId> Source;     ///< nothing: the host
  std::vector<CoreId> Destinations; ///< ascending, distinct
  bool HostOutput = false;
};

/// Hops of all flows; flow i has Hops[First[i] .. First[i + 1]).
struct Routes {
  std::vector<uint32_t> First; ///< one more than there are flows
  std::vector<image::HopRecord> Hops;
};

struct RouteProblem {
  const ChipSpec &Chip;
  uint32_t NumChips = 0; ///< chips in use; routers of their rows may be used
  std::vector<RouteRequest> Requests;

  /// Cores outside the grid, flows without an end, several ends without
  /// multicast.
  Errors check() const;
  /// Rules `size`, `first-hop` (at the source's router), `grid` (hops inside
  /// the grid), `tree` (every hop reached once, from one neighbour), `delivery`
  /// (each destination once, nothing else), `host` (host port only at the host
  /// router, exactly when asked for).
  std::vector<Violation> verify(const Routes &Solution) const;
};

/// The flows of \p Map under \p Where, in order. (\p Map already holds one flow
/// per destination when the chip is unicast.)
RouteProblem routeProblemOf(const ChipSpec &Chip, const Mapping &Map,
                            const Placement &Where);

/// Along the row first, then along the column (`noc.routing: yx`: the other way
/// round; of `adaptive` routes, the image states those of `xy`, which are as
/// long); a multicast tree is the union of those paths. Hops come in
/// breadth-first order from the source. Expects an empty check().
Routes routeInOrder(const RouteProblem &Problem);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_ROUTEPROBLEM_H
