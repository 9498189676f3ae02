//===- tests/unit/mapping/SpikeGptTest.cpp - Real shapes ------------------===//

#include "Networks.h"
#include "compiler/mapping/LowerBounds.h"
#include "compiler/mapping/PartitionProblem.h"
#include "compiler/mapping/PlaceProblem.h"
#include "compiler/mapping/RouteProblem.h"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <string_view>

using namespace synfire;
using namespace synfire::mapping;

namespace {

struct Mapped {
  Partition Found;
  double Seconds = 0;
};

Mapped mapAndVerify(const Workload &Net, const ChipSpec &Chip) {
  const PartitionProblem Problem{Net, Chip};
  EXPECT_TRUE(Problem.check().empty());
  Mapped Out;
  auto Start = std::chrono::steady_clock::now();
  Out.Found = partitionAnalytically(Problem);
  Out.Seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - Start)
          .count();
  const Mapping &Map = Out.Found.Map;
  EXPECT_TRUE(Out.Found.Fit.fits()) << Out.Found.Fit.table();
  if (!Out.Found.Fit.fits())
    return Out;
  auto Faults = Problem.verify(Map);
  EXPECT_TRUE(Faults.empty()) << textOf(Faults);
  const PlaceProblem Place{Map, Chip};
  Placement Hilbert = placeSpaceFilling(Place), Plain = placeRowMajor(Place);
  EXPECT_TRUE(Place.verify(Hilbert).empty());
  const RouteProblem Route = routeProblemOf(Chip, Map, Hilbert);
  auto Lost = Route.verify(routeInOrder(Route));
  EXPECT_TRUE(Lost.empty()) << textOf(Lost);
  std::cout << Chip.Name << "\n"
            << Out.Found.Fit.table() << describe(lowerBoundsOf(Net, Chip), Map)
            << "blocks " << Map.Blocks.size() << ", tiles " << Map.Tiles.size()
            << ", relays " << Map.Relays.size() << ", flows "
            << Map.Flows.size() << ", axons " << Map.Axons.size() << ", levels "
            << Map.NumLevels << "\npartition " << Out.Seconds * 1e3
            << " ms; hops per token: Hilbert " << Place.hopTraffic(Hilbert)
            << ", row major " << Place.hopTraffic(Plain) << "\n";
  return Out;
}

TEST(SpikeGpt, DemoTakesFewCores) {
  auto M = mapAndVerify(spikeGpt(4, 128, 100), largeChip());
  EXPECT_LE(M.Found.Map.Cores.size(), M.Found.Fit.CoresLowerBound + 2);
  EXPECT_TRUE(M.Found.Map.Relays.empty());
}

TEST(SpikeGpt, DemoIsCutByRowsAndColumnsOnSmallCores) {
  auto M = mapAndVerify(spikeGpt(4, 128, 100), smallChip());
  EXPECT_FALSE(M.Found.Map.Relays.empty());
  EXPECT_LE(M.Found.Map.Cores.size(), M.Found.Fit.CoresLowerBound * 1.15);
}

TEST(SpikeGpt, The46MillionFitsNearTheBound) {
  auto M = mapAndVerify(spikeGpt(12, 512, 5458), largeChip());
  EXPECT_LE(M.Found.Map.Cores.size(), M.Found.Fit.CoresLowerBound * 1.05);
}

TEST(SpikeGpt, The216MillionFitsNearTheBoundQuickly) {
  // Axon entries take 2.5 %; pieces cut by columns alone, in steps of 16, leave
  // a little of each core.
  const Workload Net = spikeGpt(18, 768, 50277);
  ChipSpec Chip = largeChip();
  for (bool Multicast : {false, true}) {
    Chip.Noc.Multicast = Multicast;
    auto M = mapAndVerify(Net, Chip);
    EXPECT_LE(M.Found.Map.Cores.size(), M.Found.Fit.CoresLowerBound * 1.08);
    EXPECT_LT(M.Seconds, 1.0);
  }
}

/// The chips that Synfire ships, by name.
class ShippedChip : public ::testing::TestWithParam<const char *> {
protected:
  /// Maps \p Net, checks the mapping, and returns cores per core of the bound.
  double coresOverBound(const Workload &Net) {
    auto Chip = ChipSpec::load(GetParam());
    EXPECT_TRUE(Chip);
    if (!Chip)
      return 0;
    auto M = mapAndVerify(Net, *Chip);
    return double(M.Found.Map.Cores.size()) / M.Found.Fit.CoresLowerBound;
  }
  /// Roomy cores are filled well; small ones also pay for relays and for the
  /// axons of every piece.
  double most() const {
    return std::string_view(GetParam()) == "tiny" ? 1.15 : 1.10;
  }
};

TEST_P(ShippedChip, HoldsTheDemo) {
  EXPECT_LE(coresOverBound(spikeGpt(4, 128, 100)), most());
}

TEST_P(ShippedChip, HoldsThe216Million) {
  EXPECT_LE(coresOverBound(spikeGpt(18, 768, 50277)), most());
}

INSTANTIATE_TEST_SUITE_P(SpikeGpt, ShippedChip,
                         ::testing::Values("loihi2", "generic", "tiny"),
                         [](const auto &Info) { return Info.param; });

} // namespace
