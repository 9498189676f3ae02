//===- GrowingRunTest.cpp - Run while building ----------------------------===//

#include "compiler/reference/GrowingRun.h"
#include "tests/unit/reference/NetworkText.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::compiler;
using ::testing::ElementsAre;

namespace {
/// %a is one more than the stimulus, %b the sum of both.
class Growing : public NetworkText {
protected:
  void SetUp() override {
    weight("x", {3, 2}, std::vector<float>{1, 0, 2, 10, 3, 20});
    Network = network(R"(
      %t = spike.input "tokens" : !spike.events<3 x binary>
      %i = spike.embed "i" %t, %x : !spike.events<3 x binary>,
          tensor<3x2xf32> -> tensor<2xf32>
      %a = spike.population ["a"] (%i : tensor<2xf32>) params() init [] {
      ^bb0(%v: f32):
        %c = arith.constant 1.0 : f32
        %s = arith.addf %v, %c : f32
        spike.yield %s : f32
      } : tensor<2xf32>
      %b = spike.population ["b"] (%i, %a : tensor<2xf32>, tensor<2xf32>)
          params() init [] {
      ^bb0(%v: f32, %w: f32):
        %s = arith.addf %v, %w : f32
        spike.yield %s : f32
      } : tensor<2xf32>
      spike.output "out" %b : tensor<2xf32>)");
    for (auto P : Network.getBody().front().getOps<spike::PopulationOp>())
      (A ? B : A) = P;
  }
  Result<GrowingRun> start() {
    std::vector<RunInputs> All;
    for (const auto &Tokens : Sequences)
      All.push_back({Tokens, {}, {}});
    return GrowingRun::create(Network, Files(), All);
  }

  spike::NetworkOp Network;
  spike::PopulationOp A, B;
  std::vector<std::vector<int64_t>> Sequences = {{0, 1}, {2}};
};
} // namespace

TEST_F(Growing, GivesTheValuesOfEachSequence) {
  auto Run = start();
  ASSERT_TRUE(Run) << why(Run);
  auto Values = Run->take(A->getResult(0));
  ASSERT_TRUE(Values) << why(Values);
  ASSERT_EQ(Values->size(), 2u);
  EXPECT_THAT((*Values)[0], ElementsAre(2, 1, 3, 11));
  EXPECT_THAT((*Values)[1], ElementsAre(4, 21));
}

/// What was taken may change before the next op is built on it.
TEST_F(Growing, TakenOpsRunAgainAsTheyAreThen) {
  auto Run = start();
  ASSERT_TRUE(Run) << why(Run);
  ASSERT_TRUE(Run->take(A->getResult(0)));
  A.walk([&](mlir::arith::ConstantOp C) {
    C.setValueAttr(mlir::FloatAttr::get(C.getType(), 100.0));
  });
  auto Values = Run->take(B->getResult(0));
  ASSERT_TRUE(Values) << why(Values);
  EXPECT_THAT((*Values)[0], ElementsAre(102, 100, 104, 120));
  EXPECT_THAT((*Values)[1], ElementsAre(106, 140));
}

TEST_F(Growing, KeepsOnlyWhatIsAskedFor) {
  auto Run = start();
  ASSERT_TRUE(Run) << why(Run);
  B->moveAfter(&Network.getBody().front().back());
  mlir::Operation *Out = B->getPrevNode();
  Out->erase();
  B->remove();
  ASSERT_TRUE(Run->keepOnly(A->getResult(0)));
  Network.getBody().front().push_back(B);
  B->setOperand(0, A->getResult(0)); // the stimulus is gone
  auto Values = Run->take(B->getResult(0));
  ASSERT_TRUE(Values) << why(Values);
  EXPECT_THAT((*Values)[0], ElementsAre(4, 2, 6, 22));
  EXPECT_THAT((*Values)[1], ElementsAre(8, 42));
}

TEST_F(Growing, RefusesWhatIsNoSequence) {
  Sequences = {{0}, {1, 3}};
  auto Run = start();
  ASSERT_FALSE(Run);
  EXPECT_EQ(Run.errors().front().Rule, "token-range");
}
