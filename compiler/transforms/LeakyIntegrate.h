//===- compiler/transforms/LeakyIntegrate.h - Recognise LIF -----*- C++ -*-===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_LEAKYINTEGRATE_H
#define SYNFIRE_COMPILER_TRANSFORMS_LEAKYINTEGRATE_H

#include "dialects/spike/Spike.h"

namespace synfire::compiler {

/// True if the program of \p P computes a leaky integrate-and-fire neuron, in
/// real numbers or in integers: one binary result and a state v. h is a sum of
/// v, inputs and constants with constant weights, which may saturate; it fires
/// when h (less a constant) is at least, or above, a constant; v becomes a
/// constant where it fired and h elsewhere. A second state may be the current,
/// a sum of itself and inputs that h reads (Loihi's neuron; Davies 2018).
bool isLeakyIntegrateAndFire(spike::PopulationOp P);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_LEAKYINTEGRATE_H
