//===- ImportErrorsTest.cpp - Checkpoints that are no MatMul-free LM ------===//

#include "models/matmulfree/MatMulFree.h"

#include "tests/unit/network/ImportFixture.h"

#include <gmock/gmock.h>
#include <limits>

using namespace synfire;
using testing::HasSubstr;

namespace {
constexpr int64_t D = 4, F = 8, V = 5, Blocks = 2;

std::map<std::string, Matrix> smallNetwork() {
  std::map<std::string, Matrix> All;
  auto Linear = [&](const std::string &Name, int64_t Out, int64_t In) {
    All[Name + ".weight"] = {{Out, In}};
    All[Name + ".norm.weight"] = {{In}};
  };
  All["model.embeddings.weight"] = {{V, D}};
  All["model.lower_bounds"] = {{Blocks, D}};
  for (int64_t L = 0; L < Blocks; ++L) {
    std::string P = fmt::format("model.layers.{}.", L);
    for (const char *Name : {"attn_norm", "attn.g_norm", "mlp_norm"})
      All[P + Name + ".weight"] = {{D}};
    for (const char *Name : {"i_proj", "f_proj", "g_proj", "o_proj"})
      Linear(P + "attn." + Name, D, D);
    Linear(P + "mlp.gate_proj", 2 * F, D);
    Linear(P + "mlp.down_proj", D, F);
  }
  All["model.norm.weight"] = {{D}};
  Linear("lm_head", V, D);
  return All;
}

std::string errorsOf(const std::map<std::string, Matrix> &Tensors) {
  return importErrors(Tensors, models::importMatMulFree);
}
} // namespace

TEST(MatMulFreeImport, TakesAWholeNetwork) {
  EXPECT_EQ(errorsOf(smallNetwork()), "");
}

TEST(MatMulFreeImport, NamesMissingAndUnknownTensors) {
  auto Tensors = smallNetwork();
  Tensors.erase("model.layers.1.attn.g_proj.norm.weight");
  Tensors["model.layers.0.attn.q_proj.weight"] = {{D, D}};
  std::string Text = errorsOf(Tensors);
  EXPECT_THAT(Text, HasSubstr("'model.layers.1.attn.g_proj.norm.weight' of "
                              "shape [4] is missing"));
  EXPECT_THAT(Text, HasSubstr("'model.layers.0.attn.q_proj.weight' is not "
                              "part of a MatMul-free LM"));
}

TEST(MatMulFreeImport, WantsTwoHalvesInTheGate) {
  auto Tensors = smallNetwork();
  Tensors["model.layers.1.mlp.gate_proj.weight"].Shape = {F, D};
  EXPECT_THAT(errorsOf(Tensors),
              HasSubstr("'model.layers.1.mlp.gate_proj.weight' has shape "
                        "[8, 4], a MatMul-free LM with 2 layers, width 4, "
                        "hidden 8, vocabulary 5 needs [16, 4]"));
}

TEST(MatMulFreeImport, WantsOneBoundPerBlock) {
  auto Tensors = smallNetwork();
  Tensors["model.lower_bounds"].Shape = {Blocks + 1, D};
  EXPECT_THAT(errorsOf(Tensors),
              HasSubstr("'model.lower_bounds' has shape [3, 4]"));
}

TEST(MatMulFreeImport, RefusesNaNInWholeTensorsAndInParts) {
  for (const char *Name :
       {"lm_head.weight", "model.layers.0.mlp.gate_proj.weight",
        "model.lower_bounds", "model.embeddings.weight"}) {
    auto Tensors = smallNetwork();
    Tensors[Name].Fill = std::numeric_limits<float>::quiet_NaN();
    std::string Text = errorsOf(Tensors);
    EXPECT_THAT(Text, HasSubstr("is NaN or infinite")) << Name;
    EXPECT_THAT(Text, HasSubstr(Name));
  }
}

TEST(MatMulFreeImport, RefusesABlockFarAway) {
  auto Tensors = smallNetwork();
  Tensors["model.layers.99999.mlp_norm.weight"] = {{D}};
  EXPECT_THAT(errorsOf(Tensors), HasSubstr("the highest block is 99999"));
}

TEST(MatMulFreeImport, RefusesOtherModels) {
  EXPECT_THAT(errorsOf({{"emb.weight", {{4, 4}}}}),
              HasSubstr("does not look like a MatMul-free language model"));
}
