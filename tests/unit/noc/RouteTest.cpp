//===- RouteTest.cpp - Trees that are registered --------------------------===//

#include "tests/unit/noc/Networks.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::sim::noc;
using testing::HasSubstr;

namespace {

std::string errorOf(const Result<uint32_t> &R) {
  return R ? "" : R.errors()[0].format();
}

TEST(NocRoute, WrongTreesAreRefused) {
  Engine Network = engineOf(mesh(3, 3));
  const Topology &Graph = Network.topology();
  std::vector<uint32_t> Way = Graph.route(0, 8); // East, east, south, south.
  auto Add = [&](std::vector<uint32_t> Links, std::vector<uint32_t> Nodes) {
    return errorOf(Network.addTree(0, Links, Nodes));
  };
  EXPECT_EQ(Add(Way, {8}), "");
  EXPECT_EQ(Add(Way, {8, 0, 5}), "");
  EXPECT_EQ(Add({}, {}), "");
  EXPECT_THAT(Add({Way[1]}, {2}), HasSubstr("(1,0) east starts at a router"));
  EXPECT_THAT(Add(Way, {2}), HasSubstr("(2,1) south leads to no node"));
  EXPECT_THAT(Add(Way, {8, 8}), HasSubstr("node 8 is named twice"));
  EXPECT_THAT(Add(Way, {8, 3}), HasSubstr("does not reach node 3"));
  EXPECT_THAT(Add(Way, {9}), HasSubstr("no node 9; nodes are 0 to 8"));
  EXPECT_THAT(Add({99}, {8}), HasSubstr("no link 99"));
  std::vector<uint32_t> Loop = Way;
  Loop.push_back(Graph.route(2, 1)[0]);
  EXPECT_THAT(Add(Loop, {8}), HasSubstr("has reached before"));
  NocSpec Adaptive = mesh(3, 3);
  Adaptive.Routing = NocRouting::Adaptive;
  Engine Other = engineOf(Adaptive);
  EXPECT_THAT(errorOf(Other.addTree(0, std::vector<uint32_t>{1, 2})),
              HasSubstr("adaptive routing takes a packet to one node"));
}

TEST(NocRoute, LinksGivenAsAnImageDoesGiveTheSameTimes) {
  Dice D(3);
  Engine Network = engineOf(mesh(6, 6));
  const Topology &Graph = Network.topology();
  for (int I = 0; I < 30; ++I) {
    const uint32_t Source = D.below(36), Target = D.below(36);
    std::vector<uint32_t> Links;
    for (uint32_t L : Graph.route(Source, Target)) {
      const image::Port Ports[] = {image::East, image::West, image::South,
                                   image::North};
      const NocLink &Link = Graph.links()[L];
      Links.push_back(*Graph.linkAt(RouterId{Link.From}, Ports[Link.Out]));
      EXPECT_EQ(Links.back(), L);
    }
    Injection Single{0, unicast(Network, Source, Target), 3};
    runAll(Network, std::span(&Single, 1));
    Instant Wanted = Network.deliveries()[0].TailOut;
    Single.Tree = *Network.addTree(Source, Links, std::span(&Target, 1));
    runAll(Network, std::span(&Single, 1));
    EXPECT_EQ(Network.deliveries()[0].TailOut, Wanted);
  }
  EXPECT_FALSE(Graph.linkAt(RouterId{0}, image::North));
  EXPECT_FALSE(Graph.linkAt(RouterId{0}, image::Host));
  EXPECT_FALSE(Graph.linkAt(RouterId{36}, image::East));
}

TEST(NocRoute, EveryPairIsJoinedByAShortestWay) {
  for (NocTopology Shape : {NocTopology::Mesh, NocTopology::Torus}) {
    NocSpec Noc = mesh(5, 4);
    Noc.Topology = Shape;
    Topology Graph = topologyOf(Noc);
    auto Distance = [&](uint32_t A, uint32_t B, uint32_t Size) {
      uint32_t Direct = A > B ? A - B : B - A;
      return Shape == NocTopology::Torus ? std::min(Direct, Size - Direct)
                                         : Direct;
    };
    for (uint32_t A = 0; A < 20; ++A)
      for (uint32_t B = 0; B < 20; ++B) {
        Coord P = Graph.coordOf(A), Q = Graph.coordOf(B);
        std::vector<uint32_t> Way = Graph.route(A, B);
        EXPECT_EQ(Way.size(), Distance(P.X, Q.X, 5) + Distance(P.Y, Q.Y, 4));
        EXPECT_EQ(Graph.routersBetween(A, B), Way.size() + 1);
      }
  }
  NocSpec Noc;
  Noc.Topology = NocTopology::Tree;
  Noc.TreeLevels = 4;
  Noc.TreeArity = 3;
  Topology Graph = topologyOf(Noc);
  EXPECT_EQ(Graph.numRouters(), 1u + 3 + 9 + 27);
  EXPECT_EQ(Graph.numNodes(), 27u);
  EXPECT_EQ(Graph.routersBetween(0, 1), 3u);
  EXPECT_EQ(Graph.routersBetween(0, 26), 7u);
  EXPECT_EQ(Graph.routersBetween(5, 5), 1u);
}

TEST(NocRoute, WrongPacketsAreRefused) {
  Engine Network = engineOf(mesh(2, 2));
  uint32_t Tree = unicast(Network, 0, 3);
  auto Run = [&](std::vector<Injection> Packets) {
    Result<RunStats> Stats = Network.run(Packets);
    return Stats ? "" : Stats.errors()[0].Rule;
  };
  EXPECT_EQ(Run({}), "");
  EXPECT_EQ(Run({{0, Tree, 0}}), "noc-packets");
  EXPECT_EQ(Run({{0, Tree + 1, 1}}), "noc-packets");
  EXPECT_EQ(Run({{5, Tree, 1}, {4, Tree, 1}}), "noc-order");
  EXPECT_EQ(Run({{5, Tree, 1}}), "");
}

} // namespace
