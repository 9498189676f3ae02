//===- CalibrationTest.cpp - Percentiles from a histogram -----------------===//

#include "compiler/transforms/Calibration.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using synfire::compiler::addSent;
using synfire::compiler::MagnitudeHistogram;
using synfire::compiler::windowsOf;

TEST(MagnitudeHistogram, PercentileIsWithinABinOfTheSortedValues) {
  std::mt19937 Random(1);
  std::normal_distribution<float> Normal(0.5f, 3.0f);
  std::vector<float> Values(100000);
  for (float &V : Values)
    V = Normal(Random);
  MagnitudeHistogram H;
  ASSERT_TRUE(H.add(Values));

  std::vector<float> Sorted;
  for (float V : Values)
    Sorted.push_back(std::fabs(V));
  std::sort(Sorted.begin(), Sorted.end());
  for (double Fraction : {0.5, 0.99, 0.9999}) {
    float Exact = Sorted[static_cast<size_t>(Fraction * Sorted.size()) - 1];
    EXPECT_NEAR(H.percentile(Fraction), Exact, Exact / 64) << Fraction;
  }
  EXPECT_EQ(H.largest(), Sorted.back());
  EXPECT_EQ(H.smallestValue(), *std::min_element(Values.begin(), Values.end()));
}

TEST(MagnitudeHistogram, OrderAndGroupingDoNotMatter) {
  std::vector<float> Values = {3, -1, 0.25f, 8, 0, -0.0f, 1e-30f, 7};
  MagnitudeHistogram Once, Parts;
  ASSERT_TRUE(Once.add(Values));
  std::reverse(Values.begin(), Values.end());
  for (float V : Values)
    ASSERT_TRUE(Parts.add({&V, 1}));
  for (double Fraction : {0.1, 0.5, 0.9, 1.0})
    EXPECT_EQ(Once.percentile(Fraction), Parts.percentile(Fraction));
}

TEST(MagnitudeHistogram, ZerosAndOutliers) {
  MagnitudeHistogram Zeros;
  EXPECT_EQ(Zeros.percentile(0.9999), 0.0f);
  std::vector<float> Values(100000, 0.0f);
  ASSERT_TRUE(Zeros.add(Values));
  EXPECT_EQ(Zeros.percentile(0.9999), 0.0f);
  // One value in 100,000 lies above the 99.99th percentile.
  float Outlier = 100;
  ASSERT_TRUE(Zeros.add({&Outlier, 1}));
  EXPECT_EQ(Zeros.percentile(0.9999), 0.0f);
  EXPECT_EQ(Zeros.percentile(1.0), 100.0f);
}

TEST(MagnitudeHistogram, RefusesWhatIsNotFinite) {
  MagnitudeHistogram H;
  for (float Bad : {std::numeric_limits<float>::quiet_NaN(),
                    std::numeric_limits<float>::infinity(),
                    -std::numeric_limits<float>::infinity()})
    EXPECT_FALSE(H.add({&Bad, 1}));
}

TEST(WindowsOf, CutsWithAShorterLast) {
  std::vector<int64_t> Tokens = {1, 2, 3, 4, 5};
  auto Windows = windowsOf(Tokens, 2);
  ASSERT_EQ(Windows.size(), 3u);
  EXPECT_EQ(Windows[1], (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(Windows[2], (std::vector<int64_t>{5}));
}

TEST(AddSent, SkipsStepsInWhichNothingIsSent) {
  // Three of four steps are gated to 0: they must not count.
  std::vector<float> Values;
  for (int Step = 0; Step < 400; ++Step)
    for (int Neuron = 0; Neuron < 4; ++Neuron)
      Values.push_back(Step % 4 == 3 ? static_cast<float>(Neuron) : 0.0f);
  MagnitudeHistogram H;
  ASSERT_TRUE(addSent(H, Values, 4, /*Rows=*/false));
  EXPECT_EQ(H.count(), 400u) << "a neuron that is 0 beside others counts";
  EXPECT_NEAR(H.percentile(0.5), 1.0f, 1.0f / 64);
}

TEST(AddSent, OfRowsOnlyNeuronsThatRanCount) {
  std::vector<float> Values = {0, 2, 0, 0, 0, 0, 4, 0};
  MagnitudeHistogram H;
  ASSERT_TRUE(addSent(H, Values, 4, /*Rows=*/true));
  EXPECT_EQ(H.count(), 2u);
  EXPECT_EQ(H.largest(), 4.0f);
  Values[1] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(addSent(H, Values, 4, /*Rows=*/true));
}
