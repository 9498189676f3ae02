//===- simulator/kernel/AccumulateFewAvx2.cpp - Few rows, AVX2 ------------===//
//
// Two rows at a time: their weights as 16-bit words, interleaved, so that one
// multiply-add takes both. Nothing is set up per tile of columns, which pays
// where rows are short. Payloads of more than 16 bits are multiplied in 32.
//
//===----------------------------------------------------------------------===//

#include "simulator/kernel/AccumulatePaths.h"

#include <immintrin.h>

namespace synfire::sim::detail {
namespace {

constexpr size_t Most = 16; ///< rows that are taken together

struct FewRows {
  const int8_t *Rows[Most];
  int32_t Payloads[Most]; ///< of a row, or packed of a pair
  size_t Count = 0;       ///< rows, or pairs
};

inline __m256i words(const int8_t *Row) {
  return _mm256_cvtepi8_epi16(
      _mm_loadu_si128(reinterpret_cast<const __m128i *>(Row)));
}
inline void addTo(int32_t *Acc, __m256i V) {
  auto *At = reinterpret_cast<__m256i *>(Acc);
  _mm256_storeu_si256(At, _mm256_add_epi32(_mm256_loadu_si256(At), V));
}
/// The first \p Cols of 8, which are all that may be touched.
inline void addSome(int32_t *Acc, __m256i V, int Cols) {
  const __m256i Mask = _mm256_cmpgt_epi32(
      _mm256_set1_epi32(Cols), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  V = _mm256_add_epi32(_mm256_maskload_epi32(Acc, Mask), V);
  _mm256_maskstore_epi32(Acc, Mask, V);
}

/// Sums of 16 columns from \p Col on, in two halves.
inline void sumPairs(const FewRows &F, size_t Col, __m256i &First,
                     __m256i &Second) {
  __m256i Low = _mm256_setzero_si256(), High = Low;
  for (size_t I = 0; I < F.Count; ++I) {
    const __m256i P = _mm256_set1_epi32(F.Payloads[I]);
    const __m256i A = words(F.Rows[2 * I] + Col);
    const __m256i B = words(F.Rows[2 * I + 1] + Col);
    Low = _mm256_add_epi32(Low,
                           _mm256_madd_epi16(_mm256_unpacklo_epi16(A, B), P));
    High = _mm256_add_epi32(High,
                            _mm256_madd_epi16(_mm256_unpackhi_epi16(A, B), P));
  }
  First = _mm256_permute2x128_si256(Low, High, 0x20);
  Second = _mm256_permute2x128_si256(Low, High, 0x31);
}

inline void sumRows(const FewRows &F, size_t Col, __m256i &First,
                    __m256i &Second) {
  First = Second = _mm256_setzero_si256();
  for (size_t I = 0; I < F.Count; ++I) {
    const __m256i P = _mm256_set1_epi32(F.Payloads[I]);
    const __m128i W =
        _mm_loadu_si128(reinterpret_cast<const __m128i *>(F.Rows[I] + Col));
    First =
        _mm256_add_epi32(First, _mm256_mullo_epi32(_mm256_cvtepi8_epi32(W), P));
    Second = _mm256_add_epi32(
        Second,
        _mm256_mullo_epi32(_mm256_cvtepi8_epi32(_mm_srli_si128(W, 8)), P));
  }
}

template <bool Pairs>
void addFew(const FewRows &F, uint32_t Cols, int32_t *Acc) {
  __m256i First, Second;
  uint32_t Col = 0;
  for (; Col + 16 <= Cols; Col += 16) {
    Pairs ? sumPairs(F, Col, First, Second) : sumRows(F, Col, First, Second);
    addTo(Acc + Col, First);
    addTo(Acc + Col + 8, Second);
  }
  if (Col == Cols)
    return;
  Pairs ? sumPairs(F, Col, First, Second) : sumRows(F, Col, First, Second);
  const int Left = static_cast<int>(Cols - Col);
  addSome(Acc + Col, First, Left);
  if (Left > 8)
    addSome(Acc + Col + 8, Second, Left - 8);
}

} // namespace

void accumulateFewAvx2(const ByteRows &Rows, const Event *Events, size_t Count,
                       uint32_t RowBias, PayloadRange Range,
                       int32_t *Accumulators) {
  auto *Weights = reinterpret_cast<const int8_t *>(Rows.Weights);
  FewRows F;
  for (size_t First = 0; First < Count; First += Most) {
    const size_t N = Count - First < Most ? Count - First : Most;
    for (size_t I = 0; I < N; ++I) {
      const Event &E = Events[First + I];
      F.Rows[I] = Weights + Rows.RowStride * size_t(E.Index + RowBias);
      F.Payloads[I] = E.Payload;
    }
    if (Range == PayloadRange::Any) {
      F.Count = N;
      addFew<false>(F, Rows.Cols, Accumulators);
      continue;
    }
    F.Count = (N + 1) / 2;
    if (N % 2 != 0) {
      F.Rows[N] = F.Rows[N - 1];
      F.Payloads[N] = 0;
    }
    for (size_t I = 0; I < F.Count; ++I)
      F.Payloads[I] = static_cast<int32_t>(
          (static_cast<uint32_t>(F.Payloads[2 * I]) & 0xffffu) |
          static_cast<uint32_t>(F.Payloads[2 * I + 1]) << 16);
    addFew<true>(F, Rows.Cols, Accumulators);
  }
}

} // namespace synfire::sim::detail
