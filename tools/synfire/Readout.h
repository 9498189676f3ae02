//===- tools/synfire/Readout.h - What an output chooses ---------*- C++ -*-===//
//
// Reads a run's output as a choice among its neurons, window of steps by
// window.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_READOUT_H
#define SYNFIRE_TOOLS_SYNFIRE_READOUT_H

#include "tools/synfire/Outputs.h"

#include <CLI/CLI.hpp>

namespace synfire::tools {

/// `--readout` and its options.
struct ReadoutOptions {
  /// Figure of a neuron in a window, by which it is chosen. `rate`: the sum of
  /// what it sent per step, the largest; `first-spike`: the step of the window
  /// in which it first sent something, the smallest; `value`: its value at the
  /// end, the largest. Empty: nothing is read.
  std::string Kind;
  std::string Of;     ///< a population; empty: the network's output
  int64_t Window = 0; ///< steps; 0: the whole sequence

  bool asked() const { return !Kind.empty(); }
  void addTo(CLI::App &Command);
};

/// All figures, and the neuron with the best of each window.
struct Readout {
  std::string Name;                                ///< of what was read
  int64_t Sequences = 0, Windows = 0, Neurons = 0; ///< windows of a sequence
  std::vector<float> Figures;  ///< [sequence, window, neuron]
  std::vector<int64_t> Choice; ///< [sequence, window]; -1: nothing was sent

  /// \p Output is [sequence, step, neuron], \p Spikes are what populations
  /// sent. Rule `readout-population` for one that is not there.
  static Result<Readout> of(const ReadoutOptions &Options,
                            std::span<const float> Output, int64_t Neurons,
                            std::span<const SpikeArray> Spikes,
                            int64_t Sequences);
  /// A line for each window, at most some dozens. Ends with a newline.
  std::string describe(const ReadoutOptions &Options) const;
  /// `readout/choice` and `readout/figures`; \p Batched: with a dimension for
  /// sequences.
  std::vector<NamedArray> arrays(bool Batched) const;
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_READOUT_H
