//===- ImportErrorsTest.cpp - Checkpoints that are no SpikeLLM ------------===//

#include "models/spikellm/SpikeLlm.h"

#include "dialects/spike/Spike.h"
#include "tests/unit/network/ImportFixture.h"

#include <gmock/gmock.h>
#include <limits>

using namespace synfire;
using models::SpikeLlmConfig;
using testing::HasSubstr;

namespace {
constexpr int64_t D = 8, F = 12, V = 5, Blocks = 2, Heads = 2;

/// A dense LLaMA, with the scales of 4-bit weights.
std::map<std::string, Matrix> smallNetwork() {
  std::map<std::string, Matrix> All;
  auto Linear = [&](const std::string &Name, int64_t Out, int64_t In) {
    All[Name + ".weight"] = {{Out, In}};
    All[Name + ".weight_quantizer.scales"] = {{Out, 1}, 0.25f};
    All[Name + ".weight_quantizer.zeros"] = {{Out, 1}, 7.0f};
  };
  All["model.embed_tokens.weight"] = All["lm_head.weight"] = {{V, D}};
  All["model.norm.weight"] = {{D}};
  for (int64_t L = 0; L < Blocks; ++L) {
    std::string P = fmt::format("model.layers.{}.", L);
    All[P + "input_layernorm.weight"] = {{D}};
    All[P + "post_attention_layernorm.weight"] = {{D}};
    for (const char *Name : {"q_proj", "k_proj", "v_proj", "o_proj"})
      Linear(P + "self_attn." + Name, D, D);
    Linear(P + "mlp.gate_proj", F, D);
    Linear(P + "mlp.up_proj", F, D);
    Linear(P + "mlp.down_proj", D, F);
  }
  return All;
}

SpikeLlmConfig smallConfig() {
  SpikeLlmConfig C;
  C.Path = "config.json";
  C.Heads = C.KvHeads = Heads;
  C.Positions = 6;
  C.WeightBits = 4;
  return C;
}

std::string errorsOf(const std::map<std::string, Matrix> &Tensors,
                     const SpikeLlmConfig &Config = smallConfig(),
                     models::ChannelMasks Masks = {}) {
  return importErrors(Tensors, [&](auto *Context, const auto &File) {
    models::SpikeLlmOptions Options;
    Options.Config = Config;
    Options.LowMasks = Masks;
    return models::importSpikeLlm(Context, File, Options);
  });
}

std::string configErrors(const std::string &Text) {
  auto Config = SpikeLlmConfig::parse(Text, "config.json");
  std::string All;
  if (!Config)
    for (const Error &E : Config.errors())
      All += E.format() + "\n";
  return All;
}
} // namespace

TEST(SpikeLlmImport, TakesAWholeNetworkInEveryForm) {
  for (auto Coding : {models::GifCoding::Planes, models::GifCoding::Unary,
                      models::GifCoding::Unsigned, models::GifCoding::Signed})
    for (auto Range : {models::KeyRange::Window, models::KeyRange::Token})
      for (bool Dense : {false, true})
        EXPECT_EQ(importErrors(smallNetwork(),
                               [&](auto *Context, const auto &File) {
                                 models::SpikeLlmOptions Options{
                                     smallConfig(), Coding, Range, Dense, {}};
                                 return models::importSpikeLlm(Context, File,
                                                               Options);
                               }),
                  "");
}

TEST(SpikeLlmImport, SaysHowToGetMissingMasks) {
  SpikeLlmConfig Config = smallConfig();
  Config.AddBits = 1;
  std::string Text = errorsOf(smallNetwork(), Config);
  EXPECT_THAT(Text, HasSubstr("18 choices of salient channels (mask_low_mse) "
                              "are missing, such as that of "
                              "model.layers.0.self_attn.q_proj"));
  EXPECT_THAT(Text, HasSubstr("omni_parameters.pth"));
  EXPECT_THAT(Text, HasSubstr("addbit"));
}

TEST(SpikeLlmImport, RefusesMasksOfAnotherSize) {
  models::ChannelMasks Masks;
  Masks["model.layers.1.mlp.down_proj"] = std::vector<bool>(D, true);
  EXPECT_THAT(errorsOf(smallNetwork(), smallConfig(), Masks),
              HasSubstr("the mask of 'model.layers.1.mlp.down_proj' has 8 "
                        "channels, the network 12"));
  auto Tensors = smallNetwork();
  Tensors["model.layers.0.mlp.up_proj.mask_low_mse"] = {{1, 1, D + 1}};
  EXPECT_THAT(errorsOf(Tensors), HasSubstr("'model.layers.0.mlp.up_proj.mask_"
                                           "low_mse' has shape [1, 1, 9]"));
}

TEST(SpikeLlmImport, RefusesScalesThatNoCodeHas) {
  for (float Bad : {0.0f, -1.0f}) {
    auto Tensors = smallNetwork();
    Tensors["model.layers.1.mlp.up_proj.weight_quantizer.scales"].Fill = Bad;
    EXPECT_THAT(errorsOf(Tensors), HasSubstr("a scale must be positive"));
  }
  for (const char *What : {"scales", "zeros"}) {
    auto Tensors = smallNetwork();
    Tensors[fmt::format("model.layers.1.mlp.up_proj.weight_quantizer.{}", What)]
        .Fill = std::numeric_limits<float>::quiet_NaN();
    EXPECT_NE(errorsOf(Tensors), "") << What;
  }
}

/// Zero points that are codes go along; others leave the bits of code - zero,
/// unless these are more than 8 or no integers.
TEST(SpikeLlmImport, WritesTheGridOfTheCodes) {
  struct Case {
    int64_t WeightBits;
    float Zero;
    int Grids;
    uint64_t Bits;
    bool WithZeros;
  };
  for (const Case &Of :
       {Case{4, 7.0f, 14, 4, true}, Case{4, 15.0f, 14, 4, true},
        Case{4, -3.0f, 14, 6, false}, Case{4, 20.0f, 14, 6, false},
        Case{4, 7.5f, 0, 0, false}, Case{8, 128.0f, 14, 8, true},
        Case{8, -1.0f, 0, 0, false}}) {
    auto Tensors = smallNetwork();
    for (auto &[Name, M] : Tensors)
      if (Name.ends_with(".zeros"))
        M.Fill = Of.Zero;
    SpikeLlmConfig Config = smallConfig();
    Config.WeightBits = Of.WeightBits;
    int Grids = 0;
    EXPECT_EQ(importErrors(Tensors,
                           [&](auto *Context, const auto &File) {
                             models::SpikeLlmOptions Options;
                             Options.Config = Config;
                             auto Module =
                                 models::importSpikeLlm(Context, File, Options);
                             if (Module)
                               (*Module)->walk([&](spike::GridOp Grid) {
                                 ++Grids;
                                 EXPECT_EQ(Grid.getBits(), Of.Bits);
                                 EXPECT_EQ(static_cast<bool>(Grid.getZeros()),
                                           Of.WithZeros);
                               });
                             return Module;
                           }),
              "");
    EXPECT_EQ(Grids, Of.Grids) << Of.WeightBits << " " << Of.Zero;
  }
}

TEST(SpikeLlmImport, WantsTheBitsOfCodedWeights) {
  SpikeLlmConfig Config = smallConfig();
  Config.WeightBits = 16;
  EXPECT_THAT(errorsOf(smallNetwork(), Config), HasSubstr("wbits is 16"));
}

TEST(SpikeLlmImport, RefusesNaNWeights) {
  for (const char *Name : {"lm_head.weight", "model.norm.weight",
                           "model.layers.0.self_attn.k_proj.weight"}) {
    auto Tensors = smallNetwork();
    Tensors[Name].Fill = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THAT(errorsOf(Tensors), HasSubstr("is NaN or infinite")) << Name;
  }
}

TEST(SpikeLlmImport, ComparesShapesWithTheConfiguration) {
  SpikeLlmConfig Config = smallConfig();
  Config.Heads = Config.KvHeads = 3;
  EXPECT_THAT(errorsOf(smallNetwork(), Config), HasSubstr("3 heads do not"));
  Config = smallConfig();
  Config.Vocabulary = 32000;
  EXPECT_THAT(errorsOf(smallNetwork(), Config),
              HasSubstr("vocab_size is 32000, but the embedding has 5 rows"));
  Config = smallConfig();
  Config.KvHeads = 1;
  EXPECT_THAT(errorsOf(smallNetwork(), Config),
              HasSubstr("'model.layers.0.self_attn.k_proj.weight' has shape "
                        "[8, 8]"));
}

TEST(SpikeLlmImport, KnowsTiedHeads) {
  auto Tensors = smallNetwork();
  Tensors.erase("lm_head.weight");
  EXPECT_THAT(errorsOf(Tensors),
              HasSubstr("'lm_head.weight' of shape [5, 8] is missing"));
  SpikeLlmConfig Tied = smallConfig();
  Tied.TiedHead = true;
  EXPECT_EQ(errorsOf(Tensors, Tied), "");
  Tensors["lm_head.weight"] = {{V + 1, D}};
  EXPECT_THAT(errorsOf(Tensors, Tied),
              HasSubstr("'lm_head.weight' has shape [6, 8]"));
}

TEST(SpikeLlmImport, NamesMissingAndUnknownTensors) {
  auto Tensors = smallNetwork();
  Tensors.erase("model.layers.1.self_attn.o_proj.weight");
  Tensors["model.layers.0.self_attn.qk_norm.weight"] = {{D}};
  std::string Text = errorsOf(Tensors);
  EXPECT_THAT(Text, HasSubstr("'model.layers.1.self_attn.o_proj.weight' of "
                              "shape [8, 8] is missing"));
  EXPECT_THAT(Text, HasSubstr("'model.layers.0.self_attn.qk_norm.weight' is "
                              "not part of a LLaMA"));
  EXPECT_THAT(errorsOf({{"emb.weight", {{4, 4}}}}),
              HasSubstr("does not look like a LLaMA"));
}

TEST(SpikeLlmConfig, TellsEveryFault) {
  std::string Text = configErrors(
      R"({"num_attention_heads": 4, "num_key_value_heads": 3,
          "max_position_embeddings": 0, "abits": 9, "addbit": -1,
          "low_p": 1.5, "hidden_act": "gelu", "rope_scaling": {"type": "x"}})");
  for (const char *What :
       {"num_key_value_heads is 3", "max_position_embeddings is 0",
        "abits is 9", "addbit is -1", "low_p is 1.5", "only \"silu\"",
        "rope_scaling is"})
    EXPECT_THAT(Text, HasSubstr(What));
  EXPECT_THAT(configErrors("{}"), HasSubstr("num_attention_heads is missing"));
  for (const char *Bad : {"", "[1]", "{", "{\"a\":[[[[[[[[[[[[1]]]]]]]]]]]]}"})
    EXPECT_NE(configErrors(Bad), "") << Bad;
}

TEST(SpikeLlmConfig, ReadsWhatAPublicFileSays) {
  auto C = SpikeLlmConfig::parse(
      R"({"num_attention_heads": 64, "num_key_value_heads": 8,
          "max_position_embeddings": 4096, "rms_norm_eps": 1e-05,
          "rope_scaling": null, "hidden_act": "silu", "vocab_size": 32000,
          "tie_word_embeddings": false, "torch_dtype": "float16"})",
      "config.json");
  ASSERT_TRUE(C);
  EXPECT_EQ(C->KvHeads, 8);
  EXPECT_EQ(C->Positions, 4096);
  EXPECT_FLOAT_EQ(C->Epsilon, 1e-5f);
  EXPECT_EQ(C->AddBits, 0);
}
