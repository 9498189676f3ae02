//===- SystemTest.cpp - The network of several chips ----------------------===//

#include "tests/unit/noc/Networks.h"

using namespace synfire;
using namespace synfire::sim::noc;

namespace {

ChipSpec chip(const std::vector<std::string> &Overrides) {
  Result<ChipSpec> Spec = ChipSpec::load("generic", Overrides);
  EXPECT_TRUE(Spec) << Spec.errors()[0].format();
  return std::move(*Spec);
}

Topology systemOf(const ChipSpec &Spec, uint32_t Chips) {
  Result<Topology> Graph = Topology::ofSystem(Spec, Chips);
  EXPECT_TRUE(Graph) << Graph.errors()[0].format();
  return std::move(*Graph);
}

TEST(NocSystem, RoutersAndNodesAreNumberedAsInTheImage) {
  ChipSpec Spec = chip({"noc.width=3", "noc.height=2", "system.grid_width=2"});
  Topology Graph = systemOf(Spec, 3);
  EXPECT_EQ(Graph.numRouters(), Spec.systemWidth() * Spec.systemHeight(3));
  ASSERT_EQ(Graph.hostNode(), Graph.numNodes() - 1);
  for (uint32_t Core = 0; Core + 1 < Graph.numNodes(); ++Core)
    EXPECT_EQ(Graph.nodes()[Core].Router, Spec.routerOf(CoreId{Core}).Value);
  EXPECT_EQ(Graph.nodes()[*Graph.hostNode()].Router, Spec.hostRouter().Value);
  size_t Crossing = 0;
  for (const NocLink &L : Graph.links()) {
    bool Crosses =
        Spec.crossesChips(Graph.coordOf(L.From), Graph.coordOf(L.To));
    EXPECT_EQ(L.Kind == LinkKind::Chip, Crosses);
    Crossing += Crosses;
  }
  EXPECT_EQ(Crossing, 2u * (4 + 6));
}

TEST(NocSystem, LinksBetweenChipsHaveTheirOwnPaceAndDoNotStarveOnCredits) {
  // 64-bit flits at 16 bits per ns: 4 cycles each, 100 ns on the way.
  ChipSpec Spec = chip({"noc.width=2", "noc.height=1", "system.grid_width=2"});
  Result<Engine> Made = Engine::create(systemOf(Spec, 2));
  ASSERT_TRUE(Made);
  Engine &Network = *Made;
  const uint32_t Near = 2, Far = 4; // Cores of routers 1 and 2.
  uint32_t Tree = *Network.addTree(Near, std::span(&Far, 1));
  std::vector<Injection> Packets(1, {0, Tree, 1});
  runAll(Network, Packets);
  Instant Alone = Network.deliveries()[0].TailOut;
  double Usual = Spec.Noc.hopLatency(true).Value + Spec.Noc.endLatency().Value;
  EXPECT_DOUBLE_EQ(static_cast<double>(Alone), Usual + 100 + 4 - 1);
  Packets.assign(500, {0, Tree, 1});
  runAll(Network, Packets);
  EXPECT_EQ(Network.deliveries().back().TailOut, Alone + 499 * 4);
  ASSERT_EQ(Network.usedLinks().size(), 1u);
  const LinkLoad &Load = Network.links()[Network.usedLinks()[0]];
  EXPECT_EQ(Load.Flits, 500u);
  EXPECT_EQ(Load.Busy, 2000u);
  EXPECT_GT(Load.Blocked, 0u);
}

TEST(NocSystem, HostSendsAndReceives) {
  for (const char *Name : {"generic", "loihi"}) {
    Result<ChipSpec> Spec = ChipSpec::load(Name);
    ASSERT_TRUE(Spec);
    Result<Engine> Made = Engine::create(systemOf(*Spec, 2));
    ASSERT_TRUE(Made);
    const uint32_t Host = *Made->topology().hostNode(), Core = 77;
    uint32_t Out =
        *Made->addTree(Host, std::span(&Core, 1), TrafficClass::Host);
    uint32_t In = *Made->addTree(Core, std::span(&Host, 1), TrafficClass::Host);
    std::vector<Injection> Packets{{0, Out, 2}, {0, In, 2}};
    runAll(*Made, Packets);
    ASSERT_EQ(Made->deliveries().size(), 2u);
  }
}

TEST(NocSystem, TimesTurnIntoQuantaAndBack) {
  for (const char *Name : {"generic", "loihi", "spinnaker2"}) {
    Result<ChipSpec> Spec = ChipSpec::load(Name);
    ASSERT_TRUE(Spec);
    Topology Graph = systemOf(*Spec, 1);
    for (uint64_t Q : {0ULL, 1ULL, 12345ULL, 1ULL << 40})
      EXPECT_EQ(Graph.toQuanta(Graph.toTime(Q)), Q) << Name;
    EXPECT_EQ(Graph.toQuanta(Nanoseconds(Graph.quantum().Value * 0.25)), 1u);
  }
}

} // namespace
