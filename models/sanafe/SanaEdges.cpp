//===- SanaEdges.cpp - Edges of SANA-FE -----------------------------------===//

#include "models/sanafe/SanaReader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace synfire;
using namespace synfire::sanafe;
using yaml::Node;

namespace {
/// What a convolution says of itself; those with a 1 may be left out.
constexpr std::pair<const char *, uint64_t> ShapeKeys[] = {
    {"input_width", 0},  {"input_height", 0},  {"input_channels", 0},
    {"kernel_width", 0}, {"kernel_height", 0}, {"kernel_count", 1},
    {"stride_width", 1}, {"stride_height", 1}};
constexpr uint64_t MostSide = 1 << 16;

std::string_view trimmed(std::string_view T) {
  const size_t First = T.find_first_not_of(" \t");
  const size_t Last = T.find_last_not_of(" \t");
  return First == std::string_view::npos ? ""
                                         : T.substr(First, Last - First + 1);
}
} // namespace

void Reader::take(EdgeValues &Into, const Attribute &A) {
  const std::string &Key = A.Key->Text;
  if (Key == "weight" || Key == "w") {
    Into.Weight = A.Value;
  } else if (Key == "delay" || Key == "d") {
    Into.Delay = A.Value;
  } else if (Key == "source_target_pairs") {
    Into.Pairs = A.Value;
  } else if (Key == "type") {
    Into.Type = textOf(*A.Value, Key, Found).value_or("");
  } else if (Key == "synapse" || Key == "dendrite" || Key == "soma") {
    for (const Attribute &Inner : attributesOf(*A.Value, Found))
      take(Into, Inner);
  } else if (std::ranges::find(ShapeKeys, Key, [](const auto &K) {
               return std::string_view(K.first);
             }) != std::end(ShapeKeys)) {
    const auto V = wholeOf(A.Value->Text);
    if (!V || *V < 1 || *V > MostSide)
      return fail(*A.Value, "sana-number",
                  fmt::format("`{}` must be a whole number from 1 to {}", Key,
                              MostSide));
    Into.Shape[Key] = *V;
  } else {
    fail(*A.Key, "sana-attribute",
         fmt::format("`{}` is no attribute of an edge; `weight`, `delay`, "
                     "`type`, `source_target_pairs` and the sizes of a "
                     "convolution are",
                     Key));
  }
}

Reader::EdgeValues Reader::valuesOf(const Node &Value) {
  EdgeValues V;
  for (const Attribute &A : attributesOf(Value, Found))
    take(V, A);
  return V;
}

bool Reader::addSynapses(const Node &At, uint64_t Count) {
  Synapses += Count;
  if (Synapses <= MostSynapses)
    return true;
  fail(At, "sana-size", fmt::format("more than {} synapses", MostSynapses));
  return false;
}

void Reader::single(const Address &From, const Address &To, const Node &At,
                    const EdgeValues &V) {
  if (!V.Weight)
    return fail(At, "sana-missing", "an edge needs a `weight`");
  const auto Weight = numberOf(*V.Weight, "weight", -1e30, 1e30, Found);
  double Delay = 0;
  if (V.Delay)
    Delay = numberOf(*V.Delay, "delay", 0, MostDelay, Found).value_or(0);
  if (!Weight || From.Neurons.size() != 1 || To.Neurons.size() != 1 ||
      Delay != std::floor(Delay)) {
    if (Weight)
      fail(At, "sana-edge",
           "an edge leads from one neuron to one neuron, by a "
           "whole number of steps");
    return;
  }
  if (!addSynapses(At, 1))
    return;
  auto [It, New] =
      Singles.try_emplace({From.Group, To.Group, static_cast<uint32_t>(Delay)},
                          Net.Projections.size());
  if (New)
    Net.Projections.push_back(
        {From.Group, To.Group, static_cast<uint32_t>(Delay), {}, {}, At.Where});
  Projection &P = Net.Projections[It->second];
  P.Pairs.push_back({static_cast<uint32_t>(From.Neurons.First),
                     static_cast<uint32_t>(To.Neurons.First)});
  P.Weights.push_back(*Weight);
}

/// The one delay that all \p Count synapses have.
std::optional<uint32_t> Reader::uniformDelay(const EdgeValues &V,
                                             size_t Count) {
  if (!V.Delay)
    return 0;
  auto Delays = Lists.read(*V.Delay, /*Pairs=*/false, MostSynapses, Found);
  if (!Delays)
    return std::nullopt;
  const double D = Delays->empty() ? 0 : Delays->front();
  if (Delays->size() < Count || D < 0 || D > MostDelay || D != std::floor(D) ||
      std::ranges::any_of(*Delays, [&](double E) { return E != D; })) {
    fail(*V.Delay, "sana-delay",
         fmt::format("the synapses of a hyper-edge must have one delay of 0 to "
                     "{} steps; write an edge for each",
                     MostDelay));
    return std::nullopt;
  }
  return static_cast<uint32_t>(D);
}

/// Writes a convolution out as its synapses; weights [y, x, source channel,
/// target channel], neurons [channel, y, x].
bool Reader::convolve(Projection &P, const Node &At, const EdgeValues &V) {
  std::map<std::string, uint64_t> S;
  for (auto [Key, Default] : ShapeKeys) {
    const auto It = V.Shape.find(Key);
    S[Key] = It == V.Shape.end() ? Default : It->second;
    if (S[Key] == 0) {
      fail(At, "sana-missing", fmt::format("a conv2d needs `{}`", Key));
      return false;
    }
  }
  const uint64_t W = S["input_width"], H = S["input_height"],
                 In = S["input_channels"], KW = S["kernel_width"],
                 KH = S["kernel_height"], Out = S["kernel_count"];
  if (KW > W || KH > H) {
    fail(At, "sana-size",
         fmt::format("a kernel of {} x {} is larger than its input, {} x {}",
                     KW, KH, W, H));
    return false;
  }
  const uint64_t OW = (W - KW) / S["stride_width"] + 1,
                 OH = (H - KH) / S["stride_height"] + 1;
  const uint64_t From = Net.Groups[P.From].size(), To = Net.Groups[P.To].size();
  // Sizes are at most 2^16, so three of them fit 64 bits.
  if (In * W * H != From || Out * OW * OH != To) {
    fail(At, "sana-size",
         fmt::format("the conv2d reads {} x {} x {} neurons and writes {} x {} "
                     "x {}; the groups have {} and {}",
                     In, H, W, Out, OH, OW, From, To));
    return false;
  }
  const uint64_t Kernel = KW * KH; // at most W * H
  if (Kernel > MostSynapses / To || Kernel * To > MostSynapses / In ||
      !addSynapses(At, Kernel * To * In))
    return fail(At, "sana-size",
                fmt::format("more than {} synapses", MostSynapses)),
           false;
  if (P.Weights.size() != Kernel * In * Out) {
    fail(*V.Weight, "sana-size",
         fmt::format("{} weights for a kernel of {} x {} x {} x {}",
                     P.Weights.size(), KH, KW, In, Out));
    return false;
  }
  const std::vector<double> K = std::move(P.Weights);
  P.Weights.clear();
  for (uint64_t C = 0; C != Out; ++C)
    for (uint64_t OY = 0; OY != OH; ++OY)
      for (uint64_t OX = 0; OX != OW; ++OX)
        for (uint64_t I = 0; I != In; ++I)
          for (uint64_t Y = 0; Y != KH; ++Y)
            for (uint64_t X = 0; X != KW; ++X) {
              const uint64_t Source =
                  (I * H + OY * S["stride_height"] + Y) * W +
                  OX * S["stride_width"] + X;
              P.Pairs.push_back(
                  {static_cast<uint32_t>(Source),
                   static_cast<uint32_t>((C * OH + OY) * OW + OX)});
              P.Weights.push_back(K[((Y * KW + X) * In + I) * Out + C]);
            }
  return true;
}

void Reader::hyper(const Address &From, const Address &To, const Node &At,
                   const EdgeValues &V) {
  if (!V.Weight)
    return fail(At, "sana-missing", "a hyper-edge needs a list `weight`");
  auto Weights = Lists.read(*V.Weight, /*Pairs=*/false, MostSynapses, Found);
  if (!Weights)
    return;
  Projection P;
  P.From = From.Group;
  P.To = To.Group;
  P.Where = At.Where;
  P.Weights = std::move(*Weights);
  const uint64_t Sources = Net.Groups[P.From].size(),
                 Targets = Net.Groups[P.To].size();
  if (V.Type == "dense") {
    if (P.Weights.size() != Sources * Targets)
      return fail(*V.Weight, "sana-size",
                  fmt::format("{} weights for {} x {} connections",
                              P.Weights.size(), Sources, Targets));
    if (!addSynapses(At, P.Weights.size()))
      return;
  } else if (V.Type == "sparse") {
    if (!V.Pairs)
      return fail(At, "sana-missing",
                  "a sparse edge needs "
                  "`source_target_pairs`");
    auto Pairs = Lists.read(*V.Pairs, /*Pairs=*/true, 2 * MostSynapses, Found);
    if (!Pairs)
      return;
    if (Pairs->size() != 2 * P.Weights.size())
      return fail(*V.Pairs, "sana-size",
                  fmt::format("{} weights for {} pairs", P.Weights.size(),
                              Pairs->size() / 2));
    for (size_t I = 0; I < Pairs->size(); I += 2) {
      const double S = (*Pairs)[I], T = (*Pairs)[I + 1];
      if (!(S >= 0 && S < static_cast<double>(Sources) && T >= 0 &&
            T < static_cast<double>(Targets) && S == std::floor(S) &&
            T == std::floor(T)))
        return fail(*V.Pairs, "sana-range",
                    fmt::format("pair {} is [{}, {}]; the groups have {} and "
                                "{} neurons",
                                I / 2, S, T, Sources, Targets));
      P.Pairs.push_back({static_cast<uint32_t>(S), static_cast<uint32_t>(T)});
    }
    if (!addSynapses(At, P.Weights.size()))
      return;
  } else if (V.Type == "conv2d") {
    if (!convolve(P, At, V))
      return;
  } else {
    return fail(
        At, "sana-choice",
        fmt::format("a hyper-edge has the type dense, sparse or conv2d, "
                    "not `{}`",
                    V.Type));
  }
  const auto Delay = uniformDelay(V, V.Type == "conv2d" ? 1 : P.Weights.size());
  if (!Delay)
    return;
  P.Delay = *Delay;
  if (!P.Weights.empty())
    Net.Projections.push_back(std::move(P));
}

void Reader::edge(const Node &Key, const Node &Value) {
  const std::string_view Text = Key.Text;
  const size_t Arrow = Text.find("->");
  if (Arrow == std::string_view::npos)
    return fail(
        Key, "sana-edge",
        fmt::format("`{}` is no edge; `a.0 -> b.1` and `a -> b` are", Text));
  const auto From = address(trimmed(Text.substr(0, Arrow)), Key);
  const auto To = address(trimmed(Text.substr(Arrow + 2)), Key);
  if (!From || !To)
    return;
  if (From->Whole != To->Whole)
    return fail(Key, "sana-edge",
                "an edge leads from a neuron to a neuron, or from a group to a "
                "group");
  const EdgeValues V = valuesOf(Value);
  if (!Found.empty())
    return;
  if (From->Whole)
    hyper(*From, *To, Key, V);
  else
    single(*From, *To, Key, V);
}

void Reader::edges(const Node &N) {
  if (N.Type == Node::Kind::Null)
    return;
  if (!N.isList())
    return fail(N, "sana-map", "`edges` is a list");
  for (const Node &Item : N.Items)
    for (const Attribute &A : attributesOf(Item, Found))
      if (!isFull())
        edge(*A.Key, *A.Value);
}

void Reader::check() {
  uint64_t Zeros = 0;
  for (const Projection &P : Net.Projections) {
    for (double W : P.Weights)
      Zeros += W == 0;
    // Two synapses of one pair would be one weight of a matrix.
    auto Pairs = P.Pairs;
    std::ranges::sort(Pairs);
    if (auto It = std::ranges::adjacent_find(Pairs); It != Pairs.end())
      Found.push_back(
          {P.Where, "sana-edge",
           fmt::format("{}.{} -> {}.{} is given twice with one delay; add the "
                       "weights",
                       Net.Groups[P.From].Name, (*It)[0], Net.Groups[P.To].Name,
                       (*It)[1])});
    const Group &To = Net.Groups[P.To];
    for (size_t I = 0; I != P.Weights.size(); ++I) {
      const uint32_t Target = P.Pairs.empty()
                                  ? static_cast<uint32_t>(I % To.size())
                                  : P.Pairs[I][1];
      if (P.Weights[I] == 0 || !Net.isInput(P.To, Target))
        continue;
      Found.push_back({P.Where, "sana-edge",
                       fmt::format("{}.{} is an input (it has `spikes` or "
                                   "`rate`); inputs read nothing",
                                   To.Name, Target)});
      break;
    }
  }
  if (Zeros != 0)
    Net.Notes.push_back(fmt::format(
        "{} synapses have the weight 0: SANA-FE counts them, a chip "
        "with core.skips_zero_weights does not",
        Zeros));
}
