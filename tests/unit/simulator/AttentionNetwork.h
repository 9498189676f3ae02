//===- AttentionNetwork.h - A small network with a memory -------*- C++ -*-===//
//
// Tokens write keys and values, queries read them, in integers:
//
//   x = clamp(state + emb + pos); state = x                  H * d neurons
//   k = sign(emb + type + step)                              G * d, ternary
//   v = clamp(emb)                                           G * d
//   q = clamp(|x + step|)                                    H * d
//   e = clamp(q . k + runs of the neuron), max per head      H * M, rows
//   c = e . v                                                H * d
//   l = c of the same or, held last, of the last token step  H * d
//
// The host reads max, c and l. Bidirectional: q is held each, l held last;
// three sweeps. Causal: one sweep. Computed once more here, plainly.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_SIMULATOR_ATTENTIONNETWORK_H
#define SYNFIRE_TESTS_UNIT_SIMULATOR_ATTENTIONNETWORK_H

#include "simulator/engine/Sequence.h"
#include "tests/unit/simulator/ImageFixture.h"

namespace synfire::sim {

struct AttentionShape {
  uint32_t Heads = 2, KvHeads = 2, Width = 3; ///< of a head
  uint32_t Steps = 2, Positions = 9;
  bool Causal = false;
  uint32_t Chunk = 4; ///< memory rows per tile
  image::PayloadKind Query = image::PayloadKind::Signed;
  std::vector<uint32_t> Cores = {0, 1, 2, 3, 4, 5, 6, 7};
};

struct AttentionNetwork {
  static constexpr uint32_t Tokens = 7, Types = 2;
  AttentionNetwork(const ChipSpec &Spec, const AttentionShape &Shape);

  ImageBuilder Builder;
  AttentionShape Shape;
  uint32_t StreamQ = 0, StreamK = 0, StreamE = 0;

  struct Expected {
    std::vector<float> Logits;       ///< [token][H + 2 H d]
    std::vector<int32_t> Q, K, E;    ///< [token step][neuron]
    std::vector<uint32_t> RowsThere; ///< of each token step
  };
  Expected expect(const SequenceInput &Input) const;
};

} // namespace synfire::sim

#endif // SYNFIRE_TESTS_UNIT_SIMULATOR_ATTENTIONNETWORK_H
