//===- OpenLoopTest.cpp - Curves of latency over load ---------------------===//

#include "tests/unit/noc/Networks.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::sim::noc;
using testing::HasSubstr;

namespace {

LoadPoint pointAt(Engine &Network, OpenLoop Load) {
  Result<LoadPoint> Point = runOpenLoop(Network, Load);
  EXPECT_TRUE(Point) << Point.errors()[0].format();
  return *Point;
}

TEST(NocOpenLoop, LatencyRisesWithLoadUntilNothingMoreGetsThrough) {
  NocSpec Noc = mesh(8, 8);
  Noc.VirtualChannels = 1;
  Noc.BufferFlits = 4;
  Engine Network = engineOf(Noc);
  OpenLoop Load;
  Load.Cycles = 4000;
  Load.Warmup = 1000;
  double Before = 0;
  for (double Rate : {0.02, 0.05, 0.08, 0.11, 0.13}) {
    Load.Rate = Rate;
    LoadPoint P = pointAt(Network, Load);
    EXPECT_FALSE(P.Saturated) << Rate;
    EXPECT_NEAR(P.Offered, Rate, 0.05 * Rate + 0.002);
    EXPECT_NEAR(P.Accepted, P.Offered, 0.02 * Rate + 0.001);
    EXPECT_GT(P.Mean, Before);
    EXPECT_LE(P.P50, P.P95);
    EXPECT_LE(P.P95, P.P99);
    EXPECT_LE(P.P99, P.Max);
    Before = P.Mean;
  }
  Load.Rate = 0.6;
  LoadPoint P = pointAt(Network, Load);
  EXPECT_TRUE(P.Saturated);
  Load.Rate = 0.9;
  LoadPoint More = pointAt(Network, Load);
  EXPECT_NEAR(More.Accepted, P.Accepted, 0.1 * P.Accepted);
}

TEST(NocOpenLoop, TheSeedDecides) {
  Topology Graph = topologyOf(mesh(4, 4));
  OpenLoop Load;
  auto First = makeTraffic(Load, Graph), Again = makeTraffic(Load, Graph);
  Load.Seed = 2;
  auto Other = makeTraffic(Load, Graph);
  ASSERT_TRUE(First && Again && Other);
  EXPECT_EQ(*First, *Again);
  EXPECT_NE(*First, *Other);
}

TEST(NocOpenLoop, TransposeMirrorsTheGrid) {
  NocSpec Noc = mesh(5, 5);
  Noc.CoresPerRouter = 2;
  Topology Graph = topologyOf(Noc);
  OpenLoop Load;
  Load.Destinations = Pattern::Transpose;
  auto Packets = makeTraffic(Load, Graph);
  ASSERT_TRUE(Packets);
  for (const TracePacket &P : *Packets) {
    Coord A = Graph.coordOf(Graph.nodes()[P.Source].Router);
    Coord B = Graph.coordOf(Graph.nodes()[P.Target].Router);
    EXPECT_EQ(A.X, B.Y);
    EXPECT_EQ(A.Y, B.X);
    EXPECT_EQ(P.Source % 2, P.Target % 2);
  }
}

TEST(NocOpenLoop, LoadsThatCannotBeAreRefused) {
  auto Refused = [](NocSpec Noc, OpenLoop Load) {
    auto Packets = makeTraffic(Load, topologyOf(Noc));
    return Packets ? "" : Packets.errors()[0].format();
  };
  OpenLoop Load;
  EXPECT_EQ(Refused(mesh(2, 2), Load), "");
  for (double Rate : {0.0, -1.0, 1.5, std::nan("")}) {
    Load.Rate = Rate;
    EXPECT_THAT(Refused(mesh(2, 2), Load), HasSubstr("[noc-load]"));
  }
  Load = {};
  Load.Warmup = Load.Cycles;
  EXPECT_THAT(Refused(mesh(2, 2), Load), HasSubstr("warm-up"));
  Load = {};
  Load.Flits = 0;
  EXPECT_THAT(Refused(mesh(2, 2), Load), HasSubstr("1 flit"));
  Load = {};
  Load.Cycles = ~uint64_t(0);
  EXPECT_THAT(Refused(mesh(2, 2), Load), HasSubstr("at most"));
  Load = {};
  Load.Destinations = Pattern::Transpose;
  EXPECT_THAT(Refused(mesh(2, 3), Load), HasSubstr("2 x 3"));
}

} // namespace
