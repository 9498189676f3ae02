//===- NirWrite.cpp - Networks as NIR files -------------------------------===//

#include "models/nir/NirWrite.h"
#include "models/nir/NirSteps.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace synfire::nir {

using hdf5::NewObject;

namespace {
/// Whose layout this is: that with v_reset, before compression.
constexpr const char *LayoutVersion = "1.0.6";

/// One value for every element of \p Dims, as the package wants it.
NewObject full(const Values &V, const Shape &Dims) {
  const auto Count = static_cast<size_t>(std::accumulate(
      Dims.begin(), Dims.end(), int64_t(1), std::multiplies<>()));
  std::vector<double> Data(Count);
  for (size_t I = 0; I != Count; ++I)
    Data[I] = V.at(I);
  return array(std::move(Data), Dims);
}

bool isZero(const Values &V) {
  return std::ranges::all_of(V.Data, [](double D) { return D == 0; });
}

/// A node's parameters, by what it is.
class Rewriter {
public:
  Rewriter(const Graph &G, const Node &N, NewNode &To) : G(G), N(N), To(To) {}

  Status operator()(const Port &) {
    To.Parameters["shape"] = array(N.K == Kind::Input ? N.Out : N.In);
    return {};
  }
  Status operator()(const Dense &D) {
    const int64_t Outputs = D.W.Dims[D.W.Dims.size() - 2];
    if (N.K == Kind::Affine)
      To.Parameters["bias"] = full(D.Bias, {Outputs});
    return weight(D.W);
  }
  Status operator()(const Elementwise &E) {
    To.Parameters[N.K == Kind::Scale   ? "scale"
                  : N.K == Kind::Delay ? "delay"
                                       : "threshold"] = full(E.By, N.Out);
    return {};
  }
  Status operator()(const Convolution &C) {
    const bool Flat = N.K == Kind::Conv1d;
    // One axis has plain numbers.
    auto axes = [&](const Shape &S) {
      return Flat ? NewObject::integer(S[0]) : array(S);
    };
    if (C.PadBefore == C.PadAfter)
      To.Parameters["padding"] = axes(C.PadBefore);
    else if (isSame(C))
      To.Parameters["padding"] = NewObject::text("same");
    else
      return Error{
          G.file().name(), "nir-export",
          fmt::format("node {} ({}): padded by {} before and {} after, for "
                      "which NIR has no word",
                      quoted(N.Name), name(N.K), formatShape(C.PadBefore),
                      formatShape(C.PadAfter))};
    To.Parameters["input_shape"] = axes({N.In.begin() + 1, N.In.end()});
    To.Parameters["stride"] = axes(C.Stride);
    To.Parameters["dilation"] = axes(C.Dilation);
    To.Parameters["groups"] = NewObject::integer(C.Groups);
    To.Parameters["bias"] = full(C.Bias, {C.W.Dims[0]});
    return weight(C.W);
  }
  Status operator()(const Pooling &P) {
    To.Parameters["kernel_size"] = array(P.Kernel);
    To.Parameters["stride"] = array(P.Stride);
    To.Parameters["padding"] = array(P.Padding);
    return {};
  }
  Status operator()(const Flattening &F) {
    To.Parameters["start_dim"] = NewObject::integer(F.First);
    To.Parameters["end_dim"] = NewObject::integer(F.Last);
    To.Parameters["input_type"] = array(N.In);
    return {};
  }
  Status operator()(const Neuron &P) {
    const bool Cuba = N.K == Kind::CubaLI || N.K == Kind::CubaLIF;
    const std::pair<const char *, const Values *> All[] = {
        {Cuba ? "tau_mem" : "tau", &P.Tau},
        {"tau_syn", &P.TauSyn},
        {"r", &P.R},
        {"v_leak", &P.VLeak},
        {"v_threshold", &P.VThreshold},
        {"w_in", &P.WIn}};
    for (const auto &[Name, V] : All)
      if (!V->empty())
        To.Parameters[Name] = full(*V, N.Out);
    // Packages before 1.0.6 know no v_reset; without it, it is 0.
    if (!P.VReset.empty() && !isZero(P.VReset))
      To.Parameters["v_reset"] = full(P.VReset, N.Out);
    return {};
  }

private:
  static bool isSame(const Convolution &C) {
    for (size_t A = 0; A != C.Stride.size(); ++A) {
      const int64_t Total = C.Dilation[A] * (C.W.Dims[2 + A] - 1);
      if (C.PadBefore[A] != Total / 2 || C.PadAfter[A] != Total - Total / 2)
        return false;
    }
    return true;
  }
  Status weight(const Weights &W) {
    auto Data = G.weights(W);
    if (!Data)
      return Data.errors();
    To.Parameters["weight"] = array(std::move(*Data), W.Dims);
    return {};
  }

  const Graph &G;
  const Node &N;
  NewNode &To;
};
} // namespace

NewObject array(std::vector<double> Data, Shape Dims) {
  return {{}, std::move(Data), std::move(Dims)};
}
NewObject array(std::vector<float> Data, Shape Dims) {
  return {{}, std::move(Data), std::move(Dims)};
}
NewObject array(Shape Numbers) {
  const auto Count = static_cast<int64_t>(Numbers.size());
  return {{}, std::move(Numbers), {Count}};
}

void NewGraph::port(const std::string &Name, Kind K, const Shape &Dims) {
  add(Name, K).Parameters["shape"] = array(Dims);
}

NewNode &NewGraph::add(const std::string &Name, Kind K) {
  return Nodes.emplace_back(Name, K, std::map<std::string, NewObject>());
}

Result<NewGraph> rewritten(const Graph &G) {
  NewGraph Out;
  for (const Node &N : G.Nodes)
    if (Status S = std::visit(Rewriter(G, N, Out.add(N.Name, N.K)), N.Is); !S)
      return S.errors();
  for (Edge E : G.Edges)
    Out.Edges.emplace_back(G.Nodes[E.From].Name, G.Nodes[E.To].Name);
  return Out;
}

Status write(const NewGraph &G, const std::string &Path) {
  NewObject Root;
  Root.Members["version"] = NewObject::text(LayoutVersion);
  NewObject &Node = Root.Members["node"];
  Node.Members["type"] = NewObject::text("NIRGraph");
  std::vector<std::string> Ends;
  for (const auto &[From, To] : G.Edges) {
    Ends.push_back(From);
    Ends.push_back(To);
  }
  const auto NumEdges = static_cast<int64_t>(G.Edges.size());
  // No edges are an empty array of numbers.
  Node.Members["edges"] = NumEdges == 0
                              ? array(std::vector<double>(), {0})
                              : NewObject{{}, std::move(Ends), {NumEdges, 2}};
  NewObject &Nodes = Node.Members["nodes"];
  for (const NewNode &N : G.Nodes) {
    NewObject &O = Nodes.Members[N.Name];
    O.Members = N.Parameters;
    O.Members["type"] = NewObject::text(std::string(name(N.K)));
  }
  return hdf5::write(Root, Path);
}

} // namespace synfire::nir
