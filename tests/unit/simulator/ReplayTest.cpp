//===- ReplayTest.cpp - The same events on other chips --------------------===//
//
// A trace of one run must give, on any placement of the same partition and on
// any chip, exactly the counts and times that a run there gives.
//
//===----------------------------------------------------------------------===//

#include "simulator/replay/Replay.h"
#include "simulator/engine/Simulation.h"
#include "tests/unit/simulator/TestNetwork.h"

#include <gtest/gtest.h>

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

Simulation runOn(const ChipSpec &Spec, const Cuts &C, Mode M, Fidelity F) {
  SimulationOptions Options;
  Options.TokenMode = M;
  Options.Time = F;
  Options.RecordActivity = true;
  Result<Simulation> S = Simulation::create(imageOn(Spec, C), Spec, Options);
  EXPECT_TRUE(S);
  EXPECT_TRUE(S->stepMany(tokens()));
  return std::move(*S);
}

void expectSame(const ActivityTrace &Trace, const ChipSpec &Spec,
                const Cuts &C) {
  for (Mode M : {Mode::Generate, Mode::Prefill})
    for (Fidelity F : {Fidelity::Analytic, Fidelity::Event}) {
      Simulation Ran = runOn(Spec, C, M, F);
      Result<ReplayResult> Got =
          replay(Trace, Ran.image(), Spec, Ran.wiring(), M, F);
      ASSERT_TRUE(Got);
      EXPECT_EQ(Got->Counts, Ran.counters());
      EXPECT_EQ(Got->Times, *Ran.timings());
    }
}

TEST(ReplayTest, EqualsARunOnOtherPlacementsAndChips) {
  ChipSpec Spec = makeChip();
  ActivityTrace Trace =
      runOn(Spec, cutsOn({0, 3, 7}), Mode::Generate, Fidelity::Functional)
          .takeActivity();
  EXPECT_EQ(Trace.Tokens.size(), tokens().size());
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
  ChipSpec Spec = makeChip();
  ActivityTrace Trace =
      runOn(Spec, cutsOn({0, 3}), Mode::Generate, Fidelity::Functional)
          .takeActivity();
  Cuts Other = cutsOn({0, 3});
  Other.RowsOfW1 = {0, 10, 24};
  Simulation Ran = runOn(Spec, Other, Mode::Generate, Fidelity::Functional);
  auto Got = replay(Trace, Ran.image(), Spec, Ran.wiring(), Mode::Generate,
                    Fidelity::Analytic);
  ASSERT_FALSE(Got);
  EXPECT_EQ(Got.errors().front().Rule, "trace-partition");
}

TEST(ReplayTest, SurvivesItsFile) {
  ChipSpec Spec = makeChip();
  ActivityTrace Trace =
      runOn(Spec, cutsOn({0, 3}), Mode::Generate, Fidelity::Functional)
          .takeActivity();
  const std::string Path = testing::TempDir() + "/activity.npz";
  ASSERT_TRUE(Trace.save(Path));
  Result<ActivityTrace> Read = ActivityTrace::load(Path);
  ASSERT_TRUE(Read);
  EXPECT_EQ(*Read, Trace);
  std::filesystem::remove(Path);
  EXPECT_FALSE(ActivityTrace::load(Path));
}

} // namespace
