//===- compiler/mapping/Cluster.cpp ---------------------------------------===//

#include "compiler/mapping/Cluster.h"

#include <algorithm>
#include <numeric>

using namespace synfire;
using namespace synfire::mapping;

uint32_t mapping::groupSize(const Demand &D, const Cluster &C) {
  return D.Net.Populations[C.leader()].Neurons / C.Groups;
}

CoreUse mapping::ownerUse(const Demand &D, const Cluster &C, uint32_t Cols) {
  CoreUse Use;
  std::vector<uint32_t> Programs;
  for (uint32_t M : C.Members) {
    Use += D.block(M, Cols);
    uint32_t Program = D.Net.Populations[M].Program;
    if (std::find(Programs.begin(), Programs.end(), Program) != Programs.end())
      continue;
    Programs.push_back(Program);
    Use += D.program(M);
  }
  return Use;
}

CoreUse mapping::wholeUse(const Demand &D, const Cluster &C, uint32_t Cols) {
  CoreUse Use = ownerUse(D, C, Cols);
  Use += D.tiles(C.leader(), Cols);
  return Use;
}

/// Followers may take a quarter of a core at the smallest width: more would
/// leave too little for the tiles they ride with.
static bool leavesRoom(const Demand &D, const Cluster &C, uint32_t Neurons) {
  CoreUse Use = ownerUse(D, C, std::min(ColumnGranule, Neurons));
  CoreUse Four;
  for (int I = 0; I != 4; ++I)
    Four += Use;
  return D.fits(Four);
}

std::vector<Cluster> mapping::clusterPopulations(const Demand &D) {
  const Workload &Net = D.Net;
  const auto &Levels = D.schedule().Levels;
  std::vector<uint32_t> Order(Net.Populations.size());
  std::iota(Order.begin(), Order.end(), 0);
  std::stable_sort(Order.begin(), Order.end(), [&](uint32_t A, uint32_t B) {
    return Levels[A] < Levels[B];
  });

  std::vector<Cluster> Clusters;
  std::vector<uint32_t> ClusterOf(Net.Populations.size());
  for (uint32_t P : Order) {
    const uint32_t Neurons = Net.Populations[P].Neurons;
    const uint32_t Groups = Net.Populations[P].Groups;
    std::optional<uint32_t> Leader; // the latest population it reads 1:1
    if (Neurons > 1 && D.LinearsOf[P].empty() && !Net.Populations[P].OwnCores)
      for (uint32_t I : D.OthersOf[P]) {
        const Edge &E = Net.Edges[I];
        // What is delayed may come from a population of any level.
        if (E.Kind != EdgeKind::Direct || E.From.FromHost ||
            E.RotateParts != 0 || E.Delay != 0)
          continue;
        if (!Leader || Levels[E.From.Index] > Levels[*Leader])
          Leader = E.From.Index;
      }
    if (Leader) {
      Cluster &C = Clusters[ClusterOf[*Leader]];
      const auto [Few, Many] = std::minmax(C.Groups, Groups);
      C.Members.push_back(P);
      if (Many % Few == 0 && !Net.Populations[C.leader()].OwnCores &&
          leavesRoom(D, C, Neurons / Many)) {
        ClusterOf[P] = ClusterOf[*Leader];
        C.Groups = Many;
        continue;
      }
      C.Members.pop_back();
    }
    ClusterOf[P] = Clusters.size();
    Clusters.push_back({{P}});
    Clusters.back().Groups = Groups;
  }
  return Clusters;
}
