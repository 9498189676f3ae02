//===- models/spikellm/Projections.h - The matrices of a LLaMA --*- C++ -*-===//

#ifndef SYNFIRE_MODELS_SPIKELLM_PROJECTIONS_H
#define SYNFIRE_MODELS_SPIKELLM_PROJECTIONS_H

#include "models/network/TensorNames.h"
#include "models/spikellm/SpikeLlmConfig.h"

#include <array>
#include <utility>

namespace synfire::models {

/// One of the seven matrices of a layer: [Targets, Sources].
struct Projection {
  const char *Name; ///< after `model.layers.L.`
  int64_t Targets;
  int64_t Sources;
};

/// `model.layers.L.`
std::string layerName(int64_t Layer);
/// In the order in which a layer computes.
std::array<Projection, 7> projections(const NetworkShape &S,
                                      const SpikeLlmConfig &C);
/// Everything of which some channels are salient, with the number of channels:
/// the inputs of projections, keys (`self_attn.qkt_matmul`) and values
/// (`self_attn.pv_matmul`), the last two for each head that asks.
std::vector<std::pair<std::string, int64_t>>
maskedChannels(const NetworkShape &Shape, const SpikeLlmConfig &Config);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELLM_PROJECTIONS_H
