//===- compiler/transforms/ChannelClasses.h - Split alike -------*- C++ -*-===//
//
// Populations whose channels can only be split together, since one reads the
// other neuron by neuron or channel by channel.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_CHANNELCLASSES_H
#define SYNFIRE_COMPILER_TRANSFORMS_CHANNELCLASSES_H

#include "compiler/transforms/SplitChannels.h"

namespace synfire::compiler {

struct ChannelMember {
  spike::PopulationOp Op;
  int64_t Channels = 0; ///< at each place
  llvm::SmallVector<spike::ConvOp, 2> Kernels;

  /// Bytes of all its kernels on a core that has 1 / \p Parts of the channels.
  uint64_t kernelBytes(const KernelRoom &Room, int64_t Parts) const;
};

struct ChannelClass {
  std::vector<ChannelMember> Members; ///< in network order
  int64_t Common = 0;                 ///< what the number of parts must divide
  std::string Why;                    ///< it cannot be split; empty if it can

  /// Of the member with the largest kernels.
  uint64_t mostBytes(const KernelRoom &Room, int64_t Parts) const;
  const ChannelMember &largest(const KernelRoom &Room) const;
  /// The least number of parts that leaves room for neurons, else the most that
  /// fit; 0 and Why if none do.
  int64_t chooseParts(const KernelRoom &Room);
};

/// Those with kernels beyond \p Room, in network order.
std::vector<ChannelClass> channelClasses(spike::NetworkOp Network,
                                         const KernelRoom &Room);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_CHANNELCLASSES_H
