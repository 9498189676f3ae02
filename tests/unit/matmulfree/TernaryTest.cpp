//===- TernaryTest.cpp - Ternary matrices as stored codes -----------------===//
//
// 8-bit codes under row scales hold -a, 0 and a exactly: no weight changes by
// quantisation.
//
//===----------------------------------------------------------------------===//

#include "targets/Maths.h"

#include <gtest/gtest.h>

#include <random>

using namespace synfire;

TEST(Ternary, CodesAreExact) {
  std::mt19937 Random(1);
  std::uniform_real_distribution<float> Magnitude(1e-5f, 10.0f);
  for (int Bits : {2, 4, 8})
    for (int Trial = 0; Trial != 1000; ++Trial) {
      const float A = Magnitude(Random);
      const auto Limit = static_cast<float>((1 << (Bits - 1)) - 1);
      const float Scale = A / Limit;
      EXPECT_EQ(maths::quantizeSymmetric(A, Scale, Bits), Limit);
      EXPECT_EQ(maths::quantizeSymmetric(-A, Scale, Bits), -Limit);
      EXPECT_EQ(maths::quantizeSymmetric(0.0f, Scale, Bits), 0.0f);
    }
}
