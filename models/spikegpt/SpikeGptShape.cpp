//===- SpikeGptShape.cpp - What a SpikeGPT checkpoint holds ---------------===//
//
// Source of names and shapes: docs/models.md, section SpikeGPT.
//
//===----------------------------------------------------------------------===//

#include "models/spikegpt/SpikeGpt.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <string_view>

using namespace synfire;
using namespace synfire::models;
using checkpoint::Checkpoint;
using checkpoint::Tensor;

namespace {
/// A tensor that the network needs.
struct Expected {
  std::string Name;
  std::vector<int64_t> Shape;
};

std::vector<Expected> expectedTensors(const SpikeGptShape &S) {
  int64_t D = S.Width, F = S.Hidden, V = S.Vocabulary;
  std::vector<Expected> All = {{"emb.weight", {V, D}}};
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

/// The number N of `blocks.N.`, or -1.
int64_t blockOf(std::string_view Name) {
  constexpr std::string_view Prefix = "blocks.";
  if (!Name.starts_with(Prefix))
    return -1;
  int64_t N = 0;
  size_t I = Prefix.size();
  for (; I < Name.size() && Name[I] >= '0' && Name[I] <= '9'; ++I) {
    N = N * 10 + (Name[I] - '0');
    if (N > 100000)
      return -1;
  }
  return I > Prefix.size() && I < Name.size() && Name[I] == '.' ? N : -1;
}
} // namespace

Result<SpikeGptShape>
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

  SpikeGptShape S;
  S.Vocabulary = Embedding->Shape[0];
  S.Width = Embedding->Shape[1];
  S.Hidden = Key->Shape[0];
  for (const Tensor &T : From.tensors())
    S.Layers = std::max(S.Layers, blockOf(T.Name) + 1);
  // One tensor of a block far away must not make us list thousands.
  if (S.Layers > static_cast<int64_t>(From.tensors().size()))
    return Fail("spikegpt-not-recognised",
                fmt::format("the highest block is {}, but there are only {} "
                            "tensors",
                            S.Layers - 1, From.tensors().size()));

  Errors Found;
  std::map<std::string, bool, std::less<>> Known;
  for (const Expected &E : expectedTensors(S)) {
    Known.emplace(E.Name, true);
    const Tensor *T = From.find(E.Name);
    if (!T)
      Found.push_back(Fail("checkpoint-missing-tensor",
                           fmt::format("tensor '{}' of shape [{}] is missing",
                                       E.Name, fmt::join(E.Shape, ", "))));
    else if (T->Shape != E.Shape)
      Found.push_back(
          Fail("checkpoint-shape",
               fmt::format("tensor '{}' has shape [{}], a SpikeGPT with {} "
                           "layers, width {}, hidden {}, vocabulary {} needs "
                           "[{}]",
                           E.Name, fmt::join(T->Shape, ", "), S.Layers, S.Width,
                           S.Hidden, S.Vocabulary, fmt::join(E.Shape, ", "))));
    else if (!isFloatingPoint(T->Type))
      Found.push_back(Fail("checkpoint-dtype",
                           fmt::format("tensor '{}' is {}, weights must be f32,"
                                       " f64, f16 or bf16",
                                       E.Name, name(T->Type))));
  }
  for (const Tensor &T : From.tensors())
    if (!Known.contains(T.Name))
      Found.push_back(Fail("checkpoint-unknown-tensor",
                           fmt::format("tensor '{}' is not part of a SpikeGPT; "
                                       "a weight that would be ignored is an "
                                       "error",
                                       T.Name)));
  if (!Found.empty()) {
    constexpr size_t Most = 8;
    size_t More = Found.size() > Most ? Found.size() - Most : 0;
    if (More) {
      Found.resize(Most);
      Found.back().Text += fmt::format(" (and {} more)", More);
    }
    return Found;
  }
  return S;
}
