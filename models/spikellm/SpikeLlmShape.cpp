//===- SpikeLlmShape.cpp - What a LLaMA checkpoint holds ------------------===//
//
// Source of names and shapes: docs/models.md, section SpikeLLM.
//
//===----------------------------------------------------------------------===//

#include "models/spikellm/Projections.h"
#include "models/spikellm/SpikeLlm.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

using namespace synfire;
using namespace synfire::models;
using checkpoint::Checkpoint;
using checkpoint::Tensor;

namespace {
constexpr char NotRecognised[] = "spikellm-not-recognised";

/// Needed tensors, and of those that may be there the ones that are.
class Expected {
public:
  explicit Expected(const Checkpoint &From) : From(From) {}
  std::vector<ExpectedTensor> All;
  void need(const std::string &Name, std::vector<int64_t> Shape) {
    All.push_back({Name, std::move(Shape)});
  }
  void may(const std::string &Name, std::vector<int64_t> Shape,
           bool Choice = false) {
    if (From.find(Name))
      All.push_back({Name, std::move(Shape), Choice});
  }

private:
  const Checkpoint &From;
};

std::vector<ExpectedTensor> expectedTensors(const Checkpoint &From,
                                            const NetworkShape &S,
                                            const SpikeLlmConfig &C) {
  int64_t D = S.Width, HeadSize = D / C.Heads;
  Expected E(From);
  E.need("model.embed_tokens.weight", {S.Vocabulary, D});
  E.need("model.norm.weight", {D});
  if (!C.TiedHead)
    E.need("lm_head.weight", {S.Vocabulary, D});
  else
    E.may("lm_head.weight", {S.Vocabulary, D});
  for (int64_t L = 0; L < S.Layers; ++L) {
    std::string Layer = layerName(L);
    for (const char *Norm : {"input_layernorm", "post_attention_layernorm"}) {
      E.need(Layer + Norm + ".weight", {D});
      E.may(Layer + Norm + ".bias", {D});
    }
    for (const Projection &P : projections(S, C)) {
      std::string Name = Layer + P.Name;
      E.need(Name + ".weight", {P.Targets, P.Sources});
      E.may(Name + ".bias", {P.Targets});
      E.may(Name + ".mask_low_mse", {1, 1, P.Sources}, /*Choice=*/true);
      E.may(Name + ".weight_quantizer.scales", {P.Targets, 1});
      E.may(Name + ".weight_quantizer.zeros", {P.Targets, 1});
    }
    std::string Attention = Layer + "self_attn.";
    E.may(Attention + "qkt_matmul.mask_low_mse", {1, C.Heads, HeadSize, 1},
          /*Choice=*/true);
    E.may(Attention + "pv_matmul.mask_low_mse", {1, C.Heads, 1, HeadSize},
          /*Choice=*/true);
    // Both are known without the file: what was folded into the weights, and
    // the frequencies of rotary embedding.
    E.may(Layer + "qkt_smooth_scale", {D});
    E.may(Attention + "rotary_emb.inv_freq", {HeadSize / 2});
  }
  return E.All;
}

/// What shapes and configuration say of each other.
Errors agreement(const NetworkShape &S, const SpikeLlmConfig &C) {
  Errors Found;
  auto Fail = [&](std::string Text) {
    Found.push_back({C.Path, "config-shape", std::move(Text)});
  };
  if (S.Width % C.Heads != 0 || S.Width / C.Heads % 2 != 0)
    Fail(fmt::format("{} heads do not divide a width of {} into parts of an "
                     "even length",
                     C.Heads, S.Width));
  if (C.Vocabulary != 0 && C.Vocabulary != S.Vocabulary)
    Fail(fmt::format("vocab_size is {}, but the embedding has {} rows",
                     C.Vocabulary, S.Vocabulary));
  return Found;
}
} // namespace

std::string models::layerName(int64_t Layer) {
  return fmt::format("model.layers.{}.", Layer);
}

std::array<Projection, 7> models::projections(const NetworkShape &S,
                                              const SpikeLlmConfig &C) {
  int64_t D = S.Width, F = S.Hidden, Kv = D / C.Heads * C.KvHeads;
  return {{{"self_attn.q_proj", D, D},
           {"self_attn.k_proj", Kv, D},
           {"self_attn.v_proj", Kv, D},
           {"self_attn.o_proj", D, D},
           {"mlp.gate_proj", F, D},
           {"mlp.up_proj", F, D},
           {"mlp.down_proj", D, F}}};
}

bool models::looksLikeLlama(const Checkpoint &From) {
  return From.find("model.embed_tokens.weight") &&
         From.find("model.layers.0.self_attn.q_proj.weight");
}

Result<NetworkShape> models::inferLlamaShape(const Checkpoint &From,
                                             const SpikeLlmConfig &Config) {
  const Tensor *Embedding = From.find("model.embed_tokens.weight");
  const Tensor *Down = From.find("model.layers.0.mlp.down_proj.weight");
  if (!looksLikeLlama(From) || Embedding->Shape.size() != 2 || !Down ||
      Down->Shape.size() != 2)
    return Error{
        From.path(), NotRecognised,
        "this does not look like a LLaMA: it needs the matrices "
        "model.embed_tokens.weight, "
        "model.layers.0.self_attn.q_proj.weight and "
        "model.layers.0.mlp.down_proj.weight (is it wrapped in another "
        "dictionary? name it with --prefix)"};
  auto Blocks = countBlocks(From, "model.layers.", NotRecognised);
  if (!Blocks)
    return Blocks.errors();
  NetworkShape S{*Blocks, Embedding->Shape[1], Down->Shape[1],
                 Embedding->Shape[0]};
  if (Errors Found = agreement(S, Config); !Found.empty())
    return Found;
  if (Errors Found =
          checkTensors(From, expectedTensors(From, S, Config), "LLaMA", S);
      !Found.empty())
    return Found;
  return S;
}

Result<ChannelMasks> models::readMasks(const Checkpoint &From,
                                       const NetworkShape &Shape,
                                       const SpikeLlmConfig &Config,
                                       ChannelMasks Given) {
  std::vector<std::string> Missing;
  for (const auto &[Name, Size] : maskedChannels(Shape, Config)) {
    const Tensor *T = From.find(Name + ".mask_low_mse");
    bool IsGiven = Given.contains(Name);
    if (!IsGiven && T) {
      auto Values = From.readFloats(*T);
      if (!Values)
        return Values.errors();
      for (float V : *Values)
        Given[Name].push_back(V != 0.0f);
    } else if (!IsGiven) {
      Missing.push_back(Name);
      continue;
    }
    if (size_t Has = Given[Name].size(); static_cast<int64_t>(Has) != Size)
      return Error{From.path(), "spikellm-mask-size",
                   fmt::format("the mask of '{}' has {} channels, the network "
                               "{}",
                               Name, Has, Size)};
  }
  if (Missing.empty())
    return Given;
  if (Config.AddBits == 0)
    return ChannelMasks();
  size_t Count = Missing.size();
  Missing.resize(std::min<size_t>(Count, 3));
  return Error{
      From.path(), "spikellm-masks",
      fmt::format("{} choices of salient channels (mask_low_mse) are missing, "
                  "such as that of {}. They are buffers of the model, so "
                  "omni_parameters.pth and checkpoints made without tuning "
                  "never have them, and the public code then takes every "
                  "channel as low without a word. Save the whole state dict, "
                  "have them found from calibration text (--masks compute), "
                  "take them from another file (--masks FILE), or set addbit "
                  "to 0",
                  Count, fmt::join(Missing, ", "))};
}

Result<ChannelMasks> models::masksOf(const Checkpoint &From,
                                     const NetworkShape &Shape,
                                     const SpikeLlmConfig &Config) {
  constexpr std::string_view Suffix = ".mask_low_mse";
  std::map<std::string, int64_t, std::less<>> Sizes;
  for (const auto &[Name, Size] : maskedChannels(Shape, Config))
    Sizes[Name] = Size;
  ChannelMasks Masks;
  Errors Found;
  for (const Tensor &T : From.tensors()) {
    if (!T.Name.ends_with(Suffix))
      continue;
    std::string Name = T.Name.substr(0, T.Name.size() - Suffix.size());
    auto Known = Sizes.find(Name);
    if (Known == Sizes.end()) {
      Found.push_back({From.path(), "spikellm-mask-name",
                       fmt::format("'{}' is a mask of something that the "
                                   "network does not have; masks are named "
                                   "as in '{}{}', layers 0 to {}",
                                   T.Name, Sizes.begin()->first, Suffix,
                                   Shape.Layers - 1)});
      continue;
    }
    if (T.numElements() != Known->second) {
      Found.push_back({From.path(), "spikellm-mask-size",
                       fmt::format("the mask of '{}' has {} channels, the "
                                   "network {}",
                                   Name, T.numElements(), Known->second)});
      continue;
    }
    auto Values = From.readFloats(T);
    if (!Values)
      return Values.errors();
    for (float V : *Values)
      Masks[Name].push_back(V != 0.0f);
  }
  if (!Found.empty())
    return Found;
  if (Masks.empty())
    return Error{From.path(), "spikellm-masks",
                 fmt::format("no tensor is a mask of salient channels "
                             "(...{}); give the file that has them, or have "
                             "them computed (--masks compute)",
                             Suffix)};
  return Masks;
}

std::vector<std::pair<std::string, int64_t>>
models::maskedChannels(const NetworkShape &Shape,
                       const SpikeLlmConfig &Config) {
  std::vector<std::pair<std::string, int64_t>> All;
  for (int64_t L = 0; L < Shape.Layers; ++L) {
    std::string Layer = layerName(L);
    for (const Projection &P : projections(Shape, Config))
      All.emplace_back(Layer + P.Name, P.Sources);
    for (const char *Product : {"qkt_matmul", "pv_matmul"})
      All.emplace_back(Layer + "self_attn." + Product, Shape.Width);
  }
  return All;
}
