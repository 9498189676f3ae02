//===- SpikeGptShape.cpp - What a SpikeGPT checkpoint holds ---------------===//
//
// Source of names and shapes: docs/models.md, section SpikeGPT.
//
//===----------------------------------------------------------------------===//

#include "models/spikegpt/SpikeGpt.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::models;
using checkpoint::Checkpoint;
using checkpoint::Tensor;

namespace {
std::vector<ExpectedTensor> expectedTensors(const NetworkShape &S) {
  int64_t D = S.Width, F = S.Hidden, V = S.Vocabulary;
  std::vector<ExpectedTensor> All = {{"emb.weight", {V, D}}};
  for (int64_t L = 0; L < S.Layers; ++L) {
    std::string P = fmt::format("blocks.{}.", L);
    for (std::string Ln : {"ln1", "ln2"}) {
      All.push_back({P + Ln + ".weight", {D}});
      All.push_back({P + Ln + ".bias", {D}});
    }
    if (L == 0) {
      All.push_back({P + "ln0.weight", {D}});
      All.push_back({P + "ln0.bias", {D}});
    }
    for (std::string Name : {"time_decay", "time_first"})
      All.push_back({P + "att." + Name, {D}});
    for (std::string Name : {"time_mix_k", "time_mix_v", "time_mix_r"})
      All.push_back({P + "att." + Name, {1, 1, D}});
    for (std::string Name : {"key", "value", "receptance", "output"})
      All.push_back({P + "att." + Name + ".weight", {D, D}});
    for (std::string Name : {"time_mix_k", "time_mix_r"})
      All.push_back({P + "ffn." + Name, {1, 1, D}});
    All.push_back({P + "ffn.key.weight", {F, D}});
    All.push_back({P + "ffn.receptance.weight", {D, D}});
    All.push_back({P + "ffn.value.weight", {D, F}});
  }
  All.push_back({"ln_out.weight", {D}});
  All.push_back({"ln_out.bias", {D}});
  All.push_back({"head.weight", {V, D}});
  return All;
}
} // namespace

Result<NetworkShape>
synfire::models::inferSpikeGptShape(const Checkpoint &From) {
  auto Fail = [&](std::string Rule, std::string Text) {
    return Error{From.path(), std::move(Rule), std::move(Text)};
  };
  const Tensor *Embedding = From.find("emb.weight");
  const Tensor *Key = From.find("blocks.0.ffn.key.weight");
  if (!Embedding || Embedding->Shape.size() != 2 || !Key ||
      Key->Shape.size() != 2)
    return Fail("spikegpt-not-recognised",
                "this does not look like a SpikeGPT state_dict: it needs the "
                "matrices emb.weight and blocks.0.ffn.key.weight (is it "
                "wrapped in another dictionary? name it with --prefix)");
  if (From.find("blocks.0.ffnPre.key.weight"))
    return Fail("spikegpt-ffnpre",
                "the variant RWKV-ffnPre (a channel mix in place of the first "
                "time mix) is not supported; no released model uses it");

  NetworkShape S;
  S.Vocabulary = Embedding->Shape[0];
  S.Width = Embedding->Shape[1];
  S.Hidden = Key->Shape[0];
  auto Blocks = countBlocks(From, "blocks.", "spikegpt-not-recognised");
  if (!Blocks)
    return Blocks.errors();
  S.Layers = *Blocks;
  if (Errors Found = checkTensors(From, expectedTensors(S), "SpikeGPT", S);
      !Found.empty())
    return Found;
  return S;
}
