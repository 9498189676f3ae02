//===- models/nir/NirCycles.cpp - Order and recurrence --------------------===//

#include "models/nir/NirSteps.h"

#include <fmt/format.h>

#include <algorithm>

namespace synfire::nir {

namespace {

/// Strongly connected sets (Tarjan 1972), without recursion: a file decides how
/// long a chain is.
class Components {
public:
  Components(size_t NumNodes, const std::vector<std::vector<uint32_t>> &Targets)
      : Targets(Targets), Index(NumNodes, 0), Low(NumNodes, 0),
        OnStack(NumNodes, false) {
    for (uint32_t I = 0; I != NumNodes; ++I)
      if (Index[I] == 0)
        visit(I);
    std::ranges::reverse(Found); // Sources first.
  }
  std::vector<std::vector<uint32_t>> Found;

private:
  void visit(uint32_t Start) {
    std::vector<std::pair<uint32_t, size_t>> Calls = {{Start, 0}};
    enter(Start);
    while (!Calls.empty()) {
      auto &[I, Next] = Calls.back();
      if (Next != Targets[I].size()) {
        uint32_t To = Targets[I][Next++];
        if (Index[To] == 0) {
          enter(To);
          Calls.emplace_back(To, 0);
        } else if (OnStack[To]) {
          Low[I] = std::min(Low[I], Index[To]);
        }
        continue;
      }
      uint32_t Done = I;
      Calls.pop_back();
      if (!Calls.empty())
        Low[Calls.back().first] = std::min(Low[Calls.back().first], Low[Done]);
      if (Low[Done] == Index[Done])
        take(Done);
    }
  }
  void enter(uint32_t I) {
    Index[I] = Low[I] = ++Count;
    OnStack[I] = true;
    Stack.push_back(I);
  }
  void take(uint32_t Root) {
    std::vector<uint32_t> Set;
    for (;;) {
      uint32_t I = Stack.back();
      Stack.pop_back();
      OnStack[I] = false;
      Set.push_back(I);
      if (I == Root)
        break;
    }
    std::ranges::reverse(Set); // As they were reached.
    Found.push_back(std::move(Set));
  }

  const std::vector<std::vector<uint32_t>> &Targets;
  std::vector<uint32_t> Index, Low, Stack;
  std::vector<bool> OnStack;
  uint32_t Count = 0;
};

bool isCycle(const std::vector<uint32_t> &Set,
             const std::vector<std::vector<uint32_t>> &Targets) {
  return Set.size() > 1 ||
         std::ranges::find(Targets[Set[0]], Set[0]) != Targets[Set[0]].end();
}

} // namespace

Status findRecurrences(const std::string &FileName, Graph &G) {
  size_t N = G.Nodes.size();
  std::vector<std::vector<uint32_t>> All(N), Instant(N);
  for (Edge E : G.Edges) {
    All[E.From].push_back(E.To);
    Kind K = G.Nodes[E.From].K;
    if (!isNeuron(K) && K != Kind::Delay)
      Instant[E.From].push_back(E.To);
  }
  // A cycle in which nothing waits would need its own result.
  for (const std::vector<uint32_t> &Set : Components(N, Instant).Found)
    if (isCycle(Set, Instant)) {
      std::string Names;
      for (size_t I = 0; I != std::min<size_t>(Set.size(), 10); ++I)
        Names.append(I ? ", " : "").append(quoted(G.Nodes[Set[I]].Name));
      return Error{FileName, "nir-cycle",
                   fmt::format("nodes {}{} form a cycle with neither a neuron "
                               "nor a Delay in it: its value is not defined",
                               Names, Set.size() > 10 ? ", ..." : "")};
    }
  Components Whole(N, All);
  for (std::vector<uint32_t> &Set : Whole.Found) {
    G.Order.insert(G.Order.end(), Set.begin(), Set.end());
    if (!isCycle(Set, All))
      continue;
    std::ranges::sort(Set);
    G.Recurrences.push_back(Set);
  }
  return {};
}

} // namespace synfire::nir
