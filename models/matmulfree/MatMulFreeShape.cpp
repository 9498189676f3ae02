//===- MatMulFreeShape.cpp - What a MatMul-free checkpoint holds ----------===//
//
// Source of names and shapes: docs/models.md, section MatMul-free LM.
//
//===----------------------------------------------------------------------===//

#include "models/matmulfree/MatMulFree.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::models;
using checkpoint::Checkpoint;
using checkpoint::Tensor;

namespace {
constexpr char NotRecognised[] = "matmulfree-not-recognised";

std::vector<ExpectedTensor> expectedTensors(const NetworkShape &S) {
  int64_t D = S.Width, F = S.Hidden, V = S.Vocabulary;
  std::vector<ExpectedTensor> All = {{"model.embeddings.weight", {V, D}},
                                     {"model.lower_bounds", {S.Layers, D}}};
  // A linear carries the gain of the norm in front of it.
  auto Linear = [&](const std::string &Name, int64_t Out, int64_t In) {
    All.push_back({Name + ".weight", {Out, In}});
    All.push_back({Name + ".norm.weight", {In}});
  };
  for (int64_t L = 0; L < S.Layers; ++L) {
    std::string P = fmt::format("model.layers.{}.", L);
    for (const char *Norm : {"attn_norm", "attn.g_norm", "mlp_norm"})
      All.push_back({P + Norm + ".weight", {D}});
    for (const char *Name : {"i_proj", "f_proj", "g_proj", "o_proj"})
      Linear(P + "attn." + Name, D, D);
    Linear(P + "mlp.gate_proj", 2 * F, D);
    Linear(P + "mlp.down_proj", D, F);
  }
  All.push_back({"model.norm.weight", {D}});
  Linear("lm_head", V, D);
  return All;
}
} // namespace

bool synfire::models::looksLikeMatMulFree(const Checkpoint &From) {
  return From.find("model.embeddings.weight") &&
         From.find("model.layers.0.attn.i_proj.weight");
}

Result<NetworkShape>
synfire::models::inferMatMulFreeShape(const Checkpoint &From) {
  const Tensor *Embedding = From.find("model.embeddings.weight");
  const Tensor *Down = From.find("model.layers.0.mlp.down_proj.weight");
  if (!looksLikeMatMulFree(From) || Embedding->Shape.size() != 2 || !Down ||
      Down->Shape.size() != 2)
    return Error{From.path(), NotRecognised,
                 "this does not look like a MatMul-free language model: it "
                 "needs the matrices model.embeddings.weight, "
                 "model.layers.0.attn.i_proj.weight and "
                 "model.layers.0.mlp.down_proj.weight (is it wrapped in "
                 "another dictionary? name it with --prefix)"};
  NetworkShape S;
  S.Vocabulary = Embedding->Shape[0];
  S.Width = Embedding->Shape[1];
  S.Hidden = Down->Shape[1];
  auto Blocks = countBlocks(From, "model.layers.", NotRecognised);
  if (!Blocks)
    return Blocks.errors();
  S.Layers = *Blocks;
  if (Errors Found =
          checkTensors(From, expectedTensors(S), "MatMul-free LM", S);
      !Found.empty())
    return Found;
  return S;
}
