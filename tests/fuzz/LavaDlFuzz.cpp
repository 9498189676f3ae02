// Feeds bytes to the reader of Lava-DL networks. Whatever is accepted keeps
// what LavaNet.h promises, and can be written as a NIR graph or says why not.

#include "models/lavadl/LavaToNir.h"

#include <cstdlib>
#include <numeric>

using namespace synfire;
using namespace synfire::lavadl;

namespace {

void require(bool Holds) {
  if (!Holds)
    std::abort();
}

bool within(const auto &Values, int64_t Least, int64_t Most) {
  for (auto V : Values)
    if (V < Least || V > Most)
      return false;
  return true;
}

void checkLayer(const Layer &L) {
  for (int64_t Size : L.Shape)
    require(Size >= 1);
  require(L.numNeurons() <= MaxNeurons);
  require(within(L.Weight, MinWeight, MaxWeight));
  require(within(L.Bias, -MaxBias - 1, MaxBias));
  require(within(L.Delay, 0, MaxDelay));
  require(L.Delay.size() <= 1 ||
          L.Delay.size() == static_cast<size_t>(L.numNeurons()));
  if (L.Neuron)
    require(within(std::array{L.Neuron->CurrentDecay, L.Neuron->VoltageDecay},
                   0, MaxDecay) &&
            L.Neuron->Threshold <= MaxThreshold);
  if (L.Type != LayerType::Conv && L.Type != LayerType::Dense)
    return;
  const auto Count = std::accumulate(L.WeightShape.begin(), L.WeightShape.end(),
                                     int64_t(1), std::multiplies<>());
  require(Count == static_cast<int64_t>(L.Weight.size()));
  require(L.WeightShape.front() == L.Shape[0]);
  if (L.Type == LayerType::Conv)
    require(L.WeightShape.size() == 4 && L.Groups >= 1 &&
            L.Shape[0] % L.Groups == 0 && within(L.Stride, 1, 1 << 20) &&
            within(L.Dilation, 1, 1 << 20) && within(L.Padding, 0, 1 << 20));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  Result<LavaNet> Net = LavaNet::parse({Data, Size}, "fuzz");
  if (!Net) {
    require(!Net.errors().front().Text.empty());
    return 0;
  }
  require(!Net->Layers.empty() && Net->Layers.front().Type == LayerType::Input);
  int64_t Neurons = 0;
  for (const Layer &L : Net->Layers) {
    checkLayer(L);
    Neurons += L.numNeurons();
  }
  constexpr int64_t Small = 1 << 16; // arrays of every neuron are made
  if (Neurons <= Small)
    if (Result<nir::NewGraph> G = toNir(*Net, "fuzz", 1e-3))
      require(G->Edges.size() + 1 == G->Nodes.size());
  return 0;
}
