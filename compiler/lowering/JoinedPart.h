//===- compiler/lowering/JoinedPart.h - Sources of an edge ------*- C++ -*-===//
//
// A linear or convolution that reads a spike.join is an edge for each of the
// join's operands, all into one slot.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_LOWERING_JOINEDPART_H
#define SYNFIRE_COMPILER_LOWERING_JOINEDPART_H

#include "compiler/lowering/NetworkPlan.h"

namespace synfire::compiler {

/// Which sources of a linear or convolution an edge brings: all, or those of
/// one operand of the join.
struct JoinedPart {
  uint32_t Index = 0, Of = 1;
  uint32_t Channels = 1; ///< of the operand, at each place

  /// The source, among all, that neuron \p I of the operand is.
  uint32_t sourceOf(uint32_t I) const {
    return (I / Channels * Of + Index) * Channels + I % Channels;
  }
};

/// Of edge \p Edge of \p Plan, which has tiles.
JoinedPart joinedPartOf(const NetworkPlan &Plan, uint32_t Edge);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_LOWERING_JOINEDPART_H
