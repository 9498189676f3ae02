//===- InterpreterTest.cpp - Every op of a network on small numbers -------===//

#include "targets/Maths.h"
#include "tests/unit/reference/NetworkText.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::compiler;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {
class InterpretedOps : public NetworkText {
protected:
  /// A stimulus %i of 3 neurons over up to 4 tokens, as f32.
  const std::string Stimulus = R"(
    %t = spike.input "tokens" : !spike.events<4 x binary>
    %i = spike.embed "i" %t, %x : !spike.events<4 x binary>,
        tensor<4x3xf32> -> tensor<3xf32>
  )";
  void SetUp() override {
    weight("x", {4, 3},
           std::vector<float>{1, 2, 3, -4, 5, 6, 7, 8, -9, 0, 1, 0});
  }
  /// The stimulus as events %e of \p Kind.
  std::string events(const std::string &Kind) {
    return Stimulus + R"(
      %e = spike.population ["e"] (%i : tensor<3xf32>) params() init [] {
      ^bb0(%v: f32):
        %n = arith.fptosi %v : f32 to i32
        spike.yield %n : i32
      } : !spike.events<3 x )" +
           Kind + ">\n";
  }
};
} // namespace

TEST_F(InterpretedOps, EmbedSelectsRows) {
  auto Ran =
      run(Stimulus + "spike.output \"out\" %i : tensor<3xf32>", {2, 0, 2});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(7, 8, -9, 1, 2, 3, 7, 8, -9));
}

TEST_F(InterpretedOps, LinearOfCurrents) {
  weight("w", {2, 3}, std::vector<float>{1, 10, 100, 0.5f, 0, 0});
  auto Ran = run(Stimulus + R"(
    %y = spike.linear "y" %i, %w : tensor<3xf32>, tensor<2x3xf32>
        -> tensor<2xf32>
    spike.output "out" %y : tensor<2xf32>)",
                 {0, 1});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(321, 0.5f, 646, -2));
}

TEST_F(InterpretedOps, LinearOfTokensReadsColumns) {
  weight("w", {2, 4}, std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8});
  auto Ran = run(R"(
    %t = spike.input "tokens" : !spike.events<4 x binary>
    %y = spike.linear "y" %t, %w : !spike.events<4 x binary>, tensor<2x4xf32>
        -> tensor<2xf32>
    spike.output "out" %y : tensor<2xf32>)",
                 {3, 1});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(4, 8, 2, 6));
}

TEST_F(InterpretedOps, LinearOfEventsIsExact) {
  weight("w", {2, 3}, std::vector<float>{1, -1, 0.5f, 127, 64, -127});
  auto Ran = run(events("signed<8>") + R"(
    %s = spike.row_scale %w bits 8 : tensor<2x3xf32> -> tensor<2xf32>
    %c = spike.quantize %w by %s bits 8 : tensor<2x3xf32>, tensor<2xf32>
        -> tensor<2x3xi8>
    %y = spike.linear "y" %e, %c : !spike.events<3 x signed<8>>, tensor<2x3xi8>
        -> tensor<2xi32>
    %o = spike.population ["o"] (%y : tensor<2xi32>) params() init [] {
    ^bb0(%n: i32):
      spike.yield %n : i32
    } : !spike.events<2 x signed<24>>
    spike.output "out" %o scaled by %s : !spike.events<2 x signed<24>>,
        tensor<2xf32>)",
                 {0, 1});
  ASSERT_TRUE(Ran) << why(Ran);
  auto Scaled = [](int32_t N, float Scale) {
    return static_cast<float>(N) * Scale;
  };
  // Codes: 127, -127, 64 (63.5 to even) and 127, 64, -127.
  EXPECT_THAT(Ran->Logits, ElementsAre(Scaled(127 - 254 + 192, 1.0f / 127.0f),
                                       Scaled(127 + 128 - 381, 1.0f),
                                       Scaled(-508 - 635 + 384, 1.0f / 127.0f),
                                       Scaled(-508 + 320 - 762, 1.0f)));
}

TEST_F(InterpretedOps, ReduceSumsCurrentsAndPayloads) {
  auto Ran = run(events("signed<8>") + R"(
    %a = spike.reduce "a" %i : tensor<3xf32> -> tensor<1xf32>
    %b = spike.reduce "b" %e : !spike.events<3 x signed<8>> -> tensor<1xi32>
    %y = spike.population ["y"] (%i, %a, %b :
        tensor<3xf32>, tensor<1xf32>, tensor<1xi32>) params() init [] {
    ^bb0(%v: f32, %s: f32, %n: i32):
      %f = arith.sitofp %n : i32 to f32
      %h = arith.constant 100.0 : f32
      %m = arith.mulf %f, %h : f32
      %p = arith.addf %s, %m : f32
      %q = arith.addf %v, %p : f32
      spike.yield %q : f32
    } : tensor<3xf32>
    spike.output "out" %y : tensor<3xf32>)",
                 {0, 2});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(607, 608, 609, 613, 614, 597));
}

TEST_F(InterpretedOps, ReduceAccumulatesInBinary64) {
  weight("big", {1, 4}, std::vector<float>{1e8f, 1.0f, 1.0f, -1e8f});
  auto Ran = run(R"(
    %t = spike.input "tokens" : !spike.events<1 x binary>
    %i = spike.embed "i" %t, %big : !spike.events<1 x binary>,
        tensor<1x4xf32> -> tensor<4xf32>
    %a = spike.reduce "a" %i : tensor<4xf32> -> tensor<1xf32>
    spike.output "out" %a : tensor<1xf32>)",
                 {0});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(2));
}

TEST_F(InterpretedOps, StatesSwapAtTheEndOfAStep) {
  weight("p", {1}, std::vector<float>{100});
  auto Ran = run(Stimulus + R"(
    %y = spike.population ["y"] (%i : tensor<3xf32>) params(%p : tensor<1xf32>)
        init [1.0, 2.0] {
    ^bb0(%v: f32, %h: f32, %a: f32, %b: f32):
      %s = arith.mulf %a, %h : f32
      %r = arith.addf %s, %v : f32
      spike.yield %r : f32 states %b, %a : f32, f32
    } : tensor<3xf32>
    spike.output "out" %y : tensor<3xf32>)",
                 {3, 3, 3});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits,
              ElementsAre(100, 101, 100, 200, 201, 200, 100, 101, 100));
}

TEST_F(InterpretedOps, EventsAreRecordedInNetworkOrder) {
  RunOptions Options;
  Options.RecordEvents = true;
  auto Ran = run(events("signed<8>") + R"(
    %s = spike.population ["s"] (%e : !spike.events<3 x signed<8>>) params()
        init [] {
    ^bb0(%n: i32):
      %five = arith.constant 5 : i32
      %f = arith.cmpi sge, %n, %five : i32
      spike.yield %f : i1
    } : !spike.events<3 x binary>
    spike.output "out" %i : tensor<3xf32>)",
                 {0, 1}, Options);
  ASSERT_TRUE(Ran) << why(Ran);
  ASSERT_EQ(Ran->Events.size(), 2u);
  EXPECT_EQ(Ran->Events[0].Name, "e");
  EXPECT_EQ(Ran->Events[0].Kind, spike::EventKind::Signed);
  EXPECT_EQ(Ran->Events[0].Bits, 8u);
  EXPECT_THAT(Ran->Events[0].Payloads, ElementsAre(1, 2, 3, -4, 5, 6));
  EXPECT_EQ(Ran->Events[1].Name, "s");
  EXPECT_EQ(Ran->Events[1].Kind, spike::EventKind::Binary);
  EXPECT_THAT(Ran->Events[1].Payloads, ElementsAre(0, 0, 0, 0, 1, 1));
}

TEST_F(InterpretedOps, CurrentsAreObserved) {
  RunOptions Options;
  std::vector<std::pair<std::string, std::vector<float>>> Seen;
  Options.ObserveCurrents = [&](mlir::OpResult R, std::span<const float> V) {
    Seen.push_back(
        {R.getOwner()->getName().getStringRef().str(), {V.begin(), V.end()}});
  };
  auto Ran = run(events("signed<8>") + R"(
    %a = spike.reduce "a" %i : tensor<3xf32> -> tensor<1xf32>
    %b = spike.reduce "b" %e : !spike.events<3 x signed<8>> -> tensor<1xi32>
    spike.output "out" %i : tensor<3xf32>)",
                 {0, 1}, Options);
  ASSERT_TRUE(Ran) << why(Ran);
  ASSERT_EQ(Seen.size(), 2u); // what is real, and nothing else
  EXPECT_EQ(Seen[0].first, "spike.embed");
  EXPECT_THAT(Seen[0].second, ElementsAre(1, 2, 3, -4, 5, 6));
  EXPECT_EQ(Seen[1].first, "spike.reduce");
  EXPECT_THAT(Seen[1].second, ElementsAre(6, 7));
}

TEST_F(InterpretedOps, APayloadOutOfRangeNamesItsPopulation) {
  auto Ran = run(events("unsigned<3>") + "spike.output \"out\" %i : "
                                         "tensor<3xf32>",
                 {0, 2});
  ASSERT_FALSE(Ran);
  EXPECT_EQ(Ran.errors().front().Where, "e");
  EXPECT_EQ(Ran.errors().front().Rule, "payload-range");
  EXPECT_EQ(Ran.errors().front().Kind, ErrorKind::RunFailed);
  EXPECT_THAT(Ran.errors().front().Text, HasSubstr("token step 1"));
  EXPECT_THAT(Ran.errors().front().Text, HasSubstr("0 to 7"));
}

TEST_F(InterpretedOps, ATokenOutsideTheVocabularyIsRefused) {
  for (int64_t Bad : {int64_t(4), int64_t(-1)}) {
    auto Ran =
        run(Stimulus + "spike.output \"out\" %i : tensor<3xf32>", {0, 0, Bad});
    ASSERT_FALSE(Ran);
    EXPECT_EQ(Ran.errors().front().Rule, "token-range");
    EXPECT_THAT(Ran.errors().front().Text,
                HasSubstr(fmt::format("token {} at position 2", Bad)));
    EXPECT_THAT(Ran.errors().front().Text, HasSubstr("vocabulary of 4"));
  }
}

TEST_F(InterpretedOps, NoTokensGiveNothing) {
  weight("w", {2, 3}, std::vector<float>{1, 10, 100, 0.5f, 0, 0});
  auto Ran = run(Stimulus + R"(
    %y = spike.linear "y" %i, %w : tensor<3xf32>, tensor<2x3xf32>
        -> tensor<2xf32>
    spike.output "out" %y : tensor<2xf32>)",
                 {});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_TRUE(Ran->Logits.empty());
}

TEST_F(InterpretedOps, ABadWeightStopsTheRun) {
  weight("w", {2, 3}, std::vector<float>{1, 10, 100, 0.5f, 0, 0}, DType::F32,
         99);
  auto Ran = run(Stimulus + R"(
    %y = spike.linear "y" %i, %w : tensor<3xf32>, tensor<2x3xf32>
        -> tensor<2xf32>
    spike.output "out" %y : tensor<2xf32>)",
                 {0});
  ASSERT_FALSE(Ran);
  EXPECT_EQ(Ran.errors().front().Rule, "weight-hash");
}

TEST_F(InterpretedOps, ANetworkHasOneInputAndOneOutput) {
  spike::NetworkOp Network = network(Stimulus);
  ASSERT_TRUE(Network);
  auto Ready = Interpreter::create(Network, Files());
  ASSERT_FALSE(Ready);
  EXPECT_EQ(Ready.errors().front().Rule, "one-output");
}

namespace {
/// A linear larger than one tile, over events of some width.
class LargeLinear : public NetworkText,
                    public ::testing::WithParamInterface<int> {};
} // namespace

/// Sums of odd sizes agree with one product at a time, modulo 2^32, for
/// payloads that take the 16-bit path and for wider ones.
TEST_P(LargeLinear, AgreesWithTheSumOfProducts) {
  const int64_t Tokens = 7, Sources = 1031, Targets = 301;
  const int Bits = GetParam();
  std::vector<float> X(Tokens * Sources), W(Targets * Sources);
  uint32_t State = 1;
  auto Next = [&](int32_t Limit) {
    State = State * 1664525u + 1013904223u;
    return static_cast<int32_t>(State >> 8) % (2 * Limit + 1) - Limit;
  };
  // Payloads reach the limits of their type as far as a float can say them.
  int32_t Limit = Bits > 24 ? 1 << 24 : (1 << (Bits - 1)) - 1;
  for (float &V : X)
    V = static_cast<float>(Next(Limit));
  std::fill_n(X.begin(), Sources, static_cast<float>(-Limit));
  for (float &V : W)
    V = static_cast<float>(Next(127));
  for (int64_t I = 0; I < Targets; ++I)
    W[I * Sources] = 127; // so that a row's scale is 1 and its codes are W
  std::fill_n(W.begin(), Sources, 127.0f);
  weight("x", {Tokens, Sources}, X);
  weight("w", {Targets, Sources}, W);
  auto Ran = run(fmt::format(R"(
    %t = spike.input "tokens" : !spike.events<7 x binary>
    %i = spike.embed "i" %t, %x : !spike.events<7 x binary>,
        tensor<7x1031xf32> -> tensor<1031xf32>
    %e = spike.population ["e"] (%i : tensor<1031xf32>) params() init [] {{
    ^bb0(%v: f32):
      %n = arith.fptosi %v : f32 to i32
      spike.yield %n : i32
    }} : !spike.events<1031 x signed<{0}>>
    %s = spike.row_scale %w bits 8 : tensor<301x1031xf32> -> tensor<301xf32>
    %c = spike.quantize %w by %s bits 8 : tensor<301x1031xf32>, tensor<301xf32>
        -> tensor<301x1031xi8>
    %y = spike.linear "y" %e, %c : !spike.events<1031 x signed<{0}>>,
        tensor<301x1031xi8> -> tensor<301xi32>
    %o:2 = spike.population ["low", "high"] (%y : tensor<301xi32>) params()
        init [] {{
    ^bb0(%n: i32):
      %mask = arith.constant 65535 : i32
      %bits = arith.constant 16 : i32
      %l = arith.andi %n, %mask : i32
      %h = arith.shrsi %n, %bits : i32
      spike.yield %l, %h : i32, i32
    }} : !spike.events<301 x unsigned<16>>, !spike.events<301 x signed<16>>
    spike.output "out" %i : tensor<1031xf32>)",
                             Bits),
                 counting(Tokens), [] {
                   RunOptions Options;
                   Options.RecordEvents = true;
                   return Options;
                 }());
  ASSERT_TRUE(Ran) << why(Ran);
  ASSERT_EQ(Ran->Events.size(), 3u);
  for (int64_t T = 0; T < Tokens; ++T)
    for (int64_t I = 0; I < Targets; ++I) {
      int64_t Sum = 0;
      for (int64_t J = 0; J < Sources; ++J)
        Sum += static_cast<int64_t>(X[T * Sources + J]) *
               static_cast<int64_t>(W[I * Sources + J]);
      int64_t At = T * Targets + I;
      ASSERT_EQ(
          maths::addWrap(Ran->Events[1].Payloads[At],
                         maths::mulWrap(Ran->Events[2].Payloads[At], 65536)),
          static_cast<int32_t>(static_cast<uint32_t>(Sum)))
          << "token " << T << " target " << I;
    }
}
INSTANTIATE_TEST_SUITE_P(PayloadBits, LargeLinear,
                         ::testing::Values(2, 8, 16, 17, 32));

/// Two runs of one interpreter, and of two, give the same bytes.
TEST_F(InterpretedOps, RunsAreDeterministic) {
  weight("w", {5, 3},
         std::vector<float>{.1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f, 1.f,
                            1.1f, 1.2f, 1.3f, 1.4f, 1.5f});
  spike::NetworkOp Network = network(Stimulus + R"(
    %y = spike.linear "y" %i, %w : tensor<3xf32>, tensor<5x3xf32>
        -> tensor<5xf32>
    %z = spike.population ["z"] (%y : tensor<5xf32>) params() init [0.0] {
    ^bb0(%v: f32, %s: f32):
      %e = math.tanh %v : f32
      %n = arith.addf %e, %s : f32
      spike.yield %n : f32 states %n : f32
    } : tensor<5xf32>
    spike.output "out" %z : tensor<5xf32>)");
  ASSERT_TRUE(Network);
  auto One = Interpreter::create(Network, Files());
  auto Two = Interpreter::create(Network, Files());
  ASSERT_TRUE(One && Two);
  std::vector<int64_t> Tokens(100);
  for (size_t I = 0; I < Tokens.size(); ++I)
    Tokens[I] = I * I % 4;
  auto A = One->run(Tokens), B = One->run(Tokens), C = Two->run(Tokens);
  ASSERT_TRUE(A && B && C);
  EXPECT_EQ(A->Logits, B->Logits);
  EXPECT_EQ(A->Logits, C->Logits);
  // A prefix of the tokens gives a prefix of the results: time is causal.
  auto D = One->run(std::span(Tokens).first(64));
  ASSERT_TRUE(D);
  for (size_t I = 0; I < D->Logits.size(); ++I)
    EXPECT_NEAR(D->Logits[I], A->Logits[I], 1e-5);
}
