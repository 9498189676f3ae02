//===- simulator/kernel/Unpack.h - Narrow weights to bytes ------*- C++ -*-===//
//
// Rows of weights narrower than a byte are widened to bytes before they are
// added: once for all tokens of a batch, so that the kernels of Accumulate.h
// serve every width.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_KERNEL_UNPACK_H
#define SYNFIRE_SIMULATOR_KERNEL_UNPACK_H

#include "simulator/kernel/Accumulate.h"

namespace synfire::sim {

/// Signed weights of \p Bits (2 or 4) each, least bits of a byte first: column
/// j of a row in bits Bits * (j % (8 / Bits)) of byte j / (8 / Bits). Writes
/// \p Cols signed bytes to \p Weights.
void unpackRow(unsigned Bits, const std::byte *Row, uint32_t Cols,
               int8_t *Weights, KernelPath Path = bestKernelPath());

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_KERNEL_UNPACK_H
