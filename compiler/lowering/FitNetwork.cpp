//===- FitNetwork.cpp - Cores without a system ----------------------------===//

#include "compiler/lowering/FitNetwork.h"

#include "compiler/lowering/NetworkPlan.h"
#include "compiler/mapping/PartitionProblem.h"
#include "compiler/mapping/Schedule.h"

using namespace synfire;
using namespace synfire::compiler;

Result<NetworkFit>
synfire::compiler::fitNetwork(spike::NetworkOp Network, const ChipSpec &Chip,
                              std::optional<uint32_t> SpreadOver) {
  Result<NetworkPlan> Plan = planNetwork(Network);
  if (!Plan)
    return Plan.errors();
  const mapping::PartitionProblem Problem{Plan->Net, Chip};
  mapping::Partition Made = SpreadOver
                                ? mapping::partitionSpread(Problem, *SpreadOver)
                                : mapping::partitionAnalytically(Problem);
  mapping::Mapping &Map = Made.Map;
  if (Map.Cores.empty())
    return NetworkFit{Made.Fit, {}};
  // The depths of slots are exact only now.
  if (Errors Mistakes =
          mapping::scheduleByAxons(Map, Plan->Net.Populations.size());
      !Mistakes.empty())
    return Mistakes;
  for (mapping::MappedCore &Core : Map.Cores)
    Core.Use.AccumulatorBytes = 0;
  for (const mapping::MappedBlock &B : Map.Blocks)
    for (uint32_t S = B.FirstSlot; S != B.FirstSlot + B.NumSlots; ++S)
      Map.Cores[B.Core].Use.AccumulatorBytes += Map.Slots[S].bytes();
  NetworkFit Out{mapping::fitOf(Plan->Net, Chip, Map), {}};
  for (const mapping::MappedCore &Core : Map.Cores)
    Out.Total += Core.Use;
  return Out;
}
