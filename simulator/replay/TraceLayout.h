//===- simulator/replay/TraceLayout.h - Where spikes are kept ---*- C++ -*-===//
//
// A record of a trace is one token step of one sweep: how many spikes each
// neuron sent, of the streams that the host sends and of every output of the
// sweep. Neurons whose events are one spike each take a bit, others a number.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPLAY_TRACELAYOUT_H
#define SYNFIRE_SIMULATOR_REPLAY_TRACELAYOUT_H

#include "simulator/engine/Wiring.h"

#include <bit>
#include <cstring>

namespace synfire::sim {

/// Hash of what events depend on: the network, and the blocks and tiles that
/// it was cut into. Images of one partition have the same one wherever their
/// blocks are placed.
uint64_t partitionHash(const image::Image &Image);

/// Where the neurons of one output, or of one stream of the host, are within a
/// record, and how many spikes each sent there.
struct SpikeField {
  uint64_t FirstByte = 0;
  uint32_t Size = 0; ///< neurons
  uint32_t Bits = 1; ///< of a neuron: 1, or 8, 16 or 32 (little-endian)

  uint64_t bytes() const { return (uint64_t(Size) * Bits + 7) / 8; }
  /// Says that neuron \p I sent \p Spikes; they were 0 before.
  void set(uint8_t *Record, uint32_t I, uint32_t Spikes) const;
  /// Spikes of neurons \p First to \p Last (behind the last).
  uint64_t count(const uint8_t *Record, uint32_t First, uint32_t Last) const;
  /// Calls \p Each (neuron, spikes) for those among them that sent any.
  template <typename Visitor>
  void forEach(const uint8_t *Record, uint32_t First, uint32_t Last,
               Visitor Each) const {
    for (uint32_t I = First; I < Last;) {
      if (Bits != 1) {
        if (const uint32_t N = number(Record, I))
          Each(I, N);
        ++I;
        continue;
      }
      const uint32_t Take = std::min(Last - I, 64 - I % 8);
      for (uint64_t Word = word(Record, I, Take); Word != 0; Word &= Word - 1)
        Each(I + static_cast<uint32_t>(std::countr_zero(Word)), 1u);
      I += Take;
    }
  }

private:
  /// The bits of \p Take neurons from \p I on; they lie within eight bytes.
  uint64_t word(const uint8_t *Record, uint32_t I, uint32_t Take) const;
  uint32_t number(const uint8_t *Record, uint32_t I) const;
};

/// Streams of the host first, by index, then outputs ascending by population,
/// first neuron and place within the block; each from a whole byte on.
class TraceLayout {
public:
  TraceLayout(const image::Image &Image, const Wiring &Plan);
  const SpikeField &output(uint32_t Output) const { return Outputs[Output]; }
  /// Of an index of the image's streams with the role Events.
  const SpikeField &given(uint32_t Stream) const { return Streams[Stream]; }
  /// Of a record of \p Sweep.
  uint64_t bytes(uint32_t Sweep) const { return Bytes[Sweep]; }

private:
  std::vector<SpikeField> Outputs, Streams;
  std::vector<uint64_t> Bytes; ///< per sweep
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_REPLAY_TRACELAYOUT_H
