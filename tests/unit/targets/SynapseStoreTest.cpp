//===- tests/unit/targets/SynapseStoreTest.cpp - Words of synapses --------===//

#include "targets/ChipSpec.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

using namespace synfire;
using Kind = SynapseStore::Kind;

namespace {
SynapseStore storeOf(const char *Chip,
                     const std::vector<std::string> &Set = {}) {
  auto Spec = ChipSpec::load(Chip, Set);
  EXPECT_TRUE(bool(Spec));
  return Spec->Core.Synapses;
}

struct Layer {
  Kind K;
  uint64_t Rows;
  uint32_t Synapses, Bits, Words;
};
} // namespace

/// Both published tables of words per core (lava-dl, PilotNet benchmarks; spec
/// page loihi-pilotnet, section 6): of spikes, and of sigma-delta neurons.
TEST(SynapseStore, PublishedWordsOfLoihi2) {
  const SynapseStore Store = storeOf("loihi2", {"core.synapse_index_bits=12"});
  const std::array Layers = {
      Layer{Kind::StridedKernel, 27, 24, 5, 81},
      Layer{Kind::StridedKernel, 216, 36, 4, 864},
      Layer{Kind::StridedKernel, 324, 48, 4, 1620},
      Layer{Kind::Kernel, 432, 64, 4, 2160},
      Layer{Kind::Kernel, 576, 64, 4, 2880},
      Layer{Kind::Linear, 100, 50, 4, 1300},
      Layer{Kind::Linear, 50, 10, 5, 150},
      Layer{Kind::Linear, 10, 1, 6, 10},
      Layer{Kind::StridedKernel, 27, 24, 6, 81},
      Layer{Kind::StridedKernel, 216, 36, 5, 864},
      Layer{Kind::StridedKernel, 324, 48, 4, 1620},
      Layer{Kind::Kernel, 432, 64, 5, 2592},
      Layer{Kind::Kernel, 576, 64, 4, 2880},
      Layer{Kind::Linear, 100, 50, 6, 1500},
  };
  for (const Layer &L : Layers)
    EXPECT_EQ(Store.bytes(L.K, L.Rows, L.Synapses, L.Bits), 8u * L.Words)
        << L.Rows << " x " << L.Synapses << ", " << L.Bits << " bits";
  // 100 outputs are eleven times 9 and once 1; the mean is rounded down.
  const uint64_t Nine = Store.bytes(Kind::Linear, 2560, 9, 3),
                 One = Store.bytes(Kind::Linear, 2560, 1, 3);
  EXPECT_EQ((11 * Nine + One) / 12 / 8, 7253u);
}

TEST(SynapseStore, GroupsOfLoihi) {
  const SynapseStore Store = storeOf("loihi");
  // 64 weights of 8 bits and a header of 10 take 9 words, what is left begins
  // with the next.
  EXPECT_EQ(Store.bytes(Kind::Linear, 1, 64, 8), 72u);
  EXPECT_EQ(Store.bytes(Kind::Linear, 1, 65, 8), 72u + 8);
  EXPECT_EQ(Store.bytes(Kind::Linear, 3, 128, 8), 3u * 144);
  EXPECT_EQ(Store.bytes(Kind::Linear, 1, 6, 9), 8u); // 64 bits are one word
  EXPECT_EQ(Store.bytes(Kind::Linear, 1, 7, 8), 16u);
}

TEST(SynapseStore, MoreTakesNotLess) {
  const SynapseStore Store = storeOf("loihi");
  for (uint32_t Bits = 1; Bits <= 8; ++Bits)
    for (uint32_t N = 1; N != 200; ++N) {
      const uint64_t Bytes = Store.bytes(Kind::Linear, 1, N, Bits);
      EXPECT_LE(Bytes, Store.bytes(Kind::Linear, 1, N + 1, Bits));
      EXPECT_LE(Bytes, Store.bytes(Kind::Linear, 1, N, Bits + 1));
      EXPECT_GT(8 * Bytes, uint64_t(N) * Bits);
    }
}

TEST(SynapseStore, WidthsAreThoseOfTheChip) {
  const std::array<uint32_t, 3> Widths = {8, 1, 4};
  EXPECT_EQ(narrowestWidth(Widths, 1), 1u);
  EXPECT_EQ(narrowestWidth(Widths, 2), 4u);
  EXPECT_EQ(narrowestWidth(Widths, 5), 8u);
  EXPECT_EQ(narrowestWidth(Widths, 9), 9u);
}
