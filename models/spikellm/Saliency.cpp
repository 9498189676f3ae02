//===- Saliency.cpp - Which channels get more bits ------------------------===//

#include "models/spikellm/Saliency.h"

#include "dialects/spike/Spike.h"
#include "models/spikellm/Projections.h"

#include <algorithm>
#include <cmath>

using namespace synfire;
using namespace synfire::models;

void synfire::models::addLinearSaliency(std::span<const float> X,
                                        std::span<const float> W,
                                        std::span<double> To) {
  size_t Sources = To.size();
  std::vector<double> Back(Sources);
  for (size_t Row = 0; Row + Sources <= X.size(); Row += Sources) {
    std::fill(Back.begin(), Back.end(), 0.0);
    for (size_t At = 0; At + Sources <= W.size(); At += Sources) {
      double Y = 0;
      for (size_t J = 0; J < Sources; ++J)
        Y += double(X[Row + J]) * double(W[At + J]);
      for (size_t J = 0; J < Sources; ++J)
        Back[J] += Y * double(W[At + J]);
    }
    for (size_t J = 0; J < Sources; ++J)
      To[J] += double(X[Row + J]) * Back[J];
  }
}

void synfire::models::addKeySaliency(std::span<const float> Q,
                                     std::span<const float> K,
                                     std::span<double> To) {
  // Rows of Q stand where rows of a matrix do.
  addLinearSaliency(K, Q, To);
}

void synfire::models::addValueSaliency(std::span<const float> P,
                                       std::span<const float> V,
                                       std::span<double> To) {
  size_t N = To.size(), Tokens = V.size() / N;
  std::vector<double> Context(Tokens * N, 0.0);
  for (size_t T = 0; T < Tokens; ++T)
    for (size_t M = 0; M < Tokens; ++M)
      for (size_t J = 0; J < N; ++J)
        Context[T * N + J] += double(P[T * Tokens + M]) * double(V[M * N + J]);
  for (size_t T = 0; T < Tokens; ++T)
    for (size_t M = 0; M < Tokens; ++M)
      for (size_t J = 0; J < N; ++J)
        To[J] += double(V[M * N + J]) * double(P[T * Tokens + M]) *
                 Context[T * N + J];
}

std::vector<bool>
synfire::models::lowestChannels(std::span<const double> Saliency,
                                double LowShare) {
  size_t Count = Saliency.size();
  auto Low =
      static_cast<size_t>(std::floor(LowShare * static_cast<double>(Count)));
  std::vector<bool> Mask(Count, false);
  if (Low == 0)
    return Mask;
  std::vector<double> Sorted(Saliency.begin(), Saliency.end());
  auto Last = Sorted.begin() + static_cast<std::ptrdiff_t>(Low - 1);
  std::nth_element(Sorted.begin(), Last, Sorted.end());
  for (size_t I = 0; I < Count; ++I)
    Mask[I] = Saliency[I] <= *Last;
  return Mask;
}

SaliencyCollector::SaliencyCollector(const checkpoint::Checkpoint &From,
                                     const NetworkShape &Shape,
                                     const SpikeLlmConfig &Config)
    : From(From), Shape(Shape), Config(Config) {
  for (const auto &[Name, Size] : maskedChannels(Shape, Config))
    Sums[Name].assign(static_cast<size_t>(Size), 0.0);
}

void SaliencyCollector::linear(const std::string &Name,
                               std::span<const float> X) {
  const checkpoint::Tensor *T = From.find(Name + ".weight");
  if (!T)
    return;
  Result<std::vector<float>> W = From.readFloats(*T);
  if (!W) {
    Found.insert(Found.end(), W.errors().begin(), W.errors().end());
    return;
  }
  addLinearSaliency(X, *W, Sums[Name]);
}

/// Columns [First, First + Count) of \p Values [tokens, Width].
static std::vector<float> columns(std::span<const float> Values, size_t Width,
                                  size_t First, size_t Count) {
  std::vector<float> Out;
  for (size_t Row = 0; Row + Width <= Values.size(); Row += Width)
    Out.insert(
        Out.end(), Values.begin() + static_cast<std::ptrdiff_t>(Row + First),
        Values.begin() + static_cast<std::ptrdiff_t>(Row + First + Count));
  return Out;
}

void SaliencyCollector::product(const std::string &Layer) {
  auto Heads = static_cast<size_t>(Config.Heads),
       KvHeads = static_cast<size_t>(Config.KvHeads),
       Width = static_cast<size_t>(Shape.Width), N = Width / Heads,
       Positions = static_cast<size_t>(Config.Positions);
  const auto &Q = Seen["q"], &K = Seen["k"], &V = Seen["v"], &E = Seen["e"],
             &Norm = Seen["norm"];
  size_t Tokens = Q.size() / Width;
  for (size_t H = 0; H < Heads; ++H) {
    size_t Memory = H / (Heads / KvHeads) * N;
    auto Part = [&](const char *Product) {
      return std::span(Sums[Layer + "self_attn." + Product]).subspan(H * N, N);
    };
    addKeySaliency(columns(Q, Width, H * N, N),
                   columns(K, KvHeads * N, Memory, N), Part("qkt_matmul"));
    std::vector<float> P = columns(E, Heads * Positions, H * Positions, Tokens);
    for (size_t T = 0; T < Tokens; ++T)
      for (size_t M = 0; M < Tokens; ++M)
        P[T * Tokens + M] *= Norm[T * Heads + H];
    addValueSaliency(P, columns(V, KvHeads * N, Memory, N), Part("pv_matmul"));
  }
  Seen.clear();
}

void SaliencyCollector::observe(mlir::OpResult Result,
                                std::span<const float> Values) {
  auto Of = llvm::dyn_cast<spike::PopulationOp>(Result.getOwner());
  if (!Of)
    return;
  std::string Name = Of.getResultName(Result.getResultNumber()).str();
  constexpr std::string_view Prefix = "layer";
  size_t Dot = Name.find('.');
  if (!Name.starts_with(Prefix) || Dot == std::string::npos)
    return;
  std::string Layer = "model.layers." +
                      Name.substr(Prefix.size(), Dot + 1 - Prefix.size()),
              What = Name.substr(Dot + 1);
  // What each matrix reads, and what attention is made of.
  const std::map<std::string, std::vector<std::string>, std::less<>> Reads = {
      {"input_layernorm",
       {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"}},
      {"attention.context", {"self_attn.o_proj"}},
      {"post_attention_layernorm", {"mlp.gate_proj", "mlp.up_proj"}},
      {"mlp.product", {"mlp.down_proj"}}};
  const std::map<std::string, std::string, std::less<>> Parts = {
      {"self_attn.q_rope", "q"},
      {"self_attn.k_rope", "k"},
      {"self_attn.v_proj", "v"},
      {"attention.weights", "e"},
      {"attention.norm", "norm"}};
  if (auto At = Parts.find(What); At != Parts.end())
    Seen[At->second].assign(Values.begin(), Values.end());
  if (What == "attention.context")
    product(Layer);
  if (auto At = Reads.find(What); At != Reads.end())
    for (const std::string &Module : At->second)
      linear(Layer + Module, Values);
}

ChannelMasks SaliencyCollector::masks() const {
  ChannelMasks Masks;
  for (const auto &[Name, Sum] : Sums)
    Masks[Name] = lowestChannels(Sum, Config.LowShare);
  return Masks;
}
