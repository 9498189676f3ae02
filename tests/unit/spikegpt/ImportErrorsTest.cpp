//===- ImportErrorsTest.cpp - Checkpoints that are no SpikeGPT ------------===//
//
// Each fault is one clear error; all faults of a file are told at once.
//
//===----------------------------------------------------------------------===//

#include "models/spikegpt/SpikeGpt.h"

#include "tests/unit/network/ImportFixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <limits>
#include <map>

using namespace synfire;
using testing::HasSubstr;

namespace {
/// The tensors of a SpikeGPT with one layer, width 4, hidden 8, vocabulary 5.
std::map<std::string, Matrix> smallNetwork() {
  std::map<std::string, Matrix> All;
  for (const char *Ln :
       {"blocks.0.ln0", "blocks.0.ln1", "blocks.0.ln2", "ln_out"})
    for (const char *Part : {".weight", ".bias"})
      All[std::string(Ln) + Part] = {{4}};
  All["emb.weight"] = All["head.weight"] = {{5, 4}};
  for (const char *Name : {"time_decay", "time_first"})
    All[fmt::format("blocks.0.att.{}", Name)] = {{4}};
  for (const char *Name : {"att.time_mix_k", "att.time_mix_v", "att.time_mix_r",
                           "ffn.time_mix_k", "ffn.time_mix_r"})
    All[fmt::format("blocks.0.{}", Name)] = {{1, 1, 4}};
  for (const char *Name : {"att.key", "att.value", "att.receptance",
                           "att.output", "ffn.receptance"})
    All[fmt::format("blocks.0.{}.weight", Name)] = {{4, 4}};
  All["blocks.0.ffn.key.weight"] = {{8, 4}};
  All["blocks.0.ffn.value.weight"] = {{4, 8}};
  return All;
}

std::string importErrors(const std::map<std::string, Matrix> &Tensors) {
  return synfire::importErrors(Tensors, [](auto *Context, const auto &File) {
    return models::importSpikeGpt(Context, File);
  });
}
} // namespace

TEST(SpikeGptImport, TakesAWholeNetwork) {
  EXPECT_EQ(importErrors(smallNetwork()), "");
}

TEST(SpikeGptImport, NamesEveryMissingAndUnknownTensor) {
  auto Tensors = smallNetwork();
  Tensors.erase("ln_out.bias");
  Tensors["blocks.0.att.extra"] = {{4}};
  std::string Text = importErrors(Tensors);
  EXPECT_THAT(Text, HasSubstr("'ln_out.bias' of shape [4] is missing"));
  EXPECT_THAT(Text, HasSubstr("'blocks.0.att.extra' is not part"));
}

TEST(SpikeGptImport, GivesBothShapes) {
  auto Tensors = smallNetwork();
  Tensors["head.weight"].Shape = {5, 3};
  EXPECT_THAT(importErrors(Tensors),
              HasSubstr("'head.weight' has shape [5, 3]"));
}

TEST(SpikeGptImport, RefusesNaN) {
  auto Tensors = smallNetwork();
  Tensors["head.weight"].Fill = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(importErrors(Tensors),
              HasSubstr("element 0 of tensor 'head.weight' is NaN"));
}

TEST(SpikeGptImport, RefusesABlockFarAway) {
  auto Tensors = smallNetwork();
  Tensors["blocks.99999.ln1.weight"] = {{4}};
  EXPECT_THAT(importErrors(Tensors), HasSubstr("the highest block is 99999"));
}

TEST(SpikeGptImport, RefusesOtherModels) {
  EXPECT_THAT(importErrors({{"linear.weight", {{4, 4}}}}),
              HasSubstr("does not look like a SpikeGPT"));
}
