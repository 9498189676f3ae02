//===- compiler/mapping/DimensionOrderRoute.cpp - One axis, then the other ===//
//
// The union of x-first paths from one source is a tree: a router off the source
// row is only ever entered along its column, and the row itself is walked away
// from the source. So merging paths router by router is enough. The same holds
// for y first, and on a torus, where each ring is walked the short way.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/RouteProblem.h"

#include <algorithm>
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
    const uint32_t Distance = stepsTo(From.X, C.X, Chip.systemWidth()).Count +
                              stepsTo(From.Y, C.Y, height()).Count;
    const uint32_t Router = Chip.routerAt(C).Value;
    image::HopRecord &Hop = Routers[{Distance, Router}];
    Hop.Router = Router;
    return Hop;
  }

  uint32_t height() const { return Chip.systemHeight(Chip.System.MaxChips); }

  struct Steps {
    bool Up; ///< east, or south
    uint32_t Count;
  };
  /// The short way; around a ring when the chip is a torus, up when both ways
  /// are equally long.
  Steps stepsTo(uint32_t Start, uint32_t End, uint32_t Size) const {
    const uint32_t Up = End >= Start ? End - Start : End + Size - Start;
    const bool Ring = Chip.Noc.Topology == NocTopology::Torus;
    if (Ring ? Up <= Size - Up : End >= Start)
      return {true, Up};
    return {false, Ring ? Size - Up : Start - End};
  }

  void walkAlong(Coord &C, image::Port Up, image::Port Down, Steps Way) {
    for (uint32_t I = 0; I != Way.Count; ++I) {
      const image::Port Out = Way.Up ? Up : Down;
      const RouterId Here = Chip.routerAt(C);
      at(C).Ports |= Out;
      C = Chip.coordOf(*Chip.neighbour(Here, Out));
    }
  }

  void walkTo(Coord End) {
    Coord C = From;
    const Steps Row = stepsTo(C.X, End.X, Chip.systemWidth()),
                Column = stepsTo(C.Y, End.Y, height());
    const bool RowFirst = Chip.Noc.Routing != NocRouting::YX;
    if (RowFirst)
      walkAlong(C, image::East, image::West, Row);
    walkAlong(C, image::South, image::North, Column);
    if (!RowFirst)
      walkAlong(C, image::East, image::West, Row);
  }

  const ChipSpec &Chip;
  Coord From;
  std::map<std::pair<uint32_t, uint32_t>, image::HopRecord> Routers;
};

} // namespace

Routes mapping::routeInOrder(const RouteProblem &Problem) {
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
