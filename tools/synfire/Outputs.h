//===- tools/synfire/Outputs.h - outputs.npz --------------------*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_OUTPUTS_H
#define SYNFIRE_TOOLS_SYNFIRE_OUTPUTS_H

#include "targets/Image.h"
#include "targets/Status.h"
#include "targets/arrays/Npy.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace synfire::tools {

/// What one population emitted.
struct SpikeArray {
  std::string Name;
  image::PayloadKind Kind = image::PayloadKind::Binary;
  int64_t Neurons = 0;
  std::vector<int32_t> Payloads; ///< [token step, neuron]
};

/// An array of int64 or float32 beside those that every run has.
using NamedArray = std::pair<std::string, Array>;

/// How many sequences arrays are of.
struct OutputShape {
  /// Sequences, all as long, one after the other in every array; 1 and no
  /// dimension of its own when not Batched.
  int64_t Sequences = 1;
  bool Batched = false;
};

/// Writes `tokens` [N] int64, `logits` [N, V] float32, and per population
/// `spikes/NAME` [N * inner steps, n]: uint8 binary, int8 ternary, int32
/// graded; with a first dimension for sequences if there are; and \p More. The
/// file appears when it is whole.
Status writeOutputs(const std::string &Path, std::span<const int64_t> Tokens,
                    std::span<const float> Logits, int64_t Vocabulary,
                    std::span<const SpikeArray> Spikes, OutputShape Shape = {},
                    std::span<const NamedArray> More = {});

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_OUTPUTS_H
