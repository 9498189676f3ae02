//===- compiler/mapping/XFirstRoute.cpp - Row first, then column ----------===//
//
// The union of x-first paths from one source is a tree: a router off the source
// row is only ever entered along its column, and the row itself is walked away
// from the source. So merging paths router by router is enough.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/RouteProblem.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

using namespace synfire;
using namespace synfire::mapping;

namespace {

/// Ports and local cores of the routers of one tree, breadth first: distance
/// from the source, then router.
class Tree {
public:
  Tree(const ChipSpec &Chip, Coord From) : Chip(Chip), From(From) { at(From); }
  void addCore(CoreId Core) {
    Coord End = Chip.coordOf(Chip.routerOf(Core));
    walkTo(End);
    at(End).Cores |= 1u << Chip.localIndexOf(Core);
  }
  void addHost() {
    Coord End = Chip.coordOf(Chip.hostRouter());
    walkTo(End);
    at(End).Ports |= image::Host;
  }
  void appendTo(std::vector<image::HopRecord> &Hops) const {
    for (const auto &[Key, Hop] : Routers)
      Hops.push_back(Hop);
  }

private:
  image::HopRecord &at(Coord C) {
    const uint32_t Distance =
        std::abs(int64_t(C.X) - From.X) + std::abs(int64_t(C.Y) - From.Y);
    const uint32_t Router = Chip.routerAt(C).Value;
    image::HopRecord &Hop = Routers[{Distance, Router}];
    Hop.Router = Router;
    return Hop;
  }
  void walkTo(Coord End) {
    Coord C = From;
    while (C.X != End.X) {
      const bool East = C.X < End.X;
      at(C).Ports |= East ? image::East : image::West;
      C.X += East ? 1 : -1;
    }
    while (C.Y != End.Y) {
      const bool South = C.Y < End.Y;
      at(C).Ports |= South ? image::South : image::North;
      C.Y += South ? 1 : -1;
    }
  }

  const ChipSpec &Chip;
  Coord From;
  std::map<std::pair<uint32_t, uint32_t>, image::HopRecord> Routers;
};

} // namespace

Routes mapping::routeXFirst(const RouteProblem &Problem) {
  const ChipSpec &Chip = Problem.Chip;
  Routes Out;
  Out.First.push_back(0);
  for (const RouteRequest &R : Problem.Requests) {
    Tree Paths(Chip, Chip.coordOf(R.Source ? Chip.routerOf(*R.Source)
                                           : Chip.hostRouter()));
    for (CoreId Core : R.Destinations)
      Paths.addCore(Core);
    if (R.HostOutput)
      Paths.addHost();
    Paths.appendTo(Out.Hops);
    Out.First.push_back(Out.Hops.size());
  }
  return Out;
}
