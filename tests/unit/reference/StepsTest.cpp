//===- StepsTest.cpp - Inner steps, sweeps and groups on small numbers ----===//

#include "targets/Maths.h"
#include "tests/unit/reference/NetworkText.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::compiler;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {
/// A stimulus %i of 2 neurons: token t gives (t + 1, 10 t).
class InnerSteps : public NetworkText {
protected:
  void SetUp() override {
    weight("x", {3, 2}, std::vector<float>{1, 0, 2, 10, 3, 20});
  }
  const std::string Stimulus = R"(
    %t = spike.input "tokens" : !spike.events<3 x binary>
    %i = spike.embed "i" %t, %x : !spike.events<3 x binary>,
        tensor<3x2xf32> -> tensor<2xf32>
  )";
  /// A population %y of \p N neurons over %i, and its output.
  std::string handedOn(const std::string &Ops, const std::string &Yield,
                       const std::string &When = "") {
    return Stimulus + "%y = spike.population [\"y\"] (%i : tensor<2xf32>) " +
           "params() init [] " + When + " {\n^bb0(%v: f32):\n" + Ops +
           "spike.yield " + Yield + " : f32\n} : tensor<2xf32>\n" +
           "spike.output \"out\" %y : tensor<2xf32>\n";
  }
};
} // namespace

TEST_F(InnerSteps, AProgramKnowsItsStepAndTheHostReadsTheLast) {
  Time = "steps 3";
  RunOptions Options;
  std::vector<float> Seen;
  Options.ObserveCurrents = [&](mlir::OpResult R, std::span<const float> V) {
    if (llvm::isa<spike::PopulationOp>(R.getOwner()))
      Seen.assign(V.begin(), V.end());
  };
  auto Ran = run(handedOn(R"(
      %s = spike.step
      %f = arith.sitofp %s : i32 to f32
      %r = arith.addf %v, %f : f32
  )",
                          "%r"),
                 {0, 1}, Options);
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Seen, ElementsAre(1, 0, 2, 1, 3, 2, 2, 10, 3, 11, 4, 12));
  EXPECT_THAT(Ran->Logits, ElementsAre(3, 2, 4, 12));
}

TEST_F(InnerSteps, TheErrorFunctionIsThatOfTheNeurons) {
  auto Ran = run(handedOn("%r = math.erf %v : f32\n", "%r"), {0});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(maths::erf(1.0f), maths::erf(0.0f)));
}

TEST_F(InnerSteps, AHeldPopulationReadsTheSweepBefore) {
  auto Each = run(handedOn("", "%v", "held each"), {0, 1, 2});
  ASSERT_TRUE(Each) << why(Each);
  EXPECT_THAT(Each->Logits, ElementsAre(1, 0, 2, 10, 3, 20));
  auto Last = run(handedOn("", "%v", "held last"), {0, 1, 2});
  ASSERT_TRUE(Last) << why(Last);
  EXPECT_THAT(Last->Logits, ElementsAre(3, 20, 3, 20, 3, 20));
}

TEST_F(InnerSteps, HeldLastMeansTheLastInnerStep) {
  Time = "steps 2";
  auto Ran = run(Stimulus + R"(
    %a = spike.population ["a"] (%i : tensor<2xf32>) params() init [] {
    ^bb0(%v: f32):
      %s = spike.step
      %f = arith.sitofp %s : i32 to f32
      %r = arith.addf %v, %f : f32
      spike.yield %r : f32
    } : tensor<2xf32>
    %y = spike.population ["y"] (%a : tensor<2xf32>) params() init []
        held last {
    ^bb0(%v: f32):
      spike.yield %v : f32
    } : tensor<2xf32>
    spike.output "out" %y : tensor<2xf32>)",
                 {0, 2});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(4, 21, 4, 21));
}

TEST_F(InnerSteps, AnInputOfGroupsIsReadByTheNeuronsOfEach) {
  weight("w", {6, 2}, std::vector<float>(12, 0.0f));
  auto Ran = run(Stimulus + R"(
    %z = spike.linear "z" %i, %w : tensor<2xf32>, tensor<6x2xf32>
        -> tensor<6xf32>
    %y = spike.population ["y"] (%z, %i : tensor<6xf32>, tensor<2xf32>) params()
        init [] {
    ^bb0(%zero: f32, %v: f32):
      spike.yield %v : f32
    } : tensor<6xf32>
    spike.output "out" %y : tensor<6xf32>)",
                 {1});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(2, 2, 2, 10, 10, 10));
}

TEST_F(InnerSteps, PositionAndTypeAreInputsOfTheirOwn) {
  Time = "steps 2 positions 3";
  weight("p", {2, 3}, std::vector<float>{1, 2, 3, 10, 20, 30});
  weight("k", {2, 2}, std::vector<float>{100, 200, 0, 0});
  Types = {1, 0, 1};
  std::string Ops = R"(
    %t = spike.input "tokens" : !spike.events<3 x binary>
    %q = spike.input "positions" role position : !spike.events<3 x binary>
    %u = spike.input "types" role type : !spike.events<2 x binary>
    %a = spike.linear "a" %q, %p : !spike.events<3 x binary>, tensor<2x3xf32>
        -> tensor<2xf32>
    %b = spike.linear "b" %u, %k : !spike.events<2 x binary>, tensor<2x2xf32>
        -> tensor<2xf32>
    %y = spike.population ["y"] (%a, %b : tensor<2xf32>, tensor<2xf32>) params()
        init [] {
    ^bb0(%v: f32, %w: f32):
      %s = arith.addf %v, %w : f32
      spike.yield %s : f32
    } : tensor<2xf32>
    spike.output "out" %y : tensor<2xf32>)";
  auto Ran = run(Ops, {0, 0, 0});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(201, 10, 102, 20, 203, 30));
  Types = {0, 2, 0};
  auto Bad = run(Ops, {0, 0, 0});
  ASSERT_FALSE(Bad);
  EXPECT_EQ(Bad.errors().front().Rule, "type-range");
}

TEST_F(InnerSteps, ASequenceFitsTheNetwork) {
  Time = "positions 2";
  auto Long = run(handedOn("", "%v"), {0, 1, 2});
  ASSERT_FALSE(Long);
  EXPECT_EQ(Long.errors().front().Rule, "sequence-length");
  EXPECT_THAT(Long.errors().front().Text, HasSubstr("3 tokens"));
  Valid = {1};
  auto Short = run(handedOn("", "%v"), {0, 1});
  ASSERT_FALSE(Short);
  EXPECT_EQ(Short.errors().front().Rule, "sequence-inputs");
}

TEST_F(InnerSteps, ASourceWithoutSynapsesMustBeSilent) {
  weight("w", {1, 2}, std::vector<float>{5, 7});
  std::string Ops = Stimulus + R"(
    %m = spike.mask [true, false] : tensor<2xf32>
    %y = spike.linear "y" %i, %w only %m : tensor<2xf32> : tensor<2xf32>,
        tensor<1x2xf32> -> tensor<1xf32>
    spike.output "out" %y : tensor<1xf32>)";
  auto Silent = run(Ops, {0});
  ASSERT_TRUE(Silent) << why(Silent);
  EXPECT_THAT(Silent->Logits, ElementsAre(5));
  auto Loud = run(Ops, {0, 1});
  ASSERT_FALSE(Loud);
  EXPECT_EQ(Loud.errors().front().Rule, "linear-5");
  EXPECT_THAT(Loud.errors().front().Text,
              HasSubstr("source 1 emits 10 at token step 1"));
}

TEST_F(InnerSteps, RotateTakesTheOtherHalfOfEachHead) {
  weight("w", {8, 2},
         std::vector<float>{1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0});
  auto Ran = run(Stimulus + R"(
    %z = spike.linear "z" %i, %w : tensor<2xf32>, tensor<8x2xf32>
        -> tensor<8xf32>
    %a = spike.population ["a"] (%z : tensor<8xf32>) params() init [] {
    ^bb0(%v: f32):
      spike.yield %v : f32
    } : tensor<8xf32>
    %r = spike.rotate %a heads 2 : tensor<8xf32> -> tensor<8xf32>
    %y = spike.population ["y"] (%r : tensor<8xf32>) params() init [] {
    ^bb0(%v: f32):
      spike.yield %v : f32
    } : tensor<8xf32>
    spike.output "out" %y : tensor<8xf32>)",
                 {0});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(3, 4, 1, 2, 7, 8, 5, 6));
}

/// Head of 4, base 10000: frequencies 1 and 0.01; a grid is its matrix.
TEST_F(InnerSteps, RotaryAnglesAndGrids) {
  weight("g", {2, 2}, std::vector<float>{3, -2, 1, 0.5f});
  weight("gs", {2}, std::vector<float>{1, 0.5f});
  auto Network = network(Stimulus + R"(
    %c = spike.rotary base 1.0e4 heads 2 : tensor<8x3xf32>
    %s = spike.rotary sine base 1.0e4 heads 2 : tensor<8x3xf32>
    %k = spike.grid %g by %gs bits 4 : tensor<2x2xf32>, tensor<2xf32>
        -> tensor<2x2xf32>
    spike.output "out" %i : tensor<2xf32>)");
  ASSERT_TRUE(Network);
  Constants Weights(Files());
  auto Rotary = Network.getBody().front().getOps<spike::RotaryOp>();
  for (spike::RotaryOp Op : Rotary) {
    auto Got = Weights.floats(Op.getValue());
    ASSERT_TRUE(Got) << why(Got);
    for (int64_t I = 0; I < 8; ++I)
      for (int64_t P = 0; P < 3; ++P) {
        double Angle = static_cast<double>(P) * (I % 2 == 0 ? 1.0 : 0.01);
        EXPECT_NEAR((*Got)[I * 3 + P],
                    Op.getSine() ? std::sin(Angle) : std::cos(Angle), 1e-7)
            << I << " " << P;
      }
    float Part[2];
    ASSERT_TRUE(Weights.floats(Op.getValue(), 1, 3, 2, 3, Part));
    EXPECT_EQ(Part[0], (*Got)[5]);
    EXPECT_EQ(Part[1], (*Got)[8]);
  }
  auto Grid = *Network.getBody().front().getOps<spike::GridOp>().begin();
  auto Same = Weights.floats(Grid.getValue());
  ASSERT_TRUE(Same) << why(Same);
  EXPECT_THAT(*Same, ElementsAre(3, -2, 1, 0.5f));
}
