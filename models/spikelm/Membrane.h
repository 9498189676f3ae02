//===- models/spikelm/Membrane.h - The neuron of SpikeLM --------*- C++ -*-===//

#ifndef SYNFIRE_MODELS_SPIKELM_MEMBRANE_H
#define SYNFIRE_MODELS_SPIKELM_MEMBRANE_H

#include "models/network/NetworkBuilder.h"
#include "models/spikelm/SpikeLm.h"

namespace synfire::models {

/// The ternary spike of a neuron with drive \p X and the amplitude of each
/// inner step; with a state, what it keeps for the next inner step. A membrane
/// of exactly half the amplitude does not fire.
ProgramResults fire(ProgramBuilder &P, mlir::Value X,
                    const std::vector<float> &Amplitude,
                    SpikeLmMembrane Membrane, mlir::ValueRange States);

/// What a membrane of \p M keeps for the next inner step when the amplitude is
/// \p Amplitude: the state that fire() gives, to the bit.
float kept(float M, float Amplitude, SpikeLmMembrane Membrane);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELM_MEMBRANE_H
