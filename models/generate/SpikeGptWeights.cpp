//===- models/generate/SpikeGptWeights.cpp - Seeded random networks -------===//

#include "models/generate/SpikeGptWeights.h"

#include <fmt/format.h>

#include <cmath>

namespace synfire::models {

namespace {

/// Standard deviation of a matrix's output when its input has deviation 1; the
/// linears that feed a LIF grow with depth by GainSlope, as firing rates of
/// trained networks do.
constexpr float KeyGain = 1.0f;
constexpr float ValueGain = 1.0f;
constexpr float ReceptanceGain = 1.0f;
constexpr float OutputGain = 5.5f;
constexpr float HiddenGain = 1.0f;
constexpr float ChannelGain = 4.0f;
constexpr float GainSlope = 0.6f;
/// Mean of the embedding in its standard deviations: 58 % of the bits are 1.
constexpr float EmbeddingMean = 0.2f;

/// Appends one tensor after another.
class TensorList {
public:
  explicit TensorList(std::vector<GeneratedTensor> &To) : To(To) {}
  void norm(const std::string &Name, int64_t Size) {
    To.push_back({Name + ".weight", {Size}, Fill::Ones});
    To.push_back({Name + ".bias", {Size}, Fill::Zeros});
  }
  /// y = W x with deviation \p Gain for x of deviation 1.
  void linear(const std::string &Name, int64_t Rows, int64_t Cols, float Gain,
              float Mean = 0) {
    float Deviation = Gain / std::sqrt(static_cast<float>(Cols));
    To.push_back(
        {Name + ".weight", {Rows, Cols}, Fill::Random, Mean, Deviation});
  }
  void mix(const std::string &Name, int64_t Size, double Exponent,
           float Offset = 0) {
    To.push_back({Name, {1, 1, Size}, Fill::Mix, Offset, 0, Exponent});
  }
  void curve(const std::string &Name, int64_t Size, Fill How,
             double Exponent = 0) {
    To.push_back({Name, {Size}, How, 0, 0, Exponent});
  }

private:
  std::vector<GeneratedTensor> &To;
};

} // namespace

std::vector<GeneratedTensor> spikeGptTensors(const GeneratedShape &S) {
  std::vector<GeneratedTensor> All;
  TensorList List(All);
  int64_t D = S.Width;
  All.push_back(
      {"emb.weight", {S.Vocabulary, D}, Fill::Random, EmbeddingMean, 1.0f});
  for (int64_t L = 0; L != S.Layers; ++L) {
    std::string P = fmt::format("blocks.{}.", L);
    // 0 at the first block, 1 at the last; 1 at the first, 1/L at the last.
    double Up = static_cast<double>(L) / static_cast<double>(S.Layers - 1);
    double Down = 1.0 - static_cast<double>(L) / static_cast<double>(S.Layers);
    float Depth = 1.0f + GainSlope * static_cast<float>(Up);
    List.norm(P + "ln1", D);
    List.norm(P + "ln2", D);
    if (L == 0)
      List.norm(P + "ln0", D);
    List.curve(P + "att.time_decay", D, Fill::TimeDecay, 0.7 + 1.3 * Up);
    List.curve(P + "att.time_first", D, Fill::TimeFirst);
    List.mix(P + "att.time_mix_k", D, Down);
    List.mix(P + "att.time_mix_v", D, Down, static_cast<float>(0.3 * Up));
    List.mix(P + "att.time_mix_r", D, 0.5 * Down);
    List.linear(P + "att.key", D, D, KeyGain);
    List.linear(P + "att.value", D, D, ValueGain);
    List.linear(P + "att.receptance", D, D, ReceptanceGain);
    List.linear(P + "att.output", D, D, OutputGain * Depth);
    List.mix(P + "ffn.time_mix_k", D, Down);
    List.mix(P + "ffn.time_mix_r", D, Down);
    List.linear(P + "ffn.key", 4 * D, D, HiddenGain);
    List.linear(P + "ffn.receptance", D, D, ReceptanceGain);
    List.linear(P + "ffn.value", D, 4 * D, ChannelGain * Depth);
  }
  List.norm("ln_out", D);
  List.linear("head", S.Vocabulary, D, 1.0f);
  return All;
}

} // namespace synfire::models
