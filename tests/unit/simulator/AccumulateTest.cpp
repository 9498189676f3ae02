//===- AccumulateTest.cpp - Every kernel path equals the plain sum --------===//

#include "simulator/kernel/Accumulate.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

using namespace synfire::sim;

namespace {

struct Problem {
  std::vector<std::byte> Weights;
  std::vector<Event> Events;
  std::vector<int32_t> Initial;
  uint32_t Rows, Cols;
  size_t Stride;
};

int32_t drawPayload(PayloadRange Range, std::mt19937 &Random) {
  switch (Range) {
  case PayloadRange::One:
    return 1;
  case PayloadRange::Unit:
    return Random() % 2 ? 1 : -1;
  case PayloadRange::Byte:
    return static_cast<int32_t>(Random() % 511) - 255;
  case PayloadRange::Word:
    return static_cast<int16_t>(Random());
  case PayloadRange::Any:
    return static_cast<int32_t>(Random());
  }
  return 0;
}

/// The payload farthest from 0, negative where it can be.
int32_t extremePayload(PayloadRange Range) {
  switch (Range) {
  case PayloadRange::One:
    return 1;
  case PayloadRange::Unit:
    return -1;
  case PayloadRange::Byte:
    return -255;
  case PayloadRange::Word:
    return std::numeric_limits<int16_t>::min();
  case PayloadRange::Any:
    return std::numeric_limits<int32_t>::min();
  }
  return 0;
}

Problem makeProblem(uint32_t Rows, uint32_t Cols, size_t Count,
                    PayloadRange Range, bool Extreme, std::mt19937 &Random) {
  Problem P;
  P.Rows = Rows;
  P.Cols = Cols;
  P.Stride = (Cols + 15) / 16 * 16 + 16 * (Random() % 2);
  P.Weights.resize(P.Stride * Rows);
  for (std::byte &W : P.Weights)
    W = Extreme ? std::byte{0x80} : static_cast<std::byte>(Random());
  for (size_t I = 0; I < Count; ++I)
    P.Events.push_back(
        {static_cast<uint32_t>(Random()) % Rows,
         Extreme ? extremePayload(Range) : drawPayload(Range, Random)});
  for (uint32_t J = 0; J < Cols + 8; ++J)
    P.Initial.push_back(static_cast<int32_t>(Random()));
  return P;
}

std::vector<int32_t> plainSum(const Problem &P) {
  std::vector<int32_t> Sum = P.Initial;
  for (const Event &E : P.Events)
    for (uint32_t J = 0; J < P.Cols; ++J) {
      auto W = static_cast<int8_t>(P.Weights[P.Stride * E.Index + J]);
      Sum[J] = static_cast<int32_t>(static_cast<uint32_t>(Sum[J]) +
                                    static_cast<uint32_t>(E.Payload) *
                                        static_cast<uint32_t>(int32_t(W)));
    }
  return Sum;
}

class AccumulateTest : public testing::TestWithParam<KernelPath> {};

TEST_P(AccumulateTest, EqualsThePlainSumOnEveryShapeAndRange) {
  if (!isAvailable(GetParam()))
    GTEST_SKIP() << "this processor lacks the path";
  std::mt19937 Random(7);
  for (PayloadRange Range :
       {PayloadRange::One, PayloadRange::Unit, PayloadRange::Byte,
        PayloadRange::Word, PayloadRange::Any})
    for (uint32_t Cols :
         {1u, 7u, 16u, 31u, 64u, 96u, 127u, 128u, 200u, 333u, 1024u, 1500u})
      for (size_t Count : {0u, 1u, 2u, 3u, 17u, 127u, 256u, 301u, 700u})
        for (bool Streaming : {false, true})
          for (bool Extreme : {false, true}) {
            Problem P = makeProblem(50, Cols, Count, Range, Extreme, Random);
            std::vector<int32_t> Got = P.Initial;
            // The bias is subtracted from the indices and wraps around.
            uint32_t Bias = 5;
            std::vector<Event> Shifted = P.Events;
            for (Event &E : Shifted)
              E.Index -= Bias;
            accumulate(ByteRows{P.Weights.data(), P.Stride, Cols, Streaming},
                       Shifted, Bias, Range, Got.data(), GetParam());
            ASSERT_EQ(Got, plainSum(P))
                << "range " << int(Range) << " cols " << Cols << " events "
                << Count << " streaming " << Streaming;
            std::vector<int32_t> Few = P.Initial;
            accumulateFew(ByteRows{P.Weights.data(), P.Stride, Cols, Streaming},
                          Shifted, Bias, Range, Few.data(), GetParam());
            ASSERT_EQ(Few, Got) << "range " << int(Range) << " cols " << Cols
                                << " events " << Count;
          }
}

INSTANTIATE_TEST_SUITE_P(Paths, AccumulateTest,
                         testing::Values(KernelPath::Portable,
                                         KernelPath::Avx2));

TEST(BitRowsTest, AddsThePayloadWhereTheBitIsSet) {
  std::mt19937 Random(11);
  for (uint32_t Cols : {1u, 8u, 13u, 128u, 130u}) {
    size_t Stride = (Cols + 7) / 8 + 3;
    std::vector<std::byte> Weights(Stride * 9);
    for (std::byte &W : Weights)
      W = static_cast<std::byte>(Random());
    std::vector<Event> Events;
    for (int I = 0; I < 20; ++I)
      Events.push_back({static_cast<uint32_t>(Random()) % 9,
                        drawPayload(PayloadRange::Any, Random)});
    std::vector<int32_t> Got(Cols + 8, 3), Expected = Got;
    for (const Event &E : Events)
      for (uint32_t J = 0; J < Cols; ++J)
        if ((std::to_integer<int>(Weights[Stride * E.Index + J / 8]) >>
             (J % 8)) &
            1)
          Expected[J] =
              static_cast<int32_t>(uint32_t(Expected[J]) + uint32_t(E.Payload));
    accumulate(BitRows{Weights.data(), Stride, Cols}, Events, 0, Got.data());
    EXPECT_EQ(Got, Expected) << Cols;
  }
}

TEST(PayloadRangeTest, IsTheNarrowest) {
  auto range = [](std::vector<int32_t> Payloads) {
    std::vector<Event> Events;
    for (int32_t P : Payloads)
      Events.push_back({0, P});
    return payloadRange(Events);
  };
  EXPECT_EQ(range({}), PayloadRange::One);
  EXPECT_EQ(range({1, 1}), PayloadRange::One);
  EXPECT_EQ(range({1, -1}), PayloadRange::Unit);
  EXPECT_EQ(range({1, 2}), PayloadRange::Byte);
  EXPECT_EQ(range({-255, 255}), PayloadRange::Byte);
  EXPECT_EQ(range({256}), PayloadRange::Word);
  EXPECT_EQ(range({-256, 1}), PayloadRange::Word);
  EXPECT_EQ(range({-32768, 32767}), PayloadRange::Word);
  EXPECT_EQ(range({32768}), PayloadRange::Any);
  EXPECT_EQ(range({-32769}), PayloadRange::Any);
  EXPECT_EQ(range({std::numeric_limits<int32_t>::min()}), PayloadRange::Any);
}

} // namespace
