//===- tests/unit/report/TimeTest.cpp - Time, heat and sensitivity --------===//

#include "ExampleRun.h"
#include "simulator/report/Analysis.h"
#include "simulator/report/HeatMap.h"
#include "simulator/report/Html.h"
#include "simulator/report/Sensitivity.h"
#include "simulator/report/Summary.h"
#include "simulator/report/TimeSplit.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace synfire;
using namespace synfire::report;
using testing::HasSubstr;

namespace {

void expectNear(double A, double B) {
  EXPECT_NEAR(A, B, 1e-9 * std::max(std::abs(A), std::abs(B)));
}

TEST(TimeSplit, PartsOfEverySplitSumToTheTime) {
  RunData Run = exampleRun();
  for (const TimeData &Time : Run.Times) {
    expectNear(splitOf(Time).total(), Time.Total.Value);
    double Levels = 0;
    for (const TimeSplit &S : levelSplits(Time))
      Levels += S.total();
    if (!Time.Levels.empty())
      expectNear(Levels * static_cast<double>(Run.Tokens), Time.Total.Value);
    for (size_t Most : {1u, 7u, 240u, 100000u}) {
      TickStrip Strip = stripOf(Time, Most);
      EXPECT_LE(Strip.Columns.size(), Most);
      double Sum = 0;
      for (size_t I = 0; I < Strip.Columns.size(); ++I) {
        size_t First = I * Strip.TicksPerColumn;
        size_t Ticks =
            std::min<size_t>(Strip.TicksPerColumn, Time.Each.size() - First);
        Sum += Strip.Columns[I].Mean.total() * static_cast<double>(Ticks);
      }
      expectNear(Sum, Time.Total.Value);
    }
  }
}

TEST(TimeSplit, ATickThatTheNetworkDecidedIsNotAllWork) {
  TimeData Time;
  Time.Barrier = Nanoseconds(10);
  TickData T{Nanoseconds(110), Nanoseconds(60), Nanoseconds(100), 0};
  TimeSplit S = splitOf(T, Time);
  EXPECT_EQ(S.Core, 60);
  EXPECT_EQ(S.Network, 40);
  EXPECT_EQ(S.Barrier, 10);
}

TEST(TimeSplit, EveryTickIsALineOfTheFile) {
  RunData Run = exampleRun();
  std::string Csv = ticksCsv(Run);
  EXPECT_EQ(Csv.find("mode,tick,duration_ns,core_ns,network_ns,barrier_ns,"
                     "resource\n"),
            0u);
  size_t Ticks = 0;
  for (const TimeData &T : Run.Times)
    Ticks += T.Each.size();
  EXPECT_EQ(std::ranges::count(Csv, '\n'), static_cast<int64_t>(Ticks) + 1);
  EXPECT_THAT(Csv, HasSubstr("\"link (0,0) to (1,0)\""));
}

TEST(Sensitivity, AnEndIsWhatTheEnergyIsWithTheFigureThere) {
  RunData Run = exampleRun();
  Result<EnergyReport> E = computeEnergy(Run, "generate");
  ASSERT_TRUE(E);
  auto Swings = swingsOf(Run, &Run.Times[0], *E);
  ASSERT_FALSE(Swings.empty());
  const double N = static_cast<double>(Run.Tokens);
  size_t Checked = 0;
  for (const Swing &S : Swings) {
    EXPECT_TRUE(S.Evidence == Grade::Assumed || S.Evidence == Grade::Derived);
    EXPECT_LE(S.Low, S.Value);
    EXPECT_LE(S.Value, S.High);
    if (!S.HasRange) {
      EXPECT_EQ(S.Low * 2, S.Value);
      EXPECT_EQ(S.High, S.Value * 2);
    }
    if (S.Quantity != "energy")
      continue;
    for (unsigned I = 0; I < NumActions; ++I) {
      if (actionKey(static_cast<Action>(I)) != S.Key)
        continue;
      RunData Other = Run;
      Other.Chip.Costs.Rows[I].Energy = Picojoules(S.High);
      expectNear(computeEnergy(Other, "generate")->Total.Nominal / N, S.AtHigh);
      ++Checked;
    }
  }
  EXPECT_GT(Checked, 5u);
  EXPECT_TRUE(std::is_sorted(
      Swings.begin(), Swings.end(),
      [](const Swing &A, const Swing &B) { return A.width() > B.width(); }));
}

TEST(Sensitivity, TimesShareTheSimulatedTimeAndMoveStaticEnergy) {
  RunData Run = exampleRun();
  for (Cost &Row : Run.Chip.Costs.Rows)
    Row.TimeGrade = Grade::Assumed;
  Run.Chip.Costs.Barrier.StepEvidence = Grade::Assumed;
  Run.Chip.Costs.Barrier.Base.Evidence = Grade::Assumed;
  Result<EnergyReport> E = computeEnergy(Run, "generate");
  ASSERT_TRUE(E);
  const TimeData &Time = Run.Times[0];
  const double Static =
      E->ByComponent[static_cast<unsigned>(Component::Static)].Nominal /
      static_cast<double>(Run.Tokens);
  double Shares = 0;
  for (const Swing &S : swingsOf(Run, &Time, *E))
    if (S.Quantity == "time") {
      Shares += S.Share;
      if (S.Value > 0)
        expectNear(S.AtHigh -
                       E->Total.Nominal / static_cast<double>(Run.Tokens),
                   Static * S.Share * (S.High / S.Value - 1));
    }
  EXPECT_NEAR(Shares, 1, 1e-3); // per_chip has no part on one chip
  for (const Swing &S : swingsOf(Run, nullptr, *E))
    EXPECT_NE(S.Quantity, "time");
}

/// A system of many chips, every third core in use.
RunData manyCores(uint32_t Chips) {
  RunData Run = exampleRun();
  Run.Chips = Chips;
  Run.Cores.clear();
  for (uint32_t Chip = 0; Chip < Chips; ++Chip)
    for (uint32_t N = 0; N < Run.Chip.System.UsableCores; N += 3) {
      CoreId Core = Run.Chip.usableCore(Chip, N);
      RouterId Router = Run.Chip.routerOf(Core);
      Run.Cores.push_back({Core, Chip, Run.Chip.coordOf(Router), {}});
      Coord At = Run.Cores.back().Place;
      Run.Links.push_back({At, {At.X + 1, At.Y}, false, N, N * 40});
    }
  for (unsigned A = 0; A < NumActions; ++A) {
    const uint64_t Left = Run.Total.Values[A] - Run.System.Values[A];
    const uint64_t Each = Left / Run.Cores.size();
    for (CoreData &C : Run.Cores)
      C.Counts.Values[A] = Each;
    Run.Cores[0].Counts.Values[A] += Left - Each * Run.Cores.size();
  }
  for (TimeData &T : Run.Times) {
    T.CoreBusy.assign(Run.Cores.size(), {});
    for (size_t C = 0; C < Run.Cores.size(); ++C)
      T.CoreBusy[C][sim::Stage::Synapses] =
          T.Total.Value * static_cast<double>(C % 7) / 10;
    T.LinkUse.assign(Run.Links.size(), {Nanoseconds(1000), Nanoseconds(50)});
  }
  return Run;
}

TEST(HeatMap, HoldsEveryUsableCoreAtAnySize) {
  for (uint32_t Chips : {1u, 9u, 100u}) {
    RunData Run = manyCores(Chips);
    Result<EnergyReport> E = computeEnergy(Run, "generate");
    ASSERT_TRUE(E);
    HeatMap Map = heatMapOf(Run, &Run.Times[0], *E);
    EXPECT_LE(Map.Places.size(), 600u);
    EXPECT_EQ(Map.Detail == HeatDetail::Core, Chips == 1);
    EXPECT_EQ(Map.UsedCores, Run.Cores.size());
    EXPECT_EQ(Map.UsedCores + Map.IdleCores,
              uint64_t(Chips) * Run.Chip.System.UsableCores);
    double Sum = 0, Cores = 0;
    for (const HeatPlace &P : Map.Places)
      Sum += P.EnergyPj;
    for (const NamedEnergy &C : E->ByCore)
      Cores += C.Energy.Nominal;
    expectNear(Sum, Cores);
    ASSERT_EQ(Map.Cores.size(), 10u);
    expectNear(Map.Cores[0].Share.total(), 0.6);
  }
}

TEST(HeatMap, PagesOfLargeSystemsStaySmall) {
  for (uint32_t Chips : {9u, 100u}) {
    RunData Run = manyCores(Chips);
    Result<Analysis> A = analyse(Run);
    ASSERT_TRUE(A);
    Result<std::string> Page = renderHtml(summarize(*A));
    ASSERT_TRUE(Page);
    EXPECT_LT(Page->size(), 1000u * 1000);
    EXPECT_THAT(*Page, HasSubstr("Where it is hot"));
  }
}

} // namespace
