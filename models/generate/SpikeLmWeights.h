//===- models/generate/SpikeLmWeights.h - Random networks -------*- C++ -*-===//
//
// Weights of a SpikeLM encoder (arXiv 2406.03287) with a classifier, of any
// BERT shape: random, not trained. Amplitudes are near twice the mean magnitude
// of a random network's membranes, as the public code sets them from its first
// batch, and grow from inner step to inner step as those do.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_GENERATE_SPIKELMWEIGHTS_H
#define SYNFIRE_MODELS_GENERATE_SPIKELMWEIGHTS_H

#include "models/generate/GeneratedTensor.h"

namespace synfire::models {

/// What GeneratedShape leaves out; 0 is not given.
struct GeneratedBert {
  int64_t Hidden = 0; ///< width of the feed-forward
  int64_t Heads = 0;
  int64_t Positions = 0; ///< longest sequence
  int64_t Steps = 4;     ///< T
  int64_t Labels = 2;    ///< of the classifier
};

/// The tensors of the public state dict, without a language model's head.
std::vector<GeneratedTensor> spikeLmTensors(const GeneratedShape &S,
                                            const GeneratedBert &B);

/// The `config.json` of that network.
std::string spikeLmConfig(const GeneratedShape &S, const GeneratedBert &B);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_SPIKELMWEIGHTS_H
