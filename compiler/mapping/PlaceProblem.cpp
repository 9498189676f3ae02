//===- compiler/mapping/PlaceProblem.cpp ----------------------------------===//

#include "compiler/mapping/PlaceProblem.h"

#include "compiler/mapping/RouteProblem.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

using namespace synfire;
using namespace synfire::mapping;

Errors PlaceProblem::check() const {
  const uint64_t Cores =
      uint64_t(Chip.System.MaxChips) * Chip.System.UsableCores;
  if (Map.Cores.size() <= Cores)
    return {};
  return {{"", "place-too-many-cores",
           fmt::format("{} cores are needed and {} chips of {} usable cores "
                       "have {}; raise system.max_chips",
                       Map.Cores.size(), Chip.System.MaxChips,
                       Chip.System.UsableCores, Cores),
           ErrorKind::DoesNotFit}};
}

std::vector<Violation> PlaceProblem::verify(const Placement &Solution) const {
  std::vector<Violation> Out;
  if (Solution.Cores.size() != Map.Cores.size())
    Out.push_back(
        {"size", fmt::format("{} cores placed of {}", Solution.Cores.size(),
                             Map.Cores.size())});
  if (Solution.NumChips > Chip.System.MaxChips)
    Out.push_back(
        {"chips", fmt::format("{} chips of at most {}", Solution.NumChips,
                              Chip.System.MaxChips)});
  std::set<CoreId> Usable, Seen;
  for (uint32_t C = 0; C != Solution.NumChips; ++C)
    for (uint32_t N = 0; N != Chip.System.UsableCores; ++N)
      Usable.insert(Chip.usableCore(C, N));
  for (CoreId Core : Solution.Cores) {
    if (!Usable.count(Core))
      Out.push_back(
          {"usable", fmt::format("core {} may not be used", Core.Value)});
    if (!Seen.insert(Core).second)
      Out.push_back(
          {"distinct", fmt::format("core {} is given twice", Core.Value)});
  }
  return Out;
}

double PlaceProblem::hopTraffic(const Placement &Solution) const {
  const RouteProblem Problem = routeProblemOf(Chip, Map, Solution);
  const Routes Paths = routeInOrder(Problem);
  double Sum = 0;
  for (size_t F = 0; F != Map.Flows.size(); ++F)
    for (uint32_t H = Paths.First[F]; H != Paths.First[F + 1]; ++H)
      Sum += Map.Flows[F].EventsPerToken *
             std::popcount(unsigned(Paths.Hops[H].Ports & ~image::Host));
  return Sum;
}
