//===- compiler/reference/Quality.h - How well a network predicts *- C++ -*-==//
//
// Bits per token: the mean over positions of -log2 of the probability that the
// softmax of the logits gives to the token that follows. Where a token is a
// character, these are bits per character.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_REFERENCE_QUALITY_H
#define SYNFIRE_COMPILER_REFERENCE_QUALITY_H

#include "compiler/reference/Interpreter.h"
#include "targets/Status.h"

#include <cstdint>
#include <span>

namespace synfire::compiler {

/// Mean of -log2 softmax(row of \p Logits)[target], in binary64. \p Logits is
/// [position, neuron], one position per target. Fails on no target, on sizes
/// that disagree, on a target outside the row, and on a logit that is NaN.
Result<double> bitsPerToken(std::span<const float> Logits,
                            std::span<const int64_t> Targets);

/// Bits per token of \p Text, whose token i+1 is predicted from those before it
/// in its window: positions 0 .. size-2 are cut into windows of \p Window (the
/// last may be shorter), each run from reset state.
Result<double> bitsPerToken(Interpreter &Network, std::span<const int64_t> Text,
                            int64_t Window);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_REFERENCE_QUALITY_H
