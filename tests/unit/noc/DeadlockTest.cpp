//===- DeadlockTest.cpp - Networks that get stuck -------------------------===//

#include "tests/unit/noc/Networks.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::sim::noc;
using testing::HasSubstr;

namespace {

/// Four packets that each turn once around a square and hold the link that
/// the packet before them needs next.
std::vector<Injection> ring(Engine &Network, uint32_t Flits) {
  const Topology &Graph = Network.topology();
  const uint32_t Corners[] = {0, 1, 3, 2}; // Clockwise in a 2 x 2 mesh.
  std::vector<Injection> Packets;
  for (uint32_t I = 0; I < 4; ++I) {
    std::vector<uint32_t> Links;
    for (uint32_t Step = 0; Step < 2; ++Step)
      for (uint32_t L = 0; L < Graph.links().size(); ++L)
        if (Graph.links()[L].From == Corners[(I + Step) % 4] &&
            Graph.links()[L].To == Corners[(I + Step + 1) % 4])
          Links.push_back(L);
    const uint32_t Target = Corners[(I + 2) % 4];
    Result<uint32_t> Tree =
        Network.addTree(Corners[I], Links, std::span(&Target, 1));
    EXPECT_TRUE(Tree);
    Packets.push_back({0, *Tree, Flits});
  }
  return Packets;
}

TEST(NocDeadlock, NamesTheCycleOfLinks) {
  for (bool Deep : {false, true}) {
    NocSpec Noc = mesh(2, 2);
    Noc.VirtualChannels = 1;
    Noc.BufferFlits = 2;
    Noc.SwitchAllocationCycles = Deep ? 2 : 1;
    Engine Network = engineOf(Noc);
    std::vector<Injection> Packets = ring(Network, 12);
    Result<RunStats> Stats = Network.run(Packets);
    ASSERT_FALSE(Stats);
    const Error &E = Stats.errors()[0];
    EXPECT_EQ(E.Rule, "noc-deadlock");
    EXPECT_EQ(E.Kind, ErrorKind::RunFailed);
    EXPECT_THAT(E.Text, HasSubstr("4 deliveries"));
    for (const char *Link :
         {"(0,0) east", "(1,0) south", "(1,1) west", "(0,1) north"})
      EXPECT_THAT(E.Text, HasSubstr(Link));
    // The engine is as good as new afterwards.
    runAll(Network, std::span(Packets).first(3));
    EXPECT_EQ(Network.deliveries().size(), 3u);
    EXPECT_FALSE(Network.run(Packets));
  }
}

TEST(NocDeadlock, MoreVirtualChannelsAvoidIt) {
  NocSpec Noc = mesh(2, 2);
  Noc.VirtualChannels = 2;
  Noc.BufferFlits = 2;
  Engine Network = engineOf(Noc);
  runAll(Network, ring(Network, 12));
  EXPECT_EQ(Network.deliveries().size(), 4u);
}

TEST(NocDeadlock, WithoutAClockToo) {
  NocSpec Noc = mesh(2, 2);
  Noc.VirtualChannels = 1;
  Noc.BufferFlits = 1;
  Noc.HopTime = HopTimes{Nanoseconds(4.1), Nanoseconds(6.5)};
  Engine Network = engineOf(Noc);
  Result<RunStats> Stats = Network.run(ring(Network, 4));
  ASSERT_FALSE(Stats);
  EXPECT_EQ(Stats.errors()[0].Rule, "noc-deadlock");
}

TEST(NocDeadlock, TheDatelineOfATorusAvoidsIt) {
  for (uint32_t Size : {3U, 4U, 5U, 8U}) {
    NocSpec Noc = mesh(Size, Size);
    Noc.Topology = NocTopology::Torus;
    Noc.VirtualChannels = 2;
    Noc.BufferFlits = 1;
    Engine Network = engineOf(Noc);
    const uint32_t Nodes = Size * Size;
    std::vector<Injection> Packets;
    Dice D(Size);
    for (int I = 0; I < 40; ++I)
      for (uint32_t N = 0; N < Nodes; ++N) {
        Coord C = Network.topology().coordOf(N);
        // As far as it goes in both dimensions, all in the same direction.
        uint32_t Far = (Size - 1) / 2;
        uint32_t Target = (C.Y + Far) % Size * Size + (C.X + Far) % Size;
        if (I % 4 == 3)
          Target = D.below(Nodes);
        Packets.push_back({0, unicast(Network, N, Target), 8});
      }
    runAll(Network, Packets);
    EXPECT_EQ(Network.deliveries().size(), Packets.size());
    // Rings are used both ways around.
    size_t Wrapping = 0;
    for (uint32_t L : Network.usedLinks())
      Wrapping += Network.topology().links()[L].Wraps;
    EXPECT_GT(Wrapping, 0u);
  }
}

TEST(NocDeadlock, BranchingPacketsOfOneFlitNeverBlock) {
  for (uint64_t Seed = 1; Seed <= 10; ++Seed) {
    Dice D(Seed);
    NocSpec Noc = mesh(5, 5);
    Noc.VirtualChannels = 1 + D.below(2);
    Noc.BufferFlits = 1 + D.below(3);
    Engine Network = engineOf(Noc);
    std::vector<Injection> Packets;
    for (uint32_t N = 0; N < 25; ++N) {
      std::vector<uint32_t> Nodes;
      for (uint32_t T = 0; T < 25; ++T)
        if (D.below(3) == 0)
          Nodes.push_back(T);
      uint32_t Tree = *Network.addTree(N, Nodes);
      for (int I = 0; I < 20; ++I)
        Packets.push_back({0, Tree, 1});
    }
    runAll(Network, Packets);
  }
}

} // namespace
