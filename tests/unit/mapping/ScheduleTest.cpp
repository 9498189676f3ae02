//===- tests/unit/mapping/ScheduleTest.cpp --------------------------------===//

#include "compiler/mapping/Schedule.h"

#include "Networks.h"

#include <gtest/gtest.h>

using namespace synfire;
using namespace synfire::mapping;

namespace {

constexpr uint32_t Host = ScheduleProblem::HostNode;

TEST(Schedule, LevelsAndDepthsOfADiamond) {
  // host -> 0 -> 1 -> 2 -> 3, and 0 -> 3 by a short cut that waits.
  ScheduleProblem P{
      4, {{0, {Host}}, {1, {0}}, {2, {1}}, {3, {2, 0}}}, {}, {}, {}};
  ASSERT_TRUE(P.check().empty());
  Schedule S = scheduleEarliest(P);
  EXPECT_EQ(S.Levels, (std::vector<uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(S.Depths, (std::vector<uint32_t>{1, 1, 1, 3}));
  EXPECT_EQ(S.NumLevels, 4u);
  EXPECT_TRUE(P.verify(S).empty());
}

TEST(Schedule, TheHostWritesBelowLevelZero) {
  ScheduleProblem P{2, {{0, {Host}}, {1, {0}}, {1, {Host}}}, {}, {}, {}};
  EXPECT_EQ(scheduleEarliest(P).Depths, (std::vector<uint32_t>{1, 1, 2}));
}

TEST(Schedule, ASlotThatNobodyWritesHasDepthOne) {
  ScheduleProblem P{1, {{0, {}}}, {}, {}, {}};
  EXPECT_EQ(scheduleEarliest(P).Depths, (std::vector<uint32_t>{1}));
}

TEST(Schedule, CyclesAndStrayNodesAreRefused) {
  ScheduleProblem Cycle{2, {{0, {1}}, {1, {0}}}, {}, {}, {}};
  ASSERT_EQ(Cycle.check().size(), 1u);
  EXPECT_EQ(Cycle.check()[0].Rule, "schedule-cycle");
  ScheduleProblem Stray{1, {{0, {5}}}, {}, {}, {}};
  ASSERT_EQ(Stray.check().size(), 1u);
  EXPECT_EQ(Stray.check()[0].Rule, "schedule-index");
}

TEST(Schedule, VerifyNamesDamage) {
  ScheduleProblem P{3, {{0, {Host}}, {1, {0}}, {2, {1, 0}}}, {}, {}, {}};
  Schedule S = scheduleEarliest(P);
  Schedule Late = S;
  Late.Levels[1] = 2;
  EXPECT_FALSE(P.verify(Late).empty());
  Schedule Shallow = S;
  Shallow.Depths[2] = 1;
  ASSERT_EQ(P.verify(Shallow).size(), 1u);
  EXPECT_STREQ(P.verify(Shallow)[0].Rule, "depth");
}

TEST(Schedule, ARelayAddsALevel) {
  Workload Net = spikeGpt(1, 64, 50);
  std::vector<bool> Relayed(Net.Edges.size());
  auto Plain = scheduleEarliest(scheduleProblemOf(Net, Relayed));
  Relayed[0] = true; // the embedding
  const ScheduleProblem P = scheduleProblemOf(Net, Relayed);
  auto With = scheduleEarliest(P);
  EXPECT_TRUE(P.verify(With).empty());
  EXPECT_EQ(With.NumLevels, Plain.NumLevels + 1);
  EXPECT_EQ(With.Levels[Net.Populations.size()], 0u);
  EXPECT_EQ(With.Levels[0], 1u);
}

} // namespace
