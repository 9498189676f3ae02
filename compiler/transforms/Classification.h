//===- compiler/transforms/Classification.h - What linears cost -*- C++ -*-===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_CLASSIFICATION_H
#define SYNFIRE_COMPILER_TRANSFORMS_CLASSIFICATION_H

#include "compiler/reference/WeightFile.h"
#include "dialects/spike/Spike.h"
#include "targets/Status.h"

namespace synfire::compiler {

struct LinearCounts {
  unsigned Accumulate = 0; ///< linears whose events select rows to add
  unsigned Multiply = 0;   ///< linears that multiply payloads by weights
};

/// Sets `accumulate_only` on every linear and, where weights are codes,
/// `sum_bits`: the two's complement width of the exact range of its sums over
/// all payloads of the type. Reads every weight once, by tile. Fails for each
/// linear whose sums may need more than \p AccumulatorBits bits (2 .. 32).
Result<LinearCounts> classifyLinears(spike::NetworkOp Network,
                                     WeightFiles &Files,
                                     unsigned AccumulatorBits);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_CLASSIFICATION_H
