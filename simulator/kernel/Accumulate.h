//===- simulator/kernel/Accumulate.h - Adding weight rows -------*- C++ -*-===//
//
// The inner loop of the simulator: each event selects one row of a weight
// matrix, and payload x row is added to int32 accumulators. All arithmetic
// wraps around in 32 bits, so the result depends neither on the order of the
// events nor on the path that computes it; it equals the plain sum whenever the
// compiler's bound on the sums holds.
//
// The bound is the bandwidth of the weights. So rows are summed in registers
// over a tile of columns (16-bit sums where the payloads are +-1) and meet the
// accumulators rarely.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_KERNEL_ACCUMULATE_H
#define SYNFIRE_SIMULATOR_KERNEL_ACCUMULATE_H

#include <cstddef>
#include <cstdint>
#include <span>

namespace synfire::sim {

/// One event: which source neuron, and what it carries.
struct Event {
  uint32_t Index = 0;
  int32_t Payload = 0;
};

/// The range of all payloads of a list of events; a narrower range allows a
/// faster sum. Each range includes the ones before it.
enum class PayloadRange : uint8_t {
  One,  ///< 1
  Unit, ///< -1 or 1
  Byte, ///< -255 to 255
  Word, ///< 16 bits, signed
  Any,  ///< 32 bits, signed
};

/// The narrowest range that holds every payload of \p Events.
PayloadRange payloadRange(std::span<const Event> Events);

/// Signed 8-bit weights, row-major source x target.
struct ByteRows {
  const std::byte *Weights = nullptr; ///< first row
  size_t RowStride = 0; ///< bytes; a multiple of 16, all of it readable
  uint32_t Cols = 0;    ///< at most RowStride
  /// The weights are expected outside the second-level cache: take few rows
  /// over all columns at a time and prefetch the next ones.
  bool Streaming = false;
};

/// {0,1} weights: bit j % 8 of byte j / 8 of a row is column j.
struct BitRows {
  const std::byte *Weights = nullptr;
  size_t RowStride = 0; ///< bytes
  uint32_t Cols = 0;    ///< at most 8 * RowStride
};

/// The implementations of the kernels; all give the same result.
enum class KernelPath { Portable, Avx2 };
bool isAvailable(KernelPath Path);
/// The fastest available path; asks the processor once.
KernelPath bestKernelPath();

/// Accumulators[j] += Payload * Rows[Index + RowBias][j], for every event and
/// every column j < Cols. Index + RowBias wraps around in 32 bits and must give
/// a row of the matrix; \p Range must hold every payload.
void accumulate(const ByteRows &Rows, std::span<const Event> Events,
                uint32_t RowBias, PayloadRange Range, int32_t *Accumulators,
                KernelPath Path = bestKernelPath());
/// The same, faster where few rows or columns are added. RowStride may be any;
/// of a row as many bytes as it has columns, rounded up to 16, must be
/// readable.
void accumulateFew(const ByteRows &Rows, std::span<const Event> Events,
                   uint32_t RowBias, PayloadRange Range, int32_t *Accumulators,
                   KernelPath Path = bestKernelPath());
void accumulate(const BitRows &Rows, std::span<const Event> Events,
                uint32_t RowBias, int32_t *Accumulators);

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_KERNEL_ACCUMULATE_H
