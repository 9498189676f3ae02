//===- MatMulFreeWeights.cpp - Random MatMul-free language models ---------===//

#include "models/generate/MatMulFreeWeights.h"

#include <fmt/format.h>

#include <cmath>

namespace synfire::models {

namespace {
constexpr float GainDeviation = 0.1f;
constexpr float BoundDeviation = 0.5f;

/// Appends one tensor after another.
class TensorList {
public:
  explicit TensorList(std::vector<GeneratedTensor> &To) : To(To) {}
  void random(const std::string &Name, std::vector<int64_t> Shape, float Mean,
              float Deviation) {
    To.push_back({Name, std::move(Shape), Fill::Random, Mean, Deviation});
  }
  void norm(const std::string &Name, int64_t Size) {
    random(Name + ".weight", {Size}, 1.0f, GainDeviation);
  }
  /// A linear with the norm in front of it; its outputs have a deviation
  /// near 1.
  void linear(const std::string &Name, int64_t Rows, int64_t Cols) {
    random(Name + ".weight", {Rows, Cols}, 0.0f,
           1.0f / std::sqrt(static_cast<float>(Cols)));
    norm(Name + ".norm", Cols);
  }

private:
  std::vector<GeneratedTensor> &To;
};
} // namespace

int64_t matMulFreeHidden(int64_t Width) {
  constexpr int64_t Granule = 256;
  return (8 * Width / 3 + Granule - 1) / Granule * Granule;
}

std::vector<GeneratedTensor> matMulFreeTensors(const GeneratedShape &S,
                                               int64_t Hidden) {
  std::vector<GeneratedTensor> All;
  TensorList List(All);
  int64_t D = S.Width, F = Hidden ? Hidden : matMulFreeHidden(D);
  List.random("model.embeddings.weight", {S.Vocabulary, D}, 0.0f, 1.0f);
  List.random("model.lower_bounds", {S.Layers, D}, 0.0f, BoundDeviation);
  for (int64_t L = 0; L != S.Layers; ++L) {
    std::string P = fmt::format("model.layers.{}.", L);
    List.norm(P + "attn_norm", D);
    for (const char *Name : {"i_proj", "f_proj", "g_proj"})
      List.linear(P + "attn." + Name, D, D);
    List.norm(P + "attn.g_norm", D);
    List.linear(P + "attn.o_proj", D, D);
    List.norm(P + "mlp_norm", D);
    List.linear(P + "mlp.gate_proj", 2 * F, D);
    List.linear(P + "mlp.down_proj", D, F);
  }
  List.norm("model.norm", D);
  List.linear("lm_head", S.Vocabulary, D);
  return All;
}

} // namespace synfire::models
