//===- Route.cpp - Routes of flows ----------------------------------------===//

#include "compiler/lowering/ChipRoutes.h"
#include "compiler/lowering/Lowering.h"

#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

Result<mapping::Placement>
synfire::compiler::placementOf(const ChipMapping &From) {
  mapping::Placement Out;
  Out.NumChips = From.NumChips;
  for (size_t C = 0; C < From.Places.size(); ++C) {
    if (!From.Places[C] || From.NumChips == 0)
      return Error{fmt::format("core {}", C), "chip-not-placed",
                   "the core has no place; run chip-place",
                   ErrorKind::BadInput};
    Out.Cores.push_back(*From.Places[C]);
  }
  return Out;
}

Status synfire::compiler::routeSystem(chip::SystemOp System,
                                      const ChipSpec &Chip) {
  Result<ChipMapping> From = readMapping(System, Chip);
  if (!From)
    return From.errors();
  Result<mapping::Placement> Where = placementOf(*From);
  if (!Where)
    return Where.errors();
  mapping::RouteProblem Problem =
      mapping::routeProblemOf(Chip, From->Map, *Where);
  if (Errors Mistakes = Problem.check(); !Mistakes.empty())
    return Mistakes;
  mapping::Routes Made = mapping::routeInOrder(Problem);
  size_t Number = 0;
  for (auto Flow : System.getBody().front().getOps<chip::FlowOp>()) {
    SmallVector<int64_t> Words;
    for (uint32_t H = Made.First[Number]; H < Made.First[Number + 1]; ++H)
      Words.append(
          {Made.Hops[H].Router, Made.Hops[H].Ports, Made.Hops[H].Cores});
    Flow.setRoute(Words);
    ++Number;
  }
  return {};
}

mapping::Routes synfire::compiler::routesOf(chip::SystemOp System) {
  mapping::Routes Out;
  Out.First.push_back(0);
  for (auto Flow : System.getBody().front().getOps<chip::FlowOp>()) {
    ArrayRef<int64_t> Words = Flow.getRoute().value_or(ArrayRef<int64_t>());
    for (size_t I = 0; I + 2 < Words.size(); I += 3)
      Out.Hops.push_back({static_cast<uint32_t>(Words[I]),
                          static_cast<uint16_t>(Words[I + 1]),
                          static_cast<uint16_t>(Words[I + 2])});
    Out.First.push_back(Out.Hops.size());
  }
  return Out;
}
