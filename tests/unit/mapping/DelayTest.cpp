//===- tests/unit/mapping/DelayTest.cpp - Edges that wait -----------------===//

#include "Networks.h"
#include "compiler/mapping/LongestPath.h"
#include "compiler/mapping/Schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace synfire;
using namespace synfire::mapping;
using ::testing::HasSubstr;

namespace {

constexpr uint32_t Host = ScheduleProblem::HostNode;

TEST(Delay, ALoopOfOneStepNeedsNoLevel) {
  // host -> 0 -> 1, 0 to itself and 1 back to 0 two steps later.
  ScheduleProblem P{2, {{0, {Host, {0, 1}, {1, 2}}}, {1, {0}}}, {}, {}, {}, {}};
  ASSERT_TRUE(P.check().empty());
  const Schedule S = scheduleEarliest(P);
  EXPECT_EQ(S.Levels, (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(S.Depths, (std::vector<uint32_t>{1, 1}));
  EXPECT_TRUE(P.verify(S).empty());
}

TEST(Delay, DepthIsLevelsAndDelay) {
  // The reader lies below, at and above what it hears.
  ScheduleProblem P{
      3,  {{0, {Host, {2, 5}}}, {1, {0, {1, 3}}}, {2, {1, {Host, 4}}}},
      {}, {},
      {}, {}};
  const Schedule S = scheduleEarliest(P);
  EXPECT_EQ(S.Levels, (std::vector<uint32_t>{0, 1, 2}));
  EXPECT_EQ(S.Depths, (std::vector<uint32_t>{3, 3, 2 + 1 + 4}));
  EXPECT_TRUE(P.verify(S).empty());
  Schedule Shallow = S;
  Shallow.Depths[2] = 6;
  ASSERT_EQ(P.verify(Shallow).size(), 1u);
  EXPECT_STREQ(P.verify(Shallow)[0].Rule, "depth");
}

TEST(Delay, ADelayedReaderMayRiseAboveItsLoop) {
  // 0 -> 1 -> 2 within the step, 2 back to 0 three steps later; 3 and 4 push
  // the whole circle up.
  ScheduleProblem P{
      5,  {{0, {4, {2, 3}}}, {1, {0}}, {2, {1}}, {3, {Host}}, {4, {3}}},
      {}, {},
      {}, {}};
  ASSERT_TRUE(P.check().empty()) << P.check()[0].format();
  const Schedule S = scheduleEarliest(P);
  EXPECT_EQ(S.Levels, (std::vector<uint32_t>{2, 3, 4, 0, 1}));
  EXPECT_TRUE(P.verify(S).empty());
}

TEST(Delay, TooLittleDelayIsNamed) {
  ScheduleProblem P{
      3, {{0, {{2, 1}}}, {1, {0}}, {2, {{1, 1}}}}, {}, {}, {}, {"a", "b", "c"}};
  const Errors Found = P.check();
  ASSERT_EQ(Found.size(), 1u);
  EXPECT_EQ(Found[0].Rule, "schedule-recurrence");
  EXPECT_THAT(Found[0].format(), HasSubstr("3 edges delays 2 token steps"));
  EXPECT_THAT(Found[0].format(), HasSubstr("at least 3"));
  P.Slots[0].Writers[0].Delay = 2;
  EXPECT_TRUE(P.check().empty());
}

TEST(Delay, ARelayInALoopOfOneStepHasNoPlace) {
  Workload Net;
  Net.HostInputs.push_back({"in", 4});
  Population P;
  P.Name = "p";
  P.Neurons = 4;
  P.Slots.push_back({"in"});
  P.Outputs.push_back({"out"});
  Net.Populations.push_back(P);
  Edge E;
  E.Name = "loop";
  E.Kind = EdgeKind::Linear;
  E.Delay = 1;
  Net.Edges.push_back(E);
  ASSERT_TRUE(Net.check().empty());
  EXPECT_EQ(recurrentEdges(Net), std::vector<bool>{true});
  const Errors Found = scheduleProblemOf(Net, {true}).check();
  ASSERT_EQ(Found.size(), 1u);
  EXPECT_EQ(Found[0].Rule, "schedule-recurrence");
  EXPECT_THAT(Found[0].format(), HasSubstr("loop (relay)"));
  Net.Edges[0].Delay = 2;
  const ScheduleProblem Two = scheduleProblemOf(Net, {true});
  ASSERT_TRUE(Two.check().empty());
  const Schedule S = scheduleEarliest(Two);
  EXPECT_EQ(S.Levels, (std::vector<uint32_t>{1, 0}));
  EXPECT_TRUE(Two.verify(S).empty());
}

/// Against every assignment of small levels: the least one that obeys.
TEST(Delay, RandomGraphsGetTheLeastLevels) {
  uint32_t Solved = 0, Refused = 0;
  for (uint32_t Seed = 0; Seed != 400; ++Seed) {
    SCOPED_TRACE(Seed);
    std::mt19937 Random(Seed);
    const uint32_t Nodes = 1 + Random() % 4;
    ScheduleProblem P{Nodes, {}, {}, {}, {}, {}};
    for (uint32_t Node = 0; Node != Nodes; ++Node) {
      P.Slots.push_back({Node, {}});
      for (uint32_t I = Random() % 3; I != 0; --I)
        P.Slots[Node].Writers.push_back(
            {uint32_t(Random() % Nodes), uint32_t(Random() % 4)});
    }
    // Levels above the number of nodes are never needed.
    std::vector<uint32_t> Least;
    std::vector<uint32_t> Try(Nodes, 0);
    for (bool More = true; More;) {
      bool Obeys = true;
      for (const SlotWriters &S : P.Slots)
        for (const SlotWriter &W : S.Writers)
          Obeys &= int64_t(Try[S.Reader]) >=
                   int64_t(Try[W.Node]) + 1 - int64_t(W.Delay);
      if (Obeys && Least.empty())
        Least = Try;
      for (uint32_t I = 0; Obeys && I != Nodes; ++I)
        Least[I] = std::min(Least[I], Try[I]);
      More = false;
      for (uint32_t I = 0; I != Nodes && !More; ++I) {
        More = ++Try[I] <= Nodes;
        if (!More)
          Try[I] = 0;
      }
    }
    if (Least.empty()) {
      ++Refused;
      EXPECT_EQ(P.check().size(), 1u);
      continue;
    }
    ++Solved;
    ASSERT_TRUE(P.check().empty()) << P.check()[0].format();
    const Schedule S = scheduleEarliest(P);
    EXPECT_EQ(S.Levels, Least);
    EXPECT_TRUE(P.verify(S).empty()) << textOf(P.verify(S));
  }
  EXPECT_GE(Solved, 100u);
  EXPECT_GE(Refused, 50u);
}

} // namespace
