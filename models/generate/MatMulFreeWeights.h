//===- models/generate/MatMulFreeWeights.h - Random networks ----*- C++ -*-===//
//
// Weights of a MatMul-free language model of any shape: random, not trained.
// Latent weights are near normal, so 69 % of the ternary ones are not 0; gains
// are 1 with a deviation of a tenth, since trained gains differ from linear to
// linear.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_GENERATE_MATMULFREEWEIGHTS_H
#define SYNFIRE_MODELS_GENERATE_MATMULFREEWEIGHTS_H

#include "models/generate/GeneratedTensor.h"

namespace synfire::models {

/// 256 ceil(floor(8 d / 3) / 256): the width of the gated linear unit by the
/// rule of the public code.
int64_t matMulFreeHidden(int64_t Width);

/// The tensors of the public state dict in its order; \p Hidden as above if 0.
std::vector<GeneratedTensor> matMulFreeTensors(const GeneratedShape &S,
                                               int64_t Hidden = 0);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_MATMULFREEWEIGHTS_H
