//===- WindowReplayTest.cpp - Convolutions and delays, replayed -----------===//
//
// Random nets with convolutions, delays, resets, inner steps and events of the
// host: what was recorded once must give, on other chips, the counts and times
// of a run there.
//
//===----------------------------------------------------------------------===//

#include "tests/unit/simulator/ReplayCheck.h"
#include "tests/unit/simulator/WindowNetwork.h"

using namespace synfire;
using namespace synfire::sim;

namespace {

image::Image open(const WindowNetwork &Net) {
  Result<image::Image> Image = Net.Builder.build();
  if (!Image) {
    ADD_FAILURE() << Image.errors().front().format();
    abort();
  }
  return *Image;
}

/// Two sequences, so that delays must not reach over from one to the next.
struct Input {
  std::vector<WindowNetwork::Given> Sequences;

  Input(const WindowNetwork &Net, uint32_t Seed) {
    std::mt19937 Random(Seed);
    for (uint32_t Tokens : {7u, 4u})
      Sequences.push_back(Net.draw(Tokens, Random));
  }
  Status operator()(Simulation &To) const {
    for (const WindowNetwork::Given &G : Sequences) {
      const EventInput Of = G.input();
      SequenceInput In{G.Tokens};
      In.Events = {&Of, 1};
      if (Status S = To.runSequence(In); !S)
        return S;
    }
    return {};
  }
};

class WindowReplayTest : public testing::TestWithParam<uint32_t> {};

TEST_P(WindowReplayTest, EqualsARunOnOtherChips) {
  const ChipSpec Spec = *ChipSpec::load("loihi2");
  ChipSpec Other = Spec;
  Other.Noc.Width = 4;
  Other.Noc.Height = 3;
  Other.Noc.CoresPerRouter = 2;
  // One flit per packet: trees of longer ones may block each other.
  Other.Noc.LinkWidthBits = 128;
  Other.Noc.Multicast = !Spec.Noc.Multicast;
  Other.Core.SkipsZeroWeights = !Spec.Core.SkipsZeroWeights;
  Other.Core.BufferedSums = !Spec.Core.BufferedSums;
  Other.Costs[Action::SynapseMultiply].Time = Nanoseconds(3);
  for (uint32_t Try = 0; Try < 12; ++Try) {
    const uint32_t Seed = GetParam() * 1000 + Try;
    SCOPED_TRACE(Seed);
    const WindowNetwork Net(Spec, Seed), Moved(Other, Seed);
    const Input Given(Net, Seed);
    const ActivityTrace Trace = record(open(Net), Spec, Given);
    ASSERT_EQ(Trace.Steps.size(), 11 * Net.Steps);
    expectReplays(Trace, open(Net), Spec, Given);
    expectReplays(Trace, open(Moved), Other, Given);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, WindowReplayTest, testing::Range(0u, 8u));

} // namespace
