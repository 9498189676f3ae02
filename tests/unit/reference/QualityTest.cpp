//===- QualityTest.cpp - Bits per token -----------------------------------===//

#include "compiler/reference/Quality.h"
#include "tests/unit/reference/NetworkText.h"

#include <cmath>
#include <limits>

using namespace synfire;
using namespace synfire::compiler;

TEST(BitsPerToken, UniformLogitsCostTheLogarithmOfTheVocabulary) {
  std::vector<float> Logits(3 * 8, 5.0f);
  std::vector<int64_t> Targets = {0, 7, 3};
  auto Bits = bitsPerToken(Logits, Targets);
  ASSERT_TRUE(Bits);
  EXPECT_NEAR(*Bits, 3.0, 1e-12);
}

TEST(BitsPerToken, LargeLogitsNeitherOverflowNorVanish) {
  std::vector<float> Logits = {1e30f, 0.0f, -1e30f, 1000.0f, 1000.0f, 0.0f};
  std::vector<int64_t> Targets = {0, 1};
  auto Bits = bitsPerToken(Logits, Targets);
  ASSERT_TRUE(Bits);
  EXPECT_NEAR(*Bits, 0.5, 1e-12);
}

TEST(BitsPerToken, RefusesWhatHasNoMeaning) {
  std::vector<float> Logits = {0, 0, 0, 0};
  std::vector<int64_t> None, Outside = {0, 2}, Uneven = {0, 0, 0},
                             Fine = {0, 1};
  EXPECT_FALSE(bitsPerToken(Logits, None));
  EXPECT_FALSE(bitsPerToken(Logits, Outside));
  EXPECT_FALSE(bitsPerToken(Logits, Uneven));
  EXPECT_TRUE(bitsPerToken(Logits, Fine));
  Logits[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(bitsPerToken(Logits, Fine));
}

namespace {
class Windows : public NetworkText {};
} // namespace

TEST_F(Windows, EveryWindowStartsFromReset) {
  // Logit 1 grows with every token since reset; logit 0 stays.
  weight("x", {2, 2}, std::vector<float>{0, 1, 0, 1});
  spike::NetworkOp Network = network(R"(
    %t = spike.input "tokens" : !spike.events<2 x binary>
    %i = spike.embed "i" %t, %x : !spike.events<2 x binary>,
        tensor<2x2xf32> -> tensor<2xf32>
    %y = spike.population ["y"] (%i : tensor<2xf32>) params() init [0.0] {
    ^bb0(%e: f32, %v: f32):
      %n = arith.addf %e, %v : f32
      spike.yield %n : f32 states %n : f32
    } : tensor<2xf32>
    spike.output "out" %y : tensor<2xf32>)");
  ASSERT_TRUE(Network);
  auto Ready = Interpreter::create(Network, Files());
  ASSERT_TRUE(Ready) << why(Ready);
  std::vector<int64_t> Text = {0, 1, 1, 1, 1, 1};
  auto Cost = [](int Since) { return std::log2(1 + std::exp(-Since)); };
  auto Two = bitsPerToken(*Ready, Text, 2);
  ASSERT_TRUE(Two) << why(Two);
  EXPECT_NEAR(*Two, (3 * Cost(1) + 2 * Cost(2)) / 5, 1e-6);
  auto Whole = bitsPerToken(*Ready, Text, 100);
  ASSERT_TRUE(Whole) << why(Whole);
  EXPECT_NEAR(*Whole, (Cost(1) + Cost(2) + Cost(3) + Cost(4) + Cost(5)) / 5,
              1e-6);
  EXPECT_FALSE(bitsPerToken(*Ready, Text, 0));
}
