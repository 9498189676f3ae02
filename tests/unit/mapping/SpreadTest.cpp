//===- tests/unit/mapping/SpreadTest.cpp - Even work ----------------------===//

#include "compiler/mapping/PartitionProblem.h"

#include "Networks.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace synfire;
using namespace synfire::mapping;

namespace {

double mostWork(const Partition &P) {
  double Most = 0;
  for (const MappedCore &C : P.Map.Cores)
    Most = std::max(Most, C.Use.Work);
  return Most;
}

double allWork(const Partition &P) {
  double Sum = 0;
  for (const MappedCore &C : P.Map.Cores)
    Sum += C.Use.Work;
  return Sum;
}

TEST(Spread, UsesTheCoresOfAChipEvenly) {
  const ChipSpec Chip = largeChip();
  const Workload Net = spikeGpt(4, 512, 256);
  const PartitionProblem Problem{Net, Chip};
  const Partition Full = partitionAnalytically(Problem);
  const Partition Even = partitionSpread(Problem, 1);
  ASSERT_TRUE(Full.Fit.fits() && Even.Fit.fits());
  EXPECT_EQ(Full.Fit.Chips, 1u);
  EXPECT_EQ(Even.Fit.Chips, 1u);
  EXPECT_GT(Even.Fit.Cores, Full.Fit.Cores);
  EXPECT_LE(Even.Map.NumLevels, Full.Map.NumLevels);
  EXPECT_NEAR(allWork(Even), allWork(Full), 0.01 * allWork(Full));
  EXPECT_LT(mostWork(Even), mostWork(Full));
  EXPECT_LT(mostWork(Even), 1.15 * allWork(Even) / Chip.System.UsableCores);
  auto Faults = Problem.verify(Even.Map);
  EXPECT_TRUE(Faults.empty()) << textOf(Faults);
}

TEST(Spread, MoreChipsMeanLessWorkForEachCore) {
  const ChipSpec Chip = largeChip();
  const Workload Net = spikeGpt(2, 512, 256);
  const PartitionProblem Problem{Net, Chip};
  const Partition One = partitionSpread(Problem, 1),
                  Two = partitionSpread(Problem, 2);
  ASSERT_TRUE(One.Fit.fits() && Two.Fit.fits());
  EXPECT_EQ(Two.Fit.Chips, 2u);
  EXPECT_LT(mostWork(Two), 0.6 * mostWork(One));
}

TEST(Spread, FewerChipsThanNeededAreTold) {
  const Workload Net = spikeGpt(12, 512, 256);
  const ChipSpec Chip = largeChip();
  const Partition Full = partitionAnalytically({Net, Chip});
  ASSERT_TRUE(Full.Fit.fits());
  ASSERT_GT(Full.Fit.Chips, 1u);
  const Partition Even = partitionSpread({Net, Chip}, 1);
  ASSERT_FALSE(Even.Fit.fits());
  EXPECT_EQ(Even.Fit.Failure->Needed, Full.Fit.Chips);
  EXPECT_EQ(partitionSpread({Net, Chip}, 0).Fit.Chips, Full.Fit.Chips);
}

TEST(Spread, RandomNetworksObeyEveryRule) {
  for (uint32_t Seed = 0; Seed != 60; ++Seed) {
    SCOPED_TRACE(Seed);
    std::mt19937 Random(Seed);
    const ChipSpec Chip = randomChip(Random);
    const Workload Net = randomNetwork(Random);
    const PartitionProblem Problem{Net, Chip};
    const Partition Full = partitionAnalytically(Problem);
    const Partition Even = partitionSpread(Problem, 0);
    ASSERT_EQ(Full.Fit.fits(), Even.Fit.fits());
    if (!Even.Fit.fits())
      continue;
    auto Faults = Problem.verify(Even.Map);
    ASSERT_TRUE(Faults.empty()) << textOf(Faults);
    EXPECT_LE(mostWork(Even), mostWork(Full));
    EXPECT_EQ(Even.Fit.Chips, Full.Fit.Chips);
  }
}

} // namespace
