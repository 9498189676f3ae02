//===- tests/unit/mapping/PlaceTest.cpp -----------------------------------===//

#include "compiler/mapping/PlaceProblem.h"

#include "Networks.h"
#include "compiler/mapping/PartitionProblem.h"

#include <gtest/gtest.h>

#include <cstdlib>

using namespace synfire;
using namespace synfire::mapping;

namespace {

Mapping emptyCores(uint32_t Count) {
  Mapping Map;
  Map.Cores.resize(Count);
  return Map;
}

TEST(Place, HilbertStepsAreShortOnAPowerOfTwo) {
  ChipSpec Chip = largeChip();
  Chip.Noc.Width = 8;
  Chip.Noc.Height = 8;
  Chip.Noc.CoresPerRouter = 1;
  Chip.Noc.Multicast = true;
  Chip.Noc.LinkWidthBits = 32;
  Chip.System.UsableCores = 64;
  const Mapping Map = emptyCores(64);
  const PlaceProblem P{Map, Chip};
  const Placement Where = placeSpaceFilling(P);
  ASSERT_TRUE(P.verify(Where).empty());
  for (size_t I = 1; I != Where.Cores.size(); ++I) {
    Coord A = Chip.coordOf(Chip.routerOf(Where.Cores[I - 1]));
    Coord B = Chip.coordOf(Chip.routerOf(Where.Cores[I]));
    EXPECT_EQ(std::abs(int(A.X) - int(B.X)) + std::abs(int(A.Y) - int(B.Y)), 1);
  }
}

TEST(Place, ChipsAreFilledOneAfterTheOther) {
  const ChipSpec Chip = largeChip();
  const Mapping Map = emptyCores(250);
  const PlaceProblem P{Map, Chip};
  for (const Placement &Where : {placeSpaceFilling(P), placeRowMajor(P)}) {
    ASSERT_TRUE(P.verify(Where).empty());
    EXPECT_EQ(Where.NumChips, 3u);
    for (uint32_t I = 0; I != 250; ++I)
      EXPECT_EQ(Chip.chipOf(Chip.routerOf(Where.Cores[I])), I / 120);
  }
}

TEST(Place, ShufflesDependOnTheSeedAlone) {
  const ChipSpec Chip = largeChip();
  const Mapping Map = emptyCores(40);
  const PlaceProblem P{Map, Chip};
  EXPECT_EQ(placeShuffled(P, 3).Cores, placeShuffled(P, 3).Cores);
  EXPECT_NE(placeShuffled(P, 3).Cores, placeShuffled(P, 4).Cores);
  EXPECT_TRUE(P.verify(placeShuffled(P, 3)).empty());
}

TEST(Place, VerifyNamesDamage) {
  const ChipSpec Chip = largeChip();
  const Mapping Map = emptyCores(10);
  const PlaceProblem P{Map, Chip};
  Placement Where = placeRowMajor(P);
  Where.Cores[1] = Where.Cores[0];
  ASSERT_EQ(P.verify(Where).size(), 1u);
  EXPECT_STREQ(P.verify(Where)[0].Rule, "distinct");
  Where = placeRowMajor(P);
  Where.Cores[1] = Chip.usableCore(0, 125); // reserved
  ASSERT_EQ(P.verify(Where).size(), 1u);
  EXPECT_STREQ(P.verify(Where)[0].Rule, "usable");
}

TEST(Place, TheCurveBeatsAShuffle) {
  const Workload Net = spikeGpt(4, 256, 300);
  const ChipSpec Chip = smallChip();
  const Partition Found = partitionAnalytically({Net, Chip});
  ASSERT_TRUE(Found.Fit.fits());
  const PlaceProblem P{Found.Map, Chip};
  EXPECT_LT(2 * P.hopTraffic(placeSpaceFilling(P)),
            P.hopTraffic(placeShuffled(P, 1)));
}

} // namespace
