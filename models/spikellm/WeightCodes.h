//===- models/spikellm/WeightCodes.h - Weights as codes ---------*- C++ -*-===//
//
// The quantiser of weights of SpikeLLM's public code without what it learns: a
// row spans its least to its largest weight, asymmetrically, in equal steps.
// Equations: docs/models.md, section SpikeLLM.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SPIKELLM_WEIGHTCODES_H
#define SYNFIRE_MODELS_SPIKELLM_WEIGHTCODES_H

#include "models/checkpoint/Checkpoint.h"
#include "models/spikellm/SpikeLlm.h"

#include <span>

namespace synfire::models {

/// A weight is (code - Zero) * Scale, its code an integer of 0 .. 2^bits - 1.
struct RowCodes {
  float Scale = 0;
  float Zero = 0; ///< an integer; beyond the codes in a row of one sign
};

/// Replaces every weight of \p Row by the nearest one that has a code of \p
/// Bits, 2 to 8. The step is at least 1e-5.
RowCodes quantizeRow(std::span<float> Row, int64_t Bits);

/// Writes \p From, a dense LLaMA of \p Shape, to \p Path (.safetensors) as the
/// public code saves a SpikeLLM: the seven matrices of each layer de-quantised
/// with Config.WeightBits, their scales and zero points, and \p Masks; all else
/// as it is. Fails when a tensor cannot be read, when \p From has codes already
/// (rule `spikellm-quantised`), and leaves no file then.
Status writeQuantized(const checkpoint::Checkpoint &From,
                      const NetworkShape &Shape, const SpikeLlmConfig &Config,
                      const ChannelMasks &Masks, const std::string &Path);

/// The `config.json` of such a file.
std::string quantizedConfig(const NetworkShape &Shape,
                            const SpikeLlmConfig &Config);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELLM_WEIGHTCODES_H
