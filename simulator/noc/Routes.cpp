//===- simulator/noc/Routes.cpp - Where a packet goes next ----------------===//

#include "simulator/noc/Routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace synfire::sim::noc {

RouteTable::RouteTable(const Topology &Graph)
    : Graph(Graph), Grid(Graph.spec().Topology == NocTopology::Mesh),
      YFirst(Graph.spec().Routing == NocRouting::YX) {
  for (uint32_t R = 0; R < Graph.numRouters(); ++R) {
    Coord C = Graph.coordOf(R);
    Places.push_back({static_cast<uint16_t>(C.X), static_cast<uint16_t>(C.Y)});
  }
  for (const NocNode &N : Graph.nodes())
    Sinks.push_back({N.Router, Places[N.Router], N.Port});
}

RouteTable::Choice RouteTable::slowChoice(uint32_t At, uint32_t Target,
                                          uint32_t InPort,
                                          ChannelClass InClass) const {
  uint8_t Out = static_cast<uint8_t>(Graph.portTowards(At, Target));
  if (Graph.spec().Topology == NocTopology::Tree)
    return {Out, All};
  // Straight on: the class stays.
  if (InPort < NumGridPorts && InPort / 2 == Out / 2u)
    return {Out, InClass};
  bool Row = Out <= GridPort::West;
  bool Falls =
      Row ? Places[Target].X < Places[At].X : Places[Target].Y < Places[At].Y;
  return {Out, Falls ? Upper : Lower};
}

uint32_t RouteTable::adaptivePorts(uint32_t At, uint32_t Node,
                                   uint32_t Source) const {
  const Place A = Places[At], B = Sinks[Node].At;
  if (Sinks[Node].Router == At)
    return 1U << Sinks[Node].Port;
  const uint32_t Column = 1U << (B.Y > A.Y ? GridPort::South : GridPort::North);
  if (A.X == B.X)
    return Column;
  if (B.X < A.X) { // Turns out of a westward way only in even columns.
    uint32_t Ports = 1U << GridPort::West;
    return A.X % 2 == 0 && A.Y != B.Y ? Ports | Column : Ports;
  }
  if (A.Y == B.Y)
    return 1U << GridPort::East;
  uint32_t Ports = 0;
  if (A.X % 2 == 1 || A.X == Sinks[Source].At.X)
    Ports |= Column;
  if (B.X % 2 == 1 || B.X - A.X != 1)
    Ports |= 1U << GridPort::East;
  return Ports;
}

//===----------------------------------------------------------------------===//
// Trees
//===----------------------------------------------------------------------===//

/// Puts links and nodes of one tree into the table.
class RouteTable::TreeBuilder {
public:
  TreeBuilder(RouteTable &Table, uint32_t Root) : Table(Table), Root(Root) {
    At[Root];
  }

  Status addLink(uint32_t I) {
    const NocLink &L = Table.Graph.links()[I];
    auto From = At.find(L.From);
    if (From == At.end())
      return fault(I, "starts at a router that the tree has not reached");
    if (!At.try_emplace(L.To, Station{L.In, I, {}}).second)
      return fault(I, "leads to a router that the tree has reached before");
    At[L.From].Outputs[L.Out] = I;
    return {};
  }
  Status addNode(uint32_t Node) {
    const Sink &End = Table.Sinks[Node];
    auto Found = At.find(End.Router);
    if (Found == At.end())
      return Error{"", "noc-route",
                   fmt::format("the tree does not reach node {}", Node)};
    if (!Found->second.Outputs.try_emplace(End.Port, NoLink).second)
      return Error{"", "noc-route",
                   fmt::format("node {} is named twice", Node)};
    return {};
  }
  /// A branch that ends nowhere would swallow packets.
  Status checkEnds() const {
    for (const auto &[Router, S] : At)
      if (S.Outputs.empty() && Router != Root)
        return fault(S.Entered, "leads to no node");
    return {};
  }
  /// The way from the root on.
  uint32_t write() { return writeStop(Root, All); }

private:
  struct Station {
    uint32_t InPort = None, Entered = NoLink;
    std::map<uint32_t, uint32_t> Outputs; ///< port to link, NoLink for sinks
  };

  Status fault(uint32_t Link, std::string_view What) const {
    return Error{"", "noc-route",
                 fmt::format("link {} {}", Table.Graph.linkName(Link), What)};
  }

  /// Loops instead of recursing: a path may be as long as the network.
  uint32_t writeStop(uint32_t First, ChannelClass Class) {
    struct Pending {
      uint32_t Router, Entry;
      ChannelClass Class;
    };
    std::vector<Pending> Work{{First, None, Class}};
    uint32_t Way = static_cast<uint32_t>(Table.Stops.size());
    for (size_t I = 0; I < Work.size(); ++I) {
      const Pending P = Work[I];
      const Station &S = At[P.Router];
      uint32_t Here = static_cast<uint32_t>(Table.Stops.size());
      if (P.Entry != None)
        Table.Nexts[P.Entry].Stop = Here;
      Stop Made{0, static_cast<uint32_t>(Table.Nexts.size())};
      for (const auto &[Port, Link] : S.Outputs) {
        Made.Ports |= 1U << Port;
        uint32_t Entry = static_cast<uint32_t>(Table.Nexts.size());
        ChannelClass Taken =
            Link == NoLink ? All : classOf(Link, S.InPort, P.Class);
        Table.Nexts.push_back({None, Taken});
        if (Link != NoLink)
          Work.push_back({Table.Graph.links()[Link].To, Entry, Taken});
      }
      Table.Branches |= std::popcount(Made.Ports) > 1;
      Table.Stops.push_back(Made);
    }
    return Way;
  }

  /// Trees change the class at the dateline: branches of one link may go on to
  /// different places. Together with the fixed classes of single packets this
  /// closes no cycle either, as both go from one class to the other only there.
  ChannelClass classOf(uint32_t Link, uint32_t InPort, ChannelClass In) const {
    if (Table.Graph.spec().Topology != NocTopology::Torus)
      return All;
    const NocLink &L = Table.Graph.links()[Link];
    bool Rising = L.Out == GridPort::East || L.Out == GridPort::South;
    if (L.Wraps)
      return Rising ? Upper : Lower;
    if (InPort < NumGridPorts && InPort / 2 == L.Out / 2u)
      return In;
    return Rising ? Lower : Upper;
  }

  RouteTable &Table;
  uint32_t Root;
  std::map<uint32_t, Station> At; ///< by router
};

Status RouteTable::checkNodes(uint32_t Source,
                              std::span<const uint32_t> Nodes) const {
  auto Bad = [&](uint32_t Node) {
    return Error{"", "noc-node",
                 fmt::format("there is no node {}; nodes are 0 to {}", Node,
                             Graph.numNodes() - 1)};
  };
  if (Source >= Graph.numNodes())
    return Bad(Source);
  for (uint32_t Node : Nodes)
    if (Node >= Graph.numNodes())
      return Bad(Node);
  return {};
}

Result<uint32_t> RouteTable::add(uint32_t Source,
                                 std::span<const uint32_t> Links,
                                 std::span<const uint32_t> Nodes,
                                 TrafficClass Class) {
  if (Status S = checkNodes(Source, Nodes); !S)
    return S.errors();
  TreeBuilder Builder(*this, Sinks[Source].Router);
  for (uint32_t L : Links) {
    if (L >= Graph.links().size())
      return Error{"", "noc-route", fmt::format("there is no link {}", L)};
    if (Status S = Builder.addLink(L); !S)
      return S.errors();
  }
  for (uint32_t Node : Nodes)
    if (Status S = Builder.addNode(Node); !S)
      return S.errors();
  if (Status S = Builder.checkEnds(); !S)
    return S.errors();
  uint32_t Network = Graph.spec().networkOf(Class);
  Trees.push_back({Network * Graph.numNodes() + Source, Builder.write(),
                   static_cast<uint32_t>(Nodes.size())});
  return numTrees() - 1;
}

Result<uint32_t> RouteTable::add(uint32_t Source,
                                 std::span<const uint32_t> Nodes,
                                 TrafficClass Class) {
  if (Status S = checkNodes(Source, Nodes); !S)
    return S.errors();
  if (Nodes.size() == 1) {
    uint32_t Network = Graph.spec().networkOf(Class);
    Trees.push_back(
        {Network * Graph.numNodes() + Source, ToNode | Nodes[0], 1});
    return numTrees() - 1;
  }
  if (Graph.spec().Routing == NocRouting::Adaptive)
    return Error{"", "noc-route",
                 "adaptive routing takes a packet to one node; use xy or yx, "
                 "or give the links of the tree"};
  // The union of single routes is a tree: each is determined by where it is.
  std::vector<uint32_t> Links;
  std::set<uint32_t> Taken;
  for (uint32_t Node : Nodes)
    for (uint32_t L : Graph.route(Source, Node))
      if (Taken.insert(L).second)
        Links.push_back(L);
  return add(Source, Links, Nodes, Class);
}

} // namespace synfire::sim::noc
