//===- LavaToNir.cpp - Lava-DL -> NIR -------------------------------------===//

#include "models/lavadl/LavaToNir.h"

#include <fmt/format.h>

namespace synfire::lavadl {

using nir::Kind;
using nir::NewNode;

namespace {

class Drawer {
public:
  Drawer(const LavaNet &From, const std::string &Path, double Dt)
      : From(From), Path(Path), Dt(Dt) {}
  Result<nir::NewGraph> run();

private:
  Status layer(size_t I);
  void sums(const Layer &L, const std::string &Name, bool TakesBias);
  Status neurons(const Layer &L, const std::string &Name);
  void late(const Layer &L, const std::string &Name);
  /// A node behind the last one.
  NewNode &chain(const std::string &Name, Kind K) {
    Out.Edges.emplace_back(Last, Name);
    Last = Name;
    return Out.add(Name, K);
  }
  hdf5::NewObject full(double V) const {
    int64_t Count = 1;
    for (int64_t Size : Dims)
      Count *= Size;
    return nir::array(std::vector<double>(Count, V), Dims);
  }
  /// \p Start and \p Times the bias of each neuron.
  hdf5::NewObject biases(const Layer &L, double Start, double Times) const {
    std::vector<double> All(L.numNeurons(), Start);
    const int64_t Area = L.Shape[1] * L.Shape[2];
    for (size_t I = 0; I != All.size() && !L.Bias.empty(); ++I)
      All[I] += Times * static_cast<double>(L.Bias[I / Area]);
    return nir::array(std::move(All), Dims);
  }

  const LavaNet &From;
  const std::string &Path;
  double Dt;
  nir::NewGraph Out;
  std::string Last; ///< the node that the next one reads
  nir::Shape Dims;  ///< of what it gives
};

/// Whether a bias goes in front of the neurons: v is u and nothing of u stays.
bool takesBiasInFront(const Layer &L) {
  return L.Neuron->CurrentDecay == MaxDecay && L.Neuron->VoltageDecay == 0;
}

void Drawer::sums(const Layer &L, const std::string &Name, bool TakesBias) {
  std::vector<double> Bias(L.WeightShape[0]);
  for (size_t I = 0; I != Bias.size() && TakesBias && !L.Bias.empty(); ++I)
    Bias[I] = static_cast<double>(L.Bias[I]);
  const std::vector<float> Weight(L.Weight.begin(), L.Weight.end());
  if (L.Type == LayerType::Dense) {
    if (Dims.size() > 1) {
      NewNode &F = chain(Name + ".flat", Kind::Flatten);
      F.Parameters["start_dim"] = hdf5::NewObject::integer(0);
      F.Parameters["end_dim"] = hdf5::NewObject::integer(-1);
      F.Parameters["input_type"] = nir::array(Dims);
    }
    Dims = {L.Shape[0]};
    const auto Sources = static_cast<int64_t>(Weight.size()) / L.Shape[0];
    NewNode &W = chain(Name + ".sum", TakesBias ? Kind::Affine : Kind::Linear);
    W.Parameters["weight"] = nir::array(Weight, {L.Shape[0], Sources});
    if (TakesBias)
      W.Parameters["bias"] = nir::array(std::move(Bias), Dims);
    return;
  }
  NewNode &C = chain(Name + ".sum", Kind::Conv2d);
  auto pair = [](const std::array<int64_t, 2> &P) {
    return nir::array(nir::Shape{P[0], P[1]});
  };
  C.Parameters["input_shape"] = nir::array(nir::Shape{Dims[1], Dims[2]});
  C.Parameters["weight"] = nir::array(Weight, L.WeightShape);
  C.Parameters["stride"] = pair(L.Stride);
  C.Parameters["padding"] = pair(L.Padding);
  C.Parameters["dilation"] = pair(L.Dilation);
  C.Parameters["groups"] = hdf5::NewObject::integer(L.Groups);
  C.Parameters["bias"] = nir::array(std::move(Bias), {L.WeightShape[0]});
  Dims = {L.Shape.begin(), L.Shape.end()};
}

Status Drawer::neurons(const Layer &L, const std::string &Name) {
  const auto Threshold = static_cast<double>(L.Neuron->Threshold);
  const int64_t Lost = L.Neuron->VoltageDecay;
  // The input layer has no sums and so no current.
  const int64_t LostCurrent =
      L.Type == LayerType::Input ? MaxDecay : L.Neuron->CurrentDecay;
  auto tau = [&](int64_t Decay) {
    return Dt * static_cast<double>(MaxDecay) / static_cast<double>(Decay);
  };
  auto perStep = [&](int64_t Decay) { return full(tau(Decay) / Dt); };
  const bool Leaks = Lost > 0 && Lost < MaxDecay;
  const bool Cuba = Leaks && LostCurrent > 0 && LostCurrent < MaxDecay;
  if (!Cuba && LostCurrent < MaxDecay) {
    NewNode &N =
        chain(Name + ".current", LostCurrent == 0 ? Kind::I : Kind::LI);
    N.Parameters["r"] = LostCurrent == 0 ? full(1 / Dt) : perStep(LostCurrent);
    if (LostCurrent != 0) {
      N.Parameters["tau"] = full(tau(LostCurrent));
      N.Parameters["v_leak"] = full(0);
    }
  }
  if (Lost == MaxDecay) {
    chain(Name, Kind::Threshold).Parameters["threshold"] =
        biases(L, Threshold, -1);
    return {};
  }
  if (Lost == 0 && LostCurrent < MaxDecay && !L.Bias.empty())
    return Error{Path + ":" + L.Path, "lava-export",
                 fmt::format("a bias with vDecay 0 and iDecay {}: no node of "
                             "NIR adds it to the membrane in every step",
                             LostCurrent)};
  NewNode &N = chain(Name, Cuba ? Kind::CubaLIF : Leaks ? Kind::LIF : Kind::IF);
  N.Parameters["v_threshold"] = full(Threshold);
  N.Parameters["r"] = Leaks ? perStep(Lost) : full(1 / Dt);
  if (Leaks) {
    N.Parameters[Cuba ? "tau_mem" : "tau"] = full(tau(Lost));
    N.Parameters["v_leak"] = biases(L, 0, tau(Lost) / Dt);
  }
  if (Cuba) {
    N.Parameters["tau_syn"] = full(tau(LostCurrent));
    N.Parameters["w_in"] = perStep(LostCurrent);
  }
  return {};
}

void Drawer::late(const Layer &L, const std::string &Name) {
  std::vector<double> Delay(L.numNeurons());
  for (size_t I = 0; I != Delay.size(); ++I)
    Delay[I] =
        Dt * static_cast<double>(1 + (L.Delay.empty()       ? 0
                                      : L.Delay.size() == 1 ? L.Delay[0]
                                                            : L.Delay[I]));
  chain(Name + ".late", Kind::Delay).Parameters["delay"] =
      nir::array(std::move(Delay), Dims);
}

Status Drawer::layer(size_t I) {
  const Layer &L = From.Layers[I];
  const std::string Name = fmt::format("layer{}", I);
  if (L.Type == LayerType::Flatten)
    return {};
  if (L.Type == LayerType::Input) {
    Dims = {L.Shape.begin(), L.Shape.end()};
    Last = "input";
    Out.port(Last, Kind::Input, Dims);
    if (!L.Neuron)
      return {};
  } else {
    sums(L, Name, takesBiasInFront(L));
  }
  if (Status S = neurons(L, Name); !S)
    return S;
  if (I + 1 != From.Layers.size())
    late(L, Name);
  return {};
}

Result<nir::NewGraph> Drawer::run() {
  for (size_t I = 0; I != From.Layers.size(); ++I)
    if (Status S = layer(I); !S)
      return S.errors();
  Out.Edges.emplace_back(Last, "output");
  Out.port("output", Kind::Output, Dims);
  Out.Notes = {
      "states of Loihi are whole numbers of 24 bits whose decays cut towards "
      "zero; NIR's are real, so a spike may differ",
      "the input is what the biases of the input layer are in each step; a "
      "reset of layers while they run is left out"};
  return std::move(Out);
}

} // namespace

Result<nir::NewGraph> toNir(const LavaNet &From, const std::string &Path,
                            double Dt) {
  return Drawer(From, Path, Dt).run();
}

} // namespace synfire::lavadl
