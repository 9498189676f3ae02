//===- WindowTest.cpp - Convolutions, delays, resets, host events ---------===//

#include "simulator/engine/Simulation.h"
#include "tests/unit/simulator/WindowNetwork.h"

#include <gtest/gtest.h>

#include <numeric>

using namespace synfire;
using namespace synfire::sim;

namespace {

constexpr uint32_t Tokens = 11;

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
  Counters Counts;
  bool operator==(const Outcome &) const = default;
};

Outcome runMachine(const image::Image &Image, const ChipSpec &Spec,
                   const WindowNetwork::Given &In, MachineOptions Options,
                   uint32_t PerCall = Tokens) {
  Options.WorthThreads = 0;
  Outcome Out;
  Result<Machine> M = Machine::create(Image, Spec, Options);
  if (!M) {
    ADD_FAILURE() << M.errors().front().format();
    return Out;
  }
  const uint32_t Width = M->numLogits();
  Out.Logits.resize(In.Tokens.size() * Width);
  for (size_t First = 0; First < In.Tokens.size(); First += PerCall) {
    const size_t N = std::min<size_t>(PerCall, In.Tokens.size() - First);
    std::vector<uint64_t> Offsets;
    for (size_t T = First; T <= First + N; ++T)
      Offsets.push_back(In.Offsets[T] - In.Offsets[First]);
    // Gone after the call: what delays need was copied.
    std::vector<Event> Events(In.Events.begin() + In.Offsets[First],
                              In.Events.begin() + In.Offsets[First + N]);
    const EventInput Of{0, Offsets, Events};
    SequenceInput Part{std::span(In.Tokens).subspan(First, N)};
    Part.Events = {&Of, 1};
    Status S = M->run(
        Part, std::span(Out.Logits).subspan(First * Width, N * Width), {});
    if (!S)
      ADD_FAILURE() << S.errors().front().format();
  }
  Out.Counts = countersOf(M->totals(), M->wiring(), Image);
  return Out;
}

/// Loihi 2, with weights of zero as synapses like others or without them.
ChipSpec testChip(bool SkipsZeros = false) {
  ChipSpec Spec = *ChipSpec::load("loihi2");
  Spec.Core.SkipsZeroWeights = SkipsZeros;
  return Spec;
}

class WindowTest : public testing::TestWithParam<uint32_t> {};

TEST_P(WindowTest, RandomNetsGiveThePlainResultAndCounts) {
  const ChipSpec Spec = testChip();
  for (uint32_t Try = 0; Try < 25; ++Try) {
    const uint32_t Seed = GetParam() * 1000 + Try;
    SCOPED_TRACE(Seed);
    const WindowNetwork Net(Spec, Seed);
    std::mt19937 Random(Seed);
    const WindowNetwork::Given In = Net.draw(Tokens, Random);
    const WindowNetwork::Expected Due = Net.expect(In);
    const image::Image Image = open(Net.Builder);
    const Outcome First = runMachine(Image, Spec, In, {});
    ASSERT_EQ(First.Logits, Due.Logits);
    const Counters &C = First.Counts;
    for (size_t I = 0; I < Due.Connections.size(); ++I) {
      SCOPED_TRACE(I);
      const ConnectionCounts &A = C.Connections[I], &B = Due.Connections[I];
      EXPECT_EQ(A.RowsAccumulated, B.RowsAccumulated);
      EXPECT_EQ(A.Accumulates, B.Accumulates);
      EXPECT_EQ(A.Multiplies, B.Multiplies);
      EXPECT_EQ(A.BytesRead, B.BytesRead);
      EXPECT_EQ(A.EffectiveAccumulates, B.EffectiveAccumulates);
      EXPECT_EQ(A.EffectiveMultiplies, B.EffectiveMultiplies);
      EXPECT_EQ(A.Dense, B.Dense);
      EXPECT_FALSE(A.FromHost);
    }
    const Counters Skipping =
        runMachine(Image, testChip(/*SkipsZeros=*/true), In, {}).Counts;
    for (size_t I = 0; I < Due.Connections.size(); ++I) {
      const ConnectionCounts &A = Skipping.Connections[I],
                             &B = Due.Connections[I];
      EXPECT_EQ(A.Accumulates + A.Multiplies,
                B.EffectiveAccumulates + B.EffectiveMultiplies);
      EXPECT_EQ(A.Accumulates + A.Multiplies + A.Skipped,
                B.Accumulates + B.Multiplies);
      EXPECT_EQ(A.BytesRead, B.BytesRead);
    }
    const ActionCounts Total = C.total();
    EXPECT_EQ(Total[Action::DirectWrite], Due.Direct);
    EXPECT_EQ(Total[Action::AxonLookup], Due.Lookups);
    // Two loads, a store per neuron; a store per neuron of a reset.
    EXPECT_EQ(Total[Action::InstructionMemory],
              3 * Total[Action::NeuronUpdate] + Due.Resets);
    EXPECT_EQ(C.TokenSteps, Tokens * Net.Steps);

    for (uint32_t Batch : {1u, 5u, 16u})
      for (uint32_t Threads : {1u, 2u})
        for (KernelPath Path : {KernelPath::Portable, KernelPath::Avx2}) {
          if (!isAvailable(Path))
            continue;
          MachineOptions Options;
          Options.Batch = Batch;
          Options.Threads = Threads;
          Options.Path = Path;
          ASSERT_EQ(runMachine(Image, Spec, In, Options), First)
              << Batch << " " << Threads;
        }
    ASSERT_EQ(runMachine(Image, Spec, In, {}, 1), First) << "token by token";
    ASSERT_EQ(runMachine(Image, Spec, In, {}, 4), First) << "in parts";
  }
}

TEST(WindowNetworkTest, TheRandomNetsHaveWhatIsTested) {
  const ChipSpec Spec = testChip();
  std::map<std::string, uint32_t> Seen;
  for (uint32_t Seed = 0; Seed < 8000; Seed += Seed % 1000 == 24 ? 976 : 1) {
    const WindowNetwork Net(Spec, Seed);
    Seen["two inner steps"] += Net.Steps == 2;
    for (const auto &[Every, At] : Net.Resets)
      Seen["resets"] += Every > 1;
    const image::PayloadKind Kind = Net.Builder.Streams[0].Kind;
    Seen["planes"] += Kind == image::PayloadKind::Planes;
    for (const WindowNetwork::Edge &E : Net.Edges) {
      const image::WindowRecord &W = E.Window;
      Seen["to itself"] += E.From == E.To;
      Seen["back"] += E.From > E.To;
      Seen["from the host, delayed"] += E.From == 0 && E.Delay != 0;
      Seen["1:1, delayed"] += E.Kind == image::AxonKind::Direct && E.Delay != 0;
      if (E.Kind != image::AxonKind::Window)
        continue;
      Seen["convolution to itself"] += E.From == E.To;
      Seen["shared"] += W.Shared && W.Groups > 1;
      Seen["groups"] += !W.Shared && W.Groups > 1;
      Seen["strided and dilated"] += W.StrideY == 2 && W.DilationY == 3;
      Seen["packed in runs"] += W.Groups == 1 && W.DilationY == 1 &&
                                E.Format == image::WeightFormat::Int4 &&
                                W.cols() % 2 == 1;
      Seen["many channels"] += W.SourceChannels == 32 && !W.Shared;
    }
  }
  for (const char *What :
       {"two inner steps", "resets", "planes", "to itself", "back",
        "from the host, delayed", "1:1, delayed", "convolution to itself",
        "shared", "groups", "strided and dilated", "packed in runs",
        "many channels"})
    EXPECT_GE(Seen[What], 5u) << What;
}

INSTANTIATE_TEST_SUITE_P(Seeds, WindowTest, testing::Range(0u, 8u));

class WindowTimeTest : public testing::TestWithParam<bool> {};

TEST_P(WindowTimeTest, ReceivingAndSynapsesFollowFromCounts) {
  ChipSpec Spec = testChip(/*SkipsZeros=*/GetParam());
  Spec.Core.BufferedSums = GetParam();
  // One turn per row: what a kernel's row costs is the same cut or whole.
  Spec.Core.AccumulateLanes = GetParam() ? 1 : 1u << 20;
  for (uint32_t Seed : {3u, 1004u, 2007u, 3001u}) {
    SCOPED_TRACE(Seed);
    const WindowNetwork Net(Spec, Seed);
    std::mt19937 Random(Seed);
    const WindowNetwork::Given In = Net.draw(Tokens, Random);
    const WindowNetwork::Expected Due = Net.expect(In);
    auto ns = [&](Action A) {
      return Spec.Costs.Rows[static_cast<unsigned>(A)].Time.Value;
    };
    SimulationOptions Options;
    Options.TokenMode = Mode::Prefill;
    Options.Time = Fidelity::Event;
    Result<Simulation> Sim =
        Simulation::create(open(Net.Builder), Spec, Options);
    ASSERT_TRUE(Sim);
    const EventInput Of = In.input();
    SequenceInput Input{In.Tokens};
    Input.Events = {&Of, 1};
    ASSERT_TRUE(Sim->runSequence(Input));
    const ActionCounts Total = Sim->counters().total();
    uint64_t Bytes = 0, NonZero = 0;
    for (const ConnectionCounts &C : Due.Connections) {
      Bytes += C.BytesRead;
      NonZero += C.EffectiveAccumulates + C.EffectiveMultiplies;
    }
    const double Receiving =
        double(Due.Lookups) * ns(Action::AxonLookup) +
        double(Total[Action::MessageIn]) * ns(Action::MessageIn);
    double Synapses = double(Due.Direct) * ns(Action::DirectWrite) +
                      double(Bytes) * ns(Action::SynapseByteRead);
    ASSERT_EQ(ns(Action::SynapseAccumulate), ns(Action::SynapseMultiply));
    Synapses += double(GetParam() ? NonZero : Due.RowsMet) *
                ns(Action::SynapseMultiply);
    Result<std::vector<Timing>> Times = Sim->timings();
    ASSERT_TRUE(Times);
    ASSERT_EQ(Times->size(), 3u);
    for (const Timing &T : *Times) {
      double Got[2] = {};
      for (const CoreBusy &Core : T.Cores) {
        Got[0] += Core[Stage::Receiving];
        Got[1] += Core[Stage::Synapses];
      }
      EXPECT_NEAR(Got[0], Receiving, 1e-6 * (1 + Receiving));
      EXPECT_NEAR(Got[1], Synapses, 1e-6 * (1 + Synapses));
    }
    // A tick lasts at least as long as its busiest core, and a run as what the
    // units of any core do, in both fidelities.
    for (const TickTime &T : Times->front().Ticks)
      EXPECT_GE(T.Duration.Value * (1 + 1e-9), T.Core.Value);
    for (const Timing &T : *Times)
      for (const CoreBusy &Core : T.Cores)
        EXPECT_GE(T.Total.Value * (1 + 1e-9),
                  std::max(Core[Stage::Programs] + Core[Stage::Sending],
                           Core[Stage::Receiving] + Core[Stage::Synapses]));
  }
}

INSTANTIATE_TEST_SUITE_P(ZerosAndBuffers, WindowTimeTest, testing::Bool());

TEST(HostEventsTest, WhatTheStreamDoesNotHaveIsRefused) {
  const ChipSpec Spec = testChip();
  WindowNetwork Net(Spec, 1);
  Net.Builder.Streams[0].Kind = image::PayloadKind::Signed;
  Net.Builder.Streams[0].PayloadBits = 8;
  Result<Machine> M = Machine::create(open(Net.Builder), Spec);
  ASSERT_TRUE(M);
  EXPECT_EQ(M->numTokens(), 0u);
  const uint32_t Tokens[] = {7, 9};
  const uint32_t Size = Net.Places[0].size();
  struct Case {
    const char *Rule;
    uint32_t Stream;
    std::vector<uint64_t> Offsets;
    std::vector<Event> Events;
  };
  const Case Cases[] = {
      {"", 0, {0, 1, 2}, {{0, -128}, {Size - 1, 127}}},
      {"", 0, {0, 0, 0}, {}},
      {"events-stream", 1, {0, 0, 0}, {}},
      {"events-stream", 99, {0, 0, 0}, {}},
      {"events-size", 0, {0, 0}, {}},
      {"events-size", 0, {}, {}},
      {"events-size", 0, {0, 1, 1}, {}},
      {"events-size", 0, {0, 2, 1}, {{0, 1}}},
      {"events-range", 0, {0, 1, 1}, {{Size, 1}}},
      {"events-order", 0, {0, 2, 2}, {{0, 1}, {0, 1}}},
      {"events-payload", 0, {0, 1, 1}, {{0, 128}}},
      {"events-payload", 0, {0, 1, 1}, {{0, -129}}},
      {"events-payload", 0, {0, 1, 1}, {{0, 0}}},
  };
  for (const Case &C : Cases) {
    const EventInput Of{C.Stream, C.Offsets, C.Events};
    SequenceInput In{Tokens};
    In.Events = {&Of, 1};
    Status S = M->run(In, {});
    ASSERT_EQ(bool(S), *C.Rule == 0) << C.Rule;
    if (!S) {
      EXPECT_EQ(S.errors().front().Rule, C.Rule);
    }
  }
  const EventInput Twice[2] = {{0, Cases[1].Offsets, {}},
                               {0, Cases[1].Offsets, {}}};
  SequenceInput In{Tokens};
  In.Events = Twice;
  Status S = M->run(In, {});
  ASSERT_FALSE(S);
  EXPECT_EQ(S.errors().front().Rule, "events-stream");
  // Without any the stream is silent.
  EXPECT_TRUE(M->run(SequenceInput{Tokens}, {}));
}

TEST(WindowPlanTest, TablesGiveEveryTap) {
  std::mt19937 Random(3);
  for (int Try = 0; Try < 2000; ++Try) {
    auto pick = [&](uint32_t Low, uint32_t High) {
      return Low + static_cast<uint32_t>(Random() % (High - Low + 1));
    };
    const WindowAxis A{pick(1, 20), pick(1, 20), pick(1, 8),
                       pick(1, 7),  pick(0, 30), pick(1, 7)};
    const uint32_t First = pick(0, A.Target - 1), Last = pick(First, A.Target);
    const AxisTaps Taps(A, First, Last);
    const std::vector<uint32_t> Order = AxisTaps::orderOf(A);
    std::vector<uint32_t> Sorted = Order;
    std::sort(Sorted.begin(), Sorted.end());
    for (uint32_t K = 0; K < A.Kernel; ++K)
      ASSERT_EQ(Sorted[K], K);
    uint64_t All = 0;
    for (uint32_t S = 0; S < A.Source; ++S) {
      std::vector<std::pair<uint32_t, uint32_t>> Due, Got;
      for (uint32_t T = 0; T < A.Target; ++T)
        for (uint32_t K = 0; K < A.Kernel; ++K)
          if (int64_t(T) * A.Stride - A.Pad + int64_t(K) * A.Dilation == S) {
            ++All;
            if (T >= First && T < Last)
              Due.emplace_back(T, Order[K]);
          }
      const AxisTaps::Run R = Taps.of(S);
      for (uint32_t I = 0; I < R.Count; ++I)
        Got.emplace_back(R.Target + I * Taps.step(), R.Place + I);
      ASSERT_EQ(Got, Due);
    }
    EXPECT_EQ(A.numTaps(), All);
  }
}

} // namespace
