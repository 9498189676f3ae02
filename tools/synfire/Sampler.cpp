//===- Sampler.cpp - Chooses the next token -------------------------------===//

#include "tools/synfire/Sampler.h"

#include "targets/Maths.h"

#include <algorithm>
#include <vector>

using namespace synfire;
using namespace synfire::tools;

/// A number in [0, 1) from 53 mixed bits (the finaliser of SplitMix64, Steele
/// et al., OOPSLA 2014).
static double uniform(uint64_t Seed, uint64_t Position) {
  uint64_t Z = Seed + (Position + 1) * 0x9e3779b97f4a7c15u;
  Z = (Z ^ (Z >> 30)) * 0xbf58476d1ce4e5b9u;
  Z = (Z ^ (Z >> 27)) * 0x94d049bb133111ebu;
  return static_cast<double>((Z ^ (Z >> 31)) >> 11) * 0x1p-53;
}

int64_t Sampler::choose(std::span<const float> Logits,
                        uint64_t Position) const {
  auto Largest = std::max_element(Logits.begin(), Logits.end());
  if (Temperature <= 0)
    return Largest - Logits.begin();
  std::vector<double> Weights(Logits.size());
  double Total = 0;
  for (size_t I = 0; I < Logits.size(); ++I) {
    // maths::exp and not libm's: the choice must not depend on the machine.
    Weights[I] =
        maths::exp(static_cast<float>((Logits[I] - *Largest) / Temperature));
    Total += Weights[I];
  }
  double Rest = uniform(Seed, Position) * Total;
  for (size_t I = 0; I < Weights.size(); ++I)
    if ((Rest -= Weights[I]) < 0)
      return static_cast<int64_t>(I);
  return Largest - Logits.begin();
}
