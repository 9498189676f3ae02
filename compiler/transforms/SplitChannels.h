//===- compiler/transforms/SplitChannels.h - Large kernels ------*- C++ -*-===//
//
// What `spike-split-channels` (Passes.td) does, with what it found.
//
// Why in the spike IR and not in the numbering of neurons: kernel rows are
// independent sums, so that populations with fewer channels mean the same, and
// mapping, image and simulator need to know nothing of it. Why joined where
// they are read: a reader that added k sums of its own would need k
// accumulators and k scales per neuron, most of a core's memory; through a
// spike.join it keeps one, to which k kernel tiles add.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_SPLITCHANNELS_H
#define SYNFIRE_COMPILER_TRANSFORMS_SPLITCHANNELS_H

#include "dialects/spike/Spike.h"
#include "targets/ChipSpec.h"

#include <cstdint>
#include <string>
#include <vector>

namespace synfire::compiler {

/// What a core can hold of kernels.
struct KernelRoom {
  uint64_t Bytes = 0;
  /// Widths that weights are stored with, in bits; those of real weights.
  std::vector<uint32_t> Widths = {1, 2, 4, 8};
  SynapseStore Store; ///< how the chip packs them, if not as images do
  uint32_t WeightBits = 8;

  static KernelRoom of(const ChipSpec &Chip, uint32_t WeightBits);
};

struct ChannelSplit {
  std::vector<std::string> Names; ///< of the results
  int64_t Channels = 0, Parts = 1;
  uint64_t KernelBytes = 0; ///< of all channels
  /// Why it stays whole though its kernels are too large; empty if it does not.
  std::string Why;

  /// A line for the user.
  std::string text() const;
};

/// Splits what has to be split. Tells of populations that were split, in
/// network order, and of those whose kernels are too large and that stay whole.
std::vector<ChannelSplit> splitChannels(spike::NetworkOp Network,
                                        const KernelRoom &Room);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_SPLITCHANNELS_H
