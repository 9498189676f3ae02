//===- SanaMappings.cpp - Cores of neurons --------------------------------===//

#include "models/sanafe/SanaReader.h"

#include <fmt/format.h>

#include <algorithm>

using namespace synfire;
using namespace synfire::sanafe;
using yaml::Node;

/// Cores of a tile that coreOf() tells apart; tiles of the largest mesh.
static constexpr uint64_t MostCores = 16, MostTiles = 1 << 20;

std::optional<Reader::Address> Reader::address(std::string_view Text,
                                               const Node &At) {
  const size_t Dot = Text.find('.');
  const std::string_view Name = Text.substr(0, Dot);
  const auto It = GroupOf.find(Name);
  if (It == GroupOf.end()) {
    fail(At, "sana-group", fmt::format("there is no group `{}`", Name));
    return std::nullopt;
  }
  Address Out;
  Out.Group = It->second;
  const uint64_t Size = Net.Groups[Out.Group].size();
  Out.Neurons = {0, Size - 1};
  if (Dot == std::string_view::npos)
    return Out;
  Out.Whole = false;
  auto R = rangeOf(std::string(Text.substr(Dot + 1)), false, MostNeurons,
                   At.Where, Found);
  if (!R)
    return std::nullopt;
  if (R->Last >= Size) {
    fail(At, "sana-range",
         fmt::format("`{}` has {} neurons, so there is no number {}", Name,
                     Size, R->Last));
    return std::nullopt;
  }
  Out.Neurons = *R;
  return Out;
}

void Reader::mapping(const Node &Key, const Node &Value) {
  auto A = address(Key.Text, Key);
  if (!A)
    return;
  const Node *At = nullptr;
  for (const Attribute &Of : attributesOf(Value, Found))
    if (Of.Key->Text == "core")
      At = Of.Value;
    else if (Of.Key->Text != "soma" && Of.Key->Text != "dendrite" &&
             Of.Key->Text != "synapse")
      fail(*Of.Key, "sana-attribute",
           "a mapping has `core`, `soma`, `dendrite` and `synapse`");
  if (!At)
    return fail(Key, "sana-missing", "a mapping needs `core: tile.core`");
  const size_t Dot = At->Text.find('.');
  const auto Tile = wholeOf(std::string_view(At->Text).substr(0, Dot));
  const std::string Behind =
      Dot == std::string::npos ? "" : At->Text.substr(Dot + 1);
  const auto Core = wholeOf(Behind);
  if (!Tile || !Core || *Tile >= MostTiles || *Core >= MostCores)
    return fail(*At, "sana-core",
                fmt::format("`{}` is no core; `tile.core` is one, such as 0.3 "
                            "(below {} tiles of {} cores)",
                            At->Text, MostTiles, MostCores));
  Group &G = Net.Groups[A->Group];
  if (G.Cores.empty())
    G.Cores.assign(G.size(), NoCore);
  std::fill(G.Cores.begin() + static_cast<ptrdiff_t>(A->Neurons.First),
            G.Cores.begin() + static_cast<ptrdiff_t>(A->Neurons.Last) + 1,
            coreOf(static_cast<uint32_t>(*Tile), static_cast<uint32_t>(*Core)));
  Net.IsMapped = true;
}

void Reader::mappings(const Node &N) {
  if (!N.isList())
    return fail(N, "sana-map", "`mappings` is a list");
  for (const Node &Item : N.Items)
    for (const Attribute &A : attributesOf(Item, Found))
      if (!isFull())
        mapping(*A.Key, *A.Value);
  if (!Found.empty() || !Net.IsMapped)
    return;
  for (const Group &G : Net.Groups) {
    const auto It =
        G.Cores.empty() ? G.Cores.begin() : std::ranges::find(G.Cores, NoCore);
    if (G.Cores.empty() || It != G.Cores.end())
      return fail(N, "sana-unmapped",
                  fmt::format("neuron {} of `{}` has no core; map all neurons "
                              "or none",
                              G.Cores.empty() ? 0 : It - G.Cores.begin(),
                              G.Name));
  }
}
