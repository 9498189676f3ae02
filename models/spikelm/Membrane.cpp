//===- Membrane.cpp - The neuron of SpikeLM -------------------------------===//

#include "models/spikelm/Membrane.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

/// The smallest amplitude that a membrane is divided by.
static constexpr float LeastAmplitude = 1e-5f;
static constexpr float Leak = 0.25f;

ProgramResults models::fire(ProgramBuilder &P, Value X,
                            const std::vector<float> &Amplitude,
                            SpikeLmMembrane Membrane, ValueRange States) {
  std::vector<float> Raised;
  for (float Each : Amplitude)
    Raised.push_back(std::max(Each, LeastAmplitude));
  Value Size = P.perStep(Raised);
  if (States.empty())
    return {{P.ternary(P.div(X, Size))}, {}};
  Value M = P.add(P.atFirstStep(P.constant(0.0f), States[0]), X);
  Value Spike = P.ternary(P.div(M, Size));
  Value S = P.fromInt(Spike), Leaked = P.mul(M, P.constant(Leak));
  // The published form keeps by the raw amplitude, though the spike's is at
  // least LeastAmplitude.
  Value Keeps = Membrane == SpikeLmMembrane::Published
                    ? P.sub(P.perStep(Amplitude), P.mul(Size, S))
                    : P.sub(P.constant(1.0f), P.mul(S, S));
  return {{Spike}, {P.mul(Leaked, Keeps)}};
}

float models::kept(float M, float Amplitude, SpikeLmMembrane Membrane) {
  float Size = std::max(Amplitude, LeastAmplitude);
  float S = std::clamp(std::nearbyint(M / Size), -1.0f, 1.0f);
  float Leaked = M * Leak;
  float Keeps = Membrane == SpikeLmMembrane::Published ? Amplitude - Size * S
                                                       : 1.0f - S * S;
  return Leaked * Keeps;
}
