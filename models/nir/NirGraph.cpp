//===- models/nir/NirGraph.cpp - Networks in NIR files --------------------===//

#include "models/nir/NirGraph.h"
#include "models/nir/NirSteps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace synfire::nir {

namespace {

/// In enum order.
constexpr std::string_view KindNames[] = {
    "Input",  "Output",    "Affine",    "Linear",  "Scale",  "Conv1d",
    "Conv2d", "SumPool2d", "AvgPool2d", "Flatten", "Delay",  "Threshold",
    "I",      "IF",        "LI",        "LIF",     "CubaLI", "CubaLIF"};

} // namespace

std::string_view name(Kind K) { return KindNames[static_cast<size_t>(K)]; }

std::optional<Kind> parseKind(std::string_view Name) {
  const auto *Found = std::ranges::find(KindNames, Name);
  if (Found == std::end(KindNames))
    return std::nullopt;
  return static_cast<Kind>(Found - std::begin(KindNames));
}

bool isNeuron(Kind K) { return K >= Kind::I; }

bool isSpiking(Kind K) {
  return K == Kind::IF || K == Kind::LIF || K == Kind::CubaLIF;
}

std::string Note::format() const {
  std::string Out = Where.empty() ? "" : Where + ": ";
  return Out + "note: " + Text + " [" + Rule + "]";
}

std::string quoted(std::string_view Name) {
  return fmt::format("'{}'", hdf5::printable(Name));
}

std::string edgeText(const Graph &G, Edge E) {
  return fmt::format("{} -> {}", quoted(G.Nodes[E.From].Name),
                     quoted(G.Nodes[E.To].Name));
}

const Node *Graph::find(std::string_view NodeName) const {
  auto Place = std::ranges::find(Nodes, NodeName, &Node::Name);
  return Place == Nodes.end() ? nullptr : &*Place;
}

Result<std::vector<float>> Graph::weights(const Weights &W) const {
  const hdf5::Object *At = &File.root();
  std::string_view Rest = W.Dataset;
  while (At && !Rest.empty()) {
    Rest.remove_prefix(1);
    size_t End = std::min(Rest.find('/'), Rest.size());
    At = At->find(Rest.substr(0, End));
    Rest.remove_prefix(End);
  }
  if (!At)
    return Error{File.name(), "nir-param",
                 fmt::format("no dataset {}", quoted(W.Dataset))};
  Result<std::vector<float>> Data = File.readFloats(*At);
  for (size_t I = 0; Data && I != Data->size(); ++I)
    if (!std::isfinite((*Data)[I]))
      return Error{File.name(), "nir-value",
                   fmt::format("element {} of {} is {} in binary32", I,
                               quoted(W.Dataset), (*Data)[I])};
  return Data;
}

Result<Graph> Graph::build(hdf5::File F) {
  Graph G(std::move(F));
  const std::string &FileName = G.File.name();
  const hdf5::Object &Top = G.File.root();
  if (const hdf5::Object *Version = Top.find("version")) {
    Result<std::string> Text = G.File.readText(*Version);
    if (!Text)
      return Text.errors();
    G.Version = std::move(*Text);
  } else {
    G.Notes.push_back({FileName, "nir-version",
                       "it does not say which version of the nir package wrote "
                       "it; read as the current format"});
  }
  const hdf5::Object *Root = Top.find("node");
  if (!Root)
    return Error{FileName, "nir-graph",
                 Top.find("layer")
                     ? "no group '/node': this looks like a Lava-DL network, "
                       "whose name must end in .net"
                     : "no group '/node': not a NIR graph"};
  std::vector<DissolvedPort> Ports;
  if (Status S = flatten(G.File, *Root, G, Ports); !S)
    return S.errors();
  if (Status S = findRecurrences(FileName, G); !S)
    return S.errors();
  if (Status S = inferShapes(FileName, Ports, G); !S)
    return S.errors();
  return G;
}

Result<Graph> Graph::read(const std::string &Path) {
  Result<hdf5::File> F = hdf5::File::open(Path);
  if (!F)
    return F.errors();
  return build(std::move(*F));
}

Result<Graph> Graph::parse(std::span<const uint8_t> Bytes,
                           const std::string &Name) {
  Result<hdf5::File> F = hdf5::File::parse(Bytes, Name);
  if (!F)
    return F.errors();
  return build(std::move(*F));
}

} // namespace synfire::nir
