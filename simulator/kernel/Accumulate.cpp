//===- simulator/kernel/Accumulate.cpp - Dispatch and portable path -------===//
//
// Chooses a path at run time; holds the portable one and the {0,1} weights,
// whose rows are too short to be worth more.
//
//===----------------------------------------------------------------------===//

#include "simulator/kernel/Accumulate.h"
#include "simulator/kernel/AccumulatePaths.h"

#include <algorithm>

namespace synfire::sim {

PayloadRange payloadRange(std::span<const Event> Events) {
  uint32_t NotOne = 0, NotUnit = 0, Magnitude = 0, Word = 0;
  for (const Event &E : Events) {
    uint32_t Sign = static_cast<uint32_t>(E.Payload >> 31);
    auto Payload = static_cast<uint32_t>(E.Payload);
    uint32_t Absolute = (Payload ^ Sign) - Sign;
    NotOne |= Payload ^ 1u;
    NotUnit |= Absolute ^ 1u;
    Magnitude |= Absolute;
    Word |= Payload ^ Sign; // bits above the sign
  }
  if (NotOne == 0)
    return PayloadRange::One;
  if (NotUnit == 0)
    return PayloadRange::Unit;
  if (Magnitude < 0x100u)
    return PayloadRange::Byte;
  return Word < 0x8000u ? PayloadRange::Word : PayloadRange::Any;
}

bool isAvailable(KernelPath Path) {
  if (Path == KernelPath::Portable)
    return true;
#ifdef SYNFIRE_HAVE_AVX2
  return __builtin_cpu_supports("avx2");
#else
  return false;
#endif
}

KernelPath bestKernelPath() {
  static const KernelPath Best =
      isAvailable(KernelPath::Avx2) ? KernelPath::Avx2 : KernelPath::Portable;
  return Best;
}

namespace {

/// Columns whose accumulators stay in the first-level cache over all rows.
constexpr uint32_t ColumnBlock = 1024;

// Own functions with restrict parameters: only so does GCC vectorise them.
void addFourRows(uint32_t *__restrict Acc, const int8_t *__restrict A,
                 const int8_t *__restrict B, const int8_t *__restrict C,
                 const int8_t *__restrict D, uint32_t PA, uint32_t PB,
                 uint32_t PC, uint32_t PD, uint32_t Cols) {
  for (uint32_t J = 0; J < Cols; ++J)
    Acc[J] +=
        PA * static_cast<uint32_t>(A[J]) + PB * static_cast<uint32_t>(B[J]) +
        PC * static_cast<uint32_t>(C[J]) + PD * static_cast<uint32_t>(D[J]);
}

void addRow(uint32_t *__restrict Acc, const int8_t *__restrict A, uint32_t PA,
            uint32_t Cols) {
  for (uint32_t J = 0; J < Cols; ++J)
    Acc[J] += PA * static_cast<uint32_t>(A[J]);
}

} // namespace

void detail::accumulatePortable(const ByteRows &Rows, const Event *Events,
                                size_t Count, uint32_t RowBias,
                                int32_t *Accumulators) {
  auto *Weights = reinterpret_cast<const int8_t *>(Rows.Weights);
  for (uint32_t Col = 0; Col < Rows.Cols; Col += ColumnBlock) {
    uint32_t Cols = std::min(ColumnBlock, Rows.Cols - Col);
    auto *Acc = reinterpret_cast<uint32_t *>(Accumulators + Col);
    auto rowOf = [&](const Event &E) {
      return Weights + Rows.RowStride * size_t(E.Index + RowBias) + Col;
    };
    auto payloadOf = [](const Event &E) {
      return static_cast<uint32_t>(E.Payload);
    };
    size_t I = 0;
    for (; I + 4 <= Count; I += 4) {
      const Event *E = Events + I;
      addFourRows(Acc, rowOf(E[0]), rowOf(E[1]), rowOf(E[2]), rowOf(E[3]),
                  payloadOf(E[0]), payloadOf(E[1]), payloadOf(E[2]),
                  payloadOf(E[3]), Cols);
    }
    for (; I < Count; ++I)
      addRow(Acc, rowOf(Events[I]), payloadOf(Events[I]), Cols);
  }
}

void accumulate(const ByteRows &Rows, std::span<const Event> Events,
                uint32_t RowBias, PayloadRange Range, int32_t *Accumulators,
                KernelPath Path) {
  if (Events.empty() || Rows.Cols == 0)
    return;
#ifdef SYNFIRE_HAVE_AVX2
  if (Path == KernelPath::Avx2)
    return detail::accumulateAvx2(Rows, Events.data(), Events.size(), RowBias,
                                  Range, Accumulators);
#endif
  (void)Path;
  (void)Range;
  detail::accumulatePortable(Rows, Events.data(), Events.size(), RowBias,
                             Accumulators);
}

void accumulateFew(const ByteRows &Rows, std::span<const Event> Events,
                   uint32_t RowBias, PayloadRange Range, int32_t *Accumulators,
                   KernelPath Path) {
#ifdef SYNFIRE_HAVE_AVX2
  if (Path == KernelPath::Avx2)
    return detail::accumulateFewAvx2(Rows, Events.data(), Events.size(),
                                     RowBias, Range, Accumulators);
#endif
  (void)Path;
  (void)Range;
  detail::accumulatePortable(Rows, Events.data(), Events.size(), RowBias,
                             Accumulators);
}

void accumulate(const BitRows &Rows, std::span<const Event> Events,
                uint32_t RowBias, int32_t *Accumulators) {
  auto *Acc = reinterpret_cast<uint32_t *>(Accumulators);
  for (const Event &E : Events) {
    auto *Row = reinterpret_cast<const uint8_t *>(Rows.Weights) +
                Rows.RowStride * size_t(E.Index + RowBias);
    auto Payload = static_cast<uint32_t>(E.Payload);
    uint32_t Whole = Rows.Cols / 8 * 8;
    for (uint32_t J = 0; J < Whole; J += 8)
      for (uint32_t Bit = 0; Bit < 8; ++Bit)
        Acc[J + Bit] += Payload & (0u - ((Row[J / 8] >> Bit) & 1u));
    for (uint32_t J = Whole; J < Rows.Cols; ++J)
      Acc[J] += Payload & (0u - ((Row[J / 8] >> (J % 8)) & 1u));
  }
}

} // namespace synfire::sim
