//===- tools/synfire/Outputs.h - outputs.npz --------------------*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_OUTPUTS_H
#define SYNFIRE_TOOLS_SYNFIRE_OUTPUTS_H

#include "targets/Image.h"
#include "targets/Status.h"

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
  std::vector<int32_t> Payloads; ///< [token, neuron]
};

/// Writes `tokens` [T] int64, `logits` [T, V] float32, and per population
/// `spikes/NAME` [T, n]: uint8 binary, int8 ternary, int32 graded. The file
/// appears when it is whole.
Status writeOutputs(const std::string &Path, std::span<const int64_t> Tokens,
                    std::span<const float> Logits, int64_t Vocabulary,
                    std::span<const SpikeArray> Spikes);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_OUTPUTS_H
