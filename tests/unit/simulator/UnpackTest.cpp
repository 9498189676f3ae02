//===- UnpackTest.cpp - Narrow weights equal their definition -------------===//

#include "simulator/kernel/Unpack.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

using namespace synfire::sim;

namespace {

TEST(UnpackTest, EveryPathGivesTheSignedField) {
  std::mt19937 Random(13);
  for (KernelPath Path : {KernelPath::Portable, KernelPath::Avx2}) {
    if (!isAvailable(Path))
      continue;
    for (unsigned Bits : {2u, 4u})
      for (uint32_t Cols = 1; Cols < 300; Cols += 7) {
        std::vector<std::byte> Row((Cols * Bits + 7) / 8);
        for (std::byte &B : Row)
          B = static_cast<std::byte>(Random());
        std::vector<int8_t> Got(Cols + 1, 77);
        unpackRow(Bits, Row.data(), Cols, Got.data(), Path);
        for (uint32_t J = 0; J < Cols; ++J) {
          const uint32_t At = J * Bits;
          int Field =
              std::to_integer<int>(Row[At / 8]) >> (At % 8) & ((1 << Bits) - 1);
          if (Field >= 1 << (Bits - 1))
            Field -= 1 << Bits;
          ASSERT_EQ(Got[J], Field) << Bits << " bits, column " << J;
        }
        EXPECT_EQ(Got[Cols], 77) << "wrote behind the row";
      }
  }
}

} // namespace
