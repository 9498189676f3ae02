//===- compiler/mapping/Schedule.cpp --------------------------------------===//

#include "compiler/mapping/Schedule.h"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/topological_sort.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

using namespace synfire;
using namespace synfire::mapping;

namespace {

using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS>;

Graph graphOf(const ScheduleProblem &Problem) {
  Graph G(Problem.NumNodes);
  for (const SlotWriters &S : Problem.Slots)
    for (uint32_t W : S.Writers)
      if (W != ScheduleProblem::HostNode)
        boost::add_edge(W, S.Reader, G);
  for (auto [Before, After] : Problem.Orders)
    boost::add_edge(Before, After, G);
  return G;
}

/// Nodes, sources first; empty when there is a cycle.
std::vector<uint32_t> topologicalOrder(const Graph &G) {
  std::vector<uint32_t> Order;
  Order.reserve(boost::num_vertices(G));
  try {
    boost::topological_sort(G, std::back_inserter(Order));
  } catch (const boost::not_a_dag &) {
    return {};
  }
  std::reverse(Order.begin(), Order.end());
  return Order;
}

/// First and last level of each sweep that has nodes.
std::vector<std::pair<int64_t, int64_t>>
rangesOf(const ScheduleProblem &Problem, const std::vector<uint32_t> &Levels) {
  std::vector<std::pair<int64_t, int64_t>> Out;
  for (uint32_t Node = 0; Node != Problem.NumNodes; ++Node) {
    const uint32_t Sweep = Problem.sweepOf(Node);
    if (Out.size() <= Sweep)
      Out.resize(Sweep + 1, {INT64_MAX, -1});
    auto &[First, Last] = Out[Sweep];
    First = std::min<int64_t>(First, Levels[Node]);
    Last = std::max<int64_t>(Last, Levels[Node]);
  }
  return Out;
}

} // namespace

Errors ScheduleProblem::check() const {
  auto Exists = [&](uint32_t Node) { return Node < NumNodes; };
  bool Inside = true;
  for (const SlotWriters &S : Slots) {
    Inside &= Exists(S.Reader);
    for (uint32_t W : S.Writers)
      Inside &= Exists(W) || W == HostNode;
  }
  for (auto [Before, After] : Orders)
    Inside &= Exists(Before) && Exists(After);
  if (!Inside)
    return {
        {"", "schedule-index",
         fmt::format("a slot names a node beyond the {} there are", NumNodes),
         ErrorKind::BadInput}};
  if (NumNodes != 0 && topologicalOrder(graphOf(*this)).empty())
    return {{"", "schedule-cycle",
             "populations send to each other in a circle within one token "
             "step; carry the value in a state instead",
             ErrorKind::BadInput}};
  return {};
}

std::vector<Violation> ScheduleProblem::verify(const Schedule &Solution) const {
  std::vector<Violation> Out;
  if (Solution.Levels.size() != NumNodes ||
      Solution.Depths.size() != Slots.size())
    return {{"size", "a level per node and a depth per slot are needed"}};
  const auto &Levels = Solution.Levels;
  const auto Ranges = rangesOf(*this, Levels);
  for (size_t S = 1; S < Ranges.size(); ++S)
    if (Ranges[S].first <= Ranges[S - 1].second)
      Out.push_back(
          {"sweep", fmt::format("sweep {} begins at level {}, the one "
                                "before ends at {}",
                                S, Ranges[S].first, Ranges[S - 1].second)});
  for (size_t I = 0; I != Slots.size(); ++I) {
    const SlotWriters &S = Slots[I];
    int64_t Read = Levels[S.Reader];
    int64_t Earliest = Read - 1;
    for (uint32_t W : S.Writers) {
      int64_t Write = W == HostNode ? Ranges[sweepOf(S.Reader)].first - 1
                                    : int64_t(Levels[W]);
      if (Write >= Read)
        Out.push_back({"level", fmt::format("node {} reads at level {} what "
                                            "node {} writes at level {}",
                                            S.Reader, Read, W, Write)});
      Earliest = std::min(Earliest, Write);
    }
    const int64_t Needed =
        heldDepthOf(S.Reader) ? heldDepthOf(S.Reader) : Read - Earliest;
    if (int64_t(Solution.Depths[I]) != Needed)
      Out.push_back({"depth", fmt::format("slot {} has depth {}, needs {}", I,
                                          Solution.Depths[I], Needed)});
  }
  for (auto [Before, After] : Orders)
    if (Levels[Before] >= Levels[After])
      Out.push_back(
          {"level", fmt::format("node {} asks at level {} a memory "
                                "that node {} writes at level {}",
                                After, Levels[After], Before, Levels[Before])});
  for (uint32_t L : Levels)
    if (L >= Solution.NumLevels)
      Out.push_back(
          {"level", fmt::format("level {} of {}", L, Solution.NumLevels)});
  return Out;
}

Schedule mapping::scheduleEarliest(const ScheduleProblem &Problem) {
  Schedule Out;
  Out.Levels.assign(Problem.NumNodes, 0);
  Graph G = graphOf(Problem);
  std::vector<uint32_t> Order = topologicalOrder(G);
  std::stable_sort(Order.begin(), Order.end(), [&](uint32_t A, uint32_t B) {
    return Problem.sweepOf(A) < Problem.sweepOf(B);
  });
  uint32_t Sweep = 0, First = 0; // lowest level of the sweep
  std::vector<uint32_t> FirstOf = {0};
  for (uint32_t Node : Order) {
    for (; Sweep != Problem.sweepOf(Node); ++Sweep)
      FirstOf.push_back(First = Out.NumLevels);
    uint32_t &Level = Out.Levels[Node];
    Level = First;
    for (auto [I, End] = boost::in_edges(Node, G); I != End; ++I)
      Level = std::max(
          Level, Out.Levels[static_cast<uint32_t>(boost::source(*I, G))] + 1);
    Out.NumLevels = std::max(Out.NumLevels, Level + 1);
  }
  for (const SlotWriters &S : Problem.Slots) {
    const int64_t Read = Out.Levels[S.Reader];
    int64_t Earliest = Read - 1;
    for (uint32_t W : S.Writers)
      Earliest = std::min(Earliest,
                          W == ScheduleProblem::HostNode
                              ? int64_t(FirstOf[Problem.sweepOf(S.Reader)]) - 1
                              : int64_t(Out.Levels[W]));
    const uint32_t Held = Problem.heldDepthOf(S.Reader);
    Out.Depths.push_back(Held ? Held : uint32_t(Read - Earliest));
  }
  return Out;
}

ScheduleProblem mapping::scheduleProblemOf(const Workload &Net,
                                           const std::vector<bool> &Relayed) {
  ScheduleProblem Out;
  Out.NumNodes = Net.Populations.size();
  std::vector<uint32_t> FirstSlot;
  for (uint32_t P = 0; P != Net.Populations.size(); ++P) {
    Out.Sweeps.push_back(Net.Populations[P].Sweep);
    Out.HeldDepths.push_back(Net.heldDepth(Net.Populations[P]));
    FirstSlot.push_back(Out.Slots.size());
    for (size_t S = 0; S != Net.Populations[P].Slots.size(); ++S)
      Out.Slots.push_back({P, {}});
  }
  for (size_t I = 0; I != Net.Edges.size(); ++I) {
    const Edge &E = Net.Edges[I];
    if (E.Kind == EdgeKind::HostOutput)
      continue;
    uint32_t Writer =
        E.From.FromHost ? ScheduleProblem::HostNode : E.From.Index;
    uint32_t Slot = FirstSlot[E.To] + E.Slot;
    Out.Slots[Slot].Writers.push_back(Writer);
    if (isDynamic(E) && Net.Populations[E.Written.Index].Sweep ==
                            Net.Populations[E.From.Index].Sweep)
      Out.Orders.push_back({E.Written.Index, E.From.Index});
    if (!Relayed[I])
      continue;
    uint32_t RelayNode = Out.NumNodes++;
    const Population &To = Net.Populations[E.To];
    Out.Sweeps.push_back(To.Sweep - (To.Held != image::Held::No));
    Out.HeldDepths.push_back(0);
    Out.Slots[Slot].Writers.push_back(RelayNode);
    Out.Slots.push_back({RelayNode, {Writer}});
  }
  return Out;
}

namespace {

/// The problem of a mapping, told from its axons.
class AxonSchedule {
public:
  AxonSchedule(const Mapping &Map, uint32_t Populations)
      : Map(Map), Populations(Populations), SlotOf(Map.Slots.size()) {
    Problem.NumNodes = Populations + Map.Relays.size();
    Problem.Sweeps.assign(Problem.NumNodes, 0);
    Problem.HeldDepths.assign(Problem.NumNodes, 0);
    addBlocks();
    addAxons();
  }

  uint32_t nodeOf(const MappedBlock &B) const {
    return B.IsRelay ? Populations + B.Index : B.Index;
  }

  const Mapping &Map;
  const uint32_t Populations;
  ScheduleProblem Problem;
  std::vector<uint32_t> SlotOf; ///< slot of the mapping -> of the problem

private:
  void addBlocks();
  void addAxons();
};

void AxonSchedule::addBlocks() {
  std::vector<uint32_t> FirstSlot(Problem.NumNodes, image::None);
  for (const MappedBlock &B : Map.Blocks) {
    const uint32_t Node = nodeOf(B);
    uint32_t &First = FirstSlot[Node];
    if (First == image::None) {
      First = Problem.Slots.size();
      Problem.Slots.resize(First + B.NumSlots, {Node, {}});
      Problem.Sweeps[Node] = B.Sweep;
      if (B.Holds == image::Held::Each)
        Problem.HeldDepths[Node] = Map.Steps * Map.Positions;
      else if (B.Holds == image::Held::Last)
        Problem.HeldDepths[Node] = 1;
    }
    for (uint32_t S = 0; S != B.NumSlots; ++S)
      SlotOf[B.FirstSlot + S] = First + S;
  }
}

void AxonSchedule::addAxons() {
  using Nodes = std::set<uint32_t>;
  std::vector<Nodes> Writers(Problem.Slots.size());
  std::vector<std::pair<Nodes, Nodes>> Memory(Map.Tiles.size()); // write, ask
  for (const MappedAxon &A : Map.Axons) {
    const MappedFlow &F = Map.Flows[A.Flow];
    const uint32_t From = F.SourceKind == image::FlowSource::Host
                              ? ScheduleProblem::HostNode
                              : nodeOf(Map.Blocks[Map.Outputs[F.Source].Block]);
    if (A.Kind == image::AxonKind::Write) {
      Memory[A.Target].first.insert(From);
      continue;
    }
    const bool Rows = A.Kind == image::AxonKind::Rows;
    if (Rows && Map.Tiles[A.Target].isDynamic())
      Memory[A.Target].second.insert(From);
    Writers[SlotOf[Rows ? Map.Tiles[A.Target].Slot : A.Target]].insert(From);
  }
  for (size_t S = 0; S != Writers.size(); ++S)
    Problem.Slots[S].Writers.assign(Writers[S].begin(), Writers[S].end());
  std::set<std::pair<uint32_t, uint32_t>> Orders;
  for (const auto &[Write, Ask] : Memory)
    for (uint32_t W : Write)
      for (uint32_t Q : Ask)
        if (W != ScheduleProblem::HostNode && Q != ScheduleProblem::HostNode &&
            Problem.Sweeps[W] == Problem.Sweeps[Q])
          Orders.insert({W, Q});
  Problem.Orders.assign(Orders.begin(), Orders.end());
}

} // namespace

Errors mapping::scheduleByAxons(Mapping &Map, uint32_t Populations) {
  const AxonSchedule Told(Map, Populations);
  if (Errors Mistakes = Told.Problem.check(); !Mistakes.empty())
    return Mistakes;
  const Schedule Made = scheduleEarliest(Told.Problem);
  Map.PopulationLevels.assign(Made.Levels.begin(),
                              Made.Levels.begin() + Populations);
  Map.RelayLevels.assign(Made.Levels.begin() + Populations, Made.Levels.end());
  Map.NumLevels = Made.NumLevels;
  for (MappedBlock &B : Map.Blocks)
    B.Level = Made.Levels[Told.nodeOf(B)];
  for (size_t S = 0; S != Map.Slots.size(); ++S)
    Map.Slots[S].Depth = Made.Depths[Told.SlotOf[S]];
  return {};
}
