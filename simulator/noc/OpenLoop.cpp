//===- simulator/noc/OpenLoop.cpp - Latency under a steady load -----------===//

#include "simulator/noc/OpenLoop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace synfire::sim::noc {
namespace {

constexpr double SaturatedBelow = 0.95;
constexpr uint64_t MaxPackets = uint64_t(1) << 29;

Status check(const OpenLoop &Load, const Topology &Graph) {
  auto Refuse = [](std::string Text) {
    return Error{"", "noc-load", std::move(Text)};
  };
  if (!(Load.Rate > 0 && Load.Rate <= 1))
    return Refuse(fmt::format("a rate of {} flits per node and cycle; a node "
                              "sends more than 0 and at most 1",
                              Load.Rate));
  if (Load.Flits == 0)
    return Refuse("a packet has at least 1 flit");
  if (Load.Warmup >= Load.Cycles)
    return Refuse(fmt::format("nothing is left to measure of {} cycles after "
                              "{} cycles of warm-up",
                              Load.Cycles, Load.Warmup));
  double Packets = Load.Rate / Load.Flits * static_cast<double>(Load.Cycles) *
                   Graph.numNodes();
  if (Packets > double(MaxPackets))
    return Refuse(fmt::format("{:.3g} packets; at most {} in one run", Packets,
                              MaxPackets));
  if (Load.Destinations == Pattern::Transpose &&
      (Graph.spec().Topology == NocTopology::Tree ||
       Graph.width() != Graph.height()))
    return Refuse(fmt::format("transpose needs as many rows as columns; this "
                              "network has {} x {} routers",
                              Graph.width(), Graph.height()));
  return {};
}

/// The shorter hop, or 1.
uint64_t quantaPerCycle(const Topology &Graph) {
  return Graph.pipeline().Clocked ? 1 : Graph.pipeline().InjectGap;
}

uint32_t transposed(uint32_t Node, const Topology &Graph) {
  const uint32_t PerRouter = Graph.spec().CoresPerRouter;
  Coord C = Graph.coordOf(Node / PerRouter);
  return (C.X * Graph.width() + C.Y) * PerRouter + Node % PerRouter;
}

} // namespace

Result<std::vector<TracePacket>> makeTraffic(const OpenLoop &Load,
                                             const Topology &Graph) {
  if (Status S = check(Load, Graph); !S)
    return S.errors();
  // Raw 64-bit draws: the distributions of the library differ between
  // implementations.
  std::mt19937_64 Random(Load.Seed);
  auto Unit = [&] { return static_cast<double>(Random() >> 11) * 0x1.0p-53; };
  const uint32_t Nodes = Graph.numNodes();
  const double Chance = Load.Rate / Load.Flits;
  const uint64_t Step = quantaPerCycle(Graph);
  std::vector<TracePacket> Packets;
  for (uint64_t Cycle = 0; Cycle < Load.Cycles; ++Cycle)
    for (uint32_t Node = 0; Node < Nodes; ++Node) {
      if (Unit() >= Chance)
        continue;
      uint32_t Target = Load.Destinations == Pattern::Transpose
                            ? transposed(Node, Graph)
                            : static_cast<uint32_t>(Unit() * Nodes);
      Packets.push_back({Cycle * Step, Node, Target, Load.Flits});
    }
  if (Packets.empty())
    return Error{"", "noc-load",
                 "the rate is so low that no packet was made; raise --cycles"};
  return Packets;
}

Result<LoadPoint> runOpenLoop(Engine &Network, const OpenLoop &Load) {
  const Topology &Graph = Network.topology();
  Result<std::vector<TracePacket>> Packets = makeTraffic(Load, Graph);
  if (!Packets)
    return Packets.errors();
  Result<RunStats> Stats = runTrace(Network, *Packets);
  if (!Stats)
    return Stats.errors();
  const uint64_t Step = quantaPerCycle(Graph);
  const Instant From = Load.Warmup * Step, To = Load.Cycles * Step;
  LoadPoint Point;
  Point.Stats = *Stats;
  uint64_t Made = 0, Arrived = 0;
  std::vector<Instant> Latency;
  for (const TracePacket &P : *Packets)
    Made += P.Time >= From ? P.Flits : 0;
  for (const Delivery &D : Network.deliveries()) {
    const TracePacket &P = (*Packets)[D.Injection];
    if (D.TailOut >= From && D.TailOut < To)
      Arrived += P.Flits;
    if (P.Time >= From)
      Latency.push_back(D.TailOut - P.Time);
  }
  double Window =
      static_cast<double>(Load.Cycles - Load.Warmup) * Graph.numNodes();
  Point.Offered = static_cast<double>(Made) / Window;
  Point.Accepted = static_cast<double>(Arrived) / Window;
  Point.Saturated = Point.Accepted < SaturatedBelow * Point.Offered;
  Point.Packets = Latency.size();
  if (Latency.empty())
    return Point;
  std::ranges::sort(Latency);
  auto Cycles = [&](Instant T) {
    return static_cast<double>(T) / static_cast<double>(Step);
  };
  auto Percentile = [&](double Part) {
    double Place = Part * static_cast<double>(Latency.size() - 1);
    return Cycles(Latency[static_cast<size_t>(std::lround(Place))]);
  };
  double Sum = 0;
  for (Instant T : Latency)
    Sum += Cycles(T);
  Point.Mean = Sum / static_cast<double>(Latency.size());
  Point.P50 = Percentile(0.50);
  Point.P95 = Percentile(0.95);
  Point.P99 = Percentile(0.99);
  Point.Max = Cycles(Latency.back());
  return Point;
}

} // namespace synfire::sim::noc
