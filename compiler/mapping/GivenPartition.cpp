//===- GivenPartition.cpp - A mapping from outside ------------------------===//

#include "compiler/mapping/GivenPartition.h"

#include "compiler/mapping/Draft.h"
#include "compiler/mapping/Features.h"
#include "compiler/mapping/LowerBounds.h"

#include <algorithm>

using namespace synfire;
using namespace synfire::mapping;

Partition mapping::partitionAsGiven(const PartitionProblem &Problem,
                                    const std::vector<CoreId> &Given) {
  const Workload &Net = Problem.Net;
  Partition Out;
  if (auto Misfit = missingFeature(Net, Problem.Chip)) {
    Out.Fit.Failure = std::move(Misfit);
    Out.Fit.CoresLowerBound = lowerBoundsOf(Net, Problem.Chip).Cores;
    return Out;
  }
  std::vector<uint32_t> Cores;
  for (CoreId C : Given)
    Cores.push_back(C.Value);
  std::sort(Cores.begin(), Cores.end());
  Cores.erase(std::unique(Cores.begin(), Cores.end()), Cores.end());

  const Demand D(Net, Problem.Chip);
  Draft Plan;
  Plan.NumCores = Cores.size();
  for (uint32_t I = 0; I != Net.Populations.size(); ++I) {
    const Population &P = Net.Populations[I];
    const uint32_t Core =
        std::lower_bound(Cores.begin(), Cores.end(), Given[I].Value) -
        Cores.begin();
    for (uint32_t L : D.LinearsOf[I])
      Plan.Tiles.push_back({L, 0, Net.rows(Net.Edges[L]),
                            static_cast<uint32_t>(Plan.Blocks.size())});
    Plan.Blocks.push_back({false, I, 0, P.Neurons, Core, 0});
  }
  Out.Map = assemble(D, Plan);
  Out.Fit = fitOf(Net, Problem.Chip, Out.Map);
  return Out;
}
