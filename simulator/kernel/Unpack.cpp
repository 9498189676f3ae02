//===- simulator/kernel/Unpack.cpp - Narrow weights to bytes --------------===//

#include "simulator/kernel/Unpack.h"
#include "simulator/kernel/AccumulatePaths.h"

namespace synfire::sim {

void detail::unpackPortable(unsigned Bits, const std::byte *Row, uint32_t From,
                            uint32_t Cols, int8_t *Weights) {
  const uint32_t PerByte = 8 / Bits;
  for (uint32_t J = From; J < Cols; ++J) {
    // To the top of a byte, then back with the sign.
    const unsigned Up = 8 - Bits - Bits * (J % PerByte);
    const auto Byte = static_cast<uint8_t>(Row[J / PerByte]);
    Weights[J] = static_cast<int8_t>(
        static_cast<int8_t>(static_cast<uint8_t>(Byte << Up)) >> (8 - Bits));
  }
}

void unpackRow(unsigned Bits, const std::byte *Row, uint32_t Cols,
               int8_t *Weights, KernelPath Path) {
#ifdef SYNFIRE_HAVE_AVX2
  if (Path == KernelPath::Avx2)
    return detail::unpackAvx2(Bits, Row, Cols, Weights);
#endif
  (void)Path;
  detail::unpackPortable(Bits, Row, 0, Cols, Weights);
}

} // namespace synfire::sim
