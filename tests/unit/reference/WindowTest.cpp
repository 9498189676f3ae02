//===- WindowTest.cpp - Convolutions, delays and fixed point --------------===//

#include "targets/Maths.h"
#include "tests/unit/reference/NetworkText.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <random>

using namespace synfire;
using namespace synfire::compiler;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {
class InterpretedWindows : public NetworkText {
protected:
  std::vector<int32_t> Given;
  /// Runs \p Body, which reads the input "x" of \p Neurons events.
  Result<RunResult> runOn(const std::string &Body, int64_t Neurons,
                          std::vector<int32_t> Payloads,
                          RunOptions Options = {}) {
    Given = std::move(Payloads);
    std::vector<int64_t> Steps(Given.size() / Neurons);
    EventInput In{"x", Given};
    RunInputs Inputs;
    Inputs.Tokens = Steps;
    Inputs.Events = {&In, 1};
    return runInputs(Body, Inputs, Options);
  }
};

/// Shape of a random convolution, in the order of the attributes.
struct Shape {
  int64_t C, H, W, To, Kh, Kw, Sy, Sx, Py, Px, Dy, Dx, Groups;
  int64_t height() const { return (H + 2 * Py - Dy * (Kh - 1) - 1) / Sy + 1; }
  int64_t width() const { return (W + 2 * Px - Dx * (Kw - 1) - 1) / Sx + 1; }
};
} // namespace

TEST_F(InterpretedWindows, ConvolutionAddsWhatTheFormulaSays) {
  std::mt19937 Random(7);
  auto Pick = [&](int64_t Low, int64_t High) {
    return std::uniform_int_distribution<int64_t>(Low, High)(Random);
  };
  for (int Round = 0; Round < 40; ++Round) {
    Shape S{};
    S.Groups = Pick(1, 3);
    S.C = S.Groups * Pick(1, 3);
    S.To = S.Groups * Pick(1, 3);
    S.H = Pick(3, 7);
    S.W = Pick(3, 7);
    S.Kh = Pick(1, 3);
    S.Kw = Pick(1, 3);
    S.Sy = Pick(1, 3);
    S.Sx = Pick(1, 3);
    S.Py = Pick(0, 2);
    S.Px = Pick(0, 2);
    S.Dy = S.Kh > 1 && S.H + 2 * S.Py > 2 * (S.Kh - 1) ? Pick(1, 2) : 1;
    S.Dx = S.Kw > 1 && S.W + 2 * S.Px > 2 * (S.Kw - 1) ? Pick(1, 2) : 1;
    const int64_t Columns = S.C / S.Groups * S.Kh * S.Kw;
    std::vector<float> Kernel(S.To * Columns);
    for (float &V : Kernel)
      V = static_cast<float>(Pick(-5, 5));
    const std::string Name = fmt::format("k{}", Round);
    weight(Name, {S.To, Columns}, Kernel);
    const int64_t Sources = S.C * S.H * S.W;
    const int64_t Sums = S.To * S.height() * S.width();
    std::vector<int32_t> X(Sources);
    for (int32_t &V : X)
      V = static_cast<int32_t>(Pick(-3, 3));
    auto Ran = runOn(fmt::format(R"(
    %x = spike.input "x" role events : !spike.events<{0} x signed<8>>
    %y = spike.conv "y" %x, %{1} from [{2}, {3}, {4}] to [{5}, {6}, {7}]
        size [{8}, {9}] stride [{10}, {11}] pad [{12}, {13}]
        dilation [{14}, {15}] groups {16} : !spike.events<{0} x signed<8>>,
        tensor<{5}x{17}xf32> -> tensor<{18}xf32>
    spike.output "out" %y : tensor<{18}xf32>)",
                                 Sources, Name, S.C, S.H, S.W, S.To, S.height(),
                                 S.width(), S.Kh, S.Kw, S.Sy, S.Sx, S.Py, S.Px,
                                 S.Dy, S.Dx, S.Groups, Columns, Sums),
                     Sources, X);
    ASSERT_TRUE(Ran) << why(Ran);
    ASSERT_EQ(Ran->Logits.size(), size_t(Sums));
    const int64_t OfGroup = S.C / S.Groups, ToGroup = S.To / S.Groups;
    for (int64_t T = 0; T < Sums; ++T) {
      const int64_t C2 = T % S.To, Y = T / S.To % S.height();
      const int64_t Xt = T / S.To / S.height();
      float Sum = 0;
      for (int64_t C = 0; C < OfGroup; ++C)
        for (int64_t Kx = 0; Kx < S.Kw; ++Kx)
          for (int64_t Ky = 0; Ky < S.Kh; ++Ky) {
            const int64_t Sx = Xt * S.Sx - S.Px + Kx * S.Dx;
            const int64_t Sy = Y * S.Sy - S.Py + Ky * S.Dy;
            if (Sx < 0 || Sx >= S.W || Sy < 0 || Sy >= S.H)
              continue;
            const int64_t Channel = C2 / ToGroup * OfGroup + C;
            Sum += Kernel[C2 * Columns + (C * S.Kw + Kx) * S.Kh + Ky] *
                   static_cast<float>(X[(Sx * S.H + Sy) * S.C + Channel]);
          }
      ASSERT_EQ(Ran->Logits[T], Sum) << "round " << Round << ", sum " << T;
    }
  }
}

TEST_F(InterpretedWindows, IntegerKernelsAndDummyColumns) {
  weight("k", {1, 2}, std::vector<float>{1, -2});
  weight("one", {1}, std::vector<float>{1});
  // Two columns more than the kernel has places: they hear what is in reach.
  auto Ran = runOn(R"(
    %x = spike.input "x" role events shape [1, 1, 3] : !spike.events<3 x binary>
    %c = spike.quantize %k by %one bits 8 : tensor<1x2xf32>, tensor<1xf32>
        -> tensor<1x2xi8>
    %y = spike.conv "y" %x, %c from [1, 1, 3] to [1, 1, 4] size [1, 2]
        stride [1, 1] pad [0, 0] dilation [1, 1] : !spike.events<3 x binary>,
        tensor<1x2xi8> -> tensor<4xi32>
    %o = spike.population ["o"] (%y : tensor<4xi32>) params() init [] {
    ^bb0(%n: i32):
      spike.yield %n : i32
    } : !spike.events<4 x signed<8>>
    %s = spike.derive () {
      %f = arith.constant 1.0 : f32
      spike.yield %f : f32
    } : tensor<4xf32>
    spike.output "out" %o scaled by %s : !spike.events<4 x signed<8>>,
        tensor<4xf32>)",
                   3, {1, 0, 1, 0, 1, 1});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(1, -2, 1, 0, -2, -1, 1, 0));
}

TEST_F(InterpretedWindows, PoolsAddChannelByChannel) {
  auto Ran = runOn(R"(
    %x = spike.input "x" role events : !spike.events<8 x signed<8>>
    %y = spike.pool "y" %x from [2, 2, 2] to [2, 1, 1] size [2, 2]
        stride [2, 2] pad [0, 0] : !spike.events<8 x signed<8>> -> tensor<2xi32>
    %o = spike.population ["o"] (%y : tensor<2xi32>) params() init [] {
    ^bb0(%n: i32):
      %f = arith.sitofp %n : i32 to f32
      spike.yield %f : f32
    } : tensor<2xf32>
    spike.output "out" %o : tensor<2xf32>)",
                   8, {1, 10, 2, 20, 3, 30, 4, 40});
  ASSERT_TRUE(Ran) << why(Ran);
  EXPECT_THAT(Ran->Logits, ElementsAre(10, 100));
}

/// A neuron that adds its input to what itself and a later one were before.
static const char *Circle = R"(
    %x = spike.input "x" role events : !spike.events<1 x signed<8>>
    %d = spike.delay %b by 2 : !spike.events<1 x signed<16>>
        -> !spike.events<1 x signed<16>>
    %a = spike.population ["a"] (%x, %d : !spike.events<1 x signed<8>>,
        !spike.events<1 x signed<16>>) params() init [3.0] {
    ^bb0(%i: i32, %r: i32, %s: i32):
      %t = arith.addi %i, %r : i32
      %u = arith.addi %t, %s : i32
      spike.yield %u : i32 states %u : i32
    } : !spike.events<1 x signed<16>>
    %b = spike.population ["b"] (%a : !spike.events<1 x signed<16>>) params()
        init [] {
    ^bb0(%n: i32):
      %one = arith.constant 1 : i32
      %m = arith.addi %n, %one : i32
      spike.yield %m : i32
    } : !spike.events<1 x signed<16>>
    %o = spike.population ["o"] (%a : !spike.events<1 x signed<16>>) params()
        init [] {
    ^bb0(%n: i32):
      %f = arith.sitofp %n : i32 to f32
      spike.yield %f : f32
    } : tensor<1xf32>
    spike.output "out" %o : tensor<1xf32>)";

TEST_F(InterpretedWindows, CirclesHearTheStepsBefore) {
  RunOptions Options;
  Options.RecordEvents = true;
  auto Ran = runOn(Circle, 1, {1, 0, 2, 0, 0}, Options);
  ASSERT_TRUE(Ran) << why(Ran);
  // a: 3+1=4, 4, 4+2+(4+1)=11, 11+5=16, 16+12=28
  EXPECT_THAT(Ran->Logits, ElementsAre(4, 4, 11, 16, 28));
  ASSERT_EQ(Ran->Events.size(), 2u);
  EXPECT_EQ(Ran->Events[1].Name, "b");
  EXPECT_THAT(Ran->Events[1].Payloads, ElementsAre(5, 5, 12, 17, 29));
}

TEST_F(InterpretedWindows, StatesReturnToTheirInitialValues) {
  std::string Body = Circle;
  Body.replace(Body.find("init [3.0]"), 10, "init [3.0] reset [2, 1]");
  auto Ran = runOn(Body, 1, {1, 0, 2, 0, 0});
  ASSERT_TRUE(Ran) << why(Ran);
  // Before steps 1 and 3 the sum is 3 again.
  EXPECT_THAT(Ran->Logits, ElementsAre(4, 3, 10, 7, 18));
}

TEST_F(InterpretedWindows, FixedPointIsExactInSixtyFourBits) {
  auto Ran = runOn(R"(
    %x = spike.input "x" role events : !spike.events<2 x signed<24>>
    %one = spike.derive () {
      %f = arith.constant 3072.0 : f32
      spike.yield %f : f32
    } : tensor<2xf32>
    %a, %b, %c = spike.population ["a", "b", "c"] (%x
        : !spike.events<2 x signed<24>>) params(%one : tensor<2xf32>) init [] {
    ^bb0(%v: i32, %k: i32):
      %z = spike.mul_shift %v, %k by 12 zero
      %f = spike.mul_shift %v, %k by 12 floor
      %n = spike.mul_shift %v, %k by 12 nearest
      spike.yield %z, %f, %n : i32, i32, i32
    } : !spike.events<2 x signed<24>>, !spike.events<2 x signed<24>>,
        !spike.events<2 x signed<24>>
    %o = spike.population ["o"] (%a, %b, %c : !spike.events<2 x signed<24>>,
        !spike.events<2 x signed<24>>, !spike.events<2 x signed<24>>) params()
        init [] {
    ^bb0(%z: i32, %f: i32, %n: i32):
      %h = arith.constant 1000 : i32
      %p = arith.muli %f, %h : i32
      %q = arith.muli %p, %h : i32
      %r = arith.muli %n, %h : i32
      %s = arith.addi %z, %r : i32
      %g = arith.sitofp %s : i32 to f32
      spike.yield %g : f32
    } : tensor<2xf32>
    spike.output "out" %o : tensor<2xf32>)",
                   2, {-5, 5, 8388607, -8388607});
  ASSERT_TRUE(Ran) << why(Ran);
  // -3.75: -3 toward zero, -4 to the nearest.
  EXPECT_EQ(Ran->Logits[0], -3 - 4000);
  EXPECT_EQ(Ran->Logits[1], 3 + 4000);
  EXPECT_EQ(maths::mulShiftZero(8388607, 3072, 12), 6291455);
}

TEST_F(InterpretedWindows, RefusesEventsThatAreNotThere) {
  std::vector<int64_t> Steps(2);
  RunInputs Inputs;
  Inputs.Tokens = Steps;
  auto Ran = runInputs(Circle, Inputs);
  ASSERT_FALSE(Ran);
  EXPECT_THAT(why(Ran), HasSubstr("sequence-inputs"));
  auto Wide = runOn(Circle, 1, {200});
  ASSERT_FALSE(Wide);
  EXPECT_THAT(why(Wide), HasSubstr("payload-range"));
}
