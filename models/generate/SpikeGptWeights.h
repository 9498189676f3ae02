//===- models/generate/SpikeGptWeights.h - Seeded random networks ---------===//
//
// Weights of a SpikeGPT of any shape. They are random, not trained, yet scaled
// so that the neurons fire about as often as those of trained networks, for
// which the public initialisation (rates near 0) is useless. Decays, bonuses
// and mixes follow the public formulas.
//
// Measured by a separate float32 evaluation in NumPy on random tokens, seed 1
// (LIF 1 and 2 of the first and of the last block, their mean over all, and the
// embedding bits that are 1); in every block half of relu^2 is exactly zero:
//
//   shape                   tokens  first        last         mean   bits
//   46m   L12 d512  V5458       48  0.129 0.113  0.252 0.230  0.185  0.575
//   46m                        256  0.124 0.113  0.228 0.227  0.174  0.578
//   216m  L18 d768  V50277      64  0.129 0.118  0.256 0.234  0.181  0.577
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_GENERATE_SPIKEGPTWEIGHTS_H
#define SYNFIRE_MODELS_GENERATE_SPIKEGPTWEIGHTS_H

#include "models/generate/GeneratedTensor.h"

namespace synfire::models {

/// The tensors of the public state dict in its order; the feed-forward width is
/// four times the width. Layers >= 2 and width >= 2: the public formulas divide
/// by both minus one.
std::vector<GeneratedTensor> spikeGptTensors(const GeneratedShape &S);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_SPIKEGPTWEIGHTS_H
