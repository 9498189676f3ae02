//===- SpreadPartition.cpp - Even work instead of full cores --------------===//
//
// A core that holds as much as it can makes the longest ticks. Where chips are
// paid for anyway, their idle cores may share the work.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/PartitionProblem.h"

#include <fmt/format.h>

#include <algorithm>

using namespace synfire;
using namespace synfire::mapping;

Partition mapping::partitionSpread(const PartitionProblem &Problem,
                                   uint32_t Chips) {
  Partition Best = partitionAnalytically(Problem);
  if (!Best.Fit.fits())
    return Best;
  if (Chips == 0)
    Chips = Best.Fit.Chips;
  if (Chips < Best.Fit.Chips) {
    Best.Fit.Failure = Misfit{
        Limit::Chips,
        Best.Fit.Chips,
        Chips,
        "the network",
        std::nullopt,
        fmt::format("spread over >= {} chips (now {})", Best.Fit.Chips, Chips)};
    return Best;
  }
  const uint64_t Cores = uint64_t(Chips) * Problem.Chip.System.UsableCores;
  const Mapping Full = Best.Map;
  double Most = 0, Sum = 0;
  for (const MappedCore &C : Full.Cores) {
    Most = std::max(Most, C.Use.Work);
    Sum += C.Use.Work;
  }
  // Bisection to about one part in a thousand of the even share. What is found
  // need not fall with the bound, so every answer is checked.
  constexpr int Steps = 10;
  double Fails = Sum / double(Cores) * (1 - 1e-9), Works = Most;
  for (int Step = 0; Step != Steps && Works > Fails; ++Step) {
    const double Try = Fails + (Works - Fails) / 2;
    Partition Found =
        partitionAnalytically({Problem.Net, Problem.Chip, Try, &Full});
    if (Found.Fit.fits() && Found.Map.Cores.size() <= Cores &&
        Found.Map.NumLevels <= Full.NumLevels) {
      Works = Try;
      Best = std::move(Found);
    } else {
      Fails = Try;
    }
  }
  return Best;
}
