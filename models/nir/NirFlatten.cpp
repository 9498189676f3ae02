//===- models/nir/NirFlatten.cpp - Subgraphs and edges --------------------===//
//
// All nodes of all levels are put into one list first, Inputs and Outputs of
// subgraphs too; an edge to a subgraph leads to its Input. Then these are
// taken out, and what led to one leads to where it led.
//
//===----------------------------------------------------------------------===//

#include "models/nir/NirSteps.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace synfire::nir {

namespace {

/// Where edges to and from a name lead.
struct Ends {
  std::vector<uint32_t> Ins, Outs;
  bool IsGraph = false;
};
using Scope = std::map<std::string, Ends, std::less<>>;

class Flattener {
public:
  Flattener(const hdf5::File &File, Graph &G) : File(File), G(G) {}

  Status addGraph(const hdf5::Object &Group, const std::string &Prefix,
                  Ends &Outer);
  Status addSingle(const hdf5::Object &Group);
  Status dissolve(std::vector<DissolvedPort> &Ports);

private:
  Error fail(const char *Rule, std::string Text) const {
    return Error{File.name(), Rule, std::move(Text)};
  }
  void note(const char *Rule, std::string Text) {
    G.Notes.push_back({File.name(), Rule, std::move(Text)});
  }
  /// False if the edge is there already.
  bool connect(Edge E) {
    Sources.insert(E.From);
    Targets.insert(E.To);
    return Edges.insert(E).second;
  }
  Status addNodes(const hdf5::Object &Nodes, const std::string &Prefix,
                  Scope &Names);
  Status addEdges(const hdf5::Object &Edges, const Scope &Names,
                  const std::string &GraphPath);
  /// The entry of \p Names that an edge's end means; null with \p Why if none.
  const Ends *resolve(const std::string &Name, const std::string &EdgeName,
                      const Scope &Names, const std::string &GraphPath,
                      std::string &Why);
  Status addPorts(const std::string &Prefix, Scope &Names, bool Inner);
  uint32_t addPort(Kind K, const std::string &Name);

  const hdf5::File &File;
  Graph &G;
  std::set<Edge> Edges;
  std::set<uint32_t> Sources, Targets; ///< of edges
  std::vector<uint32_t> InnerPorts;
  std::set<std::string> Taken;
};

Status Flattener::addNodes(const hdf5::Object &Nodes, const std::string &Prefix,
                           Scope &Names) {
  if (Nodes.Fault)
    return *Nodes.Fault;
  for (const hdf5::Object &Child : Nodes.Children) {
    Result<std::string> Type = readType(File, Child);
    if (!Type)
      return Type.errors();
    Ends Here;
    if (*Type == "NIRGraph") {
      Here.IsGraph = true;
      if (Status S = addGraph(Child, Prefix + Child.Name + ".", Here); !S)
        return S;
    } else {
      Result<Node> N = readNode(File, Child, Prefix + Child.Name, G.Notes);
      if (!N)
        return N.errors();
      // `a.b` may also be the node b of the subgraph a.
      if (!Taken.insert(N->Name).second)
        return fail("nir-graph",
                    fmt::format("two nodes are called {} once subgraphs are "
                                "dissolved; rename one",
                                quoted(N->Name)));
      Here.Ins = Here.Outs = {static_cast<uint32_t>(G.Nodes.size())};
      G.Nodes.push_back(std::move(*N));
    }
    Names.emplace(Child.Name, std::move(Here));
  }
  return {};
}

std::string_view withoutNumber(std::string_view Name) {
  size_t End = Name.find_last_not_of("0123456789");
  return Name.substr(0, End == std::string_view::npos ? 0 : End + 1);
}

const Ends *Flattener::resolve(const std::string &Name,
                               const std::string &EdgeName, const Scope &Names,
                               const std::string &GraphPath, std::string &Why) {
  if (auto Found = Names.find(Name); Found != Names.end())
    return &Found->second;
  const Scope::value_type *Only = nullptr;
  size_t Count = 0;
  std::string Siblings;
  for (const auto &Entry : Names) {
    if (Siblings.size() < 200)
      Siblings.append(Siblings.empty() ? "" : ", ").append(quoted(Entry.first));
    std::string_view Base = withoutNumber(Entry.first);
    if (!Base.empty() && Base == withoutNumber(Name)) {
      Only = &Entry;
      ++Count;
    }
  }
  if (Count != 1) {
    Why = fmt::format("edge {} in {}: there is no node {}; there are {}",
                      EdgeName, quoted(GraphPath), quoted(Name), Siblings);
    return nullptr;
  }
  note("nir-edge", fmt::format("edge {} in {}: there is no node {}; read as "
                               "{}, the only one whose name differs by a "
                               "number alone",
                               EdgeName, quoted(GraphPath), quoted(Name),
                               quoted(Only->first)));
  return &Only->second;
}

Status Flattener::addEdges(const hdf5::Object &List, const Scope &Names,
                           const std::string &GraphPath) {
  if (!List.Fault && !List.IsGroup && List.Data.numElements() == 0)
    return {}; // No edges are written as an empty array of numbers.
  Result<std::vector<std::string>> Texts = File.readTexts(List);
  if (!Texts)
    return Texts.errors();
  if (List.Data.Shape.size() != 2 || List.Data.Shape[1] != 2)
    return fail("nir-edge",
                fmt::format("{} has shape {}; pairs of names, "
                            "[E, 2], are expected",
                            quoted(List.Path), formatShape(List.Data.Shape)));
  std::set<std::pair<std::string, std::string>> Seen;
  for (size_t I = 0; I + 1 < Texts->size(); I += 2) {
    const std::string &From = (*Texts)[I], &To = (*Texts)[I + 1];
    std::string EdgeName = fmt::format("{} -> {}", quoted(From), quoted(To));
    if (!Seen.emplace(From, To).second) {
      note("nir-edge", fmt::format("edge {} in {} stands twice and is taken "
                                   "once",
                                   EdgeName, quoted(GraphPath)));
      continue;
    }
    std::string Why;
    const Ends *Source = resolve(From, EdgeName, Names, GraphPath, Why);
    const Ends *Target =
        Source ? resolve(To, EdgeName, Names, GraphPath, Why) : nullptr;
    if (!Target)
      return fail("nir-edge", std::move(Why));
    if (Source->Outs.size() != 1 || Target->Ins.size() != 1)
      return fail("nir-edge",
                  fmt::format("edge {} in {}: a subgraph with {} Outputs at "
                              "one end or {} Inputs at the other: which of "
                              "them is meant is not said",
                              EdgeName, quoted(GraphPath), Source->Outs.size(),
                              Target->Ins.size()));
    Edge E{Source->Outs[0], Target->Ins[0]};
    if ((!Source->IsGraph && G.Nodes[E.From].K == Kind::Output) ||
        (!Target->IsGraph && G.Nodes[E.To].K == Kind::Input))
      return fail("nir-edge",
                  fmt::format("edge {} in {} leaves an Output or enters an "
                              "Input",
                              EdgeName, quoted(GraphPath)));
    if (!connect(E))
      return fail("nir-edge", fmt::format("edge {} in {} is there under "
                                          "another name already",
                                          EdgeName, quoted(GraphPath)));
    if (Edges.size() > MaxEdges)
      return fail("nir-edge", fmt::format("more than {} edges", MaxEdges));
  }
  return {};
}

uint32_t Flattener::addPort(Kind K, const std::string &Name) {
  Node N;
  N.K = K;
  N.Is = Port{};
  N.Name = Name;
  for (unsigned I = 0; !Taken.insert(N.Name).second; ++I)
    N.Name = fmt::format("{}_{}", Name, I);
  G.Nodes.push_back(std::move(N));
  return static_cast<uint32_t>(G.Nodes.size() - 1);
}

/// Gives roots an Input and leaves an Output. Inside a subgraph only if it has
/// none at all.
Status Flattener::addPorts(const std::string &Prefix, Scope &Names,
                           bool Inner) {
  auto isPort = [&](const Ends &E, Kind K) {
    return !E.IsGraph && G.Nodes[E.Ins[0]].K == K;
  };
  bool HasInput = false, HasOutput = false;
  for (const auto &[Name, E] : Names) {
    HasInput |= isPort(E, Kind::Input);
    HasOutput |= isPort(E, Kind::Output);
  }
  Scope Added;
  for (const auto &[Name, E] : Names) {
    bool Port = isPort(E, Kind::Input) || isPort(E, Kind::Output);
    if (Port || E.Ins.size() != 1 || E.Outs.size() != 1)
      continue;
    if (!Targets.count(E.Ins[0]) && !(Inner && HasInput)) {
      uint32_t P = addPort(Kind::Input, Prefix + "input_" + Name);
      connect({P, E.Ins[0]});
      Added.emplace("input_" + Name, Ends{{P}, {P}});
      note("nir-port",
           fmt::format("node {} has no source: Input {} was added",
                       quoted(Prefix + Name), quoted(G.Nodes[P].Name)));
    }
    if (!Sources.count(E.Outs[0]) && !(Inner && HasOutput)) {
      uint32_t P = addPort(Kind::Output, Prefix + "output_" + Name);
      connect({E.Outs[0], P});
      Added.emplace("output_" + Name, Ends{{P}, {P}});
      note("nir-port",
           fmt::format("nothing reads node {}: Output {} was added",
                       quoted(Prefix + Name), quoted(G.Nodes[P].Name)));
    }
  }
  // A node may be called `input_x` already; Ends of both are kept.
  for (auto &[Name, E] : Added)
    Names.emplace(fmt::format("{}\n{}", Name, E.Ins[0]), std::move(E));
  return {};
}

Status Flattener::addGraph(const hdf5::Object &Group, const std::string &Prefix,
                           Ends &Outer) {
  Scope Names;
  const hdf5::Object *Nodes = Group.find("nodes");
  const hdf5::Object *List = Group.find("edges");
  if (!Nodes || !List || !Nodes->IsGroup)
    return fail("nir-graph", fmt::format("graph {} lacks 'nodes' or 'edges'",
                                         quoted(Group.Path)));
  if (Status S = addNodes(*Nodes, Prefix, Names); !S)
    return S;
  if (Names.empty())
    return fail("nir-graph",
                fmt::format("graph {} has no nodes", quoted(Group.Path)));
  if (Status S = addEdges(*List, Names, Group.Path); !S)
    return S;
  if (Status S = addPorts(Prefix, Names, !Prefix.empty()); !S)
    return S;
  for (const auto &[Name, E] : Names) {
    if (E.IsGraph)
      continue;
    Kind K = G.Nodes[E.Ins[0]].K;
    if (K == Kind::Input)
      Outer.Ins.push_back(E.Ins[0]);
    else if (K == Kind::Output)
      Outer.Outs.push_back(E.Ins[0]);
    else
      continue;
    if (!Prefix.empty())
      InnerPorts.push_back(E.Ins[0]);
  }
  return {};
}

Status Flattener::addSingle(const hdf5::Object &Group) {
  Result<Node> N = readNode(File, Group, "node", G.Notes);
  if (!N)
    return N.errors();
  if (N->K == Kind::Input || N->K == Kind::Output)
    return fail("nir-graph",
                fmt::format("the file holds nothing but an {}", name(N->K)));
  Taken.insert(N->Name);
  G.Nodes.push_back(std::move(*N));
  Scope Names;
  Names.emplace("node", Ends{{0}, {0}});
  return addPorts("", Names, false);
}

Status Flattener::dissolve(std::vector<DissolvedPort> &Ports) {
  std::vector<std::set<uint32_t>> Before(G.Nodes.size()), After(G.Nodes.size());
  size_t Count = Edges.size();
  for (Edge E : Edges) {
    After[E.From].insert(E.To);
    Before[E.To].insert(E.From);
  }
  std::vector<bool> Gone(G.Nodes.size(), false);
  std::vector<std::pair<uint32_t, std::set<uint32_t>>> SourcesOf;
  for (uint32_t P : InnerPorts) {
    // What is not connected outside is an Input or Output of the whole.
    if (G.Nodes[P].K == Kind::Input ? Before[P].empty() : After[P].empty())
      continue;
    if (Before[P].count(P))
      return fail("nir-cycle", fmt::format("{} leads to itself through "
                                           "subgraphs, with no node between",
                                           quoted(G.Nodes[P].Name)));
    Gone[P] = true;
    SourcesOf.emplace_back(P, Before[P]);
    for (uint32_t From : Before[P]) {
      After[From].erase(P);
      for (uint32_t To : After[P]) {
        Before[To].erase(P);
        if (!After[From].insert(To).second)
          return fail("nir-edge",
                      fmt::format("two ways from {} to {} through {}: what is "
                                  "added twice cannot be told from an edge "
                                  "that stands twice",
                                  quoted(G.Nodes[From].Name),
                                  quoted(G.Nodes[To].Name),
                                  quoted(G.Nodes[P].Name)));
        Before[To].insert(From);
        if (++Count > MaxEdges)
          return fail("nir-edge", fmt::format("more than {} edges", MaxEdges));
      }
    }
    for (uint32_t To : After[P])
      Before[To].erase(P);
    After[P].clear();
  }
  // Number the rest anew.
  std::vector<uint32_t> NewIndex(G.Nodes.size(), 0);
  std::vector<Node> Kept;
  for (uint32_t I = 0; I != G.Nodes.size(); ++I)
    if (!Gone[I]) {
      NewIndex[I] = static_cast<uint32_t>(Kept.size());
      Kept.push_back(G.Nodes[I]);
    }
  for (auto &[P, Sources] : SourcesOf) {
    const Node &N = G.Nodes[P];
    DissolvedPort D{N.Name, N.Path, std::get<Port>(N.Is).Declared, {}};
    for (uint32_t From : Sources)
      if (!Gone[From])
        D.Sources.push_back(NewIndex[From]);
    Ports.push_back(std::move(D));
  }
  for (uint32_t From = 0; From != After.size(); ++From)
    for (uint32_t To : After[From])
      if (!Gone[From] && !Gone[To])
        G.Edges.push_back({NewIndex[From], NewIndex[To]});
  G.Nodes = std::move(Kept);
  std::ranges::sort(G.Edges);
  return {};
}

} // namespace

Status flatten(const hdf5::File &File, const hdf5::Object &Root, Graph &G,
               std::vector<DissolvedPort> &Ports) {
  Flattener F(File, G);
  Result<std::string> Type = readType(File, Root);
  if (!Type)
    return Type.errors();
  Ends Whole;
  Status S =
      *Type == "NIRGraph" ? F.addGraph(Root, "", Whole) : F.addSingle(Root);
  if (S)
    S = F.dissolve(Ports);
  return S;
}

} // namespace synfire::nir
