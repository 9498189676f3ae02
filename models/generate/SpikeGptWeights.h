//===- models/generate/SpikeGptWeights.h - Seeded random networks ---------===//
//
// Weights of a SpikeGPT of any shape, of which every element is a function of
// (seed, tensor, index) alone. They are random, not trained, yet scaled so that
// the neurons fire about as often as those of trained networks, for which the
// public initialisation (rates near 0) is useless. Decays, bonuses and mixes
// follow the public formulas.
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

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace synfire::models {

/// Layers >= 2 and width >= 2: the public formulas divide by both minus one.
struct GeneratedShape {
  int64_t Layers = 0;
  int64_t Width = 0; ///< channels; the feed-forward width is four times it
  int64_t Vocabulary = 0;
};

/// How the elements of a tensor are made.
enum class Fill : uint8_t {
  Ones,
  Zeros,
  Random,    ///< near-normal, mean Mean, standard deviation Deviation
  TimeDecay, ///< -5 + 8 (c/(d-1))^(0.7 + 1.3 l/(L-1))
  TimeFirst, ///< ln 0.3 + 0, 0.5, -0.5, 0, ...
  Mix,       ///< (c/d)^Exponent + Mean
};

struct GeneratedTensor {
  std::string Name;
  std::vector<int64_t> Shape;
  Fill How = Fill::Zeros;
  float Mean = 0;
  float Deviation = 0;
  double Exponent = 0;

  int64_t numElements() const;
};

/// The tensors of the public state dict in its order.
std::vector<GeneratedTensor> spikeGptTensors(const GeneratedShape &S);

/// Elements [First, First + Out.size()) of tensor number \p Index of \p T's
/// network, in C order.
void fillElements(const GeneratedTensor &T, uint64_t Seed, uint64_t Index,
                  int64_t First, std::span<float> Out);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_SPIKEGPTWEIGHTS_H
