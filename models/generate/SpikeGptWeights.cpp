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

/// The finaliser of SplitMix64: a bijection whose output looks random even for
/// consecutive inputs.
uint64_t scramble(uint64_t X) {
  X += 0x9e3779b97f4a7c15u;
  X = (X ^ (X >> 30)) * 0xbf58476d1ce4e5b9u;
  X = (X ^ (X >> 27)) * 0x94d049bb133111ebu;
  return X ^ (X >> 31);
}

/// Sum of four uniform 16-bit numbers, brought to mean 0 and deviation 1: close
/// to normal, bounded by 3.46, one hash each.
float nearNormal(uint64_t Bits) {
  int32_t Sum = static_cast<int32_t>((Bits & 0xffff) + (Bits >> 16 & 0xffff) +
                                     (Bits >> 32 & 0xffff) + (Bits >> 48));
  // Variance of one: (2^32 - 1) / 12.
  constexpr float Deviation = 37837.2268f;
  return (static_cast<float>(Sum) - 131070.0f) * (1.0f / Deviation);
}

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

int64_t GeneratedTensor::numElements() const {
  int64_t Count = 1;
  for (int64_t Size : Shape)
    Count *= Size;
  return Count;
}

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

void fillElements(const GeneratedTensor &T, uint64_t Seed, uint64_t Index,
                  int64_t First, std::span<float> Out) {
  // Every tensor has a stream of its own, so changing one moves no other.
  uint64_t Stream = scramble(scramble(Seed) + Index);
  double Size = static_cast<double>(T.Shape.back());
  for (size_t I = 0; I != Out.size(); ++I) {
    int64_t C = First + static_cast<int64_t>(I);
    double Place = static_cast<double>(C);
    switch (T.How) {
    case Fill::Ones:
      Out[I] = 1.0f;
      break;
    case Fill::Zeros:
      Out[I] = 0.0f;
      break;
    case Fill::Random:
      Out[I] =
          T.Mean +
          T.Deviation * nearNormal(scramble(Stream ^ static_cast<uint64_t>(C)));
      break;
    case Fill::TimeDecay:
      Out[I] = static_cast<float>(
          -5.0 + 8.0 * std::pow(Place / (Size - 1.0), T.Exponent));
      break;
    case Fill::TimeFirst:
      Out[I] = static_cast<float>(std::log(0.3) +
                                  0.5 * static_cast<double>((C + 1) % 3 - 1));
      break;
    case Fill::Mix:
      Out[I] = static_cast<float>(std::pow(Place / Size, T.Exponent)) + T.Mean;
      break;
    }
  }
}

} // namespace synfire::models
