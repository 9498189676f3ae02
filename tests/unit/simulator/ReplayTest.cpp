//===- ReplayTest.cpp - The same events on other chips --------------------===//
//
// A trace of one run must give, on any placement of the same partition and on
// any chip, exactly the counts and times that a run there gives.
//
//===----------------------------------------------------------------------===//

#include "tests/unit/simulator/ReplayCheck.h"
#include "tests/unit/simulator/TestNetwork.h"

#include <filesystem>

using namespace synfire;
using namespace synfire::sim;

namespace {

std::vector<uint32_t> tokens() {
  std::vector<uint32_t> Out;
  for (uint32_t I = 0; I < 23; ++I)
    Out.push_back((I * 7 + I / 5) % TestNetwork::Tokens);
  return Out;
}

Cuts cutsOn(std::vector<uint32_t> Cores) {
  return {{0, 11, 24}, {0, 16, 40}, {0, 9, 24}, {0, 40}, std::move(Cores)};
}

image::Image imageOn(const ChipSpec &Spec, const Cuts &C) {
  Result<image::Image> Image = TestNetwork(Spec, C).Builder.build();
  if (!Image) {
    for (const Error &E : Image.errors())
      ADD_FAILURE() << E.format();
    abort();
  }
  return *Image;
}

Status feed(Simulation &To) { return To.stepMany(tokens()); }

ActivityTrace recordOn(const ChipSpec &Spec, const Cuts &C) {
  return record(imageOn(Spec, C), Spec, feed);
}

void expectSame(const ActivityTrace &Trace, const ChipSpec &Spec,
                const Cuts &C) {
  expectReplays(Trace, imageOn(Spec, C), Spec, feed);
}

/// Replays \p Trace on a partition cut at other rows if \p Moved.
Errors refusal(const ActivityTrace &Trace, bool Moved) {
  const ChipSpec Spec = makeChip();
  Cuts C = cutsOn({0, 3});
  if (Moved)
    C.RowsOfW1 = {0, 10, 24};
  const image::Image Image = imageOn(Spec, C);
  auto Got = replay(Trace, Image, Spec, *Wiring::build(Image, Spec),
                    Mode::Generate, Fidelity::Analytic);
  return Got ? Errors() : Got.errors();
}

TEST(ReplayTest, EqualsARunOnOtherPlacementsAndChips) {
  ChipSpec Spec = makeChip();
  const ActivityTrace Trace = recordOn(Spec, cutsOn({0, 3, 7}));
  EXPECT_EQ(Trace.Steps.size(), tokens().size());
  expectSame(Trace, Spec, cutsOn({0, 3, 7}));
  expectSame(Trace, Spec, cutsOn({17, 2, 9, 4}));
  ChipSpec Other = makeChip(5, 2, false);
  Other.Noc.LinkWidthBits = 8;
  Other.Costs[Action::SynapseMultiply].Time = Nanoseconds(3);
  expectSame(Trace, Other, cutsOn({12, 1}));
  // Which rows were selected tells which weights of zero were.
  Other.Core.SkipsZeroWeights = Other.Core.BufferedSums = true;
  expectSame(Trace, Other, cutsOn({12, 1}));
}

TEST(ReplayTest, AnotherPartitionIsRefused) {
  const ActivityTrace Trace = recordOn(makeChip(), cutsOn({0, 3}));
  EXPECT_TRUE(refusal(Trace, /*Moved=*/false).empty());
  const Errors Told = refusal(Trace, /*Moved=*/true);
  ASSERT_FALSE(Told.empty());
  EXPECT_EQ(Told.front().Rule, "trace-partition");
}

TEST(ReplayTest, DamagedTracesAreRefused) {
  const ActivityTrace Whole = recordOn(makeChip(), cutsOn({0, 3}));
  const std::function<void(ActivityTrace &)> Faults[] = {
      [](ActivityTrace &T) { T.Spikes.pop_back(); },
      [](ActivityTrace &T) { T.Spikes.push_back(0); },
      [](ActivityTrace &T) { T.Steps.pop_back(); },
      [](ActivityTrace &T) { T.Steps[4].Index = 7; },
      [](ActivityTrace &T) { T.Steps[0].Index = 1; },
      [](ActivityTrace &T) { T.Steps[4].Sweep = 1; },
      [](ActivityTrace &T) { T.EffectiveMultiplies.pop_back(); },
      [](ActivityTrace &T) { T.EffectiveAccumulates.clear(); }};
  for (const auto &Damage : Faults) {
    ActivityTrace Trace = Whole;
    Damage(Trace);
    const Errors Told = refusal(Trace, /*Moved=*/false);
    ASSERT_FALSE(Told.empty()) << &Damage - Faults;
    EXPECT_EQ(Told.front().Rule, "trace-partition");
  }
}

TEST(ReplayTest, SurvivesItsFile) {
  ChipSpec Spec = makeChip();
  const ActivityTrace Trace = recordOn(Spec, cutsOn({0, 3}));
  const std::string Path = testing::TempDir() + "/activity.npz";
  ASSERT_TRUE(Trace.save(Path));
  Result<ActivityTrace> Read = ActivityTrace::load(Path);
  ASSERT_TRUE(Read);
  EXPECT_EQ(*Read, Trace);
  std::filesystem::remove(Path);
  EXPECT_FALSE(ActivityTrace::load(Path));
}

} // namespace
