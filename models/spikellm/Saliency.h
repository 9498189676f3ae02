//===- models/spikellm/Saliency.h - Which channels get more bits -*- C++
//-*-===//
//
// Optimal brain spiking (arXiv 2407.04752, as its public code computes it):
// what quantising a channel would cost, to first order, from activations of the
// dense network on calibration text. A file that is quantised here, not by the
// public code, gets its masks this way.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SPIKELLM_SALIENCY_H
#define SYNFIRE_MODELS_SPIKELLM_SALIENCY_H

#include "models/checkpoint/Checkpoint.h"
#include "models/spikellm/SpikeLlm.h"

#include "mlir/IR/Value.h"

#include <span>

namespace synfire::models {

/// Sums of x o (x W^T W) over the rows x of \p X [tokens, sources], for \p W
/// [targets, sources], added to \p To (one per source).
void addLinearSaliency(std::span<const float> X, std::span<const float> W,
                       std::span<double> To);
/// The same of keys: k o (k Q^T Q), \p Q and \p K [tokens, n] of one head.
void addKeySaliency(std::span<const float> Q, std::span<const float> K,
                    std::span<double> To);
/// The same of values: v o (P^T P v), \p P [tokens, tokens] the weights of
/// attention of one head and \p V [tokens, n].
void addValueSaliency(std::span<const float> P, std::span<const float> V,
                      std::span<double> To);
/// Which channels are low: those not above the floor(LowShare * channels)-th
/// smallest. The sign counts: a negative saliency is small.
std::vector<bool> lowestChannels(std::span<const double> Saliency,
                                 double LowShare);

/// Collects what the dense network computes, sequence after sequence.
class SaliencyCollector {
public:
  /// \p From is what the dense network was imported from; must outlive this.
  SaliencyCollector(const checkpoint::Checkpoint &From,
                    const NetworkShape &Shape, const SpikeLlmConfig &Config);
  /// To be called with every real-valued result of the network imported with
  /// SpikeLlmOptions::Dense, [token, neuron], in network order.
  void observe(mlir::OpResult Result, std::span<const float> Values);
  /// The masks of everything that was seen.
  ChannelMasks masks() const;
  /// Weights that could not be read.
  const Errors &errors() const { return Found; }

private:
  void linear(const std::string &Name, std::span<const float> X);
  void product(const std::string &Layer);

  const checkpoint::Checkpoint &From;
  NetworkShape Shape;
  SpikeLlmConfig Config;
  std::map<std::string, std::vector<double>, std::less<>> Sums;
  /// Results of the layer at hand that are used together.
  std::map<std::string, std::vector<float>, std::less<>> Seen;
  Errors Found;
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELLM_SALIENCY_H
