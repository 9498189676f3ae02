//===- simulator/kernel/AccumulateAvx2.cpp - The AVX2 path ----------------===//
//
// Events are taken in groups, two rows at a time, interleaved so that one
// multiply-add instruction multiplies both by their payloads and adds them.
// Sums of a tile of columns stay in registers over the whole group; tiles are
// as wide as the registers allow, no wider.
//
//   One   bytes of two rows x (1, 1) -> 16-bit sums
//   Unit  the same, rows of payload -1 after the others and subtracted
//   Byte  16-bit words of two rows, each of them two columns: see byteTile
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

/// Events of one group: 16-bit sums of 255 rows hold 255 x -128 of either sign,
/// and an odd number of positive ones is filled up by a row.
constexpr size_t MaxGroup = 254;
/// Out of cache, few enough that their rows, those of the next group and the
/// accumulators stay near the first-level cache.
constexpr size_t StreamedGroup = 8;

/// A group of events, ready for every tile: row starts and payloads in pairs.
/// A row without a partner is paired with itself at payload 0.
struct Group {
  const int8_t *Rows[MaxGroup + 2];
  int32_t Payloads[MaxGroup + 2];
  int32_t Packed[MaxGroup / 2 + 1]; ///< both payloads, as the tile wants them
  /// Rows of the next group, whose columns are fetched while a tile adds its
  /// own; as many as Rows.
  const int8_t *Ahead[MaxGroup + 2];
  bool Fetches = false; ///< Ahead is set
  size_t Pairs = 0;     ///< all
  size_t Added = 0;     ///< Unit: pairs with payload 1 come first
  uint32_t Total = 0;   ///< sum of the payloads, mod 2^32

  // Always inline: a function that only prefetches has no effect in the eyes of
  // GCC, which would drop its calls.
  [[gnu::always_inline]] void fetch(size_t Pair, size_t Col) const {
    if (!Fetches)
      return;
    for (size_t I = 2 * Pair; I < 2 * Pair + 2; ++I)
      _mm_prefetch(reinterpret_cast<const char *>(Ahead[I] + Col), _MM_HINT_T0);
  }
};

class Filler {
public:
  Filler(const ByteRows &Rows, const Event *Events, uint32_t RowBias)
      : Weights(reinterpret_cast<const int8_t *>(Rows.Weights)),
        Stride(Rows.RowStride), Events(Events), RowBias(RowBias) {}

  const int8_t *row(size_t I) const {
    return Weights + Stride * size_t(Events[I].Index + RowBias);
  }

  /// Makes a group of events \p First to \p Last.
  void operator()(Group &G, size_t First, size_t Last,
                  PayloadRange Range) const {
    size_t N = 0;
    auto push = [&](size_t I, int32_t Payload) {
      G.Rows[N] = row(I);
      G.Payloads[N++] = Payload;
    };
    auto even = [&] {
      if (N % 2 == 0)
        return;
      G.Rows[N] = G.Rows[N - 1];
      G.Payloads[N++] = 0;
    };
    G.Total = 0;
    const bool Unit = Range <= PayloadRange::Unit;
    for (size_t I = First; I < Last; ++I)
      if (!Unit || Events[I].Payload == 1) {
        push(I, Events[I].Payload);
        G.Total += static_cast<uint32_t>(Events[I].Payload);
      }
    even();
    G.Added = N / 2;
    if (Range == PayloadRange::Unit)
      for (size_t I = First; I < Last; ++I)
        if (Events[I].Payload != 1)
          push(I, 1);
    even();
    G.Pairs = N / 2;
    for (size_t I = 0; I < G.Pairs; ++I) {
      auto A = static_cast<uint32_t>(G.Payloads[2 * I]);
      auto B = static_cast<uint32_t>(G.Payloads[2 * I + 1]);
      G.Packed[I] = static_cast<int32_t>(Unit ? (A | B << 8) * 0x10001u
                                              : (A & 0xffffu) | B << 16);
    }
  }

  /// Sets the rows that follow \p Next; where there are none, its own.
  void lookAhead(Group &G, size_t Next, size_t Count) const {
    G.Fetches = true;
    for (size_t I = 0; I < 2 * G.Pairs; ++I)
      G.Ahead[I] = Count - Next > I ? row(Next + I) : G.Rows[I];
  }

private:
  const int8_t *Weights;
  size_t Stride;
  const Event *Events;
  uint32_t RowBias;
};

inline __m256i load(const void *P) {
  return _mm256_loadu_si256(static_cast<const __m256i *>(P));
}

// A new sum, final before what follows: left alone, GCC 12 computes every
// product of a pair of rows first and keeps sums in memory for want of
// registers.
inline __m256i addWords(__m256i Sum, __m256i V) {
  Sum = _mm256_add_epi16(Sum, V);
  asm volatile("" : "+x"(Sum));
  return Sum;
}
inline __m256i subWords(__m256i Sum, __m256i V) {
  Sum = _mm256_sub_epi16(Sum, V);
  asm volatile("" : "+x"(Sum));
  return Sum;
}
inline __m256i add(__m256i Sum, __m256i V) {
  Sum = _mm256_add_epi32(Sum, V);
  asm volatile("" : "+x"(Sum));
  return Sum;
}

/// 32 weights of a row; of the last half tile 16, for no more may be readable.
template <bool Half>
__m256i weights(const int8_t *Row) {
  if constexpr (Half)
    return _mm256_castsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i *>(Row)));
  else
    return load(Row);
}

inline void addTo(int32_t *Acc, __m256i V) {
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(Acc),
                      _mm256_add_epi32(load(Acc), V));
}

/// Adds 16 words to the accumulators of columns 0-7 and 16-23 of a group of 32:
/// the places where interleaving within lanes put them.
inline void widenTo(int32_t *Acc, __m256i Words) {
  addTo(Acc, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(Words)));
  addTo(Acc + 16, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(Words, 1)));
}

/// Payloads 1 and -1 over V x 32 columns.
template <int V, bool Half = false>
void unitTile(const Group &G, size_t Col, int32_t *Acc) {
  __m256i Low[V], High[V];
#pragma GCC unroll 4
  for (int K = 0; K < V; ++K)
    Low[K] = High[K] = _mm256_setzero_si256();
  size_t I = 0;
  for (; I < G.Added; ++I) {
    const int8_t *A = G.Rows[2 * I] + Col, *B = G.Rows[2 * I + 1] + Col;
    for (int L = 0; L < (V + 1) / 2; ++L)
      G.fetch(I, Col + 64 * L);
    __m256i P = _mm256_set1_epi32(G.Packed[I]);
#pragma GCC unroll 4
    for (int K = 0; K < V; ++K) {
      __m256i WA = weights<Half>(A + 32 * K), WB = weights<Half>(B + 32 * K);
      Low[K] = addWords(Low[K],
                        _mm256_maddubs_epi16(P, _mm256_unpacklo_epi8(WA, WB)));
      High[K] = addWords(High[K],
                         _mm256_maddubs_epi16(P, _mm256_unpackhi_epi8(WA, WB)));
    }
  }
  for (; I < G.Pairs; ++I) {
    const int8_t *A = G.Rows[2 * I] + Col, *B = G.Rows[2 * I + 1] + Col;
    for (int L = 0; L < (V + 1) / 2; ++L)
      G.fetch(I, Col + 64 * L);
    __m256i P = _mm256_set1_epi32(G.Packed[I]);
#pragma GCC unroll 4
    for (int K = 0; K < V; ++K) {
      __m256i WA = weights<Half>(A + 32 * K), WB = weights<Half>(B + 32 * K);
      Low[K] = subWords(Low[K],
                        _mm256_maddubs_epi16(P, _mm256_unpacklo_epi8(WA, WB)));
      High[K] = subWords(High[K],
                         _mm256_maddubs_epi16(P, _mm256_unpackhi_epi8(WA, WB)));
    }
  }
#pragma GCC unroll 4
  for (int K = 0; K < V; ++K) {
    widenTo(Acc + 32 * K, Low[K]);
    widenTo(Acc + 32 * K + 8, High[K]);
  }
}

/// Payloads of magnitude at most 255 over V x 32 columns, without widening any
/// weight. With bit 7 of every even column flipped, a word of a row is
/// 256 x odd + (even + 128), so
///   Both = sum of payload x word          = 256 x Odd + Even
///   Even = sum of payload x its low byte  = sum over even columns + 128 x
///   Total
/// and Odd = (Both - Even) / 256 is exact: 254 rows stay below 2^31.
template <int V, bool Half = false>
void byteTile(const Group &G, size_t Col, int32_t *Acc) {
  const __m256i Flip = _mm256_set1_epi16(0x80);
  const __m256i LowByte = _mm256_set1_epi16(0xff);
  __m256i BothLow[V], BothHigh[V], EvenLow[V], EvenHigh[V];
#pragma GCC unroll 4
  for (int K = 0; K < V; ++K)
    BothLow[K] = BothHigh[K] = EvenLow[K] = EvenHigh[K] =
        _mm256_setzero_si256();
  for (size_t I = 0; I < G.Pairs; ++I) {
    const int8_t *A = G.Rows[2 * I] + Col, *B = G.Rows[2 * I + 1] + Col;
    G.fetch(I, Col);
    __m256i P = _mm256_set1_epi32(G.Packed[I]);
#pragma GCC unroll 4
    for (int K = 0; K < V; ++K) {
      __m256i WA = _mm256_xor_si256(weights<Half>(A + 32 * K), Flip);
      __m256i WB = _mm256_xor_si256(weights<Half>(B + 32 * K), Flip);
      __m256i W = _mm256_unpacklo_epi16(WA, WB);
      BothLow[K] = add(BothLow[K], _mm256_madd_epi16(W, P));
      W = _mm256_and_si256(W, LowByte);
      EvenLow[K] = add(EvenLow[K], _mm256_madd_epi16(W, P));
      W = _mm256_unpackhi_epi16(WA, WB);
      BothHigh[K] = add(BothHigh[K], _mm256_madd_epi16(W, P));
      W = _mm256_and_si256(W, LowByte);
      EvenHigh[K] = add(EvenHigh[K], _mm256_madd_epi16(W, P));
    }
  }
  const __m256i Excess = _mm256_set1_epi32(static_cast<int>(G.Total * 128));
#pragma GCC unroll 4
  for (int K = 0; K < V; ++K) {
    int32_t *At = Acc + 32 * K;
    auto finish = [&](__m256i Both, __m256i Even, int32_t *To) {
      __m256i Odd = _mm256_srai_epi32(_mm256_sub_epi32(Both, Even), 8);
      Even = _mm256_sub_epi32(Even, Excess);
      __m256i A = _mm256_unpacklo_epi32(Even, Odd);
      __m256i B = _mm256_unpackhi_epi32(Even, Odd);
      // Lanes: the 16-bit interleaving put words 0-3 | 8-11 into Low.
      addTo(To, _mm256_permute2x128_si256(A, B, 0x20));
      addTo(To + 16, _mm256_permute2x128_si256(A, B, 0x31));
    };
    finish(BothLow[K], EvenLow[K], At);
    finish(BothHigh[K], EvenHigh[K], At + 8);
  }
}

/// 16-bit payloads over V x 16 columns.
template <int V>
void wordTile(const Group &G, size_t Col, int32_t *Acc) {
  __m256i Low[V], High[V];
#pragma GCC unroll 4
  for (int K = 0; K < V; ++K)
    Low[K] = High[K] = _mm256_setzero_si256();
  for (size_t I = 0; I < G.Pairs; ++I) {
    const int8_t *A = G.Rows[2 * I] + Col, *B = G.Rows[2 * I + 1] + Col;
    G.fetch(I, Col);
    __m256i P = _mm256_set1_epi32(G.Packed[I]);
#pragma GCC unroll 4
    for (int K = 0; K < V; ++K) {
      __m256i WA = _mm256_cvtepi8_epi16(
          _mm_loadu_si128(reinterpret_cast<const __m128i *>(A + 16 * K)));
      __m256i WB = _mm256_cvtepi8_epi16(
          _mm_loadu_si128(reinterpret_cast<const __m128i *>(B + 16 * K)));
      Low[K] = add(Low[K], _mm256_madd_epi16(_mm256_unpacklo_epi16(WA, WB), P));
      High[K] =
          add(High[K], _mm256_madd_epi16(_mm256_unpackhi_epi16(WA, WB), P));
    }
  }
  // Lanes hold columns 0-3 | 8-11 and 4-7 | 12-15 of each group of 16.
#pragma GCC unroll 4
  for (int K = 0; K < V; ++K) {
    addTo(Acc + 16 * K, _mm256_permute2x128_si256(Low[K], High[K], 0x20));
    addTo(Acc + 16 * K + 8, _mm256_permute2x128_si256(Low[K], High[K], 0x31));
  }
}

/// Any payload over V x 16 columns.
template <int V>
void anyTile(const Group &G, size_t Col, int32_t *Acc) {
  __m256i Sum[2 * V];
#pragma GCC unroll 8
  for (int K = 0; K < 2 * V; ++K)
    Sum[K] = _mm256_setzero_si256();
  for (size_t I = 0; I < 2 * G.Pairs; ++I) {
    if (I % 2 == 0)
      G.fetch(I / 2, Col);
    const int8_t *A = G.Rows[I] + Col;
    __m256i P = _mm256_set1_epi32(G.Payloads[I]);
#pragma GCC unroll 8
    for (int K = 0; K < 2 * V; ++K) {
      __m256i W = _mm256_cvtepi8_epi32(
          _mm_loadl_epi64(reinterpret_cast<const __m128i *>(A + 8 * K)));
      Sum[K] = add(Sum[K], _mm256_mullo_epi32(W, P));
    }
  }
#pragma GCC unroll 8
  for (int K = 0; K < 2 * V; ++K)
    addTo(Acc + 8 * K, Sum[K]);
}

/// 64 columns.
void wideTile(const Group &G, PayloadRange Range, size_t Col, int32_t *Acc) {
  switch (Range) {
  case PayloadRange::One:
  case PayloadRange::Unit:
    return unitTile<2>(G, Col, Acc);
  case PayloadRange::Byte:
    return byteTile<2>(G, Col, Acc);
  case PayloadRange::Word:
    return wordTile<4>(G, Col, Acc);
  case PayloadRange::Any:
    return anyTile<4>(G, Col, Acc);
  }
}

/// 32 columns, or 16 of them when \p Half.
template <bool Half>
void narrowTile(const Group &G, PayloadRange Range, size_t Col, int32_t *Acc) {
  switch (Range) {
  case PayloadRange::One:
  case PayloadRange::Unit:
    return unitTile<1, Half>(G, Col, Acc);
  case PayloadRange::Byte:
    return byteTile<1, Half>(G, Col, Acc);
  case PayloadRange::Word:
    return wordTile<Half ? 1 : 2>(G, Col, Acc);
  case PayloadRange::Any:
    return anyTile<Half ? 1 : 2>(G, Col, Acc);
  }
}

/// The columns behind the last whole tile of 32.
void lastTile(const Group &G, PayloadRange Range, size_t Col, uint32_t Cols,
              int32_t *Acc) {
  // What lies behind the last column within the stride is not ours to add.
  int32_t Tail[32] = {};
  Cols > 16 ? narrowTile<false>(G, Range, Col, Tail)
            : narrowTile<true>(G, Range, Col, Tail);
  for (uint32_t J = 0; J < Cols; ++J)
    Acc[J] = static_cast<int32_t>(static_cast<uint32_t>(Acc[J]) +
                                  static_cast<uint32_t>(Tail[J]));
}

} // namespace

void accumulateAvx2(const ByteRows &Rows, const Event *Events, size_t Count,
                    uint32_t RowBias, PayloadRange Range,
                    int32_t *Accumulators) {
  const size_t Most = Rows.Streaming ? StreamedGroup : MaxGroup;
  const Filler Fill(Rows, Events, RowBias);
  Group G;
  for (size_t First = 0; First < Count; First += Most) {
    size_t Last = Count - First < Most ? Count : First + Most;
    Fill(G, First, Last, Range);
    if (Rows.Streaming)
      Fill.lookAhead(G, Last, Count);
    uint32_t Col = 0;
    if (Range <= PayloadRange::Unit)
      for (; Col + 128 <= Rows.Cols; Col += 128)
        unitTile<4>(G, Col, Accumulators + Col);
    for (; Col + 64 <= Rows.Cols; Col += 64)
      wideTile(G, Range, Col, Accumulators + Col);
    for (; Col + 32 <= Rows.Cols; Col += 32)
      narrowTile<false>(G, Range, Col, Accumulators + Col);
    if (Col != Rows.Cols)
      lastTile(G, Range, Col, Rows.Cols - Col, Accumulators + Col);
  }
}

} // namespace synfire::sim::detail
