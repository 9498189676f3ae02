//===- PropertiesTest.cpp - What holds in every network -------------------===//

#include "tests/unit/noc/Networks.h"

#include <map>
#include <set>

using namespace synfire;
using namespace synfire::sim::noc;

namespace {

NocSpec randomNetwork(Dice &D) {
  NocSpec Noc = mesh(1 + D.below(6), 1 + D.below(6));
  Noc.Topology = D.oneOf({NocTopology::Mesh, NocTopology::Mesh,
                          NocTopology::Torus, NocTopology::Tree});
  Noc.CoresPerRouter = D.oneOf({1U, 1U, 2U, 5U});
  Noc.VirtualChannels = D.oneOf({1U, 2U, 3U, 4U, 8U});
  Noc.BufferFlits = D.oneOf({1U, 2U, 4U, 8U});
  if (Noc.Topology == NocTopology::Torus) {
    Noc.VirtualChannels = std::max(2U, Noc.VirtualChannels);
  } else if (Noc.Topology == NocTopology::Tree) {
    Noc.Width = Noc.Height = 0;
    Noc.TreeLevels = 1 + D.below(4);
    Noc.TreeArity = 2 + D.below(2);
  }
  if (Noc.Topology != NocTopology::Tree)
    Noc.Routing = D.oneOf({NocRouting::XY, NocRouting::YX});
  if (D.below(3) == 0)
    Noc.SeparateNetworks = {TrafficClass::Reductions, TrafficClass::Host};
  switch (D.below(4)) {
  case 0:
    Noc.HopTime = HopTimes{Nanoseconds(4.1), Nanoseconds(6.5)};
    break;
  case 1:
    Noc.RoutingCycles = D.below(3);
    Noc.VcAllocationCycles = 1 + D.below(2);
    Noc.SwitchAllocationCycles = 1 + D.below(2);
    Noc.SwitchTraversalCycles = 1 + D.below(2);
    Noc.LinkCycles = 1 + D.below(3);
    Noc.CreditCycles = D.below(3);
    break;
  default:
    break;
  }
  return Noc;
}

/// Trees and packets, with what should come of them.
struct Work {
  std::vector<std::vector<uint32_t>> Nodes; ///< by tree
  std::vector<uint32_t> Links;              ///< links of each tree
  std::vector<Injection> Packets;
};

Work randomWork(Dice &D, Engine &Network, bool Multicast) {
  const Topology &Graph = Network.topology();
  Work W;
  for (int I = 0; I < 40; ++I) {
    uint32_t Source = D.below(Graph.numNodes());
    std::set<uint32_t> Nodes;
    for (uint32_t N = Multicast ? 1 + D.below(6) : 1; N--;)
      Nodes.insert(D.below(Graph.numNodes()));
    std::vector<uint32_t> List(Nodes.begin(), Nodes.end());
    auto Class = static_cast<TrafficClass>(D.below(NumTrafficClasses));
    Result<uint32_t> Tree = Network.addTree(Source, List, Class);
    EXPECT_TRUE(Tree) << Tree.errors()[0].format();
    std::set<uint32_t> Links;
    for (uint32_t Node : List)
      for (uint32_t L : Graph.route(Source, Node))
        Links.insert(L);
    W.Links.push_back(static_cast<uint32_t>(Links.size()));
    W.Nodes.push_back(std::move(List));
  }
  Instant Time = 0;
  for (int I = 0; I < 300; ++I) {
    Time += D.oneOf({0U, 0U, 0U, 1U, 5U, 200U});
    // Longer packets that branch may block each other.
    uint32_t Most = Multicast ? 1 : 9;
    W.Packets.push_back({Time, D.below(40), 1 + D.below(Most)});
  }
  return W;
}

void checkRun(const Engine &Network, const Work &W, const RunStats &Stats) {
  const Topology &Graph = Network.topology();
  std::map<std::pair<uint32_t, uint32_t>, int> Seen;
  uint64_t FlitsOnLinks = 0, FlitHops = 0;
  Instant Last = 0;
  for (const Delivery &G : Network.deliveries()) {
    const Injection &P = W.Packets[G.Injection];
    ++Seen[{G.Injection, G.Node}];
    ASSERT_LE(P.Time, G.Inject);
    ASSERT_LE(G.Inject, G.HeadOut);
    ASSERT_LE(G.HeadOut + (Graph.pipeline().Clocked ? P.Flits - 1 : 0),
              G.TailOut);
    ASSERT_LE(Last, G.TailOut);
    Last = G.TailOut;
  }
  size_t Wanted = 0;
  for (uint32_t I = 0; I < W.Packets.size(); ++I) {
    const Injection &P = W.Packets[I];
    for (uint32_t Node : W.Nodes[P.Tree])
      ASSERT_EQ((Seen[{I, Node}]), 1) << "packet " << I << " at " << Node;
    Wanted += W.Nodes[P.Tree].size();
    FlitsOnLinks += uint64_t(P.Flits) * W.Links[P.Tree];
    FlitHops += uint64_t(P.Flits) * (W.Links[P.Tree] + W.Nodes[P.Tree].size());
  }
  EXPECT_EQ(Network.deliveries().size(), Wanted);
  EXPECT_EQ(Stats.End, Last);
  EXPECT_EQ(Stats.FlitHops, FlitHops);
  uint64_t Carried = 0;
  for (const LinkLoad &L : Network.links())
    Carried += L.Flits;
  EXPECT_EQ(Carried, FlitsOnLinks);
  for (uint32_t L : Network.usedLinks()) {
    const LinkLoad &Load = Network.links()[L];
    EXPECT_GT(Load.Flits, 0u);
    EXPECT_EQ(Load.Busy, Load.Flits * Graph.links()[L].PerFlit);
    EXPECT_LE(Load.Busy, (Last + 100) * Graph.spec().numNetworks());
  }
}

bool same(std::span<const Delivery> A, std::span<const Delivery> B) {
  return std::ranges::equal(A, B, [](const Delivery &X, const Delivery &Y) {
    return std::tie(X.Injection, X.Node, X.Inject, X.HeadOut, X.TailOut) ==
           std::tie(Y.Injection, Y.Node, Y.Inject, Y.HeadOut, Y.TailOut);
  });
}

TEST(NocProperties, EveryPacketArrivesOnceEverywhereAndRunsRepeat) {
  for (uint64_t Seed = 1; Seed <= 80; ++Seed) {
    SCOPED_TRACE(Seed);
    Dice D(Seed);
    NocSpec Noc = randomNetwork(D);
    Engine Network = engineOf(Noc);
    bool Multicast = Noc.Topology != NocTopology::Torus && D.below(2);
    Work W = randomWork(D, Network, Multicast);
    RunStats Stats = runAll(Network, W.Packets);
    checkRun(Network, W, Stats);
    if (testing::Test::HasFailure())
      return;
    std::vector<Delivery> First(Network.deliveries().begin(),
                                Network.deliveries().end());
    // Nothing of other runs is left over.
    runAll(Network, std::span(W.Packets).first(50));
    runAll(Network, W.Packets);
    EXPECT_TRUE(same(First, Network.deliveries()));
    Engine Fresh = engineOf(Noc);
    Dice Again(Seed);
    randomNetwork(Again);
    if (Noc.Topology != NocTopology::Torus)
      Again.below(2);
    Work Copy = randomWork(Again, Fresh, Multicast);
    runAll(Fresh, Copy.Packets);
    EXPECT_TRUE(same(First, Fresh.deliveries()));
  }
}

TEST(NocProperties, TimesMayStartAnywhere) {
  Dice D(7);
  Engine Network = engineOf(mesh(4, 4));
  Work W = randomWork(D, Network, false);
  runAll(Network, W.Packets);
  std::vector<Delivery> First(Network.deliveries().begin(),
                              Network.deliveries().end());
  for (Instant Shift : {Instant(1), Instant(3'000'000'000), Instant(1) << 50}) {
    std::vector<Injection> Later = W.Packets;
    for (Injection &P : Later)
      P.Time += Shift;
    runAll(Network, Later);
    std::vector<Delivery> Moved(Network.deliveries().begin(),
                                Network.deliveries().end());
    for (Delivery &G : Moved) {
      G.Inject -= Shift;
      G.HeadOut -= Shift;
      G.TailOut -= Shift;
    }
    EXPECT_TRUE(same(First, Moved)) << Shift;
  }
  // A pause longer than the internal clock.
  std::vector<Injection> Twice = W.Packets;
  for (Injection P : W.Packets) {
    P.Time += Instant(1) << 40;
    Twice.push_back(P);
  }
  runAll(Network, Twice);
  EXPECT_EQ(Network.deliveries().size(), 2 * First.size());
}

TEST(NocProperties, DeeperBuffersAndLessLoadNeverDelayTheLastPacket) {
  // All to one: the drain is bound by the sink, whatever the buffers.
  Instant Before = ~Instant(0);
  for (uint32_t Buffer : {1U, 2U, 4U, 8U, 16U}) {
    NocSpec Noc = mesh(5, 5);
    Noc.VirtualChannels = 1;
    Noc.BufferFlits = Buffer;
    Engine Network = engineOf(Noc);
    std::vector<Injection> Packets;
    for (uint32_t Source = 0; Source < 25; ++Source)
      for (int I = 0; I < 8; ++I)
        Packets.push_back({0, unicast(Network, Source, 12), 4});
    Instant All = runAll(Network, Packets).End;
    EXPECT_LE(All, Before) << Buffer;
    EXPECT_GE(All, 25u * 8 * 4);
    Before = All;
    Instant Half = runAll(Network, std::span(Packets).first(100)).End;
    EXPECT_LT(Half, All);
    for (const LinkLoad &L : Network.links())
      EXPECT_LE(L.Flits, Half);
  }
}

TEST(NocProperties, InputsShareAnOutputEvenly) {
  // Four neighbours of a router send to its core all the time.
  Engine Network = engineOf(mesh(3, 3));
  std::vector<Injection> Packets;
  for (int I = 0; I < 200; ++I)
    for (uint32_t Source : {1U, 3U, 5U, 7U})
      Packets.push_back({0, unicast(Network, Source, 4), 1});
  runAll(Network, Packets);
  std::map<uint32_t, int> Early;
  for (const Delivery &G : Network.deliveries().first(400))
    ++Early[G.Injection % 4];
  for (auto [Source, Count] : Early)
    EXPECT_NEAR(Count, 100, 8) << Source;
}

TEST(NocProperties, BranchesAreCopiedAtTheRouterAndNotSentTwice) {
  Engine Network = engineOf(mesh(8, 1));
  std::vector<uint32_t> Row{1, 3, 7};
  Injection P{0, *Network.addTree(0, Row), 3};
  RunStats Stats = runAll(Network, std::span(&P, 1));
  ASSERT_EQ(Network.deliveries().size(), 3u);
  for (uint32_t L : Network.usedLinks())
    EXPECT_EQ(Network.links()[L].Flits, 3u);
  EXPECT_EQ(Network.usedLinks().size(), 7u);
  EXPECT_EQ(Stats.FlitHops, 3u * (7 + 3));
  // No slower than a packet to the farthest alone.
  Instant Together = Network.deliveries().back().TailOut;
  P.Tree = unicast(Network, 0, 7);
  runAll(Network, std::span(&P, 1));
  EXPECT_EQ(Together, Network.deliveries()[0].TailOut);
}

TEST(NocProperties, SeparateNetworksDoNotMeet) {
  NocSpec Noc = mesh(4, 1);
  Noc.SeparateNetworks = {TrafficClass::PartialSums};
  Engine Network = engineOf(Noc);
  const uint32_t Target = 3;
  std::vector<Injection> Packets;
  for (int I = 0; I < 50; ++I)
    Packets.push_back({0, unicast(Network, 0, 3), 1});
  Instant Alone = runAll(Network, Packets).End;
  uint32_t Sums =
      *Network.addTree(0, std::span(&Target, 1), TrafficClass::PartialSums);
  for (int I = 0; I < 50; ++I)
    Packets.push_back({0, Sums, 1});
  EXPECT_EQ(runAll(Network, Packets).End, Alone);
  for (Injection &P : Packets)
    P.Tree = Packets[0].Tree;
  EXPECT_GT(runAll(Network, Packets).End, Alone + 40);
}

TEST(NocProperties, AdaptiveTakesAFreeWay) {
  for (uint64_t Seed = 1; Seed <= 20; ++Seed) {
    Dice D(Seed);
    NocSpec Noc = mesh(3 + D.below(5), 3 + D.below(5));
    Noc.VirtualChannels = 1 + D.below(2);
    Noc.BufferFlits = 1 + D.below(4);
    Noc.Routing = NocRouting::Adaptive;
    Engine Network = engineOf(Noc);
    Work W = randomWork(D, Network, false);
    RunStats Stats = runAll(Network, W.Packets);
    checkRun(Network, W, Stats); // Minimal: as many links as any other way.
  }
  // Two streams that xy routing puts on the same links.
  auto Drain = [](NocRouting Rule) {
    NocSpec Noc = mesh(6, 6);
    Noc.Routing = Rule;
    Engine Network = engineOf(Noc);
    std::vector<Injection> Packets;
    for (int I = 0; I < 100; ++I)
      for (uint32_t Source : {0U, 1U, 2U})
        Packets.push_back({0, unicast(Network, Source, 33 + Source), 4});
    return runAll(Network, Packets).End;
  };
  EXPECT_LT(Drain(NocRouting::Adaptive), Drain(NocRouting::XY));
}

} // namespace
