//===- SpikeLlmWeights.cpp - Random quantised LLaMAs ----------------------===//

#include "models/generate/SpikeLlmWeights.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace synfire::models {

namespace {
constexpr float GainDeviation = 0.1f;

/// Near 1 / sqrt(sources), so that outputs have a deviation near 1; with six
/// significant bits, so that a code times it is exact in half precision.
float weightScale(int64_t Sources, int Bits) {
  // Deviation of the codes: half of their one-sided range.
  double Codes = std::ldexp(1.0, Bits - 2);
  double Wanted = 1.0 / (Codes * std::sqrt(static_cast<double>(Sources)));
  int Exponent = 0;
  double Mantissa = std::frexp(Wanted, &Exponent);
  return static_cast<float>(
      std::ldexp(std::round(std::ldexp(Mantissa, 6)), Exponent - 6));
}
} // namespace

std::vector<GeneratedTensor> spikeLlmTensors(const GeneratedShape &S,
                                             const GeneratedLlama &L) {
  std::vector<GeneratedTensor> All;
  int64_t D = S.Width, F = L.Hidden, HeadSize = D / L.Heads,
          Kv = HeadSize * L.KvHeads;
  auto Random = [&](const std::string &Name, std::vector<int64_t> Shape,
                    float Mean, float Deviation) {
    All.push_back({Name, std::move(Shape), Fill::Random, Mean, Deviation});
  };
  auto Low = [&](const std::string &Name, std::vector<int64_t> Shape,
                 int64_t Repeated = 1) {
    if (L.AddBits == 0)
      return;
    GeneratedTensor T{Name + ".mask_low_mse", std::move(Shape), Fill::Choice};
    T.Mean = static_cast<float>(L.LowShare);
    T.Repeated = Repeated;
    T.Part = HeadSize;
    All.push_back(std::move(T));
  };
  auto Linear = [&](const std::string &Name, int64_t Out, int64_t In) {
    float Scale = weightScale(In, L.WeightBits);
    GeneratedTensor T{Name + ".weight", {Out, In}, Fill::Codes};
    T.Deviation = Scale;
    T.Bits = L.WeightBits;
    All.push_back(std::move(T));
    Random(Name + ".weight_quantizer.scales", {Out, 1}, Scale, 0.0f);
    Random(Name + ".weight_quantizer.zeros", {Out, 1},
           std::ldexp(1.0f, L.WeightBits - 1), 0.0f);
    Low(Name, {1, 1, In});
  };
  Random("model.embed_tokens.weight", {S.Vocabulary, D}, 0.0f, 1.0f);
  for (int64_t Layer = 0; Layer != S.Layers; ++Layer) {
    std::string P = fmt::format("model.layers.{}.", Layer);
    Random(P + "input_layernorm.weight", {D}, 1.0f, GainDeviation);
    Linear(P + "self_attn.q_proj", D, D);
    Linear(P + "self_attn.k_proj", Kv, D);
    Linear(P + "self_attn.v_proj", Kv, D);
    Low(P + "self_attn.qkt_matmul", {1, L.Heads, HeadSize, 1},
        L.Heads / L.KvHeads);
    Low(P + "self_attn.pv_matmul", {1, L.Heads, 1, HeadSize},
        L.Heads / L.KvHeads);
    Linear(P + "self_attn.o_proj", D, D);
    Random(P + "post_attention_layernorm.weight", {D}, 1.0f, GainDeviation);
    Linear(P + "mlp.gate_proj", F, D);
    Linear(P + "mlp.up_proj", F, D);
    Linear(P + "mlp.down_proj", D, F);
  }
  Random("model.norm.weight", {D}, 1.0f, GainDeviation);
  Random("lm_head.weight", {S.Vocabulary, D}, 0.0f,
         1.0f / std::sqrt(static_cast<float>(D)));
  return All;
}

std::string spikeLlmConfig(const GeneratedShape &S, const GeneratedLlama &L) {
  nlohmann::ordered_json C;
  C["model_type"] = "llama";
  C["num_hidden_layers"] = S.Layers;
  C["hidden_size"] = S.Width;
  C["intermediate_size"] = L.Hidden;
  C["num_attention_heads"] = L.Heads;
  C["num_key_value_heads"] = L.KvHeads;
  C["max_position_embeddings"] = L.Positions;
  C["vocab_size"] = S.Vocabulary;
  C["rms_norm_eps"] = L.Epsilon;
  C["rope_theta"] = 10000.0;
  C["hidden_act"] = "silu";
  C["tie_word_embeddings"] = false;
  C["wbits"] = L.WeightBits;
  C["abits"] = L.Bits;
  C["addbit"] = L.AddBits;
  C["low_p"] = L.LowShare;
  return C.dump(1) + "\n";
}

} // namespace synfire::models
