//===- models/nir/PerNeuron.h - Constants of neurons ------------*- C++ -*-===//
//
// Factors and biases of the neurons of a population in their order, kept as
// short as they are: one for all, one per channel, or one each.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NIR_PERNEURON_H
#define SYNFIRE_MODELS_NIR_PERNEURON_H

#include "models/network/GraphBuilder.h"

#include <algorithm>
#include <numeric>

namespace synfire::models {

/// Neuron i has Data[i mod n] of n.
struct PerNeuron {
  std::vector<double> Data = {0};

  explicit PerNeuron(double All) : Data{All} {}
  explicit PerNeuron(std::vector<double> Data) : Data(std::move(Data)) {}
  bool isUniform() const { return Data.size() == 1; }
  /// True if it is \p V for all.
  bool is(double V) const { return isUniform() && Data[0] == V; }
  double at(size_t I) const { return Data[I % Data.size()]; }
  std::vector<float> floats() const { return {Data.begin(), Data.end()}; }
};

template <typename Op>
PerNeuron combine(const PerNeuron &A, const PerNeuron &B, Op Of) {
  std::vector<double> Out(std::lcm(A.Data.size(), B.Data.size()));
  for (size_t I = 0; I != Out.size(); ++I)
    Out[I] = Of(A.at(I), B.at(I));
  return PerNeuron(std::move(Out));
}
inline PerNeuron operator*(const PerNeuron &A, const PerNeuron &B) {
  return combine(A, B, std::multiplies<>());
}
inline PerNeuron operator+(const PerNeuron &A, const PerNeuron &B) {
  return combine(A, B, std::plus<>());
}

/// The number of the neuron of element \p I of an array of \p Shape in C order.
inline int64_t neuronOf(int64_t I, const SpatialShape &Shape) {
  const auto [C, H, W] = Shape;
  return (I % W * H + I / W % H) * C + I / W / H;
}

/// \p Elements of an array of \p Shape in C order, or one for all.
inline PerNeuron perNeuron(const std::vector<double> &Elements,
                           const SpatialShape &Shape) {
  if (std::ranges::all_of(Elements, [&](double E) { return E == Elements[0]; }))
    return PerNeuron(Elements[0]);
  std::vector<double> Out(Elements.size());
  for (size_t I = 0; I != Out.size(); ++I)
    Out[neuronOf(static_cast<int64_t>(I), Shape)] = Elements[I];
  const auto Channels = static_cast<size_t>(Shape[0]);
  for (size_t I = Channels; I != Out.size(); ++I)
    if (Out[I] != Out[I - Channels])
      return PerNeuron(std::move(Out));
  Out.resize(Channels);
  return PerNeuron(std::move(Out));
}

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NIR_PERNEURON_H
