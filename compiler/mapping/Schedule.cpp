//===- compiler/mapping/Schedule.cpp --------------------------------------===//

#include "compiler/mapping/Schedule.h"

#include "compiler/mapping/LongestPath.h"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

using namespace synfire;
using namespace synfire::mapping;

namespace {

/// What slots and orders ask of levels.
std::vector<Arc> arcsOf(const ScheduleProblem &Problem) {
  std::vector<Arc> Out;
  for (const SlotWriters &S : Problem.Slots)
    for (const SlotWriter &W : S.Writers)
      if (W.Node != ScheduleProblem::HostNode)
        Out.push_back({W.Node, S.Reader, 1 - int64_t(W.Delay)});
  for (auto [Before, After] : Problem.Orders)
    Out.push_back({Before, After, 1});
  sortTopologically(Out, Problem.NumNodes);
  return Out;
}

/// The error for \p Circle, which no levels suit.
Error errorOf(const ScheduleProblem &Problem, const std::vector<Arc> &Circle) {
  constexpr size_t MostNames = 8;
  int64_t Delays = 0;
  std::string Names;
  for (size_t I = 0; I != Circle.size(); ++I) {
    Delays += 1 - Circle[I].Length;
    if (I < MostNames)
      Names += Problem.nameOf(Circle[I].From) + " -> ";
    else if (I == MostNames)
      Names += "... -> ";
  }
  Names += Problem.nameOf(Circle.front().From);
  const std::string Where = Problem.nameOf(Circle.front().From);
  if (Delays == 0)
    return {Where, "schedule-cycle",
            fmt::format("populations send to each other in a circle within one "
                        "token step: {}; carry the value in a state instead, "
                        "or delay it",
                        Names),
            ErrorKind::BadInput};
  return {Where, "schedule-recurrence",
          fmt::format("a circle of {} edges delays {} token {} in all, and "
                      "every edge takes a level: {}; the delays must add up to "
                      "at least {}",
                      Circle.size(), Delays, Delays == 1 ? "step" : "steps",
                      Names, Circle.size()),
          ErrorKind::BadInput};
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
    for (const SlotWriter &W : S.Writers)
      Inside &= Exists(W.Node) || W.Node == HostNode;
  }
  for (auto [Before, After] : Orders)
    Inside &= Exists(Before) && Exists(After);
  if (!Inside)
    return {
        {"", "schedule-index",
         fmt::format("a slot names a node beyond the {} there are", NumNodes),
         ErrorKind::BadInput}};
  const std::vector<Arc> Arcs = arcsOf(*this);
  // A circle without any delay is another mistake, and the plainer one.
  std::vector<Arc> Undelayed;
  std::copy_if(Arcs.begin(), Arcs.end(), std::back_inserter(Undelayed),
               [](const Arc &A) { return A.Length > 0; });
  for (const auto &Part : {Undelayed, Arcs}) {
    std::vector<int64_t> Levels(NumNodes);
    if (auto Circle = raise(Levels, Part); !Circle.empty())
      return {errorOf(*this, Circle)};
  }
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
    for (const auto &[Writer, Delay] : S.Writers) {
      const int64_t Write =
          (Writer == HostNode ? Ranges[sweepOf(S.Reader)].first - 1
                              : int64_t(Levels[Writer])) -
          Delay;
      if (Write >= Read)
        Out.push_back({"level", fmt::format("node {} reads at level {} what "
                                            "node {} writes at level {}",
                                            S.Reader, Read, Writer, Write)});
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
  uint32_t NumSweeps = 1;
  for (uint32_t Node = 0; Node != Problem.NumNodes; ++Node)
    NumSweeps = std::max(NumSweeps, Problem.sweepOf(Node) + 1);
  std::vector<std::vector<Arc>> ArcsTo(NumSweeps);
  for (const Arc &A : arcsOf(Problem))
    ArcsTo[Problem.sweepOf(A.To)].push_back(A);
  std::vector<int64_t> Levels(Problem.NumNodes, 0);
  Out.FirstLevels.clear();
  for (uint32_t Sweep = 0; Sweep != NumSweeps; ++Sweep) {
    Out.FirstLevels.push_back(Out.NumLevels);
    for (uint32_t Node = 0; Node != Problem.NumNodes; ++Node)
      if (Problem.sweepOf(Node) == Sweep)
        Levels[Node] = Out.NumLevels;
    raise(Levels, ArcsTo[Sweep]);
    for (uint32_t Node = 0; Node != Problem.NumNodes; ++Node)
      if (Problem.sweepOf(Node) == Sweep)
        Out.NumLevels = std::max(Out.NumLevels, uint32_t(Levels[Node]) + 1);
  }
  Out.Levels.assign(Levels.begin(), Levels.end());
  for (const SlotWriters &S : Problem.Slots) {
    const int64_t Read = Levels[S.Reader];
    int64_t Earliest = Read - 1;
    for (const auto &[Writer, Delay] : S.Writers)
      Earliest = std::min(
          Earliest,
          (Writer == ScheduleProblem::HostNode
               ? int64_t(Out.FirstLevels[Problem.sweepOf(S.Reader)]) - 1
               : Levels[Writer]) -
              Delay);
    const uint32_t Held = Problem.heldDepthOf(S.Reader);
    Out.Depths.push_back(Held ? Held : uint32_t(Read - Earliest));
  }
  return Out;
}

std::vector<bool> mapping::recurrentEdges(const Workload &Net) {
  using Graph =
      boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  const size_t Nodes = Net.Populations.size();
  Graph G(Nodes);
  auto Joins = [](const Edge &E) {
    return E.Kind != EdgeKind::HostOutput && !E.From.FromHost;
  };
  for (const Edge &E : Net.Edges)
    if (Joins(E))
      boost::add_edge(E.From.Index, E.To, G);
  // What asks a memory comes after what writes it.
  for (const Edge &E : Net.Edges)
    if (isDynamic(E))
      boost::add_edge(E.Written.Index, E.From.Index, G);
  std::vector<uint32_t> Part(Nodes);
  if (Nodes != 0)
    boost::strong_components(G, Part.data());
  std::vector<bool> Out;
  for (const Edge &E : Net.Edges)
    Out.push_back(Joins(E) && Part[E.From.Index] == Part[E.To]);
  return Out;
}

ScheduleProblem mapping::scheduleProblemOf(const Workload &Net,
                                           const std::vector<bool> &Relayed) {
  ScheduleProblem Out;
  Out.NumNodes = Net.Populations.size();
  std::vector<uint32_t> FirstSlot;
  for (uint32_t P = 0; P != Net.Populations.size(); ++P) {
    Out.Names.push_back(Net.Populations[P].Name);
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
    Out.Slots[Slot].Writers.push_back({Writer, E.Delay});
    if (isDynamic(E) && Net.Populations[E.Written.Index].Sweep ==
                            Net.Populations[E.From.Index].Sweep)
      Out.Orders.push_back({E.Written.Index, E.From.Index});
    if (!Relayed[I])
      continue;
    uint32_t RelayNode = Out.NumNodes++;
    const Population &To = Net.Populations[E.To];
    Out.Names.push_back(E.Name + " (relay)");
    Out.Sweeps.push_back(To.Sweep - (To.Held != image::Held::No));
    Out.HeldDepths.push_back(0);
    Out.Slots[Slot].Writers.push_back(RelayNode);
    Out.Slots.push_back({RelayNode, {{Writer, E.Delay}}});
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
  std::vector<std::set<SlotWriter>> Writers(Problem.Slots.size());
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
    const bool Tile = A.Kind != image::AxonKind::Direct;
    if (Tile && Map.Tiles[A.Target].isDynamic())
      Memory[A.Target].second.insert(From);
    Writers[SlotOf[Tile ? Map.Tiles[A.Target].Slot : A.Target]].emplace(
        From, A.Delay);
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
