// The error bounds that targets/Maths.h states, over dense sweeps of floats.

#include "targets/Maths.h"

#include <gtest/gtest.h>

#include <functional>

using namespace synfire;

namespace {

constexpr float Infinity = std::numeric_limits<float>::infinity();
constexpr float NaN = std::numeric_limits<float>::quiet_NaN();

/// Distance of \p Got from \p Want in units of the last place of \p Want.
double ulpError(float Got, double Want) {
  auto Near = static_cast<float>(Want);
  double Ulp = std::nextafter(std::fabs(Near), Infinity) - std::fabs(Near);
  return std::fabs(double(Got) - Want) / Ulp;
}

/// Every \p Stride-th float of [Low, High], both signs where the range has
/// them.
void sweep(float Low, float High, uint32_t Stride,
           const std::function<void(float)> &Body) {
  for (uint64_t Bits = 0; Bits < 0x7f800000; Bits += Stride)
    for (float Sign : {1.0f, -1.0f}) {
      float X = Sign * std::bit_cast<float>(static_cast<uint32_t>(Bits));
      if (X >= Low && X <= High)
        Body(X);
    }
}

TEST(Maths, ExpWithinTwoUlp) {
  double Worst = 0;
  sweep(-87.3f, 88.7f, 499, [&](float X) {
    Worst = std::max(Worst, ulpError(maths::exp(X), std::exp(double(X))));
  });
  EXPECT_LE(Worst, 2.0);
  EXPECT_GT(Worst, 0.1) << "the sweep measures nothing";
}

TEST(Maths, ExpEdges) {
  EXPECT_EQ(maths::exp(0.0f), 1.0f);
  EXPECT_EQ(maths::exp(-0.0f), 1.0f);
  EXPECT_EQ(maths::exp(-104.0f), 0.0f);
  EXPECT_EQ(maths::exp(-Infinity), 0.0f);
  EXPECT_EQ(maths::exp(-std::numeric_limits<float>::max()), 0.0f);
  EXPECT_EQ(maths::exp(89.0f), Infinity);
  EXPECT_EQ(maths::exp(Infinity), Infinity);
  EXPECT_TRUE(std::isnan(maths::exp(NaN)));
  EXPECT_GT(maths::exp(-103.0f), 0.0f) << "subnormal results are kept";
}

TEST(Maths, ExpSubnormalWithinTwoSteps) {
  sweep(-103.9f, -87.3f, 499, [&](float X) {
    ASSERT_NEAR(double(maths::exp(X)), std::exp(double(X)), 2 * 0x1p-149) << X;
  });
}

TEST(Maths, SigmoidWithinThreeUlp) {
  double Worst = 0;
  sweep(-87.0f, 100.0f, 499, [&](float X) {
    Worst = std::max(
        Worst, ulpError(maths::sigmoid(X), 1.0 / (1.0 + std::exp(-double(X)))));
  });
  EXPECT_LE(Worst, 3.0);
  EXPECT_EQ(maths::sigmoid(0.0f), 0.5f);
  EXPECT_EQ(maths::sigmoid(Infinity), 1.0f);
  EXPECT_EQ(maths::sigmoid(-Infinity), 0.0f);
  EXPECT_TRUE(std::isnan(maths::sigmoid(NaN)));
}

TEST(Maths, RsqrtWithinOneAndAHalfUlp) {
  double Worst = 0;
  sweep(std::numeric_limits<float>::min(), std::numeric_limits<float>::max(),
        499, [&](float X) {
          Worst = std::max(
              Worst, ulpError(maths::rsqrt(X), 1.0 / std::sqrt(double(X))));
        });
  EXPECT_LE(Worst, 1.5);
  EXPECT_EQ(maths::rsqrt(0.0f), Infinity);
  EXPECT_TRUE(std::isnan(maths::rsqrt(-1.0f)));
}

TEST(Maths, TanhAbsoluteError) {
  double Worst = 0;
  sweep(-50.0f, 50.0f, 499, [&](float X) {
    Worst = std::max(Worst,
                     std::fabs(double(maths::tanh(X)) - std::tanh(double(X))));
  });
  EXPECT_LE(Worst, 2e-7);
  EXPECT_EQ(maths::tanh(Infinity), 1.0f);
  EXPECT_EQ(maths::tanh(-Infinity), -1.0f);
}

TEST(Maths, RoundEvenIsNearbyint) {
  sweep(-std::numeric_limits<float>::max(), std::numeric_limits<float>::max(),
        997, [&](float X) { ASSERT_EQ(maths::roundEven(X), std::rint(X)); });
  for (float X = -1000.0f; X <= 1000.0f; X += 0.5f)
    ASSERT_EQ(maths::roundEven(X), std::rint(X)) << X;
  EXPECT_TRUE(std::signbit(maths::roundEven(-0.25f)));
  EXPECT_EQ(maths::roundEven(Infinity), Infinity);
  EXPECT_TRUE(std::isnan(maths::roundEven(NaN)));
}

TEST(Maths, ToIntTruncatesAndSaturates) {
  EXPECT_EQ(maths::toInt(1.9f), 1);
  EXPECT_EQ(maths::toInt(-1.9f), -1);
  EXPECT_EQ(maths::toInt(2147483520.0f), 2147483520);
  EXPECT_EQ(maths::toInt(-2147483648.0f), INT32_MIN);
  EXPECT_EQ(maths::toInt(-1e30f), INT32_MIN);
  EXPECT_EQ(maths::toInt(-Infinity), INT32_MIN);
  EXPECT_EQ(maths::toInt(1e30f), 2147483520);
  EXPECT_EQ(maths::toInt(Infinity), 2147483520);
  EXPECT_EQ(maths::toInt(NaN), 0);
}

TEST(Maths, MinAndMaxIgnoreNaN) {
  EXPECT_EQ(maths::minNum(NaN, 1.0f), 1.0f);
  EXPECT_EQ(maths::minNum(1.0f, NaN), 1.0f);
  EXPECT_EQ(maths::maxNum(NaN, 1.0f), 1.0f);
  EXPECT_EQ(maths::maxNum(1.0f, NaN), 1.0f);
  EXPECT_FALSE(std::signbit(maths::minNum(0.0f, -0.0f)));
}

TEST(Maths, IntegersWrap) {
  EXPECT_EQ(maths::addWrap(INT32_MAX, 1), INT32_MIN);
  EXPECT_EQ(maths::subWrap(INT32_MIN, 1), INT32_MAX);
  EXPECT_EQ(maths::mulWrap(65536, 65536), 0);
}

/// The same by division, whose remainder says which way to round.
int32_t mulShiftByDivision(int32_t A, int32_t B, unsigned Shift, int Way) {
  const __int128 Product = __int128(A) * B, Unit = __int128(1) << Shift;
  __int128 Down = Product / Unit, Rest = Product % Unit;
  if (Rest < 0)
    Rest += Unit, --Down;
  if (Way == 0 && Product < 0 && Rest != 0)
    ++Down;
  if (Way == 2 && 2 * Rest >= Unit)
    ++Down;
  return static_cast<int32_t>(static_cast<uint32_t>(Down));
}

TEST(Maths, MulShiftRoundsTheExactProduct) {
  const int32_t Values[] = {INT32_MIN,
                            INT32_MIN + 1,
                            -65537,
                            -4096,
                            -3,
                            -2,
                            -1,
                            0,
                            1,
                            2,
                            3,
                            7,
                            4095,
                            46341,
                            65536,
                            1 << 30,
                            INT32_MAX - 1,
                            INT32_MAX};
  for (int32_t A : Values)
    for (int32_t B : Values)
      for (unsigned Shift = 0; Shift <= 62; ++Shift) {
        ASSERT_EQ(maths::mulShiftZero(A, B, Shift),
                  mulShiftByDivision(A, B, Shift, 0))
            << A << " " << B << " " << Shift;
        ASSERT_EQ(maths::mulShiftFloor(A, B, Shift),
                  mulShiftByDivision(A, B, Shift, 1))
            << A << " " << B << " " << Shift;
        ASSERT_EQ(maths::mulShiftNearest(A, B, Shift),
                  mulShiftByDivision(A, B, Shift, 2))
            << A << " " << B << " " << Shift;
      }
  EXPECT_EQ(maths::mulShiftZero(-3, 1, 1), -1);
  EXPECT_EQ(maths::mulShiftFloor(-3, 1, 1), -2);
  EXPECT_EQ(maths::mulShiftNearest(-3, 1, 1), -1);
  EXPECT_EQ(maths::mulShiftNearest(3, 1, 1), 2);
}

TEST(Maths, QuantizeIsSymmetricAndClamps) {
  EXPECT_EQ(maths::quantizeSymmetric(1.0f, 1.0f / 127, 8), 127);
  EXPECT_EQ(maths::quantizeSymmetric(-9.0f, 1.0f / 127, 8), -127);
  EXPECT_EQ(maths::quantizeSymmetric(2.5f, 1.0f, 8), 2);
  EXPECT_EQ(maths::quantizeSymmetric(-2.5f, 1.0f, 8), -2);
}

} // namespace
