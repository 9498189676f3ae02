//===- compiler/transforms/Classification.h - What products cost -*- C++ -*-==//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_CLASSIFICATION_H
#define SYNFIRE_COMPILER_TRANSFORMS_CLASSIFICATION_H

#include "compiler/reference/WeightFile.h"
#include "dialects/spike/Spike.h"
#include "targets/Status.h"

#include <string>

namespace synfire::compiler {

struct LinearCounts {
  unsigned Accumulate = 0;        ///< linears whose events select rows to add
  unsigned Multiply = 0;          ///< linears that multiply payloads by weights
  unsigned MatmulsAccumulate = 0; ///< the same of products of activations
  unsigned MatmulsMultiply = 0;
};

/// Sets `accumulate_only` on every linear and matmul and, where both sides are
/// integers, `sum_bits`: the two's complement width of the exact range of a
/// linear's sums over all payloads of the type, and of what a matmul's sums can
/// reach with any payloads on both sides. Reads every weight once, by tile.
/// Fails for each linear or matmul whose sums may need more than
/// \p AccumulatorBits bits (2 .. 32).
Result<LinearCounts> classifyLinears(spike::NetworkOp Network,
                                     WeightFiles &Files,
                                     unsigned AccumulatorBits);

/// Linears and convolutions that only weights can prove.
struct UnprovenSums {
  unsigned Linears = 0;
  unsigned MostBits = 0; ///< what the widest of them may need
  std::string Widest;    ///< its name
};

/// classifyLinears() without weights: the sums of a linear are as wide as codes
/// that are all the largest of their type make them. Where that is more than
/// the accumulator has, weights may still prove that it holds them, as trained
/// ones mostly do; such linears are counted, and take \p AccumulatorBits. Sums
/// of matmuls do not depend on weights: they fail as there.
Result<UnprovenSums> classifyByType(spike::NetworkOp Network,
                                    unsigned AccumulatorBits);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_CLASSIFICATION_H
