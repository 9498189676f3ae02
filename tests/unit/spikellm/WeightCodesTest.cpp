//===- WeightCodesTest.cpp - Weights as codes -----------------------------===//

#include "models/spikellm/WeightCodes.h"

#include <array>
#include <cmath>
#include <gmock/gmock.h>

using namespace synfire::models;
using ::testing::ElementsAre;

/// Steps of 1 from -1, zero point 1; half a step is rounded to the even 0.
TEST(WeightCodes, SpanLeastToLargest) {
  std::array<float, 4> Row = {-1, 0.25f, 2, 0.5f};
  RowCodes Of = quantizeRow(Row, 2);
  EXPECT_EQ(Of.Scale, 1.0f);
  EXPECT_EQ(Of.Zero, 1.0f);
  EXPECT_THAT(Row, ElementsAre(-1, 0, 2, 0));
}

/// A row of one sign keeps its codes; its zero point is beyond them.
TEST(WeightCodes, RowsOfOneSign) {
  std::array<float, 2> Row = {10, 13};
  RowCodes Of = quantizeRow(Row, 2);
  EXPECT_EQ(Of.Scale, 1.0f);
  EXPECT_EQ(Of.Zero, -10.0f);
  EXPECT_THAT(Row, ElementsAre(10, 13));
}

TEST(WeightCodes, NoWeightIsFurtherThanHalfAStep) {
  std::array<float, 64> Row, Coded;
  for (size_t I = 0; I < Row.size(); ++I)
    Row[I] = std::sin(static_cast<float>(I * I)) + 0.3f;
  for (int64_t Bits : {2, 4, 8}) {
    Coded = Row;
    RowCodes Of = quantizeRow(Coded, Bits);
    for (size_t I = 0; I < Row.size(); ++I) {
      // The zero point is rounded, so an end may move by half a step more.
      EXPECT_LE(std::fabs(Coded[I] - Row[I]), 1.0001f * Of.Scale);
      float Code = Coded[I] / Of.Scale + Of.Zero;
      EXPECT_NEAR(Code, std::round(Code), 1e-3);
      EXPECT_GE(Code, -1e-3);
      EXPECT_LE(Code, std::ldexp(1.0, static_cast<int>(Bits)) - 1 + 1e-3);
    }
  }
}

/// A constant row has the least step, and its zero point its limit.
TEST(WeightCodes, ConstantRows) {
  std::array<float, 3> Zeros = {0, 0, 0};
  RowCodes Of = quantizeRow(Zeros, 4);
  EXPECT_EQ(Of.Scale, 1e-5f);
  EXPECT_EQ(Of.Zero, 0.0f);
  EXPECT_THAT(Zeros, ElementsAre(0, 0, 0));
  std::array<float, 1> One = {-1};
  EXPECT_EQ(quantizeRow(One, 4).Zero, 1e4f);
}
