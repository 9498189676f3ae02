//===- models/nir/WeightMatch.cpp - A graph beside its checkpoint ---------===//

#include "models/nir/WeightMatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace synfire::nir {

namespace {

struct Parameter {
  std::string Name;
  Shape Dims;
  std::vector<float> Data;
  bool IsBias = false;
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
                     {Bias->Data.begin(), Bias->Data.end()},
                     /*IsBias=*/true});
  }
  return Out;
}

/// Elements of other bits in arrays of one size; \p First is the first of them.
size_t differences(const std::vector<float> &A, const std::vector<float> &B,
                   size_t *First = nullptr) {
  size_t Count = 0;
  for (size_t I = 0; I != A.size(); ++I)
    if (std::bit_cast<uint32_t>(A[I]) != std::bit_cast<uint32_t>(B[I]) &&
        ++Count == 1 && First)
      *First = I;
  return Count;
}

} // namespace

std::string WeightMatch::describe() const {
  std::string Out;
  for (const Pair &P : Pairs)
    Out += fmt::format("{} = {}\n", hdf5::printable(P.Parameter),
                       hdf5::printable(P.Tensor));
  for (const std::string &Name : ZeroBiases)
    Out += fmt::format("{}: zeros, of the graph only\n", hdf5::printable(Name));
  for (const std::string &Name : OnlyCheckpoint)
    Out += fmt::format("{}: of the checkpoint only\n", hdf5::printable(Name));
  return Out;
}

Status WeightMatch::check(const std::string &GraphFile,
                          const std::string &CheckpointFile) const {
  Errors All;
  for (const Unlike &U : OnlyGraph) {
    std::string Why =
        U.Nearest.empty()
            ? fmt::format("no tensor of shape {} is left", formatShape(U.Dims))
            : fmt::format("the nearest, '{}', differs in {} of {} elements, "
                          "first in {}: {:.9g} here, {:.9g} there",
                          hdf5::printable(U.Nearest), U.Differences, U.Elements,
                          U.First, U.Here, U.There);
    All.push_back(
        {GraphFile, "nir-beside",
         fmt::format("'{}' equals no tensor of {}: {}; give the "
                     "checkpoint that the graph was exported from",
                     hdf5::printable(U.Parameter), CheckpointFile, Why)});
  }
  return All;
}

Result<WeightMatch> matchWeights(const Graph &G,
                                 const checkpoint::Checkpoint &C) {
  Result<std::vector<Parameter>> All = parameters(G);
  if (!All)
    return All.errors();
  WeightMatch M;
  std::vector<bool> Used(All->size(), false);
  struct Left {
    const checkpoint::Tensor *Tensor;
    std::vector<float> Data; ///< empty if no parameter has its shape
  };
  std::vector<Left> Rest;
  for (const checkpoint::Tensor &T : C.tensors()) {
    bool Found = false;
    std::vector<float> Data;
    for (size_t I = 0; I != All->size() && !Found; ++I) {
      const Parameter &P = (*All)[I];
      if (Used[I] || P.Dims != T.Shape)
        continue;
      if (Data.empty()) {
        Result<std::vector<float>> Read = C.readFloats(T);
        if (!Read)
          return Read.errors();
        Data = std::move(*Read);
      }
      if (differences(P.Data, Data) != 0)
        continue;
      Used[I] = Found = true;
      M.Pairs.push_back({P.Name, T.Name});
    }
    if (Found)
      continue;
    M.OnlyCheckpoint.push_back(T.Name);
    Rest.push_back({&T, std::move(Data)});
  }
  for (size_t I = 0; I != All->size(); ++I) {
    const Parameter &P = (*All)[I];
    if (Used[I])
      continue;
    WeightMatch::Unlike U;
    bool MayLack =
        P.IsBias && std::ranges::all_of(P.Data, [](float V) { return V == 0; });
    U.Parameter = P.Name;
    U.Dims = P.Dims;
    U.Elements = P.Data.size();
    for (const Left &L : Rest) {
      if (L.Tensor->Shape != P.Dims)
        continue;
      // Learned decays have the shape of a bias too.
      MayLack &= L.Tensor->Name.find("bias") == std::string::npos;
      size_t First = 0;
      const size_t Count = differences(P.Data, L.Data, &First);
      if (!U.Nearest.empty() && Count >= U.Differences)
        continue;
      U.Nearest = L.Tensor->Name;
      U.Differences = Count;
      U.First = First;
      U.Here = P.Data[First];
      U.There = L.Data[First];
    }
    if (MayLack)
      M.ZeroBiases.push_back(P.Name);
    else
      M.OnlyGraph.push_back(std::move(U));
  }
  return M;
}

} // namespace synfire::nir
