//===- models/spikellm/SpikeLlmConfig.h - What shapes do not tell -*- C++
//-*-===//
//
// The `config.json` of a LLaMA, with what SpikeLLM adds to it.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SPIKELLM_SPIKELLMCONFIG_H
#define SYNFIRE_MODELS_SPIKELLM_SPIKELLMCONFIG_H

#include "targets/Status.h"

#include <cstdint>
#include <string>

namespace synfire::models {

struct SpikeLlmConfig {
  std::string Path;        ///< of the file, for messages
  int64_t Heads = 0;       ///< num_attention_heads
  int64_t KvHeads = 0;     ///< num_key_value_heads, else as Heads
  int64_t Positions = 0;   ///< max_position_embeddings
  int64_t Vocabulary = 0;  ///< vocab_size; 0 when not given
  float Epsilon = 1e-6f;   ///< rms_norm_eps
  float RopeBase = 1e4f;   ///< rope_theta
  bool TiedHead = false;   ///< tie_word_embeddings
  int64_t WeightBits = 16; ///< wbits; 16: not quantised
  int64_t Bits = 4;        ///< abits of low channels, 1 to 8
  /// Bits that salient channels have more, 0 to 4; T = 2^AddBits steps. 0 when
  /// there are no salient channels.
  int64_t AddBits = 0;
  /// Part of the channels that is low, in (0, 1]: what computeMasks keeps.
  double LowShare = 1.0;

  /// Whether keys and values have salient channels: those have a bit more
  /// whatever AddBits says. The importer sets it where AddBits is 0 and the
  /// file has masks.
  bool SalientMemory = false;
  bool hasSalientMemory() const { return AddBits > 0 || SalientMemory; }
  /// Bits of salient channels of keys and values.
  int64_t salientBitsOfMemory() const { return Bits + hasSalientMemory(); }

  /// `model.json` beside `model.pth`, else `config.json` in its folder.
  static Result<SpikeLlmConfig> besides(const std::string &CheckpointPath);
  /// Reads \p Text of the file \p Path; all faults at once, rules
  /// `config-syntax`, `config-value`.
  static Result<SpikeLlmConfig> parse(const std::string &Text,
                                      const std::string &Path);
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELLM_SPIKELLMCONFIG_H
