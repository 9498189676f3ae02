//===- tests/unit/mapping/PartitionTest.cpp -------------------------------===//

#include "compiler/mapping/PartitionProblem.h"

#include "Networks.h"
#include "compiler/mapping/LowerBounds.h"
#include "compiler/mapping/PlaceProblem.h"
#include "compiler/mapping/RouteProblem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

using namespace synfire;
using namespace synfire::mapping;

namespace {

/// Every step on random networks and chips: whatever is found obeys its rules.
TEST(Partition, RandomNetworksObeyEveryRule) {
  uint32_t Fitted = 0, Relayed = 0, Unicast = 0;
  for (uint32_t Seed = 0; Seed != 150; ++Seed) {
    SCOPED_TRACE(Seed);
    std::mt19937 Random(Seed);
    const ChipSpec Chip = randomChip(Random);
    const Workload Net = randomNetwork(Random);
    const PartitionProblem Problem{Net, Chip};
    ASSERT_TRUE(Problem.check().empty()) << Problem.check().front().format();
    Partition Found = partitionAnalytically(Problem);
    if (!Found.Fit.fits()) {
      EXPECT_FALSE(Found.Fit.Failure->Change.empty());
      continue;
    }
    ++Fitted;
    Relayed += !Found.Map.Relays.empty();
    Unicast += !Chip.Noc.Multicast;
    auto Faults = Problem.verify(Found.Map);
    ASSERT_TRUE(Faults.empty()) << textOf(Faults);
    EXPECT_GE(Found.Map.Cores.size(), lowerBoundsOf(Net, Chip).Cores);

    const PlaceProblem Place{Found.Map, Chip};
    ASSERT_TRUE(Place.check().empty());
    for (const Placement &Where :
         {placeSpaceFilling(Place), placeRowMajor(Place),
          placeShuffled(Place, Seed)}) {
      auto Misplaced = Place.verify(Where);
      ASSERT_TRUE(Misplaced.empty()) << textOf(Misplaced);
      const RouteProblem Route = routeProblemOf(Chip, Found.Map, Where);
      ASSERT_TRUE(Route.check().empty());
      auto Lost = Route.verify(routeInOrder(Route));
      ASSERT_TRUE(Lost.empty()) << textOf(Lost);
    }
    Placement Where = placeShuffled(Place, Seed);
    sortByCoreId(Found.Map, Where);
    EXPECT_TRUE(std::is_sorted(Where.Cores.begin(), Where.Cores.end()));
    Faults = Problem.verify(Found.Map);
    ASSERT_TRUE(Faults.empty()) << "sorted: " << textOf(Faults);
  }
  // The test must not pass by never trying.
  EXPECT_GE(Fitted, 90u);
  EXPECT_GE(Relayed, 20u);
  EXPECT_GE(Unicast, 20u);
}

/// A shape that has relays for every axon leaves none for a sum over blocks
/// that had no place when it was chosen. However many layers there are, each
/// finds another shape.
TEST(Partition, SumsHaveRoomBesideRelaysInEveryLayer) {
  ChipSpec Chip = largeChip();
  Chip.Core.InputAxons = 256;
  const Workload Net = sumsBesideLinears(20, 2000, 64);
  const Partition Found = partitionAnalytically({Net, Chip});
  ASSERT_TRUE(Found.Fit.fits()) << Found.Fit.error().format();
  EXPECT_EQ(Found.Map.Relays.size(), 20u); // one for each linear that is cut
  EXPECT_EQ(textOf(PartitionProblem{Net, Chip}.verify(Found.Map)), "");
}

TEST(Partition, IsDeterministic) {
  std::mt19937 Random(7);
  const Workload Net = spikeGpt(2, 128, 100);
  const ChipSpec Chip = smallChip();
  const PartitionProblem Problem{Net, Chip};
  Partition A = partitionAnalytically(Problem);
  Partition B = partitionAnalytically(Problem);
  ASSERT_EQ(A.Map.Flows.size(), B.Map.Flows.size());
  for (size_t F = 0; F != A.Map.Flows.size(); ++F)
    EXPECT_EQ(A.Map.Flows[F].Destinations, B.Map.Flows[F].Destinations);
  EXPECT_EQ(A.Fit.table(), B.Fit.table());
}

/// Each damage to a sound mapping is named by the rule that it breaks.
TEST(Partition, VerifyNamesDamage) {
  const Workload Net = spikeGpt(1, 128, 600);
  const ChipSpec Chip = smallChip();
  const PartitionProblem Problem{Net, Chip};
  const Partition Sound = partitionAnalytically(Problem);
  ASSERT_TRUE(Sound.Fit.fits());
  ASSERT_FALSE(Sound.Map.Relays.empty());
  ASSERT_TRUE(Problem.verify(Sound.Map).empty());

  auto Broken = [&](const std::function<void(Mapping &)> &Damage) {
    Mapping Map = Sound.Map;
    Damage(Map);
    std::vector<std::string> Rules;
    for (const Violation &V : Problem.verify(Map))
      Rules.push_back(V.Rule);
    return Rules;
  };
  using ::testing::Contains;
  EXPECT_THAT(Broken([](Mapping &M) { M.Tiles[3].Rows -= 1; }),
              Contains("tile-cover"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Tiles[3].FirstRow += 1; }),
              Contains("tile-cover"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Blocks[2].NumNeurons += 1; }),
              Contains("block-cover"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Axons[5].Offset += 1; }),
              Contains("axon"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Axons[5].NumIndices -= 1; }),
              Contains("axon"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Flows[0].Destinations.clear(); }),
              Contains("flow"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Flows[0].FirstIndex += 100000; }),
              Contains("flow"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Cores[1].Use.SynapseBytes += 16; }),
              Contains("limit"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Cores[0].NumTiles += 1; }),
              Contains("grouping"));
  EXPECT_THAT(Broken([](Mapping &M) {
                for (MappedBlock &B : M.Blocks)
                  if (!B.IsRelay)
                    B.Level = 0;
              }),
              Contains("level"));
  EXPECT_THAT(Broken([](Mapping &M) {
                for (MappedSlot &S : M.Slots)
                  S.Depth = 1;
              }),
              Contains("depth"));
  EXPECT_THAT(Broken([](Mapping &M) {
                for (MappedSlot &S : M.Slots)
                  S.Depth += 1;
              }),
              Contains("depth"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Relays[0].Neurons += 1; }),
              Contains("block-cover"));
}

} // namespace
