//===- SequenceTest.cpp - Sweeps, inner steps, memories -------------------===//

#include "simulator/engine/Simulation.h"
#include "tests/unit/simulator/AttentionNetwork.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace synfire;
using namespace synfire::sim;

namespace {

struct Given {
  std::vector<uint32_t> Tokens, Types;
  std::vector<uint8_t> Valid;
  SequenceInput input() const { return {Tokens, Types, Valid}; }
};

/// \p Padding: some tokens, the first and the last among them, are none.
Given someSequence(uint32_t N, bool Padding, uint32_t Seed = 5) {
  std::mt19937 Random(Seed);
  Given Out;
  for (uint32_t I = 0; I < N; ++I) {
    Out.Tokens.push_back(Random() % AttentionNetwork::Tokens);
    Out.Types.push_back(Random() % AttentionNetwork::Types);
    if (Padding)
      Out.Valid.push_back(I != 0 && I + 1 != N && I != 4);
  }
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

struct Outcome {
  std::vector<float> Logits;
  std::vector<std::vector<int32_t>> Spikes; ///< per stream
  Counters Counts;
  bool operator==(const Outcome &) const = default;
};

Outcome runMachine(const image::Image &Image, const ChipSpec &Spec,
                   const Given &In, MachineOptions Options = {},
                   uint32_t PerCall = 1000) {
  Options.WorthThreads = 0;
  Options.RecordSpikes = true;
  Outcome Out;
  Result<Machine> M = Machine::create(Image, Spec, Options);
  if (!M) {
    ADD_FAILURE() << M.errors().front().format();
    return Out;
  }
  const uint32_t Width = M->numLogits();
  Out.Logits.resize(In.Tokens.size() * Width);
  Out.Spikes.resize(Image.streams().size());
  MachineSinks Sinks;
  Sinks.Spikes = [&](uint32_t Stream, std::span<const int32_t> Payloads) {
    Out.Spikes[Stream].insert(Out.Spikes[Stream].end(), Payloads.begin(),
                              Payloads.end());
  };
  auto part = [&](const auto &Of, size_t First, size_t N) {
    return std::span(Of).subspan(Of.empty() ? 0 : First, Of.empty() ? 0 : N);
  };
  for (size_t First = 0; First < In.Tokens.size(); First += PerCall) {
    const size_t N = std::min<size_t>(PerCall, In.Tokens.size() - First);
    Status S =
        M->run({part(In.Tokens, First, N), part(In.Types, First, N),
                part(In.Valid, First, N)},
               std::span(Out.Logits).subspan(First * Width, N * Width), Sinks);
    if (!S)
      ADD_FAILURE() << S.errors().front().format();
  }
  Out.Counts = countersOf(M->totals(), M->wiring(), Image);
  return Out;
}

std::vector<AttentionShape> someShapes() {
  AttentionShape Plain, Grouped, Long, One;
  Grouped.Heads = 4;
  Grouped.KvHeads = 2;
  Grouped.Query = image::PayloadKind::Unary;
  Long.Steps = 3;
  Long.Chunk = 20; // one tile
  Long.Query = image::PayloadKind::Planes;
  Long.Cores = {3};
  One.Steps = 1;
  One.Width = 40;
  std::vector<AttentionShape> Out = {Plain, Grouped, Long, One};
  for (size_t I = 0; I < 4; ++I) {
    Out.push_back(Out[I]);
    Out.back().Causal = true;
  }
  return Out;
}

TEST(SequenceTest, MemoriesGiveThePlainResult) {
  for (const AttentionShape &S : someShapes())
    for (bool Padding : {false, true})
      for (uint32_t N : {1u, 6u, 9u}) {
        const Given In = someSequence(N, Padding);
        ChipSpec Spec = makeChip();
        AttentionNetwork Net(Spec, S);
        const Outcome Got = runMachine(open(Net.Builder), Spec, In);
        const auto E = Net.expect(In.input());
        EXPECT_EQ(Got.Logits, E.Logits) << S.Causal << Padding << N;
        EXPECT_EQ(Got.Spikes[Net.StreamQ], E.Q);
        EXPECT_EQ(Got.Spikes[Net.StreamK], E.K);
        EXPECT_EQ(Got.Spikes[Net.StreamE], E.E);
      }
}

TEST(SequenceTest, NetworkSaysEnoughToTest) {
  for (const AttentionShape &S : someShapes()) {
    const Given In = someSequence(9, false);
    const auto E = AttentionNetwork(makeChip(), S).expect(In.input());
    for (const auto *Of : {&E.Q, &E.K, &E.E}) {
      const auto Zero = static_cast<size_t>(std::ranges::count(*Of, 0));
      EXPECT_GT(Of->size(), Zero + Of->size() / 10);
      EXPECT_GT(Zero, 0u);
    }
    EXPECT_GT(std::ranges::max(E.Logits), 4.0f);
  }
}

TEST(SequenceTest, ThreadsAndBatchesChangeNothing) {
  for (const AttentionShape &S : someShapes()) {
    const Given In = someSequence(9, true);
    ChipSpec Spec = makeChip();
    const image::Image Image = open(AttentionNetwork(Spec, S).Builder);
    const Outcome First =
        runMachine(Image, Spec, In, {1, 1, KernelPath::Portable});
    for (uint32_t Threads : {1u, 2u})
      for (uint32_t Batch : {1u, 3u, 16u})
        EXPECT_TRUE(runMachine(Image, Spec, In, {Threads, Batch}) == First)
            << Threads << " threads, batch " << Batch;
  }
}

TEST(SequenceTest, TokensOneByOneGiveTheSameAsAtOnce) {
  for (const AttentionShape &S : someShapes()) {
    if (!S.Causal)
      continue;
    const Given In = someSequence(9, true);
    ChipSpec Spec = makeChip();
    const image::Image Image = open(AttentionNetwork(Spec, S).Builder);
    const Outcome Whole = runMachine(Image, Spec, In);
    EXPECT_TRUE(runMachine(Image, Spec, In, {}, 1) == Whole);
    EXPECT_TRUE(runMachine(Image, Spec, In, {}, 4) == Whole);
  }
}

TEST(SequenceTest, SequencesDoNotKnowEachOther) {
  for (bool Causal : {false, true}) {
    AttentionShape S;
    S.Causal = Causal;
    ChipSpec Spec = makeChip();
    AttentionNetwork Net(Spec, S);
    SimulationOptions Options;
    Options.TokenMode = Mode::Prefill;
    Options.Time = Fidelity::Analytic;
    Result<Simulation> Sim =
        Simulation::create(open(Net.Builder), Spec, Options);
    ASSERT_TRUE(Sim) << Sim.errors().front().format();
    uint64_t Tokens = 0;
    for (uint32_t N : {9u, 3u, 5u}) {
      const Given In = someSequence(N, N == 5, N);
      std::vector<float> Logits(N * Sim->numLogits(), -1.0f);
      ASSERT_TRUE(Sim->runSequence(In.input(), Logits));
      EXPECT_EQ(Logits, Net.expect(In.input()).Logits);
      Tokens += N;
    }
    const Counters C = Sim->counters();
    EXPECT_EQ(C.Tokens, Tokens);
    EXPECT_EQ(C.TokenSteps, Tokens * S.Steps);
    EXPECT_EQ(C.Sequences, (std::vector<uint64_t>{9, 3, 5}));
    EXPECT_EQ(Sim->timings()->front().Tokens, Tokens);
  }
}

TEST(SequenceTest, MoreTokensThanPositionsAreAnError) {
  AttentionShape S;
  ChipSpec Spec = makeChip();
  for (bool Causal : {false, true}) {
    S.Causal = Causal;
    Result<Machine> M =
        Machine::create(open(AttentionNetwork(Spec, S).Builder), Spec);
    ASSERT_TRUE(M);
    Status Ran = M->run(someSequence(10, false).input(), {});
    ASSERT_FALSE(Ran);
    EXPECT_EQ(Ran.errors()[0].Rule, "positions");
    EXPECT_EQ(M->totals().TokenSteps, 0u);
    ASSERT_TRUE(M->run(someSequence(9, false).input(), {}));
    // Another sequence; or a tenth token of the same.
    EXPECT_EQ(bool(M->run(someSequence(1, false).input(), {})), !Causal);
    M->beginSequence();
    EXPECT_TRUE(M->run(someSequence(9, false).input(), {}));
  }
}

TEST(SequenceTest, GenerateNeedsOneSweep) {
  ChipSpec Spec = makeChip();
  AttentionShape S;
  const image::Image Image = open(AttentionNetwork(Spec, S).Builder);
  Result<Simulation> Sim = Simulation::create(Image, Spec, {});
  ASSERT_FALSE(Sim);
  EXPECT_EQ(Sim.errors()[0].Rule, "generate-sweeps");
}

TEST(SequenceTest, CountsClose) {
  for (const AttentionShape &S : someShapes()) {
    const Given In = someSequence(9, true);
    ChipSpec Spec = makeChip();
    AttentionNetwork Net(Spec, S);
    const image::Image Image = open(Net.Builder);
    const auto E = Net.expect(In.input());
    const Counters N = runMachine(Image, Spec, In).Counts;
    const ActionCounts Total = N.total();
    const uint64_t Steps = In.Tokens.size() * S.Steps;
    EXPECT_EQ(N.Tokens, In.Tokens.size());
    EXPECT_EQ(N.TokenSteps, Steps);
    uint64_t Rows = 0, Writes = 0, Others = 0, Deliveries = 0, Synapses = 0,
             Bytes = 0, Updates = 0, Events = 0;
    for (const ConnectionCounts &C : N.Connections) {
      Rows += C.RowsAccumulated;
      Writes += C.Written;
      Others += C.NotWritten;
      Synapses += C.Accumulates + C.Multiplies;
      Bytes += C.BytesRead;
      EXPECT_LE(C.EffectiveAccumulates + C.EffectiveMultiplies,
                C.Accumulates + C.Multiplies);
    }
    for (const StreamCounts &C : N.Streams) {
      EXPECT_EQ(C.Copies, C.Received + C.Dropped + C.Host);
      Deliveries += C.Deliveries;
      Events += C.Events;
    }
    for (const PopulationCounts &C : N.Populations)
      Updates += C.Updates;
    EXPECT_EQ(Deliveries, Rows + Total[Action::DirectWrite] + Writes + Others);
    EXPECT_EQ(Deliveries, Total[Action::AxonLookup]);
    EXPECT_EQ(Writes, Total[Action::DynamicWrite]);
    EXPECT_EQ(Synapses, Total[Action::SynapseAccumulate] +
                            Total[Action::SynapseMultiply]);
    EXPECT_EQ(Bytes, Total[Action::SynapseByteRead]);
    EXPECT_EQ(Updates, Total[Action::NeuronUpdate]);
    // The host tells token, position and type.
    EXPECT_EQ(Events, Total[Action::SpikeEmit] + 3 * Steps);

    // What the definitions say, from the plain computation.
    auto spikesOf = [&](int32_t Payload) -> uint64_t {
      if (S.Query == image::PayloadKind::Unary)
        return uint64_t(Payload);
      if (S.Query == image::PayloadKind::Planes)
        return uint64_t(__builtin_popcount(unsigned(Payload)));
      return Payload != 0;
    };
    uint64_t Queries = 0, KeySynapses = 0, Running = 0, Dense = 0;
    const uint32_t Width = S.Heads * S.Width;
    for (uint64_t At = 0; At < Steps; ++At) {
      Running += S.Heads * E.RowsThere[At];
      Dense += uint64_t(Width) * E.RowsThere[At];
      for (uint32_t J = 0; J < Width; ++J) {
        Queries += spikesOf(E.Q[At * Width + J]);
        KeySynapses += spikesOf(E.Q[At * Width + J]) * E.RowsThere[At];
      }
    }
    const ConnectionCounts &Keys = N.Connections[5], &Values = N.Connections[6];
    EXPECT_EQ(N.Streams[Net.StreamQ].Events, Queries);
    const uint32_t Chunks = (S.Positions + S.Chunk - 1) / S.Chunk;
    EXPECT_EQ(Keys.RowsAccumulated, Queries * Chunks);
    EXPECT_EQ(Keys.Accumulates, KeySynapses); // keys are ternary
    EXPECT_EQ(Keys.Multiplies, 0u);
    EXPECT_EQ(Keys.Dense, Dense);
    EXPECT_EQ(Values.Dense, Dense);
    const auto Weights = static_cast<uint64_t>(
        std::ranges::count_if(E.E, [](int32_t P) { return P != 0; }));
    EXPECT_EQ(Values.RowsAccumulated, Weights);
    EXPECT_EQ(Values.Multiplies, Weights * S.Width);
    EXPECT_EQ(Values.BytesRead, Weights * ((S.Width + 1) / 2));
    EXPECT_EQ(N.Populations[4].Updates, Running);
    // Each key of a valid token once per head that reads it.
    uint64_t Written = 0, All = 0;
    for (size_t I = 0; I < E.K.size(); ++I) {
      const size_t Token = I / (S.KvHeads * S.Width) / S.Steps;
      All += E.K[I] != 0;
      Written += E.K[I] != 0 && In.Valid[Token];
    }
    const uint32_t Group = S.Heads / S.KvHeads;
    EXPECT_EQ(Keys.Written, Written * Group);
    EXPECT_EQ(Keys.NotWritten, (All * Chunks - Written) * Group);
  }
}

TEST(SequenceTest, TicksFollowTheFormulas) {
  for (const AttentionShape &S : someShapes())
    for (Fidelity Kind : {Fidelity::Analytic, Fidelity::Event}) {
      ChipSpec Spec = makeChip();
      // Packets of one flit: they branch without waiting for each other.
      Spec.Noc.LinkWidthBits = 128;
      const image::Image Image = open(AttentionNetwork(Spec, S).Builder);
      for (Mode M : {Mode::Prefill, Mode::Generate}) {
        if (M == Mode::Generate && !S.Causal)
          continue;
        SimulationOptions Options;
        Options.TokenMode = M;
        Options.Time = Kind;
        Result<Simulation> Sim = Simulation::create(Image, Spec, Options);
        ASSERT_TRUE(Sim);
        const uint64_t N = 6, T = S.Steps;
        const Given In = someSequence(N, true);
        Status Ran = Sim->runSequence(In.input());
        ASSERT_TRUE(Ran) << Ran.errors().front().format();
        // Levels: x | q, e, max | l, or all five in one sweep.
        const uint64_t Ticks = M == Mode::Generate ? N * (5 + T - 1)
                               : S.Causal ? N * T + 4
                                          : (N * T) + (N * T + 2) + N * T;
        Result<std::vector<Timing>> Times = Sim->timings();
        ASSERT_TRUE(Times);
        const Timing &Time = Times->front();
        EXPECT_EQ(Time.Ticks.size(), Ticks);
        EXPECT_EQ(Sim->counters().System[Action::Barrier], Ticks);
        EXPECT_EQ(Time.Tokens, N);
        ASSERT_EQ(Time.Latency.size(), N);
        double Sum = 0, Latency = 0;
        for (const TickTime &K : Time.Ticks)
          Sum += K.Duration.Value;
        for (Nanoseconds L : Time.Latency)
          Latency += L.Value;
        EXPECT_NEAR(Sum, Time.Total.Value, 1e-6 * Sum);
        if (M == Mode::Generate)
          EXPECT_NEAR(Latency, Time.Total.Value, 1e-6 * Sum);
        else
          EXPECT_LT(Time.Latency.front().Value, Time.Total.Value);
        // Another mode can only be told with one sweep.
        EXPECT_EQ(Times->size(), 1u + S.Causal + (Kind == Fidelity::Event));
      }
    }
}

/// Work of cores is what was counted times what it takes, however it is spread
/// over ticks.
TEST(SequenceTest, CoresAreBusyForWhatWasCounted) {
  for (const AttentionShape &S : someShapes()) {
    ChipSpec Spec = makeChip();
    Spec.Core.ProgramLanes = Spec.Core.AccumulateLanes = 1;
    SimulationOptions Options;
    Options.TokenMode = Mode::Prefill;
    Options.Time = Fidelity::Analytic;
    Result<Simulation> Sim = Simulation::create(
        open(AttentionNetwork(Spec, S).Builder), Spec, Options);
    ASSERT_TRUE(Sim);
    ASSERT_TRUE(Sim->runSequence(someSequence(7, true).input()));
    const Counters N = Sim->counters();
    Result<std::vector<Timing>> Times = Sim->timings();
    ASSERT_TRUE(Times);
    for (size_t C = 0; C < N.Cores.size(); ++C) {
      double Ns = 0;
      for (unsigned A = 0; A < NumActions; ++A)
        if (static_cast<Action>(A) < Action::HopEastWest)
          Ns += double(N.Cores[C].Actions.Values[A]) *
                Spec.Costs.Rows[A].Time.Value;
      EXPECT_NEAR(Times->front().Cores[C].total(), Ns, 1e-6 * Ns) << C;
    }
  }
}

} // namespace
