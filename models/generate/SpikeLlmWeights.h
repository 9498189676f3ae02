//===- models/generate/SpikeLlmWeights.h - Random networks ------*- C++ -*-===//
//
// Weights of a quantised SpikeLLM (arXiv 2407.04752) of any LLaMA shape:
// random, not trained. Matrices are integer codes times one scale, so that
// every one of them lies on its grid exactly, also in half precision.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_GENERATE_SPIKELLMWEIGHTS_H
#define SYNFIRE_MODELS_GENERATE_SPIKELLMWEIGHTS_H

#include "models/generate/GeneratedTensor.h"

namespace synfire::models {

/// What GeneratedShape leaves out; 0 is not given.
struct GeneratedLlama {
  int64_t Hidden = 0; ///< width of the gated linear unit
  int64_t Heads = 0;
  int64_t KvHeads = 0;
  int64_t Positions = 0; ///< longest sequence
  double Epsilon = 1e-6; ///< of the norms
  int WeightBits = 4;
  int Bits = 4;    ///< of the codes of low channels
  int AddBits = 1; ///< more of them for salient channels; 0: none are salient
  double LowShare = 0.9; ///< part of the channels that is low
};

/// The tensors that the public code saves, with masks of random channels.
/// Channels of keys and values are salient for all heads that share a memory.
std::vector<GeneratedTensor> spikeLlmTensors(const GeneratedShape &S,
                                             const GeneratedLlama &L);

/// The `config.json` of that network.
std::string spikeLlmConfig(const GeneratedShape &S, const GeneratedLlama &L);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_SPIKELLMWEIGHTS_H
