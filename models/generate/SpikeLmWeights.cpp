//===- SpikeLmWeights.cpp - Random SpikeLM encoders -----------------------===//

#include "models/generate/SpikeLmWeights.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace synfire::models {

namespace {
constexpr float GainDeviation = 0.1f;
/// Twice the mean magnitude of a normal variable.
constexpr float OfNormal = 1.6f;
/// Of a context over many tokens, and of a gelu, under the same drive.
constexpr float OfContext = 0.3f, OfGelu = 0.9f;
/// A membrane keeps a quarter times its amplitude.
constexpr float Growth = 1.5f;
} // namespace

std::vector<GeneratedTensor> spikeLmTensors(const GeneratedShape &S,
                                            const GeneratedBert &B) {
  std::vector<GeneratedTensor> All;
  int64_t D = S.Width;
  auto Random = [&](const std::string &Name, std::vector<int64_t> Shape,
                    float Mean, float Deviation) {
    All.push_back({Name, std::move(Shape), Fill::Random, Mean, Deviation});
  };
  auto Norm = [&](const std::string &Name) {
    Random(Name + ".weight", {D}, 1.0f, GainDeviation);
    Random(Name + ".bias", {D}, 0.0f, GainDeviation);
  };
  auto Linear = [&](const std::string &Name, int64_t Out, int64_t In) {
    Random(Name + ".weight", {Out, In}, 0.0f,
           1.0f / std::sqrt(static_cast<float>(In)));
    Random(Name + ".bias", {Out}, 0.0f, GainDeviation);
  };
  auto Amplitudes = [&](const std::string &Name, float First) {
    float Amplitude = First;
    for (int64_t T = 0; T != B.Steps; ++T, Amplitude *= Growth)
      Random(fmt::format("{}.{}", Name, T), {}, Amplitude, 0.0f);
  };
  auto Spiking = [&](const std::string &Name, int64_t Out, int64_t In,
                     float Amplitude) {
    Linear(Name, Out, In);
    Amplitudes(Name + ".act_clip_val", Amplitude);
  };
  std::string E = "bert.embeddings.";
  Random(E + "word_embeddings.weight", {S.Vocabulary, D}, 0.0f, 1.0f);
  Random(E + "position_embeddings.weight", {B.Positions, D}, 0.0f, 1.0f);
  Random(E + "token_type_embeddings.weight", {2, D}, 0.0f, 1.0f);
  Norm(E + "LayerNorm");
  for (int64_t Layer = 0; Layer != S.Layers; ++Layer) {
    std::string P = fmt::format("bert.encoder.layer.{}.", Layer),
                Self = P + "attention.self.";
    for (const char *Name : {"query", "key", "value"})
      Spiking(Self + Name, D, D, OfNormal);
    Amplitudes(Self + "clip_key", OfNormal);
    Amplitudes(Self + "clip_value", OfNormal);
    Spiking(P + "attention.output.dense", D, D, OfContext);
    Norm(P + "attention.output.LayerNorm");
    Spiking(P + "intermediate.dense", B.Hidden, D, OfNormal);
    Spiking(P + "output.dense", D, B.Hidden, OfGelu);
    Norm(P + "output.LayerNorm");
  }
  Linear("bert.pooler.dense", D, D);
  Linear("classifier", B.Labels, D);
  return All;
}

std::string spikeLmConfig(const GeneratedShape &S, const GeneratedBert &B) {
  nlohmann::ordered_json C;
  C["model_type"] = "bert";
  C["num_hidden_layers"] = S.Layers;
  C["hidden_size"] = S.Width;
  C["intermediate_size"] = B.Hidden;
  C["num_attention_heads"] = B.Heads;
  C["max_position_embeddings"] = B.Positions;
  C["vocab_size"] = S.Vocabulary;
  C["layer_norm_eps"] = 1e-12;
  C["hidden_act"] = "gelu";
  C["T"] = B.Steps;
  return C.dump(1) + "\n";
}

} // namespace synfire::models
