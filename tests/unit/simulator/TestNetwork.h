//===- TestNetwork.h - A small network, cut in many ways --------*- C++ -*-===//
//
//   token -> embedding -> A (leaky integrate-and-fire, 24)
//   A spikes -> W1 -> B (40);  A grades -> B, 1:1 on its first 24 neurons
//   A grades, summed -> R (1) -> B, broadcast
//   B grades -> W2 -> C (10) -> host
//
// The same network in any cut and placement, and computed plainly beside it.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_SIMULATOR_TESTNETWORK_H
#define SYNFIRE_TESTS_UNIT_SIMULATOR_TESTNETWORK_H

#include "tests/unit/simulator/ImageFixture.h"

namespace synfire::sim {

/// Bounds of the pieces of each axis, first and last included.
struct Cuts {
  std::vector<uint32_t> A = {0, 24}, B = {0, 40}, RowsOfW1 = {0, 24},
                        RowsOfW2 = {0, 40};
  /// Cores that parts are dealt to, in turn.
  std::vector<uint32_t> Cores = {0};
};

struct TestNetwork {
  static constexpr uint32_t Tokens = 12, NumA = 24, NumB = 40, NumC = 10;

  ImageBuilder Builder;
  std::vector<uint32_t> FlowsOfA; ///< of the spikes, per block of A

  TestNetwork(const ChipSpec &Spec, const Cuts &C,
              image::WeightFormat Embedding = image::WeightFormat::Int8);

  static int embedding(uint32_t Token, uint32_t J, bool Bit) {
    int W = int((Token * 37 + J * 101 + Token * J * 13) % 255) - 127;
    return Bit ? W & 1 : W;
  }
  static int w1(uint32_t I, uint32_t J) {
    return int((I * 59 + J * 83 + I * J * 7) % 256) - 128;
  }
  static int w2(uint32_t I, uint32_t J) {
    return (I + J) % 5 == 0 ? 0 : int((I * 31 + J * 17) % 255) - 127;
  }
  static float threshold(uint32_t J) { return 1.0f + 0.125f * float(J % 7); }
  static float scale(uint32_t J) { return 0.001f * float(J + 1); }

  /// Logits and the streams a.spike, a.grade, b per token.
  struct Expected {
    std::vector<float> Logits;
    std::vector<int32_t> Spikes, Grades, B;
  };
  static Expected expect(const std::vector<uint32_t> &TokenIds, bool Bit);
};

} // namespace synfire::sim

#endif // SYNFIRE_TESTS_UNIT_SIMULATOR_TESTNETWORK_H
