//===- compiler/transforms/TargetCheck.h - Can a target run it? -*- C++ -*-===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_TARGETCHECK_H
#define SYNFIRE_COMPILER_TRANSFORMS_TARGETCHECK_H

#include "dialects/spike/Spike.h"
#include "targets/ChipSpec.h"

namespace synfire::compiler {

/// The cost class of the instruction that the program op \p Op becomes.
isa::CostClass costClassOf(mlir::Operation &Op);

/// Checks what the neurons, synapses and events of \p Target can do against
/// what \p Network (quantised) asks for. The first error says what the chip has
/// instead and the ways out, among them the shipped chips that can run the
/// network; then each lack is one error with the first populations, linears,
/// reduces or streams it is about. Sizes are checked when the network is
/// mapped.
Status checkTarget(spike::NetworkOp Network, const ChipSpec &Target);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_TARGETCHECK_H
