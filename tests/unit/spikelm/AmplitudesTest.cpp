//===- AmplitudesTest.cpp - Amplitudes that a first batch sets ------------===//
//
// The rule of the public code on numbers that fit on a hand; tests/e2e holds a
// whole network to a NumPy program.
//
//===----------------------------------------------------------------------===//

#include "models/spikelm/Amplitudes.h"

#include <gmock/gmock.h>

using namespace synfire::models;
using ::testing::ElementsAre;

namespace {
/// One token of two neurons, two inner steps.
const std::vector<std::vector<float>> Drives = {{1, -3, 2, 0.5f}};
const KnownAmplitudes Unset(2);
constexpr auto Published = SpikeLmMembrane::Published;
} // namespace

/// 2 (1 + 3) / 2 = 4; the first neuron stays silent and keeps 0.25 * 4 * 1, the
/// second one emits -1 and keeps 0.25 * 8 * -3. Then 2 (3 + 5.5) / 2.
TEST(SpikeLmAmplitudes, LaterStepsSeeTheEarlierAmplitude) {
  EXPECT_THAT(calibratedAmplitudes(Drives, 2, Unset, true, Published),
              ElementsAre(4, 8.5f));
}

TEST(SpikeLmAmplitudes, TextbookMembrane) {
  EXPECT_THAT(
      calibratedAmplitudes(Drives, 2, Unset, true, SpikeLmMembrane::Textbook),
      ElementsAre(4, 2.75f));
}

TEST(SpikeLmAmplitudes, KeysAndValuesHaveNoMembrane) {
  EXPECT_THAT(calibratedAmplitudes(Drives, 2, Unset, false, Published),
              ElementsAre(4, 2.5f));
}

/// With 2 the first neuron is at exactly half, which is silent, and keeps
/// 0.25 * 2; the second one keeps -0.75 * 4.
TEST(SpikeLmAmplitudes, WhatIsSetStays) {
  EXPECT_THAT(
      calibratedAmplitudes(Drives, 2, {2.0f, std::nullopt}, true, Published),
      ElementsAre(2, 5));
  EXPECT_THAT(
      calibratedAmplitudes(Drives, 2, {std::nullopt, 3.0f}, true, Published),
      ElementsAre(4, 3));
}

/// The mean is over all sequences of the batch, however long.
TEST(SpikeLmAmplitudes, OneMeanOverTheBatch) {
  EXPECT_THAT(calibratedAmplitudes(
                  std::vector<std::vector<float>>{{1, 3}, {2, 4, -5, 9}}, 1,
                  KnownAmplitudes(1), true, Published),
              ElementsAre(8));
  EXPECT_THAT(calibratedAmplitudes({}, 1, KnownAmplitudes(1), true, Published),
              ElementsAre(0));
}

/// What divides is at least 1e-5, what leaks is the amplitude itself.
TEST(SpikeLmAmplitudes, TinyAmplitudes) {
  auto Got = calibratedAmplitudes(std::vector<std::vector<float>>{{1, 0}}, 1,
                                  {1e-7f, std::nullopt}, true, Published);
  EXPECT_FLOAT_EQ(Got[1], 2 * 0.25f * (1e-5f - 1e-7f));
}
