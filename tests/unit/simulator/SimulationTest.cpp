//===- SimulationTest.cpp - Same network, any mapping, same result --------===//

#include "simulator/engine/Simulation.h"
#include "tests/unit/simulator/TestNetwork.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <random>
#include <thread>

using namespace synfire;
using namespace synfire::sim;

namespace {

std::vector<uint32_t> someTokens(size_t N) {
  std::mt19937 Random(3);
  std::vector<uint32_t> Out;
  for (size_t I = 0; I < N; ++I)
    Out.push_back(Random() % TestNetwork::Tokens);
  return Out;
}

/// One core; row and column cuts; cuts that do not line up; all over the chip.
std::vector<Cuts> allCuts() {
  Cuts One;
  Cuts TwoCores;
  TwoCores.Cores = {5, 2};
  Cuts Cut{{0, 10, 24},
           {0, 17, 40},
           {0, 7, 24},
           {0, 20, 33, 40},
           {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}};
  Cuts Scattered = Cut;
  Scattered.Cores = {17, 4, 11, 0, 9, 3};
  return {One, TwoCores, Cut, Scattered};
}

struct Outcome {
  std::vector<float> Logits;
  Counters Counts;
  std::vector<Timing> Times;
  std::vector<std::vector<std::byte>> Spikes;
};

Outcome runWith(const image::Image &Image, const ChipSpec &Spec,
                const std::vector<uint32_t> &Tokens,
                const SimulationOptions &Options, bool OneByOne = false) {
  Outcome Out;
  Result<Simulation> Made = Simulation::create(Image, Spec, Options);
  if (!Made) {
    ADD_FAILURE() << Made.errors().front().format();
    return Out;
  }
  uint32_t Width = Made->numLogits();
  Out.Logits.resize(Tokens.size() * Width);
  std::span<float> Logits = Out.Logits;
  if (OneByOne)
    for (size_t T = 0; T < Tokens.size(); ++T)
      EXPECT_TRUE(Made->step(Tokens[T], Logits.subspan(T * Width, Width)));
  else
    EXPECT_TRUE(Made->stepMany(Tokens, Logits));
  Out.Counts = Made->counters();
  Out.Times = *Made->timings();
  for (const SpikeArray &A : Made->spikes())
    Out.Spikes.push_back(A.Bytes);
  return Out;
}

image::Image open(const ImageBuilder &Builder) {
  Result<image::Image> Image = Builder.build();
  if (!Image) {
    for (const Error &E : Image.errors())
      ADD_FAILURE() << E.format();
    abort();
  }
  return *Image;
}

template <typename T>
std::vector<int32_t> widened(const std::vector<std::byte> &Bytes) {
  std::vector<int32_t> Out;
  for (size_t I = 0; I < Bytes.size(); I += sizeof(T)) {
    T Value;
    std::memcpy(&Value, &Bytes[I], sizeof(T));
    Out.push_back(Value);
  }
  return Out;
}

TEST(SimulationTest, EveryCutGivesThePlainResult) {
  std::vector<uint32_t> Tokens = someTokens(37);
  for (bool Multicast : {true, false})
    for (bool Bit : {false, true})
      for (const Cuts &C : allCuts()) {
        ChipSpec Spec = makeChip(3, 3, Multicast);
        TestNetwork Net(Spec, C,
                        Bit ? image::WeightFormat::Bit1
                            : image::WeightFormat::Int8);
        SimulationOptions Options;
        Options.RecordSpikes = true;
        Outcome Got = runWith(open(Net.Builder), Spec, Tokens, Options);
        TestNetwork::Expected E = TestNetwork::expect(Tokens, Bit);
        EXPECT_EQ(Got.Logits, E.Logits);
        // Streams of populations in order: spike, grade, sum, r, b, ...
        EXPECT_EQ(widened<uint8_t>(Got.Spikes[0]), E.Spikes);
        EXPECT_EQ(widened<int32_t>(Got.Spikes[1]), E.Grades);
        EXPECT_EQ(widened<int32_t>(Got.Spikes[4]), E.B);
        // Where cuts do not line up, a flow brings a core more than its tile
        // has rows for.
        if (C.A.size() == 2) {
          for (const StreamCounts &S : Got.Counts.Streams)
            EXPECT_EQ(S.Dropped, 0u);
        }
      }
}

TEST(SimulationTest, NetworkFiresEnoughToTest) {
  TestNetwork::Expected E = TestNetwork::expect(someTokens(37), false);
  size_t Fired = std::ranges::count(E.Spikes, 1);
  EXPECT_GT(Fired, E.Spikes.size() / 10);
  EXPECT_LT(Fired, E.Spikes.size() * 9 / 10);
}

TEST(SimulationTest, ThreadsBatchesAndModesChangeNothing) {
  std::vector<uint32_t> Tokens = someTokens(40);
  ChipSpec Spec = makeChip();
  image::Image Image = open(TestNetwork(Spec, allCuts()[2]).Builder);
  for (Mode M : {Mode::Generate, Mode::Prefill}) {
    SimulationOptions Options;
    Options.TokenMode = M;
    Options.Time = Fidelity::Analytic;
    Options.RecordSpikes = true;
    Outcome First = runWith(Image, Spec, Tokens, Options);
    EXPECT_EQ(First.Logits, TestNetwork::expect(Tokens, false).Logits);
    for (uint32_t Threads : {1u, 2u, 3u})
      for (bool OneByOne : {false, true}) {
        Options.Threads = Threads;
        Outcome Got = runWith(Image, Spec, Tokens, Options, OneByOne);
        EXPECT_EQ(Got.Logits, First.Logits);
        EXPECT_EQ(Got.Counts, First.Counts);
        EXPECT_EQ(Got.Times, First.Times);
        EXPECT_EQ(Got.Spikes, First.Spikes);
      }
  }
}

/// Everything that a machine tells, with every level given to all threads.
struct MachineOutcome {
  std::vector<float> Logits;
  Counters Counts;
  Timing Time;
  std::vector<std::vector<int32_t>> Spikes;
  bool operator==(const MachineOutcome &) const = default;
};

MachineOutcome runMachine(const image::Image &Image, const ChipSpec &Spec,
                          const std::vector<uint32_t> &Tokens,
                          MachineOptions Options) {
  Options.WorthThreads = 0;
  Options.RecordSpikes = true;
  Result<Machine> M = Machine::create(Image, Spec, Options);
  if (!M) {
    ADD_FAILURE() << M.errors().front().format();
    return {};
  }
  const Wiring &Plan = M->wiring();
  TickTimer Timer(Plan, Image, Spec, Mode::Generate, Fidelity::Analytic,
                  makeAnalyticModel(Plan, Image, Spec));
  MachineOutcome Out;
  Out.Spikes.resize(Image.streams().size());
  Out.Logits.resize(Tokens.size() * M->numLogits());
  MachineSinks Sinks;
  Sinks.Activity = [&](const TokenActivity &T) { EXPECT_TRUE(Timer.add(T)); };
  Sinks.Spikes = [&](uint32_t Stream, std::span<const int32_t> Payloads) {
    Out.Spikes[Stream].insert(Out.Spikes[Stream].end(), Payloads.begin(),
                              Payloads.end());
  };
  EXPECT_TRUE(M->run(Tokens, Out.Logits, Sinks));
  Out.Counts = countersOf(M->totals(), Plan, Image);
  Out.Time = *Timer.result();
  return Out;
}

TEST(SimulationTest, RealThreadsChangeNothing) {
  std::vector<uint32_t> Tokens = someTokens(60);
  ChipSpec Spec = makeChip();
  for (const Cuts &C : {allCuts()[2], allCuts()[3]}) {
    image::Image Image = open(TestNetwork(Spec, C).Builder);
    MachineOutcome First =
        runMachine(Image, Spec, Tokens, {1, 1, KernelPath::Portable});
    EXPECT_EQ(First.Logits, TestNetwork::expect(Tokens, false).Logits);
    EXPECT_EQ(First.Spikes[1], TestNetwork::expect(Tokens, false).Spikes);
    for (uint32_t Threads : {1u, 2u, 3u, 4u})
      for (uint32_t Batch : {1u, 3u, 16u})
        for (KernelPath Path : {KernelPath::Portable, bestKernelPath()}) {
          MachineOutcome Got =
              runMachine(Image, Spec, Tokens, {Threads, Batch, Path});
          EXPECT_TRUE(Got == First) << Threads << " threads, batch " << Batch;
        }
  }
}

double processSeconds() {
  timespec Now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &Now);
  return double(Now.tv_sec) + 1e-9 * double(Now.tv_nsec);
}

TEST(SimulationTest, IdleThreadsSleep) {
  ChipSpec Spec = makeChip();
  image::Image Image = open(TestNetwork(Spec, allCuts()[2]).Builder);
  MachineOptions Options;
  Options.Threads = 4;
  Options.WorthThreads = 0;
  Result<Machine> M = Machine::create(Image, Spec, Options);
  ASSERT_TRUE(M);
  ASSERT_TRUE(M->run(someTokens(20), {}));
  double Start = processSeconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  // Three threads that spin would use up to 900 ms, on one processor 300.
  EXPECT_LT(processSeconds() - Start, 0.1);
}

TEST(SimulationTest, GenerateAndPrefillDifferOnlyInTicks) {
  std::vector<uint32_t> Tokens = someTokens(20);
  ChipSpec Spec = makeChip();
  image::Image Image = open(TestNetwork(Spec, allCuts()[2]).Builder);
  SimulationOptions Options;
  Options.Time = Fidelity::Analytic;
  Outcome Generate = runWith(Image, Spec, Tokens, Options);
  Options.TokenMode = Mode::Prefill;
  Outcome Prefill = runWith(Image, Spec, Tokens, Options);
  const uint64_t Depth = 5;
  EXPECT_EQ(Generate.Counts.System[Action::Barrier], Tokens.size() * Depth);
  EXPECT_EQ(Prefill.Counts.System[Action::Barrier], Tokens.size() + Depth - 1);
  Generate.Counts.System[Action::Barrier] = 0;
  Prefill.Counts.System[Action::Barrier] = 0;
  EXPECT_EQ(Generate.Counts, Prefill.Counts);
  EXPECT_EQ(Generate.Times[0].Ticks.size(), Tokens.size() * Depth);
  EXPECT_EQ(Prefill.Times[0].Ticks.size(), Tokens.size() + Depth - 1);
  EXPECT_LT(Prefill.Times[0].Total, Generate.Times[0].Total);
  EXPECT_GE(Prefill.Times[0].Latency[3], Generate.Times[0].Latency[3]);
}

TEST(SimulationTest, ResetGivesTheSameAgain) {
  std::vector<uint32_t> Tokens = someTokens(9);
  ChipSpec Spec = makeChip();
  SimulationOptions Options;
  Options.Time = Fidelity::Analytic;
  Options.RecordSpikes = true;
  Result<Simulation> S = Simulation::create(
      open(TestNetwork(Spec, allCuts()[1]).Builder), Spec, Options);
  ASSERT_TRUE(S);
  std::vector<float> First(Tokens.size() * S->numLogits()), Second = First;
  ASSERT_TRUE(S->stepMany(Tokens, First));
  Counters Counts = S->counters();
  ASSERT_TRUE(S->reset());
  EXPECT_EQ(S->counters().TokenSteps, 0u);
  ASSERT_TRUE(S->stepMany(Tokens, Second));
  EXPECT_EQ(First, Second);
  EXPECT_EQ(S->counters(), Counts);
  EXPECT_EQ(S->timings()->front().Tokens, Tokens.size());
  EXPECT_EQ(S->spikes()[0].TokenSteps, Tokens.size());
}

TEST(SimulationTest, CountsClose) {
  std::vector<uint32_t> Tokens = someTokens(25);
  TestNetwork::Expected E = TestNetwork::expect(Tokens, false);
  for (bool Multicast : {true, false})
    for (const Cuts &C : allCuts()) {
      ChipSpec Spec = makeChip(3, 3, Multicast);
      image::Image Image = open(TestNetwork(Spec, C).Builder);
      Counters N = runWith(Image, Spec, Tokens, {}).Counts;
      ActionCounts Total = N.total(), Traffic;
      uint64_t Rows = 0, Deliveries = 0, Accumulates = 0, Multiplies = 0,
               Bytes = 0, Events = 0, HostEvents = 0;
      for (const StreamCounts &S : N.Streams) {
        EXPECT_EQ(S.Copies, S.Received + S.Dropped + S.Host);
        EXPECT_GE(S.Deliveries, S.Received);
        Deliveries += S.Deliveries;
        Events += S.Events;
        HostEvents += S.Host;
        Traffic += S.Traffic;
      }
      for (Action A :
           {Action::MessageOut, Action::MessageIn, Action::HopEastWest,
            Action::HopNorthSouth, Action::ChipLinkBit, Action::DirectWrite})
        EXPECT_EQ(Traffic[A], Total[A]) << actionKey(A);
      for (const ConnectionCounts &K : N.Connections) {
        Rows += K.RowsAccumulated;
        Accumulates += K.Accumulates;
        Multiplies += K.Multiplies;
        Bytes += K.BytesRead;
        EXPECT_LE(K.EffectiveAccumulates + K.EffectiveMultiplies,
                  K.Accumulates + K.Multiplies);
      }
      EXPECT_EQ(Deliveries, Rows + Total[Action::DirectWrite]);
      EXPECT_EQ(Deliveries, Total[Action::AxonLookup]);
      EXPECT_EQ(Total[Action::SynapseAccumulate], Accumulates);
      EXPECT_EQ(Total[Action::SynapseMultiply], Multiplies);
      EXPECT_EQ(Total[Action::SynapseByteRead], Bytes);
      EXPECT_EQ(Total[Action::SpikeEmit] + Tokens.size(), Events);
      // The network's own counts do not depend on the cut.
      uint64_t Spikes = std::ranges::count(E.Spikes, 1);
      EXPECT_EQ(N.Streams[1].Events, Spikes);
      EXPECT_EQ(N.Connections[1].Accumulates, Spikes * TestNetwork::NumB);
      EXPECT_EQ(N.Connections[1].Multiplies, 0u);
      uint64_t Grades = E.B.size() - std::ranges::count(E.B, 0);
      EXPECT_EQ(N.Connections[2].Multiplies, Grades * TestNetwork::NumC);
      uint64_t Effective = 0;
      for (size_t I = 0; I < E.B.size(); ++I)
        for (uint32_t J = 0; J < TestNetwork::NumC && E.B[I]; ++J)
          Effective += TestNetwork::w2(I % TestNetwork::NumB, J) != 0;
      EXPECT_EQ(N.Connections[2].EffectiveAccumulates +
                    N.Connections[2].EffectiveMultiplies,
                Effective);
      EXPECT_EQ(N.Connections[2].Dense,
                Tokens.size() * TestNetwork::NumB * TestNetwork::NumC);
      EXPECT_TRUE(N.Connections[0].FromHost);
      EXPECT_FALSE(N.Connections[1].FromHost);
      uint64_t Neurons = 0, Hops = 0;
      for (const PopulationCounts &P : N.Populations)
        Neurons += P.Updates;
      EXPECT_EQ(Total[Action::NeuronUpdate], Neurons);
      for (const LinkCounts &L : N.Links)
        if (L.Where.Port != image::Host)
          Hops += L.Messages;
      EXPECT_EQ(Total[Action::HopEastWest] + Total[Action::HopNorthSouth],
                Hops);
      EXPECT_GT(HostEvents, 0u);
      // The host's own messages are none of a core's.
      if (!Multicast) {
        EXPECT_EQ(Total[Action::MessageOut] + N.Streams[0].Received,
                  Total[Action::MessageIn] + HostEvents);
      }
    }
}

TEST(SimulationTest, OneCoreSendsNoMessagesForDirectWrites) {
  ChipSpec Spec = makeChip();
  Counters N =
      runWith(open(TestNetwork(Spec, Cuts{}).Builder), Spec, someTokens(10), {})
          .Counts;
  ActionCounts Total = N.total();
  EXPECT_GT(Total[Action::DirectWrite], 0u);
  // Row events within the core are messages without hops; logits leave.
  EXPECT_EQ(Total[Action::MessageIn],
            N.Streams[0].Events + N.Streams[1].Events + N.Streams[5].Events);
  EXPECT_EQ(Total[Action::MessageOut],
            N.Streams[1].Events + N.Streams[5].Events + N.Streams[6].Events);
  EXPECT_EQ(Total[Action::HopEastWest] + Total[Action::HopNorthSouth], 0u);
}

TEST(SimulationTest, WrongRouteGivesWrongResultAndDrops) {
  std::vector<uint32_t> Tokens = someTokens(20);
  ChipSpec Spec = makeChip();
  Cuts C = allCuts()[2];
  Outcome Right = runWith(open(TestNetwork(Spec, C).Builder), Spec, Tokens, {});

  TestNetwork Net(Spec, C);
  for (image::HopRecord &H : Net.Builder.Flows[Net.FlowsOfA[1]].Hops)
    if (H.Cores)
      H.Cores ^= 3; // the neighbour at the same router
  Outcome Wrong = runWith(open(Net.Builder), Spec, Tokens, {});
  EXPECT_NE(Wrong.Logits, Right.Logits);
  EXPECT_GT(Wrong.Counts.Streams[1].Dropped, 0u);
  EXPECT_EQ(Wrong.Counts.Streams[1].Copies,
            Wrong.Counts.Streams[1].Received + Wrong.Counts.Streams[1].Dropped);
}

TEST(SimulationTest, LoopsAndDeadEndsEnd) {
  std::vector<uint32_t> Tokens = someTokens(20);
  ChipSpec Spec = makeChip();
  TestNetwork Net(Spec, allCuts()[2]);
  // Around a square of four routers for ever, and off the western edge.
  Net.Builder.Flows[Net.FlowsOfA[0]].Hops = {{0, image::East | image::West, 0},
                                             {1, image::South, 0},
                                             {4, image::West, 0},
                                             {3, image::North, 0}};
  Outcome Got = runWith(open(Net.Builder), Spec, Tokens, {});
  const StreamCounts &S = Got.Counts.Streams[1];
  EXPECT_EQ(S.Copies, S.Received + S.Dropped + S.Host);
  EXPECT_GT(S.Dropped, 0u);
}

TEST(SimulationTest, TokenOutOfRangeIsAnError) {
  ChipSpec Spec = makeChip();
  Result<Simulation> S =
      Simulation::create(open(TestNetwork(Spec, Cuts{}).Builder), Spec);
  ASSERT_TRUE(S);
  std::vector<uint32_t> Tokens = {1, 2, TestNetwork::Tokens};
  Status Done = S->stepMany(Tokens);
  ASSERT_FALSE(Done);
  EXPECT_EQ(Done.errors()[0].Rule, "token-range");
  EXPECT_EQ(S->counters().TokenSteps, 0u);
}

TEST(SimulationTest, ChipThatIsTooSmallIsAnError) {
  ChipSpec Spec = makeChip();
  image::Image Image = open(TestNetwork(Spec, allCuts()[2]).Builder);
  EXPECT_FALSE(Simulation::create(Image, makeChip(2, 2)));
  ChipSpec Narrow = Spec;
  Narrow.Core.Neurons = 8;
  EXPECT_FALSE(Simulation::create(Image, Narrow));
}

} // namespace
