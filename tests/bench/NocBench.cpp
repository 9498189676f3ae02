//===- NocBench.cpp - Speed of the network on chip ------------------------===//
//
// Packets and hops per second of CPU time. For comparison: BookSim 2 on the
// 8 x 8 router and load of the first rows, on the same machine.
//
//===----------------------------------------------------------------------===//

#include "simulator/noc/OpenLoop.h"

#include <benchmark/benchmark.h>

using namespace synfire;
using namespace synfire::sim::noc;

namespace {

/// An engine and the packets of one run of it.
struct Bench {
  explicit Bench(uint32_t Size, double Rate, uint32_t Flits, uint64_t Cycles,
                 uint32_t Channels = 4) {
    NocSpec Noc;
    Noc.Width = Noc.Height = Size;
    Noc.VirtualChannels = Channels;
    Network.emplace(
        std::move(*Engine::create(std::move(*Topology::build(Noc)))));
    OpenLoop Load;
    Load.Rate = Rate;
    Load.Flits = Flits;
    Load.Cycles = Cycles;
    Load.Warmup = 0;
    PairRoutes Routes(*Network);
    Result<std::vector<TracePacket>> Made =
        makeTraffic(Load, Network->topology());
    for (const TracePacket &P : *Made)
      Packets.push_back({P.Time, Routes.between(P.Source, P.Target), P.Flits});
  }

  void run(benchmark::State &State) {
    RunStats Stats;
    for (auto _ : State)
      Stats = *Network->run(Packets);
    auto PerSecond = [&](uint64_t Count) {
      return benchmark::Counter(static_cast<double>(Count),
                                benchmark::Counter::kIsIterationInvariantRate);
    };
    State.counters["packets/s"] = PerSecond(Packets.size());
    State.counters["packet-hops/s"] = PerSecond(Stats.PacketHops);
    State.counters["flit-hops/s"] = PerSecond(Stats.FlitHops);
  }

  std::optional<Engine> Network;
  std::vector<Injection> Packets;
};

void BM_Mesh(benchmark::State &State) {
  Bench(static_cast<uint32_t>(State.range(0)),
        static_cast<double>(State.range(1)) / 100,
        static_cast<uint32_t>(State.range(2)),
        static_cast<uint64_t>(State.range(3)))
      .run(State);
}
BENCHMARK(BM_Mesh)
    ->ArgNames({"size", "percent", "flits", "cycles"})
    ->Args({8, 15, 1, 10000})
    ->Args({8, 15, 5, 10000})
    ->Args({8, 34, 1, 5000})
    ->Args({32, 5, 1, 2000})
    ->Args({32, 10, 5, 2000})
    ->Unit(benchmark::kMillisecond);

/// A packet now and then: what a run costs besides its packets.
void BM_Idle(benchmark::State &State) {
  Bench B(32, 1e-7, 1, 1'000'000);
  B.run(State);
}
BENCHMARK(BM_Idle)->Unit(benchmark::kMicrosecond);

/// Many short runs, as one per tick.
void BM_Ticks(benchmark::State &State) {
  Bench B(16, 0.5, 1, 2);
  B.run(State);
}
BENCHMARK(BM_Ticks)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
