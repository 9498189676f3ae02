//===- models/sanafe/SanaNet.h - Networks of SANA-FE ------------*- C++ -*-===//
//
// `network:` and `mappings:` of SANA-FE v2.2 (commit 8951ab0). One step of a
// neuron of its `leaky_integrate_fire` model, a the sum of weights of spikes of
// the step before, all in binary64:
//
//     i = i input_decay + a                      (from the second step on)
//     v = tz(64 v leak_decay) / 64               (tz cuts towards zero)
//     v = v + bias + i                           (unless refractory)
//     s = v > threshold; then v = reset, v - threshold, or v
//     v < reverse_threshold: v = reverse_reset, v - reverse_threshold, ...
//
// Neurons with `spikes` or `rate` are inputs: they send, and read nothing.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SANAFE_SANANET_H
#define SYNFIRE_MODELS_SANAFE_SANANET_H

#include "models/sanafe/NumberLists.h"
#include "targets/Status.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace synfire::sanafe {

constexpr uint32_t MostNeurons = 1 << 20;
/// Synapses, and elements of the matrices that hold them.
constexpr uint64_t MostSynapses = uint64_t(1) << 28;
/// Longest list of spikes, and largest delay of a synapse.
constexpr uint32_t MostSpikes = 1 << 20, MostDelay = 1000;

enum class ResetMode : uint8_t { None, Soft, Hard, Saturate };

/// What neurons of one entry of the file have in common.
struct NeuronKind {
  double Threshold = 0, Reset = 0, LeakDecay = 1, InputDecay = 0, Bias = 0;
  double Potential = 0, ReverseThreshold = 0, ReverseReset = 0;
  double Refractory = 0; ///< steps, a whole number
  ResetMode OnSpike = ResetMode::Hard, OnReverse = ResetMode::None;
  bool IsInput = false;
  std::vector<double> Spikes; ///< of an input: 0 or 1 for steps 1, 2, ...
  double Rate = 0;            ///< of an input

  /// Whether an input fires in step \p Step (1, 2, ...).
  bool fires(uint64_t Step) const;
};

constexpr uint32_t NoCore = ~0u;
/// Tile and core of it, as one number.
constexpr uint32_t coreOf(uint32_t Tile, uint32_t Core) {
  return Tile << 4 | Core;
}

struct Group {
  std::string Name;
  std::vector<uint32_t> Kinds; ///< per neuron, index into SanaNet::Kinds
  std::vector<uint32_t> Cores; ///< per neuron, coreOf(); empty: not mapped

  uint32_t size() const { return static_cast<uint32_t>(Kinds.size()); }
};

/// Synapses from one group to another with one delay.
struct Projection {
  uint32_t From = 0, To = 0; ///< groups
  uint32_t Delay = 0;        ///< steps beyond the one that every spike takes
  /// Source and target of each weight; empty: all to all, weights [source,
  /// target].
  std::vector<std::array<uint32_t, 2>> Pairs;
  std::vector<double> Weights;
  std::string Where;
};

struct SanaNet {
  std::string Name, File;
  std::vector<NeuronKind> Kinds;
  std::vector<Group> Groups;
  std::vector<Projection> Projections;
  std::vector<std::string> Notes;
  bool IsMapped = false; ///< every neuron has a core

  void dropMapping();
  uint64_t numSynapses() const;
  bool isInput(uint32_t Group, uint32_t Neuron) const {
    return Kinds[Groups[Group].Kinds[Neuron]].IsInput;
  }
  /// The input neurons, group and place in it, in the order of the file.
  std::vector<std::array<uint32_t, 2>> inputs() const;
  /// Steps of the longest list of spikes.
  uint64_t longestSpikes() const;

  /// Rules `sana-...` and `yaml-...`. Limits: 256 MiB, 2^20 values outside long
  /// lists of numbers, and those above.
  static Result<SanaNet> parse(std::string Text, const std::string &File);
};

} // namespace synfire::sanafe

#endif // SYNFIRE_MODELS_SANAFE_SANANET_H
