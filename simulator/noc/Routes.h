//===- simulator/noc/Routes.h - Where a packet goes next --------*- C++ -*-===//
//
// Private to simulator/noc. A head carries a "way": the node that it is for, or
// its place in the tables of registered trees. Both say, at each router, by
// which ports it leaves and which virtual channels it may take there.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_ROUTES_H
#define SYNFIRE_SIMULATOR_NOC_ROUTES_H

#include "simulator/noc/Network.h"
#include "simulator/noc/TopologyBuilder.h"

#include <bit>

namespace synfire::sim::noc {

inline constexpr uint32_t None = ~uint32_t(0);

/// The virtual channels that a packet may take. On a ring of a torus those that
/// go from a lower to a higher place take one half of them and the others the
/// other half, so that no cycle of waiting closes (as BookSim 2 does).
enum ChannelClass : uint8_t { All, Lower, Upper };

/// Members of a class, of \p Channels.
inline uint32_t channelsOf(ChannelClass Class, uint32_t Channels) {
  uint32_t Every = Channels == 32 ? ~0U : (1U << Channels) - 1;
  uint32_t Low = (1U << (Channels - Channels / 2)) - 1;
  return Class == All ? Every : Class == Lower ? Low : Every & ~Low;
}

/// A way is ToNode | node, or an index into RouteTable::Stops.
inline constexpr uint32_t ToNode = uint32_t(1) << 31;

/// A registered tree at one router.
struct Stop {
  uint32_t Ports = 0;     ///< outputs
  uint32_t FirstNext = 0; ///< one entry of RouteTable::Nexts for each
};
/// What lies behind an output; a sink has no stop.
struct Next {
  uint32_t Stop = None;
  ChannelClass Class = All;
};
struct TreeRecord {
  uint32_t Source = 0; ///< index into Fabric::Sources
  uint32_t Way = 0;
  uint32_t Nodes = 0; ///< deliveries of a packet
};

/// All trees of an engine.
class RouteTable {
public:
  explicit RouteTable(const Topology &Graph);

  /// Engine::addTree.
  Result<uint32_t> add(uint32_t Source, std::span<const uint32_t> Links,
                       std::span<const uint32_t> Nodes, TrafficClass Class);
  Result<uint32_t> add(uint32_t Source, std::span<const uint32_t> Nodes,
                       TrafficClass Class);

  const TreeRecord &tree(uint32_t I) const { return Trees[I]; }
  uint32_t numTrees() const { return static_cast<uint32_t>(Trees.size()); }
  /// True when some packet leaves a router by several outputs.
  bool hasBranches() const { return Branches; }
  const Stop &stop(uint32_t Way) const { return Stops[Way]; }
  const Next &next(const Stop &S, uint32_t Port) const {
    uint32_t Before = S.Ports & ((uint32_t(1) << Port) - 1);
    return Nexts[S.FirstNext + static_cast<uint32_t>(std::popcount(Before))];
  }

  struct Choice {
    uint8_t Port = 0;
    ChannelClass Class = All;
  };
  /// The next step to node \p Node from router \p At, by the rule of the
  /// topology. \p InPort, \p InClass: where the packet is now (torus).
  Choice towards(uint32_t At, uint32_t Node, uint32_t InPort,
                 ChannelClass InClass) const {
    const Sink &End = Sinks[Node];
    if (End.Router == At)
      return {End.Port, All};
    if (!Grid)
      return slowChoice(At, End.Router, InPort, InClass);
    const Place A = Places[At];
    bool Row = YFirst ? A.Y == End.At.Y : A.X != End.At.X;
    return Row ? Choice{End.At.X > A.X ? GridPort::East : GridPort::West, All}
               : Choice{End.At.Y > A.Y ? GridPort::South : GridPort::North,
                        All};
  }
  /// The ports that adaptive routing may choose from: the odd-even turn model
  /// (Chiu, IEEE TPDS 2000), minimal. \p Source: node that sent the packet.
  uint32_t adaptivePorts(uint32_t At, uint32_t Node, uint32_t Source) const;

private:
  struct Place {
    uint16_t X = 0, Y = 0;
  };
  struct Sink {
    uint32_t Router = 0;
    Place At;
    uint8_t Port = 0;
  };
  class TreeBuilder;

  Choice slowChoice(uint32_t At, uint32_t Target, uint32_t InPort,
                    ChannelClass InClass) const;
  Status checkNodes(uint32_t Source, std::span<const uint32_t> Nodes) const;

  const Topology &Graph;
  std::vector<Stop> Stops;
  std::vector<Next> Nexts;
  std::vector<TreeRecord> Trees;
  std::vector<Place> Places; ///< of routers
  std::vector<Sink> Sinks;   ///< of nodes
  bool Grid = false;         ///< a mesh
  bool YFirst = false;
  bool Branches = false;
};

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_ROUTES_H
