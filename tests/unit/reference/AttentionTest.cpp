//===- AttentionTest.cpp - Memories, rows and reduces on small numbers ----===//

#include "tests/unit/reference/NetworkText.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::compiler;
using ::testing::ElementsAre;

namespace {
/// Two query heads over one memory of two columns. Token t asks with (t + 1, 0)
/// and (0, 1) and writes (10^t, 2 * 10^t), in inner step s times s + 1.
class Memories : public NetworkText {
protected:
  void SetUp() override {
    Time = "positions 3";
    weight("q", {3, 4}, std::vector<float>{1, 0, 0, 1, 2, 0, 0, 1, 3, 0, 0, 1});
    weight("w", {3, 2}, std::vector<float>{1, 2, 10, 20, 100, 200});
  }
  /// Scores %s of a population of rows, from memories of \p Kind of values.
  std::string scores(const std::string &Held, const std::string &Causal,
                     const std::string &Rows) {
    return R"(
      %t = spike.input "tokens" : !spike.events<3 x binary>
      %a = spike.embed "a" %t, %q : !spike.events<3 x binary>,
          tensor<3x4xf32> -> tensor<4xf32>
      %b = spike.embed "b" %t, %w : !spike.events<3 x binary>,
          tensor<3x2xf32> -> tensor<2xf32>
      %ask = spike.population ["ask"] (%a : tensor<4xf32>) params() init []
          )" +
           Held + R"( {
      ^bb0(%v: f32):
        spike.yield %v : f32
      } : tensor<4xf32>
      %tell = spike.population ["tell"] (%b : tensor<2xf32>) params() init [] {
      ^bb0(%v: f32):
        %n = spike.step
        %f = arith.sitofp %n : i32 to f32
        %one = arith.constant 1.0 : f32
        %g = arith.addf %f, %one : f32
        %r = arith.mulf %v, %g : f32
        spike.yield %r : f32
      } : tensor<2xf32>
      %p = spike.matmul "p" %ask against %tell along keys heads 2 over 1
          )" +
           Causal + R"( : tensor<4xf32>, tensor<2xf32> -> tensor<6xf32>
      %s = spike.population ["s"] (%p : tensor<6xf32>) params() init [] rows )" +
           Rows + R"( {
      ^bb0(%v: f32):
        spike.yield %v : f32
      } : tensor<6xf32>
    )";
  }
  const std::string Scores = R"(
      spike.output "out" %s : tensor<6xf32>)";
};
} // namespace

TEST_F(Memories, KeysOfTheWholeSequence) {
  auto Ran = run(scores("held each", "", "all") + Scores, {0, 1, 2});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(1, 10, 100, 2, 20, 200, 2, 20, 200, 2,
                                       20, 200, 3, 30, 300, 2, 20, 200));
}

TEST_F(Memories, CausalKeysWithoutThoseOfPadding) {
  Valid = {1, 0, 1};
  auto Ran = run(scores("", "causal", "seen") + Scores, {0, 1, 2});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(1, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 3,
                                       300, 0, 2, 200, 0));
  auto Whole = run(scores("held each", "", "all") + Scores, {0, 1, 2});
  ASSERT_TRUE(Whole) << why(Whole);
  EXPECT_THAT(Whole->Logits, ElementsAre(1, 100, 0, 2, 200, 0, 2, 200, 0, 2,
                                         200, 0, 3, 300, 0, 2, 200, 0));
}

TEST_F(Memories, EveryInnerStepHasAPlane) {
  Time = "steps 2 positions 3";
  RunOptions Options;
  std::vector<float> Seen;
  Options.ObserveCurrents = [&](mlir::OpResult R, std::span<const float> V) {
    if (llvm::isa<spike::MatmulOp>(R.getOwner()))
      Seen.assign(V.begin(), V.end());
  };
  auto Ran = run(scores("held each", "", "all") + Scores, {0, 1}, Options);
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Seen, ElementsAre(1, 10, 0, 2, 20, 0, 2, 20, 0, 4, 40, 0, 2, 20,
                                0, 2, 20, 0, 4, 40, 0, 4, 40, 0));
}

TEST_F(Memories, ValuesAreWeightedByHead) {
  auto Ran = run(scores("", "causal", "seen") + R"(
      %c = spike.matmul "c" %s against %tell along values heads 2 over 1 causal
          : tensor<6xf32>, tensor<2xf32> -> tensor<4xf32>
      spike.output "out" %c : tensor<4xf32>)",
                 {0, 1});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(1, 2, 2, 4, 202, 404, 202, 404));
}

TEST_F(Memories, PayloadsGiveExactSums) {
  auto Ran = run(scores("", "causal", "seen") + R"(
      %e = spike.population ["e"] (%a : tensor<4xf32>) params() init [] {
      ^bb0(%v: f32):
        %n = arith.fptosi %v : f32 to i32
        spike.yield %n : i32
      } : !spike.events<4 x planes<2>>
      %k = spike.population ["k"] (%b : tensor<2xf32>) params() init [] {
      ^bb0(%v: f32):
        %n = arith.fptosi %v : f32 to i32
        spike.yield %n : i32
      } : !spike.events<2 x signed<9>>
      %x = spike.matmul "x" %e against %k along keys heads 2 over 1 causal
          : !spike.events<4 x planes<2>>, !spike.events<2 x signed<9>>
          -> tensor<6xi32>
      %y = spike.population ["y"] (%x : tensor<6xi32>) params() init []
          rows seen {
      ^bb0(%n: i32):
        spike.yield %n : i32
      } : !spike.events<6 x signed<12>>
      spike.output "out" %s : tensor<6xf32>)",
                 {0, 1, 2}, [] {
                   RunOptions Options;
                   Options.RecordEvents = true;
                   return Options;
                 }());
  ASSERT_TRUE(Ran) << why(Ran);
  ASSERT_EQ(Ran->Events.size(), 3u);
  EXPECT_THAT(Ran->Events[2].Payloads,
              ElementsAre(1, 0, 0, 2, 0, 0, 2, 20, 0, 2, 20, 0, 3, 30, 300, 2,
                          20, 200));
}

/// Scores below 0 show whether rows that are not there take part.
TEST_F(Memories, ReducesByHeadKnowWhichRowsAreThere) {
  auto Ran = run(scores("", "causal", "seen") + R"(
      %n = spike.population ["n"] (%s : tensor<6xf32>) params() init []
          rows seen {
      ^bb0(%v: f32):
        %m = arith.negf %v : f32
        spike.yield %m : f32
      } : tensor<6xf32>
      %most = spike.reduce "most" max %n : tensor<6xf32> -> tensor<2xf32>
      %sum = spike.reduce "sum" %n : tensor<6xf32> -> tensor<2xf32>
      %y = spike.population ["y"] (%most, %sum : tensor<2xf32>, tensor<2xf32>)
          params() init [] {
      ^bb0(%u: f32, %v: f32):
        %k = arith.constant 1000.0 : f32
        %r = arith.mulf %u, %k : f32
        %z = arith.addf %r, %v : f32
        spike.yield %z : f32
      } : tensor<2xf32>
      spike.output "out" %y : tensor<2xf32>)",
                 {0, 1});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(-1001, -2002, -2022, -2022));
}

TEST_F(Memories, TheLargestOfNobodyIsZero) {
  Valid = {0, 1};
  auto Ran = run(scores("", "causal", "seen") + R"(
      %most = spike.reduce "most" max %s : tensor<6xf32> -> tensor<2xf32>
      spike.output "out" %most : tensor<2xf32>)",
                 {0, 1});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(0, 0, 20, 20));
}

/// A neuron counts how often it runs: once its row is there, in every step.
TEST_F(Memories, AStateOfARowStartsWhenTheRowIsThere) {
  Valid = {1, 0, 1};
  auto Ran = run(scores("", "causal", "seen") + R"(
      %y = spike.population ["y"] (%s : tensor<6xf32>) params() init [0.0]
          rows seen {
      ^bb0(%v: f32, %c: f32):
        %one = arith.constant 1.0 : f32
        %m = arith.addf %c, %one : f32
        spike.yield %m : f32 states %m : f32
      } : tensor<6xf32>
      spike.output "out" %y : tensor<6xf32>)",
                 {0, 1, 2});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(1, 0, 0, 1, 0, 0, 2, 0, 0, 2, 0, 0, 3, 1,
                                       0, 3, 1, 0));
}
