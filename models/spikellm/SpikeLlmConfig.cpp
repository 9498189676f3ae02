//===- SpikeLlmConfig.cpp - Reads config.json -----------------------------===//

#include "models/spikellm/SpikeLlmConfig.h"

#include "models/network/ConfigFile.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::models;

static Result<SpikeLlmConfig> read(ConfigFile R) {
  SpikeLlmConfig C;
  C.Path = R.path();
  R.integer("num_attention_heads", C.Heads, 1, 65536, /*Needed=*/true);
  C.KvHeads = C.Heads;
  R.integer("num_key_value_heads", C.KvHeads, 1, 65536);
  R.integer("max_position_embeddings", C.Positions, 1, 1 << 24,
            /*Needed=*/true);
  R.integer("vocab_size", C.Vocabulary, 1, 1 << 28);
  R.real("rms_norm_eps", C.Epsilon, 0.0, 1.0);
  R.real("rope_theta", C.RopeBase, 1.0, 1e12);
  R.flag("tie_word_embeddings", C.TiedHead);
  R.only("hidden_act", "silu");
  R.only("rope_scaling", nullptr);
  R.integer("wbits", C.WeightBits, 2, 16);
  R.integer("abits", C.Bits, 1, 8);
  R.integer("addbit", C.AddBits, 0, 4);
  R.real("low_p", C.LowShare, 0.0, 1.0);
  if (C.KvHeads > 0 && C.Heads % C.KvHeads != 0)
    R.fail("num_key_value_heads", C.KvHeads,
           fmt::format("must divide the {} heads", C.Heads));
  if (!R.found().empty())
    return R.found();
  return C;
}

Result<SpikeLlmConfig>
SpikeLlmConfig::besides(const std::string &CheckpointPath) {
  auto File = ConfigFile::besides(
      CheckpointPath, "the number of heads and the bits of codes are");
  if (!File)
    return File.errors();
  return read(std::move(*File));
}

Result<SpikeLlmConfig> SpikeLlmConfig::parse(const std::string &Text,
                                             const std::string &Path) {
  auto File = ConfigFile::parse(Text, Path);
  if (!File)
    return File.errors();
  return read(std::move(*File));
}
