//===- ZeroLoadTest.cpp - One packet in an empty network ------------------===//

#include "tests/unit/noc/Networks.h"

using namespace synfire;
using namespace synfire::sim::noc;

namespace {

TEST(NocZeroLoad, IsThePipelineOfEachRouterAndTheLinks) {
  Dice D(1);
  for (int Round = 0; Round < 60; ++Round) {
    NocSpec Noc = mesh(1 + D.below(7), 1 + D.below(7));
    Noc.CoresPerRouter = 1 + D.below(3);
    Noc.VirtualChannels = 1 + D.below(5);
    Noc.RoutingCycles = D.below(4);
    Noc.VcAllocationCycles = 1 + D.below(3);
    Noc.SwitchAllocationCycles = 1 + D.below(3);
    Noc.SwitchTraversalCycles = 1 + D.below(3);
    Noc.LinkCycles = 1 + D.below(4);
    Noc.CreditCycles = D.below(3);
    Noc.Routing =
        D.oneOf({NocRouting::XY, NocRouting::YX, NocRouting::Adaptive});
    Engine Network = engineOf(Noc);
    const Topology &Graph = Network.topology();
    for (int I = 0; I < 8; ++I) {
      uint32_t Source = D.below(Graph.numNodes());
      uint32_t Target = D.below(Graph.numNodes());
      Injection P{D.below(100), unicast(Network, Source, Target), 1};
      runAll(Network, std::span(&P, 1));
      ASSERT_EQ(Network.deliveries().size(), 1u);
      const Delivery &Got = Network.deliveries()[0];
      uint32_t Routers = Graph.routersBetween(Source, Target);
      uint64_t Wanted =
          2 +
          uint64_t(Routers) *
              (Noc.RoutingCycles + Noc.VcAllocationCycles +
               Noc.SwitchAllocationCycles + Noc.SwitchTraversalCycles) +
          uint64_t(Routers - 1) * Noc.LinkCycles + 1;
      EXPECT_EQ(Got.Inject, P.Time);
      EXPECT_EQ(Got.TailOut - P.Time, Wanted) << Routers << " routers";
      EXPECT_EQ(Got.HeadOut, Got.TailOut);
      // The same from the specification, as the analytic model sees it.
      double Ns =
          Noc.endLatency().Value + (Routers - 1) * Noc.hopLatency(true).Value;
      EXPECT_DOUBLE_EQ(Ns, Graph.toTime(Wanted).Value);
    }
  }
}

TEST(NocZeroLoad, WithoutAClockIsTheSumOfTheHops) {
  NocSpec Noc = mesh(6, 5);
  Noc.HopTime = HopTimes{Nanoseconds(4.1), Nanoseconds(6.5)};
  Noc.VirtualChannels = 1;
  Engine Network = engineOf(Noc);
  const Topology &Graph = Network.topology();
  EXPECT_DOUBLE_EQ(Graph.quantum().Value, 0.1);
  for (uint32_t Target = 0; Target < Graph.numNodes(); ++Target) {
    Injection P{10, unicast(Network, 7, Target), 1};
    runAll(Network, std::span(&P, 1));
    Coord A = Graph.coordOf(7), B = Graph.coordOf(Target);
    double Wanted = 4.1 * std::abs(int(A.X) - int(B.X)) +
                    6.5 * std::abs(int(A.Y) - int(B.Y));
    const Delivery &Got = Network.deliveries()[0];
    EXPECT_NEAR(Graph.toTime(Got.TailOut - P.Time).Value, Wanted, 1e-9);
  }
  // Flits follow each other at the pace of the slowest hop.
  Injection Long{0, unicast(Network, 0, 6), 10};
  runAll(Network, std::span(&Long, 1));
  const Delivery &Got = Network.deliveries()[0];
  EXPECT_NEAR(Graph.toTime(Got.HeadOut).Value, 6.5, 1e-9);
  EXPECT_NEAR(Graph.toTime(Got.TailOut - Got.HeadOut).Value, 9 * 6.5, 1e-9);
}

TEST(NocZeroLoad, FlitsOfAPacketFollowEachOtherEveryCycle) {
  Engine Network = engineOf(mesh(4, 4));
  for (uint32_t Flits : {1U, 2U, 8U, 64U}) {
    Injection P{0, unicast(Network, 0, 15), Flits};
    RunStats Stats = runAll(Network, std::span(&P, 1));
    const Delivery &Got = Network.deliveries()[0];
    EXPECT_EQ(Got.TailOut - Got.HeadOut, Flits - 1);
    EXPECT_EQ(Stats.FlitHops, 7 * Flits);
    EXPECT_EQ(Stats.PacketHops, 7u);
  }
}

TEST(NocZeroLoad, PortsOfCoresKeepTheirPace) {
  NocSpec Noc = mesh(2, 1);
  Noc.InjectionFlitsPerCycle = 0.25;
  Engine Slow = engineOf(Noc);
  Injection P{0, unicast(Slow, 0, 1), 5};
  runAll(Slow, std::span(&P, 1));
  // Only the head waits for a channel in each of the two routers.
  EXPECT_EQ(Slow.deliveries()[0].TailOut - Slow.deliveries()[0].HeadOut,
            16u - 2);
  Noc.InjectionFlitsPerCycle = 1;
  Noc.EjectionFlitsPerCycle = 0.333;
  Engine Fast = engineOf(Noc);
  P.Tree = unicast(Fast, 0, 1);
  runAll(Fast, std::span(&P, 1));
  EXPECT_EQ(Fast.deliveries()[0].TailOut - Fast.deliveries()[0].HeadOut, 12u);
}

} // namespace
