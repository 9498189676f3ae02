//===- simulator/kernel/AccumulatePaths.h - One entry per path --*- C++ -*-===//
//
// Private to simulator/kernel: what the dispatcher chooses from. Each function
// is in a file of its own, compiled for its instruction set alone.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_KERNEL_ACCUMULATEPATHS_H
#define SYNFIRE_SIMULATOR_KERNEL_ACCUMULATEPATHS_H

#include "simulator/kernel/Accumulate.h"

namespace synfire::sim::detail {

void accumulatePortable(const ByteRows &Rows, const Event *Events, size_t Count,
                        uint32_t RowBias, int32_t *Accumulators);
#ifdef SYNFIRE_HAVE_AVX2
void accumulateAvx2(const ByteRows &Rows, const Event *Events, size_t Count,
                    uint32_t RowBias, PayloadRange Range,
                    int32_t *Accumulators);
#endif

} // namespace synfire::sim::detail

#endif // SYNFIRE_SIMULATOR_KERNEL_ACCUMULATEPATHS_H
