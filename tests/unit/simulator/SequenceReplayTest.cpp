//===- SequenceReplayTest.cpp - Sweeps and memories, replayed -------------===//

#include "tests/unit/simulator/AttentionNetwork.h"
#include "tests/unit/simulator/ReplayCheck.h"

#include <random>

using namespace synfire;
using namespace synfire::sim;

namespace {

image::Image open(const AttentionNetwork &Net) {
  Result<image::Image> Image = Net.Builder.build();
  if (!Image) {
    ADD_FAILURE() << Image.errors().front().format();
    abort();
  }
  return *Image;
}

/// Sequences of several lengths, with types, the second with padding.
Status feed(Simulation &To) {
  std::mt19937 Random(7);
  for (uint32_t N : {9u, 6u, 1u}) {
    std::vector<uint32_t> Tokens(N), Types(N);
    std::vector<uint8_t> Valid(N, 1);
    for (uint32_t I = 0; I < N; ++I) {
      Tokens[I] = Random() % AttentionNetwork::Tokens;
      Types[I] = Random() % AttentionNetwork::Types;
      Valid[I] = N != 6 || (I != 0 && I != 4);
    }
    if (Status S = To.runSequence({Tokens, Types, Valid}); !S)
      return S;
  }
  return {};
}

AttentionShape shape(bool Causal, image::PayloadKind Query, uint32_t Steps,
                     uint32_t KvHeads) {
  AttentionShape S;
  S.Causal = Causal;
  S.Query = Query;
  S.Steps = Steps;
  S.Heads = 4;
  S.KvHeads = KvHeads;
  return S;
}

TEST(SequenceReplayTest, EqualsARunOnOtherPlacementsAndChips) {
  const ChipSpec Spec = makeChip();
  ChipSpec Other = makeChip(5, 2, false);
  Other.Noc.LinkWidthBits = 8;
  Other.Core.SkipsZeroWeights = true;
  for (bool Causal : {false, true})
    for (auto [Query, Steps, KvHeads] :
         {std::tuple(image::PayloadKind::Signed, 2u, 4u),
          std::tuple(image::PayloadKind::Unary, 3u, 2u),
          std::tuple(image::PayloadKind::Planes, 1u, 4u)}) {
      AttentionShape S = shape(Causal, Query, Steps, KvHeads);
      SCOPED_TRACE(testing::Message() << Causal << " " << Steps);
      const AttentionNetwork Net(Spec, S);
      const ActivityTrace Trace = record(open(Net), Spec, feed);
      expectReplays(Trace, open(Net), Spec, feed);
      S.Cores = {9, 3, 6, 1, 8, 0, 5, 2};
      expectReplays(Trace, open(AttentionNetwork(Other, S)), Other, feed);
    }
}

TEST(SequenceReplayTest, TokensInPartsAreOneSequence) {
  const ChipSpec Spec = makeChip();
  const AttentionNetwork Net(
      Spec, shape(/*Causal=*/true, image::PayloadKind::Signed, 2, 4));
  const Feeder InParts = [](Simulation &To) -> Status {
    const std::vector<uint32_t> Ids = {3, 1, 4, 1, 5, 2};
    if (Status S = To.stepMany(std::span(Ids).first(4)); !S)
      return S;
    return To.stepMany(std::span(Ids).subspan(4));
  };
  expectReplays(record(open(Net), Spec, InParts), open(Net), Spec, InParts);
}

} // namespace
