//===- tests/unit/mapping/RouteTest.cpp -----------------------------------===//

#include "compiler/mapping/RouteProblem.h"

#include "Networks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

using namespace synfire;
using namespace synfire::mapping;

namespace {

/// 6x4 routers of 2 cores.
ChipSpec grid() {
  ChipSpec Chip = largeChip();
  Chip.Noc.Width = 6;
  Chip.Noc.Height = 4;
  Chip.Noc.CoresPerRouter = 2;
  Chip.Noc.Multicast = true;
  Chip.Noc.LinkWidthBits = 32;
  Chip.System.GridWidth = 1;
  Chip.System.UsableCores = 48;
  return Chip;
}

CoreId coreAt(const ChipSpec &Chip, uint32_t X, uint32_t Y, uint32_t I) {
  return CoreId{Chip.routerAt({X, Y}).Value * Chip.Noc.CoresPerRouter + I};
}

TEST(Route, ATreeSharesItsTrunk) {
  const ChipSpec Chip = grid();
  RouteProblem P{Chip, 1, {}};
  P.Requests.push_back({coreAt(Chip, 0, 1, 0),
                        {coreAt(Chip, 3, 0, 0), coreAt(Chip, 3, 3, 1)},
                        false});
  std::sort(P.Requests[0].Destinations.begin(),
            P.Requests[0].Destinations.end());
  ASSERT_TRUE(P.check().empty());
  const Routes R = routeInOrder(P);
  EXPECT_TRUE(P.verify(R).empty()) << textOf(P.verify(R));
  // Three links east, one north, two south: seven routers.
  ASSERT_EQ(R.Hops.size(), 7u);
  EXPECT_EQ(R.Hops[0].Router, Chip.routerAt({0, 1}).Value);
  for (const image::HopRecord &H : R.Hops)
    if (H.Router == Chip.routerAt({3, 1}).Value) {
      EXPECT_EQ(H.Ports, image::North | image::South);
    }
}

TEST(Route, LocalFlowsStay) {
  const ChipSpec Chip = grid();
  RouteProblem P{Chip, 1, {{coreAt(Chip, 2, 2, 0), {coreAt(Chip, 2, 2, 0)}}}};
  const Routes R = routeInOrder(P);
  EXPECT_TRUE(P.verify(R).empty());
  ASSERT_EQ(R.Hops.size(), 1u);
  EXPECT_EQ(R.Hops[0].Ports, 0);
  EXPECT_EQ(R.Hops[0].Cores, 1);
}

TEST(Route, HostFlowsUseTheHostRouter) {
  const ChipSpec Chip = grid();
  RouteProblem P{Chip, 1, {}};
  P.Requests.push_back({std::nullopt, {coreAt(Chip, 5, 3, 1)}, false});
  P.Requests.push_back({coreAt(Chip, 5, 3, 1), {}, true});
  const Routes R = routeInOrder(P);
  EXPECT_TRUE(P.verify(R).empty()) << textOf(P.verify(R));
  EXPECT_EQ(R.Hops[0].Router, Chip.hostRouter().Value);
  EXPECT_EQ(R.Hops.back().Router, Chip.hostRouter().Value);
  EXPECT_EQ(R.Hops.back().Ports, image::Host);
}

void expectSoundTrees(const ChipSpec &Chip) {
  std::mt19937 Random(5);
  RouteProblem P{Chip, 1, {}};
  for (int I = 0; I != 500; ++I) {
    RouteRequest R;
    if (Random() % 8)
      R.Source = CoreId{uint32_t(Random() % 48)};
    std::set<CoreId> Ends;
    for (uint32_t N = Random() % 20; N != 0; --N)
      Ends.insert(CoreId{uint32_t(Random() % 48)});
    R.Destinations.assign(Ends.begin(), Ends.end());
    R.HostOutput = Ends.empty() || Random() % 4 == 0;
    P.Requests.push_back(R);
  }
  const Routes R = routeInOrder(P);
  EXPECT_TRUE(P.verify(R).empty()) << textOf(P.verify(R));
}

TEST(Route, RandomTreesObeyEveryRule) {
  for (NocTopology Shape : {NocTopology::Mesh, NocTopology::Torus})
    for (NocRouting Order : {NocRouting::XY, NocRouting::YX}) {
      ChipSpec Chip = grid();
      Chip.Noc.Topology = Shape;
      Chip.Noc.Routing = Order;
      expectSoundTrees(Chip);
    }
}

TEST(Route, ATorusIsWalkedTheShortWay) {
  ChipSpec Chip = grid();
  Chip.Noc.Topology = NocTopology::Torus;
  const uint32_t Right = Chip.systemWidth() - 1;
  RouteProblem P{
      Chip, 1, {{coreAt(Chip, 0, 1, 0), {coreAt(Chip, Right, 1, 0)}}}};
  const Routes R = routeInOrder(P);
  EXPECT_TRUE(P.verify(R).empty()) << textOf(P.verify(R));
  ASSERT_EQ(R.Hops.size(), 2u);
  EXPECT_EQ(R.Hops[0].Ports, image::West);
}

TEST(Route, YFirstTurnsAtTheOtherCorner) {
  ChipSpec Chip = grid();
  Chip.Noc.Routing = NocRouting::YX;
  RouteProblem P{Chip, 1, {{coreAt(Chip, 1, 1, 0), {coreAt(Chip, 3, 2, 0)}}}};
  const Routes R = routeInOrder(P);
  ASSERT_EQ(R.Hops.size(), 4u);
  EXPECT_EQ(R.Hops[1].Router, Chip.routerAt({1, 2}).Value);
}

TEST(Route, ChecksItsInput) {
  ChipSpec Chip = grid();
  Chip.Noc.Multicast = false;
  RouteProblem P{Chip,
                 1,
                 {{CoreId{0}, {CoreId{1}, CoreId{2}}},
                  {CoreId{0}, {}},
                  {CoreId{999}, {CoreId{1}}}}};
  const Errors E = P.check();
  ASSERT_EQ(E.size(), 3u);
  EXPECT_EQ(E[0].Rule, "route-multicast");
  EXPECT_EQ(E[1].Rule, "route-end");
  EXPECT_EQ(E[2].Rule, "route-core");
}

TEST(Route, VerifyNamesDamage) {
  const ChipSpec Chip = grid();
  RouteProblem P{Chip, 1, {{coreAt(Chip, 1, 1, 0), {coreAt(Chip, 3, 2, 1)}}}};
  const Routes Sound = routeInOrder(P);
  auto Broken = [&](const std::function<void(Routes &)> &Damage) {
    Routes R = Sound;
    Damage(R);
    std::set<std::string> Rules;
    for (const Violation &V : P.verify(R))
      Rules.insert(V.Rule);
    return Rules;
  };
  EXPECT_TRUE(
      Broken([](Routes &R) { R.Hops.back().Cores = 1; }).count("delivery"));
  EXPECT_TRUE(
      Broken([](Routes &R) { R.Hops[1].Ports |= image::Host; }).count("host"));
  EXPECT_TRUE(Broken([](Routes &R) { R.Hops[0].Ports = 0; }).count("tree"));
  EXPECT_TRUE(Broken([](Routes &R) {
                R.Hops[1].Ports |= image::West;
              }).count("tree")); // back where it came from
  EXPECT_TRUE(
      Broken([](Routes &R) { R.Hops[0].Router = 0; }).count("first-hop"));
  EXPECT_TRUE(
      Broken([](Routes &R) { R.Hops[1].Router = 100000; }).count("grid"));
}

} // namespace
