//===- compiler/transforms/LeakyIntegrate.h - Recognise LIF -----*- C++ -*-===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_LEAKYINTEGRATE_H
#define SYNFIRE_COMPILER_TRANSFORMS_LEAKYINTEGRATE_H

#include "dialects/spike/Spike.h"

namespace synfire::compiler {

/// True if the program of \p P computes a leaky integrate-and-fire neuron: one
/// state v, one binary result. h is a sum of v, inputs and constants with
/// constant weights; it fires when h (less a constant) is at least, or above, a
/// constant; v becomes a constant where it fired and h elsewhere.
bool isLeakyIntegrateAndFire(spike::PopulationOp P);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_LEAKYINTEGRATE_H
