//===- targets/SynapseStore.h - Synapses in a core's memory -----*- C++ -*-===//
//
// What rows of weights take in the memory of a chip: words with headers and
// indices. The image stores weights in a layout of its own, for the simulator.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_SYNAPSESTORE_H
#define SYNFIRE_TARGETS_SYNAPSESTORE_H

#include <algorithm>
#include <cstdint>
#include <span>

namespace synfire {

/// Keys core.synapse_* of a chip file. Loihi's driver tells of such a format
/// (nengo-loihi, SynapseFmt), Loihi 2's table of PilotNet gives another
/// (docs/targets.md).
struct SynapseStore {
  /// Bits of a word, a multiple of 8; 0: bytes as the image stores them, and
  /// none of the others counts.
  uint32_t WordBits = 0;
  uint32_t HeaderBits = 0; ///< before each group of synapses
  /// Most synapses behind one header; groups begin with a word. 0: a row is one
  /// group.
  uint32_t Group = 0;
  /// The target's index, with each synapse of a linear; 0: its place tells. The
  /// targets of a kernel are worked out from the source's.
  uint32_t IndexBits = 0;
  /// More for each weight of a kernel that moves by more than one column.
  uint32_t StrideBits = 0;

  /// What is stored: a linear, or a kernel with or without a stride in x.
  enum class Kind : uint8_t { Linear, Kernel, StridedKernel };

  /// Bytes of \p Rows rows of \p Synapses weights of \p Bits each; WordBits is
  /// not 0.
  uint64_t bytes(Kind K, uint64_t Rows, uint64_t Synapses,
                 uint32_t Bits) const {
    const uint64_t Each = Bits + (K == Kind::Linear          ? IndexBits
                                  : K == Kind::StridedKernel ? StrideBits
                                                             : 0);
    auto Words = [&](uint64_t Count) {
      return (Count * Each + HeaderBits + WordBits - 1) / WordBits;
    };
    uint64_t OfRow = Words(Synapses);
    if (Group != 0 && Synapses > Group)
      OfRow = Synapses / Group * Words(Group) +
              (Synapses % Group != 0 ? Words(Synapses % Group) : 0);
    return Rows * OfRow * (WordBits / 8);
  }
};

/// The narrowest of \p Widths that holds \p Bits; \p Bits when none does.
inline uint32_t narrowestWidth(std::span<const uint32_t> Widths,
                               uint32_t Bits) {
  uint32_t Out = UINT32_MAX;
  for (uint32_t W : Widths)
    if (W >= Bits)
      Out = std::min(Out, W);
  return Out == UINT32_MAX ? Bits : Out;
}

} // namespace synfire

#endif // SYNFIRE_TARGETS_SYNAPSESTORE_H
