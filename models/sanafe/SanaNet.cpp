//===- SanaNet.cpp - Groups and neurons of SANA-FE ------------------------===//

#include "models/sanafe/SanaNet.h"

#include "models/sanafe/SanaReader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace synfire;
using namespace synfire::sanafe;
using yaml::Node;

namespace {
constexpr yaml::Limits MostYaml = {size_t(256) << 20, 1 << 20};
constexpr double MostPotential = 1 << 24;

struct Quantity {
  const char *Name;
  double NeuronKind::*Field;
  double Min, Max;
};
constexpr Quantity Quantities[] = {
    {"threshold", &NeuronKind::Threshold, -MostPotential, MostPotential},
    {"reset", &NeuronKind::Reset, -MostPotential, MostPotential},
    {"bias", &NeuronKind::Bias, -MostPotential, MostPotential},
    {"potential", &NeuronKind::Potential, -MostPotential, MostPotential},
    {"reverse_threshold", &NeuronKind::ReverseThreshold, -MostPotential,
     MostPotential},
    {"reverse_reset", &NeuronKind::ReverseReset, -MostPotential, MostPotential},
    {"leak_decay", &NeuronKind::LeakDecay, 0, 1},
    {"input_decay", &NeuronKind::InputDecay, 0, 1},
    {"refractory_delay", &NeuronKind::Refractory, 0, 1 << 20},
    {"rate", &NeuronKind::Rate, 0, 1},
};

/// What changes no spike: traces, names of units, forced updates (which cost,
/// but compute nothing).
constexpr const char *WithoutEffect[] = {
    "log_spikes",      "log_potential",
    "log_u",           "log_v",
    "soma_hw_name",    "dendrite_hw_name",
    "synapse_hw_name", "default_synapse_hw_name",
    "force_update",    "force_update_every_timestep",
};
} // namespace

bool NeuronKind::fires(uint64_t Step) const {
  if (Step >= 1 && Step <= Spikes.size() && Spikes[Step - 1] != 0)
    return true;
  // In binary64, as the period of a small rate fits no integer.
  return Rate > 0 &&
         std::fmod(static_cast<double>(Step), std::floor(1 / Rate)) == 0;
}

void SanaNet::dropMapping() {
  IsMapped = false;
  for (Group &G : Groups)
    G.Cores.clear();
}

uint64_t SanaNet::numSynapses() const {
  uint64_t Sum = 0;
  for (const Projection &P : Projections)
    Sum += P.Weights.size();
  return Sum;
}

std::vector<std::array<uint32_t, 2>> SanaNet::inputs() const {
  std::vector<std::array<uint32_t, 2>> Out;
  for (uint32_t G = 0; G != Groups.size(); ++G)
    for (uint32_t I = 0; I != Groups[G].size(); ++I)
      if (isInput(G, I))
        Out.push_back({G, I});
  return Out;
}

uint64_t SanaNet::longestSpikes() const {
  uint64_t Most = 0;
  for (const NeuronKind &K : Kinds)
    Most = std::max<uint64_t>(Most, K.Spikes.size());
  return Most;
}

void Reader::apply(NeuronKind &K, const Attribute &A) {
  const std::string &Key = A.Key->Text;
  for (const Quantity &Q : Quantities)
    if (Key == Q.Name) {
      if (auto V = numberOf(*A.Value, Key, Q.Min, Q.Max, Found))
        K.*Q.Field = *V;
      if (Key == "rate")
        K.IsInput = true;
      if (Key == "refractory_delay" && K.Refractory != std::floor(K.Refractory))
        fail(*A.Value, "sana-number", "`refractory_delay` counts steps");
      return;
    }
  if (Key == "soma" || Key == "dendrite")
    return apply(K, *A.Value);
  if (std::ranges::find(WithoutEffect, Key) != std::end(WithoutEffect))
    return;
  if (Key == "reset_mode" || Key == "reverse_reset_mode") {
    const std::string Mode = textOf(*A.Value, Key, Found).value_or("hard");
    const char *Names[] = {"none", "soft", "hard", "saturate"};
    const auto It = std::ranges::find(Names, Mode);
    if (It == std::end(Names))
      return fail(
          *A.Value, "sana-choice",
          fmt::format("`{}` is `none`, `soft`, `hard` or `saturate`", Key));
    const auto M = static_cast<ResetMode>(It - std::begin(Names));
    // A spike never saturates in this model; the potential stays.
    if (Key == "reset_mode")
      K.OnSpike = M == ResetMode::Saturate ? ResetMode::None : M;
    else
      K.OnReverse = M;
    return;
  }
  if (Key == "spikes") {
    K.IsInput = true;
    if (auto V = Lists.read(*A.Value, /*Pairs=*/false, MostSpikes, Found))
      K.Spikes = std::move(*V);
    return;
  }
  if (Key == "poisson")
    return fail(*A.Key, "sana-random",
                "random inputs cannot be compared; write their spikes out "
                "(`spikes: [0, 1, ...]`)");
  fail(*A.Key, "sana-attribute",
       fmt::format("`{}` is no attribute of a neuron of `leaky_integrate_fire` "
                   "or `input`, the models that are imported",
                   Key));
}

void Reader::apply(NeuronKind &K, const Node &Attributes) {
  for (const Attribute &A : attributesOf(Attributes, Found))
    apply(K, A);
}

void Reader::group(const Node &N) {
  const Node *Name = N.find("name"), *In = N.find("neurons");
  if (!Name || !In || !In->isList())
    return fail(N, "sana-missing",
                "a group has a `name` and a list of `neurons`");
  Group G;
  G.Name = textOf(*Name, "name", Found).value_or("");
  if (G.Name.find_first_of(".[]-> \t/@") != std::string::npos || G.Name.empty())
    return fail(*Name, "sana-name",
                fmt::format("`{}` cannot be the name of a group: edges write "
                            "`group.neuron -> group.neuron`",
                            G.Name));
  if (!GroupOf.emplace(G.Name, Net.Groups.size()).second)
    return fail(*Name, "sana-name",
                fmt::format("there are two groups `{}`", G.Name));
  NeuronKind Default;
  if (const Node *A = N.find("attributes"))
    apply(Default, *A);
  // Ranges first: they say how many there are.
  std::vector<std::pair<Range, const Node *>> Entries;
  uint64_t Count = 0;
  auto Add = [&](const Node &Key, const Node *Value) {
    auto R = rangeOf(Key.Text, false, MostNeurons, Key.Where, Found);
    if (!R)
      return;
    Entries.emplace_back(*R, Value);
    Count += R->size();
  };
  for (const Node &Item : In->Items) {
    if (isFull())
      return;
    if (Item.Type == Node::Kind::Scalar)
      Add(Item, nullptr);
    else
      for (const Attribute &A : attributesOf(Item, Found))
        Add(*A.Key, A.Value);
  }
  Neurons += Count;
  if (Neurons > MostNeurons)
    return fail(*In, "sana-size",
                fmt::format("more than {} neurons", MostNeurons));
  if (Count == 0)
    return fail(*In, "sana-size", fmt::format("`{}` has no neurons", G.Name));
  G.Kinds.assign(Count, static_cast<uint32_t>(Net.Kinds.size()));
  Net.Kinds.push_back(Default);
  for (const auto &[R, Value] : Entries) {
    if (R.Last >= Count) {
      fail(*In, "sana-range",
           fmt::format("`{}` counts {} neurons, so there is no number {}",
                       G.Name, Count, R.Last));
      return;
    }
    if (!Value)
      continue;
    NeuronKind K = Default;
    apply(K, *Value);
    std::fill(G.Kinds.begin() + static_cast<ptrdiff_t>(R.First),
              G.Kinds.begin() + static_cast<ptrdiff_t>(R.Last) + 1,
              static_cast<uint32_t>(Net.Kinds.size()));
    Net.Kinds.push_back(std::move(K));
  }
  Net.Groups.push_back(std::move(G));
}

void Reader::groups(const Node &N) {
  if (!N.isList())
    return fail(N, "sana-map", "`groups` is a list");
  for (const Node &Item : N.Items)
    if (!isFull()) {
      group(Item);
      // Numbers of groups must go on as they were given out.
      if (!Found.empty())
        return;
    }
}

Result<SanaNet> SanaNet::parse(std::string Text, const std::string &File) {
  if (Text.size() > MostYaml.Bytes)
    return Error{File, "yaml-size",
                 fmt::format("{} bytes; a network has at most {}", Text.size(),
                             MostYaml.Bytes)};
  const NumberLists Lists(Text);
  Result<Node> Root = yaml::parseDocument(Text, File, MostYaml);
  if (!Root)
    return Root.errors();
  const Node *N = Root->find("network");
  if (!N || !N->isMap())
    return Error{Root->Where, "sana-missing",
                 "a network of SANA-FE has `network:` at the top"};
  SanaNet Net;
  Net.File = File;
  if (const Node *Name = N->find("name"))
    Net.Name = Name->Text;
  Reader R(Net, Lists);
  for (auto [Key, Read] : {std::pair("groups", &Reader::groups),
                           std::pair("edges", &Reader::edges)}) {
    const Node *Part = N->find(Key);
    if (!Part)
      return Error{N->Where, "sana-missing",
                   fmt::format("the network has no `{}`", Key)};
    (R.*Read)(*Part);
    if (!R.Found.empty())
      return R.Found;
  }
  if (const Node *Mappings = Root->find("mappings"))
    R.mappings(*Mappings);
  if (R.Found.empty())
    R.check();
  if (!R.Found.empty())
    return R.Found;
  return Net;
}
