//===- simulator/kernel/AccumulateAvx2.cpp - The AVX2 path ----------------===//
//
// Two rows at a time, interleaved byte by byte (or word by word), so that one
// multiply-add instruction multiplies both by their payloads and adds them.
//
//   One   bytes of two rows x (1, 1) -> 16-bit sums, widened every 256 rows
//   Unit  (weight + 128) x (+-1): the instruction wants one operand unsigned;
//         128 x the sum of the payloads is taken off afterwards
//   Word  words of two rows x two 16-bit payloads -> 32-bit sums
//   Any   32-bit multiply, wrapping
//
// Only this file is compiled with -mavx2; nothing inline from elsewhere may be
// instantiated here, or the linker could give it to other files.
//
//===----------------------------------------------------------------------===//

#include "simulator/kernel/AccumulatePaths.h"

#include <immintrin.h>

namespace synfire::sim::detail {
namespace {

/// A run of events over one tile of columns.
struct Run {
  const int8_t *Weights; ///< first row, first column of the tile
  size_t RowStride;
  const Event *Events;
  size_t Count;
  size_t Ahead; ///< events after this run whose rows are fetched meanwhile
  uint32_t RowBias;

  const int8_t *row(size_t I) const {
    return Weights + RowStride * size_t(Events[I].Index + RowBias);
  }
  void prefetch(size_t I, int Lines) const {
    // Two rows per call; a run has at least as many pairs as the next one.
    for (size_t K = I; K < I + 2 && K < Ahead; ++K)
      for (int L = 0; L < Lines; ++L)
        _mm_prefetch(reinterpret_cast<const char *>(row(Count + K) + 64 * L),
                     _MM_HINT_T0);
  }
};

inline __m256i load(const void *P) {
  return _mm256_loadu_si256(static_cast<const __m256i *>(P));
}

inline void addTo(int32_t *Acc, __m256i V) {
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(Acc),
                      _mm256_add_epi32(load(Acc), V));
}

/// Adds 16 words, less \p Excess each, to the accumulators of columns 0-7 and
/// 16-23 of a group of 32: the places where interleaving within lanes put them.
inline void widenTo(int32_t *Acc, __m256i Words, __m256i Excess) {
  __m256i Low = _mm256_cvtepi16_epi32(_mm256_castsi256_si128(Words));
  __m256i High = _mm256_cvtepi16_epi32(_mm256_extracti128_si256(Words, 1));
  addTo(Acc, _mm256_sub_epi32(Low, Excess));
  addTo(Acc + 16, _mm256_sub_epi32(High, Excess));
}

/// Payloads 1 (or +-1 when \p Signed) over V x 32 columns. At most 256 events
/// (128 when signed), so that no 16-bit sum overflows.
template <int V, bool Signed>
void unitRun(const Run &R, int32_t *Acc) {
  __m256i Low[V], High[V];
  for (int I = 0; I < V; ++I)
    Low[I] = High[I] = _mm256_setzero_si256();
  const __m256i Offset = _mm256_set1_epi8(static_cast<char>(0x80));
  const __m256i Ones = _mm256_set1_epi8(1);
  int32_t Total = 0;
  for (size_t I = 0; I < R.Count; I += 2) {
    R.prefetch(I, (V + 1) / 2);
    bool Pair = I + 1 < R.Count;
    const int8_t *A = R.row(I), *B = Pair ? R.row(I + 1) : A;
    int32_t PA = R.Events[I].Payload, PB = Pair ? R.Events[I + 1].Payload : 0;
    if constexpr (Signed) {
      Total += PA + PB;
      __m256i P = _mm256_set1_epi16(
          static_cast<short>((PA & 0xff) | ((PB & 0xff) << 8)));
      for (int K = 0; K < V; ++K) {
        __m256i WA = _mm256_xor_si256(load(A + 32 * K), Offset);
        __m256i WB = _mm256_xor_si256(load(B + 32 * K), Offset);
        Low[K] = _mm256_add_epi16(
            Low[K], _mm256_maddubs_epi16(_mm256_unpacklo_epi8(WA, WB), P));
        High[K] = _mm256_add_epi16(
            High[K], _mm256_maddubs_epi16(_mm256_unpackhi_epi8(WA, WB), P));
      }
    } else {
      __m256i P = Pair ? Ones : _mm256_set1_epi16(1);
      for (int K = 0; K < V; ++K) {
        __m256i WA = load(A + 32 * K), WB = load(B + 32 * K);
        Low[K] = _mm256_add_epi16(
            Low[K], _mm256_maddubs_epi16(P, _mm256_unpacklo_epi8(WA, WB)));
        High[K] = _mm256_add_epi16(
            High[K], _mm256_maddubs_epi16(P, _mm256_unpackhi_epi8(WA, WB)));
      }
    }
  }
  __m256i Excess = _mm256_set1_epi32(Total * 128);
  for (int K = 0; K < V; ++K) {
    widenTo(Acc + 32 * K, Low[K], Excess);
    widenTo(Acc + 32 * K + 8, High[K], Excess);
  }
}

/// 16-bit payloads over V x 16 columns.
template <int V>
void wordRun(const Run &R, int32_t *Acc) {
  __m256i Low[V], High[V];
  for (int I = 0; I < V; ++I)
    Low[I] = High[I] = _mm256_setzero_si256();
  for (size_t I = 0; I < R.Count; I += 2) {
    R.prefetch(I, (V + 3) / 4);
    bool Pair = I + 1 < R.Count;
    const int8_t *A = R.row(I), *B = Pair ? R.row(I + 1) : A;
    uint32_t PA = static_cast<uint32_t>(R.Events[I].Payload);
    uint32_t PB = Pair ? static_cast<uint32_t>(R.Events[I + 1].Payload) : 0;
    __m256i P =
        _mm256_set1_epi32(static_cast<int>((PA & 0xffffu) | (PB << 16)));
    for (int K = 0; K < V; ++K) {
      __m256i WA = _mm256_cvtepi8_epi16(
          _mm_loadu_si128(reinterpret_cast<const __m128i *>(A + 16 * K)));
      __m256i WB = _mm256_cvtepi8_epi16(
          _mm_loadu_si128(reinterpret_cast<const __m128i *>(B + 16 * K)));
      Low[K] = _mm256_add_epi32(
          Low[K], _mm256_madd_epi16(_mm256_unpacklo_epi16(WA, WB), P));
      High[K] = _mm256_add_epi32(
          High[K], _mm256_madd_epi16(_mm256_unpackhi_epi16(WA, WB), P));
    }
  }
  // Lanes hold columns 0-3 | 8-11 and 4-7 | 12-15 of each group of 16.
  for (int K = 0; K < V; ++K) {
    addTo(Acc + 16 * K, _mm256_permute2x128_si256(Low[K], High[K], 0x20));
    addTo(Acc + 16 * K + 8, _mm256_permute2x128_si256(Low[K], High[K], 0x31));
  }
}

/// Any payload over V x 16 columns.
template <int V>
void anyRun(const Run &R, int32_t *Acc) {
  __m256i Sum[2 * V];
  for (int I = 0; I < 2 * V; ++I)
    Sum[I] = _mm256_setzero_si256();
  for (size_t I = 0; I < R.Count; ++I) {
    if (I % 2 == 0)
      R.prefetch(I, (V + 3) / 4);
    const int8_t *A = R.row(I);
    __m256i P = _mm256_set1_epi32(R.Events[I].Payload);
    for (int K = 0; K < 2 * V; ++K) {
      __m256i W = _mm256_cvtepi8_epi32(
          _mm_loadl_epi64(reinterpret_cast<const __m128i *>(A + 8 * K)));
      Sum[K] = _mm256_add_epi32(Sum[K], _mm256_mullo_epi32(W, P));
    }
  }
  for (int K = 0; K < 2 * V; ++K)
    addTo(Acc + 8 * K, Sum[K]);
}

template <int V>
void wideRun(const Run &R, PayloadRange Range, int32_t *Acc) {
  if (Range == PayloadRange::Any)
    anyRun<V>(R, Acc);
  else
    wordRun<V>(R, Acc);
}

/// One group of rows over all columns, widest tiles first.
void addGroup(const ByteRows &Rows, Run R, PayloadRange Range, int32_t *Acc) {
  const int8_t *First = R.Weights;
  uint32_t Col = 0;
  auto at = [&]() -> const Run & {
    R.Weights = First + Col;
    return R;
  };
  if (Range == PayloadRange::One || Range == PayloadRange::Unit) {
    bool Signed = Range == PayloadRange::Unit;
    for (; Col + 128 <= Rows.Cols; Col += 128)
      Signed ? unitRun<4, true>(at(), Acc + Col)
             : unitRun<4, false>(at(), Acc + Col);
    for (; Col + 32 <= Rows.Cols; Col += 32)
      Signed ? unitRun<1, true>(at(), Acc + Col)
             : unitRun<1, false>(at(), Acc + Col);
  }
  for (; Col + 64 <= Rows.Cols; Col += 64)
    wideRun<4>(at(), Range, Acc + Col);
  for (; Col + 16 <= Rows.Cols; Col += 16)
    wideRun<1>(at(), Range, Acc + Col);
  if (Col == Rows.Cols)
    return;
  // What lies behind the last column within the stride is not ours to add.
  int32_t Tail[16] = {};
  wideRun<1>(at(), Range, Tail);
  for (uint32_t J = 0; Col + J < Rows.Cols; ++J)
    Acc[Col + J] = static_cast<int32_t>(static_cast<uint32_t>(Acc[Col + J]) +
                                        static_cast<uint32_t>(Tail[J]));
}

} // namespace

void accumulateAvx2(const ByteRows &Rows, const Event *Events, size_t Count,
                    uint32_t RowBias, PayloadRange Range,
                    int32_t *Accumulators) {
  // In cache, as many rows as the 16-bit sums allow; out of it, few enough that
  // their tiles and the accumulators stay in the first-level cache.
  size_t Group = Range == PayloadRange::One ? 256 : 128;
  if (Rows.Streaming)
    Group = 16;
  auto *Weights = reinterpret_cast<const int8_t *>(Rows.Weights);
  for (size_t I = 0; I < Count; I += Group) {
    size_t N = Count - I < Group ? Count - I : Group;
    size_t Left = Count - I - N;
    size_t Ahead = !Rows.Streaming ? 0 : Left < Group ? Left : Group;
    addGroup(Rows, {Weights, Rows.RowStride, Events + I, N, Ahead, RowBias},
             Range, Accumulators);
  }
}

} // namespace synfire::sim::detail
