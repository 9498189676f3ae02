//===- models/lavadl/LavaToNir.h - Lava-DL -> NIR ---------------*- C++ -*-===//
//
// A Lava-DL network as a NIR graph. States and thresholds are taken in 64ths,
// so that weights, biases and thresholds are the file's whole numbers; decays
// become time constants dt 4096 / decay, whose Euler step of dt loses that
// share again.
//
// | of a layer | becomes |
// |---|---|
// | both decays between 0 and 4096 | CubaLIF |
// | iDecay 4096 (u is the sum of the step) | LIF; IF without vDecay |
// | vDecay 4096 (v is u and the bias) | Threshold |
// | another iDecay with such a vDecay, or vDecay 0 | LI, or I for 0, in front |
// | bias | v_leak; else of the convolution or Affine in front, or the
//   Threshold |
// | spikes a step later at the next layer, and axonal delays | Delay |
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_LAVADL_LAVATONIR_H
#define SYNFIRE_MODELS_LAVADL_LAVATONIR_H

#include "models/lavadl/LavaNet.h"
#include "models/nir/NirWrite.h"

namespace synfire::lavadl {

/// \p From with steps of \p Dt; nodes are `LAYER`, `LAYER.sum`, `LAYER.current`
/// and `LAYER.late`. What the Input node gives are bias mantissas of the input
/// layer. Notes say what NIR does not: that states are whole numbers cut
/// towards zero, and their width. Rule `lava-export` for a bias behind a
/// current that decays where the membrane does not: nothing adds it every step.
Result<nir::NewGraph> toNir(const LavaNet &From, const std::string &Path,
                            double Dt);

} // namespace synfire::lavadl

#endif // SYNFIRE_MODELS_LAVADL_LAVATONIR_H
