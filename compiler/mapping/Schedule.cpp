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

/// Level of a writer, with the host one below level 0.
int64_t levelOf(uint32_t Node, const std::vector<uint32_t> &Levels) {
  return Node == ScheduleProblem::HostNode ? -1 : int64_t(Levels[Node]);
}

uint32_t depthOf(const SlotWriters &S, const std::vector<uint32_t> &Levels) {
  int64_t Read = Levels[S.Reader], First = Read - 1;
  for (uint32_t W : S.Writers)
    First = std::min(First, levelOf(W, Levels));
  return uint32_t(Read - First);
}

} // namespace

Errors ScheduleProblem::check() const {
  for (const SlotWriters &S : Slots) {
    bool Inside = S.Reader < NumNodes;
    for (uint32_t W : S.Writers)
      Inside &= W < NumNodes || W == HostNode;
    if (!Inside)
      return {
          {"", "schedule-index",
           fmt::format("a slot names a node beyond the {} there are", NumNodes),
           ErrorKind::BadInput}};
  }
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
  for (size_t I = 0; I != Slots.size(); ++I) {
    const SlotWriters &S = Slots[I];
    int64_t Read = Solution.Levels[S.Reader];
    int64_t Earliest = Read - 1;
    for (uint32_t W : S.Writers) {
      int64_t Write = W == HostNode ? -1 : int64_t(Solution.Levels[W]);
      if (Write >= Read)
        Out.push_back({"level", fmt::format("node {} reads at level {} what "
                                            "node {} writes at level {}",
                                            S.Reader, Read, W, Write)});
      Earliest = std::min(Earliest, Write);
    }
    if (int64_t(Solution.Depths[I]) != Read - Earliest)
      Out.push_back(
          {"depth", fmt::format("slot {} has depth {}, needs {}", I,
                                Solution.Depths[I], Read - Earliest)});
  }
  for (uint32_t L : Solution.Levels)
    if (L >= Solution.NumLevels)
      Out.push_back(
          {"level", fmt::format("level {} of {}", L, Solution.NumLevels)});
  return Out;
}

Schedule mapping::scheduleEarliest(const ScheduleProblem &Problem) {
  Schedule Out;
  Out.Levels.assign(Problem.NumNodes, 0);
  Graph G = graphOf(Problem);
  for (uint32_t Node : topologicalOrder(G))
    for (auto [I, End] = boost::in_edges(Node, G); I != End; ++I)
      Out.Levels[Node] =
          std::max(Out.Levels[Node],
                   Out.Levels[static_cast<uint32_t>(boost::source(*I, G))] + 1);
  for (uint32_t L : Out.Levels)
    Out.NumLevels = std::max(Out.NumLevels, L + 1);
  for (const SlotWriters &S : Problem.Slots)
    Out.Depths.push_back(depthOf(S, Out.Levels));
  return Out;
}

ScheduleProblem mapping::scheduleProblemOf(const Workload &Net,
                                           const std::vector<bool> &Relayed) {
  ScheduleProblem Out;
  Out.NumNodes = Net.Populations.size();
  std::vector<uint32_t> FirstSlot;
  for (uint32_t P = 0; P != Net.Populations.size(); ++P) {
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
    if (!Relayed[I])
      continue;
    uint32_t RelayNode = Out.NumNodes++;
    Out.Slots[Slot].Writers.push_back(RelayNode);
    Out.Slots.push_back({RelayNode, {Writer}});
  }
  return Out;
}

Errors mapping::scheduleByAxons(Mapping &Map, uint32_t Populations) {
  auto NodeOf = [&](const MappedBlock &B) {
    return B.IsRelay ? Populations + B.Index : B.Index;
  };
  ScheduleProblem Problem;
  Problem.NumNodes = Populations + Map.Relays.size();
  std::vector<uint32_t> FirstSlot(Problem.NumNodes, image::None);
  std::vector<uint32_t> SlotOf(Map.Slots.size()); // into Problem.Slots
  for (const MappedBlock &B : Map.Blocks) {
    uint32_t &First = FirstSlot[NodeOf(B)];
    if (First == image::None) {
      First = Problem.Slots.size();
      Problem.Slots.resize(First + B.NumSlots, {NodeOf(B), {}});
    }
    for (uint32_t S = 0; S != B.NumSlots; ++S)
      SlotOf[B.FirstSlot + S] = First + S;
  }
  std::vector<std::set<uint32_t>> Writers(Problem.Slots.size());
  for (const MappedAxon &A : Map.Axons) {
    const MappedFlow &F = Map.Flows[A.Flow];
    const uint32_t Slot =
        A.Kind == image::AxonKind::Rows ? Map.Tiles[A.Target].Slot : A.Target;
    Writers[SlotOf[Slot]].insert(
        F.SourceKind == image::FlowSource::Host
            ? ScheduleProblem::HostNode
            : NodeOf(Map.Blocks[Map.Outputs[F.Source].Block]));
  }
  for (size_t S = 0; S != Writers.size(); ++S)
    Problem.Slots[S].Writers.assign(Writers[S].begin(), Writers[S].end());

  if (Errors Mistakes = Problem.check(); !Mistakes.empty())
    return Mistakes;
  const Schedule Made = scheduleEarliest(Problem);
  Map.PopulationLevels.assign(Made.Levels.begin(),
                              Made.Levels.begin() + Populations);
  Map.RelayLevels.assign(Made.Levels.begin() + Populations, Made.Levels.end());
  Map.NumLevels = Made.NumLevels;
  for (MappedBlock &B : Map.Blocks)
    B.Level = Made.Levels[NodeOf(B)];
  for (size_t S = 0; S != Map.Slots.size(); ++S)
    Map.Slots[S].Depth = Made.Depths[SlotOf[S]];
  return {};
}
