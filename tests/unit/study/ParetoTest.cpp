//===- tests/unit/study/ParetoTest.cpp - The front ------------------------===//

#include "simulator/study/Pareto.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace synfire::study;

namespace {

bool beats(const Objectives &A, const Objectives &B) {
  bool Smaller = false;
  for (size_t I = 0; I < A.size(); ++I) {
    if (!(A[I] <= B[I]))
      return false;
    Smaller |= A[I] < B[I];
  }
  return Smaller;
}

TEST(Pareto, EqualsItsDefinition) {
  std::mt19937 Random(7);
  for (int Round = 0; Round < 200; ++Round) {
    // Few different values, so that ties of every kind occur.
    std::uniform_int_distribution<int> Value(0, 2 + Round % 9);
    std::vector<Objectives> Points(1 + Round % 60);
    for (Objectives &P : Points)
      for (double &X : P)
        X = Value(Random);
    std::vector<bool> Front = paretoFront(Points);
    for (size_t I = 0; I < Points.size(); ++I) {
      bool Beaten = false;
      for (const Objectives &Other : Points)
        Beaten |= beats(Other, Points[I]);
      ASSERT_EQ(Front[I], !Beaten) << "round " << Round << ", point " << I;
    }
  }
}

TEST(Pareto, LeavesOutWhatIsNoNumber) {
  std::vector<bool> Front =
      paretoFront({{1, 1, 1}, {0, NAN, 0}, {0, 0, INFINITY}, {2, 0, 1}});
  EXPECT_EQ(Front, (std::vector<bool>{true, false, false, true}));
  EXPECT_TRUE(paretoFront({}).empty());
}

} // namespace
