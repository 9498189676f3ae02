//===- models/nir/WeightMatch.cpp - A graph beside its checkpoint ---------===//

#include "models/nir/WeightMatch.h"

#include <fmt/format.h>

#include <cstring>

namespace synfire::nir {

namespace {

struct Parameter {
  std::string Name;
  Shape Dims;
  std::vector<float> Data;
};

Result<std::vector<Parameter>> parameters(const Graph &G) {
  std::vector<Parameter> Out;
  for (const Node &N : G.Nodes) {
    const Weights *W = nullptr;
    const Values *Bias = nullptr;
    if (const auto *D = std::get_if<Dense>(&N.Is)) {
      W = &D->W;
      Bias = &D->Bias;
    } else if (const auto *C = std::get_if<Convolution>(&N.Is)) {
      W = &C->W;
      Bias = &C->Bias;
    } else {
      continue;
    }
    Result<std::vector<float>> Data = G.weights(*W);
    if (!Data)
      return Data.errors();
    Out.push_back({N.Name + ".weight", W->Dims, std::move(*Data)});
    if (!Bias->empty())
      Out.push_back({N.Name + ".bias",
                     Bias->Dims,
                     {Bias->Data.begin(), Bias->Data.end()}});
  }
  return Out;
}

bool equalBits(const std::vector<float> &A, const std::vector<float> &B) {
  return A.size() == B.size() &&
         std::memcmp(A.data(), B.data(), A.size() * sizeof(float)) == 0;
}

} // namespace

std::string WeightMatch::describe() const {
  std::string Out;
  for (const Pair &P : Pairs)
    Out += fmt::format("{} = {}\n", hdf5::printable(P.Parameter),
                       hdf5::printable(P.Tensor));
  for (const std::string &Name : OnlyGraph)
    Out += fmt::format("{}: nothing equals it in the checkpoint\n",
                       hdf5::printable(Name));
  for (const std::string &Name : OnlyCheckpoint)
    Out += fmt::format("{}: of the checkpoint only\n", hdf5::printable(Name));
  return Out;
}

Result<WeightMatch> matchWeights(const Graph &G,
                                 const checkpoint::Checkpoint &C) {
  Result<std::vector<Parameter>> All = parameters(G);
  if (!All)
    return All.errors();
  WeightMatch M;
  std::vector<bool> Used(All->size(), false);
  for (const checkpoint::Tensor &T : C.tensors()) {
    bool Found = false;
    std::optional<std::vector<float>> Data;
    for (size_t I = 0; I != All->size() && !Found; ++I) {
      const Parameter &P = (*All)[I];
      if (Used[I] || P.Dims != T.Shape)
        continue;
      if (!Data) {
        Result<std::vector<float>> Read = C.readFloats(T);
        if (!Read)
          return Read.errors();
        Data = std::move(*Read);
      }
      if (!equalBits(P.Data, *Data))
        continue;
      Used[I] = Found = true;
      M.Pairs.push_back({P.Name, T.Name});
    }
    if (!Found)
      M.OnlyCheckpoint.push_back(T.Name);
  }
  for (size_t I = 0; I != All->size(); ++I)
    if (!Used[I])
      M.OnlyGraph.push_back((*All)[I].Name);
  return M;
}

} // namespace synfire::nir
