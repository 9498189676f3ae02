//===- compiler/mapping/LongestPath.cpp - Bellman and Ford ----------------===//

#include "compiler/mapping/LongestPath.h"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/topological_sort.hpp>

#include <algorithm>
#include <iterator>
#include <optional>

using namespace synfire;
using namespace synfire::mapping;

void mapping::sortTopologically(std::vector<Arc> &Arcs, uint32_t NumNodes) {
  using Graph =
      boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  Graph G(NumNodes);
  for (const Arc &A : Arcs)
    if (A.Length > 0)
      boost::add_edge(A.From, A.To, G);
  std::vector<uint32_t> Last; // nodes, last first
  try {
    boost::topological_sort(G, std::back_inserter(Last));
  } catch (const boost::not_a_dag &) {
    return; // any order will find the circle
  }
  std::vector<uint32_t> Place(NumNodes);
  for (uint32_t I = 0; I != NumNodes; ++I)
    Place[Last[I]] = NumNodes - I;
  std::stable_sort(Arcs.begin(), Arcs.end(), [&](const Arc &A, const Arc &B) {
    return Place[A.From] < Place[B.From];
  });
}

std::vector<Arc> mapping::raise(std::vector<int64_t> &Heights,
                                const std::vector<Arc> &Arcs) {
  // The arc that raised each node last.
  std::vector<const Arc *> Why(Heights.size(), nullptr);
  std::optional<uint32_t> Raised;
  // Without a rising circle the longest path has fewer arcs than nodes.
  for (size_t Round = 0; Round <= Heights.size(); ++Round) {
    Raised.reset();
    for (const Arc &A : Arcs) {
      if (Heights[A.From] + A.Length <= Heights[A.To])
        continue;
      Heights[A.To] = Heights[A.From] + A.Length;
      Why[A.To] = &A;
      Raised = A.To;
    }
    if (!Raised)
      return {};
  }
  // Back along the reasons, far enough to be on the circle, then round it.
  uint32_t Node = *Raised;
  for (size_t I = 0; I != Heights.size(); ++I)
    Node = Why[Node]->From;
  std::vector<Arc> Circle;
  for (uint32_t At = Node; Circle.empty() || At != Node; At = Why[At]->From)
    Circle.push_back(*Why[At]);
  std::reverse(Circle.begin(), Circle.end());
  return Circle;
}
