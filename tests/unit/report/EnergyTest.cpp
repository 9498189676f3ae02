//===- tests/unit/report/EnergyTest.cpp -----------------------------------===//

#include "simulator/report/Energy.h"
#include "ExampleRun.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::report;

namespace {

/// Relative, since sums are taken in another order.
void expectNear(double A, double B) {
  EXPECT_NEAR(A, B, 1e-9 * std::max(std::abs(A), std::abs(B)));
}

TEST(Energy, EqualsCountsTimesCostsTakenAnotherWay) {
  RunData Run = exampleRun();
  Result<EnergyReport> R = computeEnergy(Run, "generate");
  ASSERT_TRUE(R);
  // Core by core and in long double, instead of action by action.
  long double Sum = 0;
  for (const CoreData &C : Run.Cores)
    for (unsigned A = 0; A < NumActions; ++A)
      Sum += static_cast<long double>(C.Counts.Values[A]) *
             Run.Chip.Costs.Rows[A].Energy.Value;
  for (unsigned A = 0; A < NumActions; ++A)
    Sum += static_cast<long double>(Run.System.Values[A]) *
           Run.Chip.Costs.Rows[A].Energy.Value;
  const TimeData &T = Run.Times[0];
  Sum += static_cast<long double>(T.Barriers) *
         Run.Chip.Costs[Action::Barrier].Energy.Value;
  Sum += static_cast<long double>(
             Run.Chip.Costs.Static.PerChip.Value * Run.Chips +
             Run.Chip.Costs.Static.PerCore.Value * Run.Cores.size()) *
         T.Total.Value * 1000;
  expectNear(R->Total.Nominal, static_cast<double>(Sum));
  EXPECT_GT(R->Total.Nominal, 0);
}

TEST(Energy, EverySplitSumsToTheTotal) {
  RunData Run = exampleRun();
  Result<EnergyReport> R = computeEnergy(Run, "prefill");
  ASSERT_TRUE(R);
  double Layers = 0, Terms = 0, Components = 0, Parts = 0;
  for (const NamedEnergy &L : R->ByLayer)
    Layers += L.Energy.Nominal;
  for (const EnergyTerm &T : R->Terms)
    Terms += T.Energy.Nominal;
  for (const EnergyRange &C : R->ByComponent)
    Components += C.Nominal;
  for (const auto *List : {&R->ByPopulation, &R->ByConnection})
    for (const NamedEnergy &N : *List)
      Parts += N.Energy.Nominal;
  expectNear(Layers, R->Total.Nominal);
  expectNear(Terms, R->Total.Nominal);
  expectNear(Components, R->Total.Nominal);
  EXPECT_LT(Parts, R->Total.Nominal);
  EXPECT_LE(R->Total.Low, R->Total.Nominal);
  EXPECT_LE(R->Total.Nominal, R->Total.High);
}

TEST(Energy, CoresSumToWhatIsNotTheSystems) {
  RunData Run = exampleRun();
  Result<EnergyReport> R = computeEnergy(Run, "generate");
  ASSERT_TRUE(R);
  double Cores = energyOf(Run.System, Run.Chip.Costs).Nominal;
  for (const NamedEnergy &C : R->ByCore)
    Cores += C.Energy.Nominal;
  for (Component C : {Component::Barrier, Component::Static})
    Cores += R->ByComponent[static_cast<unsigned>(C)].Nominal;
  expectNear(Cores, R->Total.Nominal);
}

TEST(Energy, CountersThatDoNotCloseAreRefused) {
  RunData Run = exampleRun();
  ++Run.Total[Action::MessageIn];
  Result<EnergyReport> R = computeEnergy(Run, "generate");
  ASSERT_FALSE(R);
  EXPECT_EQ(R.errors().front().Rule, "report-counts-open");
  EXPECT_EQ(R.errors().front().Where, "message_in");
  EXPECT_EQ(R.errors().front().Kind, ErrorKind::RunFailed);

  Run = exampleRun();
  Run.Connections.back().Counts[Action::SynapseMultiply] +=
      Run.Total[Action::SynapseMultiply];
  R = computeEnergy(Run, "generate");
  ASSERT_FALSE(R);
  EXPECT_EQ(R.errors().front().Where, "synapse_multiply_accumulate");
}

TEST(Energy, StaticPowerBringsItsRangeAndItsParts) {
  RunData Run = exampleRun();
  StaticPower &Power = Run.Chip.Costs.Static;
  auto setRange = [](Ranged<Watts> &P, double Low, double Value, double High) {
    P = Watts(Value);
    P.Low = Watts(Low);
    P.High = Watts(High);
  };
  setRange(Power.PerChip, 0.2, 0.25, 0.5);
  setRange(Power.PerCore, 0.001, 0.002, 0.003);
  setRange(Power.PerIdleCore, 0.0005, 0.001, 0.001);
  setRange(Power.HostProcessor, 0, 0.065, 0.13);
  Result<EnergyReport> R = computeEnergy(Run, "generate");
  ASSERT_TRUE(R);
  const double Busy = static_cast<double>(Run.Cores.size());
  const double Idle = Run.Chips * Run.Chip.System.UsableCores - Busy;
  ASSERT_GT(Idle, 0);
  // A watt is 1000 pJ in a nanosecond.
  const double Scale = Run.Times[0].Total.Value * 1000;
  const EnergyRange &Static =
      R->ByComponent[static_cast<unsigned>(Component::Static)];
  expectNear(Static.Low,
             (0.2 * Run.Chips + 0.001 * Busy + 0.0005 * Idle) * Scale);
  expectNear(Static.Nominal,
             (0.315 * Run.Chips + 0.002 * Busy + 0.001 * Idle) * Scale);
  expectNear(Static.High,
             (0.63 * Run.Chips + 0.003 * Busy + 0.001 * Idle) * Scale);
  // The range of the whole is wider by as much.
  Power = {};
  Result<EnergyReport> Without = computeEnergy(Run, "generate");
  ASSERT_TRUE(Without);
  expectNear(R->Total.High - Without->Total.High, Static.High);
  expectNear(R->Total.Low - Without->Total.Low, Static.Low);
  std::vector<std::string> Names;
  for (const EnergyTerm &T : R->Terms)
    if (T.Part == Component::Static)
      Names.push_back(T.Action);
  EXPECT_THAT(Names, testing::ElementsAre("static.per_chip", "static.per_core",
                                          "static.per_idle_core",
                                          "static.host_processor"));
}

TEST(Energy, WithoutTimeThereIsNoStaticPowerAndANoteSaysSo) {
  RunData Run = exampleRun();
  Run.Times.clear();
  Result<EnergyReport> R = computeEnergy(Run, "generate");
  ASSERT_TRUE(R);
  EXPECT_FALSE(R->HasStatic);
  EXPECT_EQ(R->Terms.back().Action.find("static"), std::string::npos);
  EXPECT_THAT(R->Notes, testing::Contains(testing::HasSubstr("static power")));
}

TEST(Energy, LayersAreNamedByTheirNumber) {
  EXPECT_EQ(layerOf("blocks.3.lif1"), "blocks.3");
  EXPECT_EQ(layerOf("blocks.12"), "blocks.12");
  EXPECT_EQ(layerOf("layer0.q_in"), "layer0");
  EXPECT_EQ(layerOf("emb"), "emb");
  EXPECT_EQ(layerOf("ln_out.mean"), "ln_out");
}

} // namespace
