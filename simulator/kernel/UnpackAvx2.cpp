//===- simulator/kernel/UnpackAvx2.cpp - Narrow weights to bytes, AVX2 ----===//
//
// 16 bytes at a time: each is split into its fields, every field's sign is
// extended by (x ^ s) - s with s its sign bit, and the fields are put back in
// the order of their columns.
//
//===----------------------------------------------------------------------===//

#include "simulator/kernel/AccumulatePaths.h"

#include <immintrin.h>

namespace synfire::sim::detail {
namespace {

inline __m128i loadBytes(const std::byte *P) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i *>(P));
}
inline void storeBytes(int8_t *P, __m128i V) {
  _mm_storeu_si128(reinterpret_cast<__m128i *>(P), V);
}

/// Field \p Shift of every byte, \p Bits wide, with its sign.
template <int Bits, int Shift>
__m128i field(__m128i V) {
  const __m128i Mask = _mm_set1_epi8((1 << Bits) - 1);
  const __m128i Sign = _mm_set1_epi8(1 << (Bits - 1));
  V = _mm_and_si128(_mm_srli_epi16(V, Shift), Mask);
  return _mm_sub_epi8(_mm_xor_si128(V, Sign), Sign);
}

} // namespace

void unpackAvx2(unsigned Bits, const std::byte *Row, uint32_t Cols,
                int8_t *Weights) {
  uint32_t Col = 0;
  if (Bits == 4)
    for (; Col + 32 <= Cols; Col += 32) {
      const __m128i V = loadBytes(Row + Col / 2);
      const __m128i A = field<4, 0>(V), B = field<4, 4>(V);
      storeBytes(Weights + Col, _mm_unpacklo_epi8(A, B));
      storeBytes(Weights + Col + 16, _mm_unpackhi_epi8(A, B));
    }
  else if (Bits == 2)
    for (; Col + 64 <= Cols; Col += 64) {
      const __m128i V = loadBytes(Row + Col / 4);
      const __m128i A = field<2, 0>(V), B = field<2, 2>(V);
      const __m128i C = field<2, 4>(V), D = field<2, 6>(V);
      const __m128i LowAB = _mm_unpacklo_epi8(A, B);
      const __m128i LowCD = _mm_unpacklo_epi8(C, D);
      const __m128i HighAB = _mm_unpackhi_epi8(A, B);
      const __m128i HighCD = _mm_unpackhi_epi8(C, D);
      storeBytes(Weights + Col, _mm_unpacklo_epi16(LowAB, LowCD));
      storeBytes(Weights + Col + 16, _mm_unpackhi_epi16(LowAB, LowCD));
      storeBytes(Weights + Col + 32, _mm_unpacklo_epi16(HighAB, HighCD));
      storeBytes(Weights + Col + 48, _mm_unpackhi_epi16(HighAB, HighCD));
    }
  unpackPortable(Bits, Row, Col, Cols, Weights);
}

} // namespace synfire::sim::detail
