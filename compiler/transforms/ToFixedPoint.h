//===- compiler/transforms/ToFixedPoint.h - Programs in integers -*- C++ -*-==//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_TOFIXEDPOINT_H
#define SYNFIRE_COMPILER_TRANSFORMS_TOFIXEDPOINT_H

#include "dialects/spike/Spike.h"
#include "targets/ChipSpec.h"
#include "targets/Status.h"

namespace synfire::compiler {

struct FixedCounts {
  unsigned Programs = 0; ///< rewritten
  unsigned Before = 0;   ///< ops of those programs
  unsigned After = 0;
};

/// Rewrites every program of the quantised \p Network that computes with real
/// numbers to the fixed-point arithmetic of \p Neuron (pass
/// `spike-to-fixed-point`). Fails, and changes nothing, where a population has
/// no measured ranges (compiler/transforms/ValueRanges.h) or yields currents.
Result<FixedCounts> toFixedPoint(spike::NetworkOp Network,
                                 const NeuronUnit &Neuron);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_TOFIXEDPOINT_H
