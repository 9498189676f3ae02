//===- simulator/kernel/AccumulatePaths.h - One entry per path --*- C++ -*-===//
//
// Private to simulator/kernel: what the dispatcher chooses from. Each function
// is in a file of its own, compiled for its instruction set alone.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_KERNEL_ACCUMULATEPATHS_H
#define SYNFIRE_SIMULATOR_KERNEL_ACCUMULATEPATHS_H

#include "simulator/kernel/Unpack.h"

namespace synfire::sim::detail {

void accumulatePortable(const ByteRows &Rows, const Event *Events, size_t Count,
                        uint32_t RowBias, int32_t *Accumulators);
/// Columns \p From to \p Cols of unpackRow().
void unpackPortable(unsigned Bits, const std::byte *Row, uint32_t From,
                    uint32_t Cols, int8_t *Weights);
#ifdef SYNFIRE_HAVE_AVX2
void accumulateAvx2(const ByteRows &Rows, const Event *Events, size_t Count,
                    uint32_t RowBias, PayloadRange Range,
                    int32_t *Accumulators);
void accumulateFewAvx2(const ByteRows &Rows, const Event *Events, size_t Count,
                       uint32_t RowBias, PayloadRange Range,
                       int32_t *Accumulators);
void unpackAvx2(unsigned Bits, const std::byte *Row, uint32_t Cols,
                int8_t *Weights);
#endif

} // namespace synfire::sim::detail

#endif // SYNFIRE_SIMULATOR_KERNEL_ACCUMULATEPATHS_H
