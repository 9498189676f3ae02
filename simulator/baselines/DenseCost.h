//===- simulator/baselines/DenseCost.h - A dense token's price --*- C++ -*-===//
//
// Energy and time of one token of a Transformer on a device. A step gives each
// of B sequences its next token:
//
//   energy = weight bits / S x memory energy
//          + (KV bits read and written) x memory energy
//          + multiply-accumulates x arithmetic energy          (dynamic)
//          + static power x devices x step time / B            (static)
//   step   = max((weight bits + S x KV bits) / bandwidth,
//                S x multiply-accumulates / rate) + launches
//
// B = 1 charges all weight traffic to one token. A model that needs N devices
// is cut by layers: min(B, N) of them work at a time, S = B / min(B, N) tokens
// pass a device together and share its weight reads, and a step takes one pass
// through all layers. KV caches are never shared. What moves between devices,
// and hosts, is not charged, in the Transformer's favour.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_BASELINES_DENSECOST_H
#define SYNFIRE_SIMULATOR_BASELINES_DENSECOST_H

#include "simulator/baselines/DenseDevice.h"

#include <array>

namespace synfire::baselines {

/// Low to high, as if all figures were at the same end at once.
struct Range {
  double Low = 0, Nominal = 0, High = 0;

  Range &operator+=(const Range &O);
  Range operator*(double Factor) const;
};

/// A share of a token's energy and the figure that it rests on.
struct Part {
  std::string Name;
  Range Energy;    ///< pJ per token
  std::string Key; ///< of the figure
  Grade Evidence = Grade::Assumed;
};

struct TokenCost {
  double Context = 0;
  double Batch = 1;           ///< sequences that share a step
  double Devices = 1;         ///< that hold the weights and the KV caches
  std::vector<Part> Parts;    ///< without static power
  Range Dynamic;              ///< pJ: the parts together
  std::optional<Part> Static; ///< none: the device has no time
  /// ns; Low is the fastest.
  std::optional<Range> Step;
  std::string Bound; ///< `memory`, `arithmetic`, `launch`; empty without time

  /// pJ with static power; none without time.
  std::optional<Range> total() const;
  /// Of the whole device; none without time.
  std::optional<Range> tokensPerSecond() const;
};

/// At context \p Context with \p Batch sequences, or as many as fit; none when
/// not even one fits.
std::optional<TokenCost> costOf(const DenseDevice &Device, const Transformer &T,
                                double Context, double Batch);

/// The context lengths of every curve: 128, 256, ... 32,768.
inline constexpr std::array<double, 9> Contexts = {
    128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};

} // namespace synfire::baselines

#endif // SYNFIRE_SIMULATOR_BASELINES_DENSECOST_H
