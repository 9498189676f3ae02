//===- BufferedSumsTest.cpp - Ticks that overlap, by hand -----------------===//

#include "simulator/timing/BufferedSums.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace synfire;
using namespace synfire::sim;

namespace {

/// Neurons and synapses of one core in one tick, in ns.
struct Load {
  double Neurons = 0, Synapses = 0;
};
using Tick = std::vector<Load>;

/// Cores that send to each other, with neither network nor barrier.
struct System {
  Wiring Plan;
  size_t NumCores;
  std::vector<std::pair<uint32_t, uint32_t>> Ways; ///< from, to

  System(size_t NumCores, std::vector<std::pair<uint32_t, uint32_t>> Given)
      : NumCores(NumCores), Ways(std::move(Given)) {
    for (auto [From, To] : Ways) {
      FlowPlan F;
      F.Output = 0;
      F.Core = From;
      F.FirstArrival = static_cast<uint32_t>(Plan.Arrivals.size());
      F.NumArrivals = 1;
      Plan.Flows.push_back(F);
      ArrivalPlan A;
      A.Core = To;
      A.IsMessage = true;
      Plan.Arrivals.push_back(A);
    }
  }

  /// Durations of \p Ticks, and what is left after the last one. \p Late: the
  /// synapses of a tick are counted in the next, as those behind a delay are.
  std::vector<double> run(const std::vector<Tick> &Ticks,
                          bool Late = false) const {
    BufferedSums Sums(Plan);
    std::vector<SynapseUnit> Units(NumCores);
    std::vector<double> Out;
    const size_t Count = Ticks.size() + Late;
    for (size_t T = 0; T < Count; ++T) {
      TickWork Work;
      Work.Cores.resize(NumCores);
      for (uint32_t F = 0; F < Ways.size() && T < Ticks.size(); ++F)
        Work.Loads.push_back({F, 1});
      for (uint32_t C = 0; C < NumCores; ++C) {
        if (T < Ticks.size())
          Work.Cores[C][Stage::Programs] = Ticks[T][C].Neurons;
        const size_t From = T - Late;
        if (From >= Ticks.size())
          continue;
        Work.Cores[C][Stage::Synapses] = Ticks[From][C].Synapses;
        if (Late && Ticks[From][C].Synapses > 0)
          Work.Taken.push_back({C, Ticks[From][C].Synapses});
      }
      Sums.begin(Work, Units);
      Sums.arrive(Work.Loads);
      Out.push_back(Sums.Cores[Sums.last()].Sent);
      Sums.end(Work, {}, Units);
      for (SynapseUnit &U : Units) {
        U.Done -= Out.back();
        U.Queued -= Out.back();
      }
    }
    double Rest = 0;
    for (const SynapseUnit &U : Units)
      Rest = std::max(Rest, U.free());
    Out.push_back(Rest);
    return Out;
  }
};

double sumOf(const std::vector<double> &Ns) {
  return std::accumulate(Ns.begin(), Ns.end(), 0.0);
}

TEST(BufferedSumsTest, SynapsesGoOnPastTheBarrier) {
  // Core 0 sends to core 1, which has 100 ns of synapses for 10 of neurons.
  System S(2, {{0, 1}});
  const Tick T{{10, 0}, {10, 100}};
  // The first tick ends when both have sent. The next waits for the synapses of
  // the first, from 0 to 100, and so on; the last are left over.
  EXPECT_EQ(S.run({T, T, T}), (std::vector<double>{10, 100, 100, 90}));
  // Heavy ticks and light ones even out: what is left of 100 fills the next.
  const Tick Light{{10, 0}, {10, 0}};
  EXPECT_EQ(S.run({T, Light, T}), (std::vector<double>{10, 100, 10, 90}));
}

TEST(BufferedSumsTest, ACoreThatIsDoneEarlyGoesOnWithTheNextStep) {
  // In odd ticks core 1 is the busy one, in even ticks core 2.
  System S(3, {{0, 1}, {0, 2}});
  std::vector<Tick> Ticks;
  for (int T = 0; T < 8; ++T)
    Ticks.push_back({{1, 0}, {1, T % 2 ? 100.0 : 50}, {1, T % 2 ? 50.0 : 100}});
  const std::vector<double> Got = S.run(Ticks);
  // Strictly each tick takes 101; here both cores have 75 per tick to do, and
  // never wait.
  EXPECT_EQ(sumOf(Got), 8 * 75);
}

TEST(BufferedSumsTest, NoEventIsUsedBeforeItsSenderBegins) {
  // Core 0 has 100 ns of synapses from core 2, so its neurons of tick 1 begin
  // at 100, and with them the synapses of core 1 in tick 1.
  System S(3, {{2, 0}, {0, 1}});
  const std::vector<Tick> Ticks = {{{1, 100}, {1, 0}, {1, 0}},
                                   {{1, 0}, {1, 30}, {1, 0}},
                                   {{1, 0}, {1, 0}, {1, 0}}};
  // Tick 1 ends at 101; the 30 ns of core 1 run from 100 to 130, and its
  // neurons of tick 2 to 131.
  EXPECT_EQ(S.run(Ticks), (std::vector<double>{1, 100, 30, 0}));
}

TEST(BufferedSumsTest, DelayedEventsAreAddedInTheTickBefore) {
  // Counted when they are read or when they are sent: the same time.
  System S(2, {{0, 1}});
  const std::vector<Tick> Ticks(5, {{10, 0}, {10, 100}});
  const std::vector<double> Late = S.run(Ticks, true);
  EXPECT_EQ(sumOf(Late), sumOf(S.run(Ticks)));
  EXPECT_EQ(Late[1], 100);
}

TEST(BufferedSumsTest, TheFourStepsOfPilotNet) {
  // Synaptic operations of a core of conv-1 and of conv-2, four steps that
  // repeat (counters of the published run); each layer sends to the next.
  System S(3, {{0, 1}, {1, 2}});
  const double Conv1[] = {108420, 153600, 108420, 153600};
  const double Conv2[] = {195104, 106176, 177184, 124376};
  const double Measured[] = {201.2, 107.3, 180.7, 125.2}; // us
  for (double Neuron : {0.0, 5.0, 25.0}) {                // ns
    std::vector<Tick> Ticks;
    for (int T = 0; T < 24; ++T)
      Ticks.push_back({{3168 * Neuron, 0},
                       {2160 * Neuron, 1.02 * Conv1[T % 4]},
                       {2688 * Neuron, 1.02 * Conv2[T % 4]}});
    const std::vector<double> Got = S.run(Ticks);
    for (int T = 12; T < 20; ++T)
      EXPECT_NEAR(Got[T + 1] / 1000, Measured[T % 4], 0.016 * Measured[T % 4])
          << "tick " << T << ", " << Neuron << " ns per neuron";
  }
}

TEST(BufferedSumsTest, IsNeverLongerThanTheSumOfBusiestCores) {
  std::mt19937 Random(7);
  auto below = [&](uint32_t N) { return Random() % N; };
  for (int Round = 0; Round < 300; ++Round) {
    const uint32_t Cores = 1 + below(5), Count = 1 + below(12);
    std::vector<std::pair<uint32_t, uint32_t>> Ways;
    for (uint32_t F = below(8); F > 0; --F)
      Ways.push_back({below(Cores), below(Cores)});
    System S(Cores, Ways);
    std::vector<Tick> Ticks(Count, Tick(Cores));
    for (Tick &T : Ticks)
      for (auto [From, To] : Ways) {
        T[From].Neurons = 1 + below(50);
        T[To].Synapses = below(100);
      }
    double Strict = 0, Now = 0;
    const std::vector<double> Got = S.run(Ticks);
    for (uint32_t T = 0; T < Count; ++T) {
      double Most = 0;
      for (const Load &L : Ticks[T])
        Most = std::max(Most, L.Neurons + L.Synapses);
      Strict += Most;
      Now += Got[T];
      EXPECT_LE(Now, Strict);
    }
    EXPECT_LE(Now + Got.back(), Strict);
    for (uint32_t C = 0; C < Cores; ++C) {
      double Neurons = 0, Synapses = 0;
      for (const Tick &T : Ticks) {
        Neurons += T[C].Neurons;
        Synapses += T[C].Synapses;
      }
      // The units of a core overlap, but neither works faster.
      EXPECT_GE(sumOf(Got), std::max(Neurons, Synapses) - 1e-9);
    }
  }
}

TEST(BufferedSumsTest, OneUnitAloneTakesAllItsWork) {
  System S(1, {{0, 0}});
  EXPECT_EQ(sumOf(S.run(std::vector<Tick>(4, {{10, 0}}))), 40);
  EXPECT_EQ(sumOf(S.run(std::vector<Tick>(4, {{0, 10}}))), 40);
  // Both: the longer one hides the other.
  EXPECT_EQ(sumOf(S.run(std::vector<Tick>(4, {{7, 10}}))), 40);
}

} // namespace
