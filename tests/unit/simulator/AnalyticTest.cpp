//===- AnalyticTest.cpp - Tick times worked out by hand -------------------===//
//
// Two cores on neighbouring routers. The host sends a token to the first, whose
// block of four neurons sends one binary event per neuron to the second, whose
// block of one sends its sum to the host.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/Simulation.h"
#include "tests/unit/simulator/ImageFixture.h"

#include <gtest/gtest.h>

using namespace synfire;
using namespace synfire::sim;
using isa::Opcode;

namespace {

image::Image makePair(const ChipSpec &Spec) {
  ImageBuilder I;
  ImageBuilder::Program Fire{"fire",
                             {load(Opcode::LoadAccumulator, 0, 0),
                              constant(1, 0u), op(Opcode::GtI, 2, 0, 1),
                              store(Opcode::Emit, 0, 2)},
                             1,
                             0,
                             1,
                             4,
                             {}};
  ImageBuilder::Program Pass{
      "pass", {load(Opcode::LoadAccumulator, 0, 0), store(Opcode::Emit, 0, 0)},
      1,      0,
      1,      1,
      {}};
  I.Programs = {Fire, Pass};
  uint32_t A = I.population("a", 4, 0), B = I.population("b", 1, 1);
  using image::PayloadKind;
  uint32_t Token = I.stream("token", 2, PayloadKind::Binary, 1, image::None),
           FromA = I.stream("a", 4, PayloadKind::Binary, 1, A),
           FromB = I.stream("b", 1, PayloadKind::Signed, 32, B);
  I.Connections = {{I.name("e"), 2, 4, 8, 1}, {I.name("w"), 4, 1, 8, 1}};
  I.Blocks = {{0, A, 0, 4, 0, {false}, {}, {{FromA}}},
              {2, B, 0, 1, 1, {false}, {}, {{FromB}}}};
  auto one = [](uint32_t, uint32_t) { return 1; };
  uint32_t E = I.tile(0, 0, 2, 0, 4, 0, 0, 0, 0, one);
  uint32_t W = I.tile(1, 0, 4, 0, 1, 2, 1, 0, 0, one);
  uint32_t FlowE = I.flow(Spec, {image::None, 0, Token, 0, 2, {}}, {0});
  uint32_t FlowA = I.flow(Spec, {0, 0, FromA, 0, 4, {}}, {2});
  I.flow(Spec, {1, 0, FromB, 0, 1, {}}, {}, true);
  I.Axons = {{0, FlowE, image::AxonKind::Rows, 0, 2, E, 0, 0},
             {2, FlowA, image::AxonKind::Rows, 0, 4, W, 0, 0}};
  I.HostScales = {0.5f};
  Result<image::Image> Image = I.build();
  if (!Image) {
    for (const Error &E : Image.errors())
      ADD_FAILURE() << E.format();
    abort();
  }
  return *Image;
}

struct Ticks {
  double CoreA, CoreB, Net0, Net1, Barrier;
};

/// The rule of Analytic.h, written out for this image.
Ticks byHand(const ChipSpec &S) {
  auto ns = [&](Action A) { return S.Costs[A].Time.Value; };
  Ticks T;
  // Level 0, core 0: token in, four neurons, four events out. One constant per
  // block.
  T.CoreA = ns(Action::MessageIn) + ns(Action::AxonLookup) +
            4 * ns(Action::SynapseAccumulate) +
            4 * ns(Action::SynapseByteRead) +
            4 * (ns(Action::NeuronUpdate) + ns(Action::InstructionMemory) +
                 ns(Action::InstructionLogic) + ns(Action::InstructionEmit)) +
            ns(Action::InstructionMove) +
            4 * (ns(Action::SpikeEmit) + ns(Action::MessageOut));
  // Level 0, core 2: the four events arrive.
  double Arrive =
      4 * (ns(Action::MessageIn) + ns(Action::AxonLookup) +
           ns(Action::SynapseAccumulate) + ns(Action::SynapseByteRead));
  T.CoreA = std::max(T.CoreA, Arrive);
  T.CoreB = ns(Action::NeuronUpdate) + ns(Action::InstructionMemory) +
            ns(Action::InstructionEmit) + ns(Action::SpikeEmit) +
            ns(Action::MessageOut);
  // 32 bits over a link of 16: two flits each, and one hop of latency.
  T.Net0 = (4 * 2 + 1) * ns(Action::HopEastWest);
  // 32 + 32 bits back.
  T.Net1 = (4 + 1) * ns(Action::HopEastWest);
  T.Barrier = S.System.Barrier ? 100 + 10 * 2 : 0;
  return T;
}

Timing run(const ChipSpec &Spec, Mode M, size_t Tokens) {
  SimulationOptions Options;
  Options.TokenMode = M;
  Options.Time = Fidelity::Analytic;
  Result<Simulation> S = Simulation::create(makePair(Spec), Spec, Options);
  EXPECT_TRUE(S);
  std::vector<float> Logits(Tokens);
  EXPECT_TRUE(S->stepMany(std::vector<uint32_t>(Tokens, 1), Logits));
  EXPECT_EQ(Logits, std::vector<float>(Tokens, 2.0f));
  return S->timings()->front();
}

TEST(AnalyticTest, GenerateTicksAreThoseWorkedOutByHand) {
  ChipSpec Spec = makeChip(2, 1);
  Ticks T = byHand(Spec);
  Timing Got = run(Spec, Mode::Generate, 3);
  ASSERT_EQ(Got.Ticks.size(), 6u);
  double First = std::max(T.CoreA, T.Net0) + T.Barrier;
  double Second = std::max(T.CoreB, T.Net1) + T.Barrier;
  for (size_t I = 0; I < 3; ++I) {
    EXPECT_DOUBLE_EQ(Got.Ticks[2 * I].Duration.Value, First);
    EXPECT_DOUBLE_EQ(Got.Ticks[2 * I + 1].Duration.Value, Second);
    EXPECT_DOUBLE_EQ(Got.Latency[I].Value, First + Second);
  }
  EXPECT_DOUBLE_EQ(Got.Total.Value, 3 * (First + Second));
}

TEST(AnalyticTest, PrefillTickAddsWhatACoreDoesForAllTokens) {
  ChipSpec Spec = makeChip(2, 1);
  // Only arrivals and the second block's program count: both on core 2.
  for (Cost &C : Spec.Costs.Rows)
    C.Time = Nanoseconds(0);
  Spec.Noc.HopTime = HopTimes{};
  Spec.Costs[Action::MessageIn].Time = Nanoseconds(10);
  Spec.Costs[Action::NeuronUpdate].Time = Nanoseconds(7);
  Timing Got = run(Spec, Mode::Prefill, 3);
  ASSERT_EQ(Got.Ticks.size(), 4u);
  const double Barrier = 120;
  // Core 2 takes 40 for arrivals, and 7 more once it runs for the token before.
  EXPECT_DOUBLE_EQ(Got.Ticks[0].Duration.Value, 40 + Barrier);
  EXPECT_DOUBLE_EQ(Got.Ticks[1].Duration.Value, 47 + Barrier);
  EXPECT_DOUBLE_EQ(Got.Ticks[2].Duration.Value, 47 + Barrier);
  EXPECT_DOUBLE_EQ(Got.Ticks[3].Duration.Value, 7 + Barrier);
  EXPECT_DOUBLE_EQ(Got.Latency[0].Value, 87 + 2 * Barrier);
}

TEST(AnalyticTest, BufferedSumsGoOnPastTheBarrier) {
  ChipSpec Spec = makeChip(2, 1);
  for (Cost &C : Spec.Costs.Rows)
    C.Time = Nanoseconds(0);
  Spec.Noc.HopTime = HopTimes{};
  Spec.Core.BufferedSums = true;
  Spec.Costs[Action::MessageIn].Time = Nanoseconds(100);
  Spec.Costs[Action::NeuronUpdate].Time = Nanoseconds(7);
  Timing Got = run(Spec, Mode::Prefill, 3);
  ASSERT_EQ(Got.Ticks.size(), 4u);
  const double Barrier = 120;
  // Core 0 takes the token in, then runs its neurons; core 2 takes their four
  // messages from there to 500, of which 252 are after the first tick.
  EXPECT_DOUBLE_EQ(Got.Ticks[0].Duration.Value, 128 + Barrier);
  // Its neuron waits for them, and then the next 400 follow.
  EXPECT_DOUBLE_EQ(Got.Ticks[1].Duration.Value, 252 + 7 + Barrier);
  EXPECT_DOUBLE_EQ(Got.Ticks[2].Duration.Value, 273 + 7 + Barrier);
  EXPECT_DOUBLE_EQ(Got.Ticks[3].Duration.Value, 273 + 7 + Barrier);
  EXPECT_EQ(Got.Ticks[1].Waited, Bound::Core);
  EXPECT_EQ(Got.Ticks[1].Kind, Stage::Receiving);
  EXPECT_EQ(Got.Ticks[1].Id, 2u);
  double Sum = 0;
  for (const TickTime &T : Got.Ticks)
    Sum += T.Duration.Value;
  EXPECT_DOUBLE_EQ(Got.Total.Value, Sum);
  // Neither unit of core 2 is faster than before, and the run is shorter.
  Spec.Core.BufferedSums = false;
  EXPECT_LT(Got.Total.Value, run(Spec, Mode::Prefill, 3).Total.Value);
}

TEST(AnalyticTest, NamesWhatATickWaitedFor) {
  ChipSpec Spec = makeChip(2, 1);
  EXPECT_EQ(run(Spec, Mode::Generate, 1).Ticks[0].Waited, Bound::Core);
  ChipSpec Slow = Spec;
  Slow.Noc.HopTime->EastWest = Nanoseconds(1e6);
  Timing Late = run(Slow, Mode::Generate, 1);
  EXPECT_EQ(Late.Ticks[0].Waited, Bound::Link);
  Slow = Spec;
  Slow.Costs.Barrier.Base = Nanoseconds(1e6);
  EXPECT_EQ(run(Slow, Mode::Generate, 1).Ticks[0].Waited, Bound::Barrier);
  Slow.System.Barrier = false;
  EXPECT_EQ(run(Slow, Mode::Generate, 1).Barrier.Value, 0);
}

} // namespace
