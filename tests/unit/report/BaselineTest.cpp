//===- tests/unit/report/BaselineTest.cpp - Dense devices and curves ------===//

#include "ExampleRun.h"
#include "simulator/report/Analysis.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace synfire;
using namespace synfire::report;
using namespace synfire::baselines;
using testing::Contains;
using testing::HasSubstr;

namespace {

const Transformer Small{4, 128, 65, 1};
const Transformer Large{18, 768, 50277, 1};

std::vector<DenseDevice> shippedDevices() {
  auto Devices = loadDevices({});
  if (!Devices) {
    for (const Error &E : Devices.errors())
      ADD_FAILURE() << E.format();
    return {};
  }
  return *Devices;
}

/// A device that is easy to compute by hand.
const char *const Plain = R"(version: 1
name: plain
summary: made up
precision:
  weight_bits: {value: 8, grade: A, source: test}
  kv_bits: {value: 16, grade: A, source: test}
memory:
  energy_pj_per_bit: {value: 2, low: 1, high: 4, grade: A, source: test}
  capacity_bytes: {value: 10MB, grade: A, source: test}
  bandwidth: {value: 100, grade: A, source: test}
  bandwidth_use: {value: 0.5, grade: A, source: test}
arithmetic:
  energy_pj_per_mac: {value: 3, grade: A, source: test}
  macs_per_ns: {value: 40, grade: A, source: test}
  rate_use: {value: 0.25, grade: A, source: test}
power:
  static_w: {value: 2, grade: A, source: test}
launch:
  per_layer_ns: {value: 10, grade: A, source: test}
  per_step_ns: {value: 7, grade: A, source: test}
system:
  max_devices: {value: 4, grade: A, source: test}
  large_batch: {value: 32, grade: A, source: test}
)";

DenseDevice plainDevice() {
  auto D = DenseDevice::parse(Plain, "plain.yaml");
  if (!D) {
    ADD_FAILURE() << D.errors().front().format();
    return {};
  }
  return *D;
}

/// The plain file with one line replaced.
Errors errorsWith(const std::string &Old, const std::string &New) {
  std::string Text = Plain;
  size_t At = Text.find(Old);
  EXPECT_NE(At, std::string::npos) << Old;
  auto D = DenseDevice::parse(Text.replace(At, Old.size(), New), "plain.yaml");
  EXPECT_FALSE(D) << New;
  return D ? Errors() : D.errors();
}

TEST(DenseDevice, EveryShippedNumberHasGradeAndCheckedSource) {
  std::vector<DenseDevice> Devices = shippedDevices();
  EXPECT_GE(Devices.size(), 6u);
  for (const DenseDevice &D : Devices) {
    EXPECT_FALSE(D.Summary.empty());
    for (const FigureRow &R : describe(D)) {
      const std::string &Source = R.Number.Source;
      EXPECT_GT(Source.size(), 5u) << D.Name << " " << R.Key;
      // Published and measured figures say whether they were seen.
      if (R.Number.Evidence == Grade::Published ||
          R.Number.Evidence == Grade::Measured) {
        EXPECT_TRUE(Source.find("[v]") != std::string::npos ||
                    Source.find("[r]") != std::string::npos)
            << D.Name << " " << R.Key;
      }
      EXPECT_LE(R.Number.Low, R.Number.Value);
      EXPECT_LE(R.Number.Value, R.Number.High);
    }
    for (const PublishedRun &R : D.Published)
      EXPECT_FALSE(R.Source.empty());
  }
}

TEST(DenseDevice, FileMistakesAreErrorsWithTheirLine) {
  Errors E = errorsWith("  rate_use: {value", "  rate_usage: {value");
  ASSERT_FALSE(E.empty());
  EXPECT_THAT(E.front().Where, HasSubstr("plain.yaml:15:"));
  EXPECT_EQ(E.front().Rule, "yaml-unknown-key");
  EXPECT_THAT(E.front().Text, HasSubstr("rate_use"));
  E = errorsWith("{value: 3, grade", "{value: -3, grade");
  EXPECT_EQ(E.front().Rule, "yaml-range");
  EXPECT_THAT(E.front().Where, HasSubstr("plain.yaml:13:"));
  E = errorsWith("value: 2, low: 1, high: 4,", "value: 2, low: 3, high: 4,");
  EXPECT_EQ(E.front().Rule, "baseline-range");
  E = errorsWith("{value: 3, grade: A, source: test}", "3");
  EXPECT_EQ(E.front().Rule, "baseline-source");
  E = errorsWith("{value: 3, grade: A, source: test}", "{value: 3, grade: A}");
  EXPECT_EQ(E.front().Rule, "yaml-missing-key");
  E = errorsWith("{value: 3, grade: A, source: test}",
                 "{value: 3, source: test}");
  EXPECT_EQ(E.front().Rule, "yaml-missing-key");
  E = errorsWith("{value: 3, grade: A, source: test}",
                 "{value: 3, grade: A, source: \"\"}");
  EXPECT_EQ(E.front().Rule, "baseline-source");
  E = errorsWith("  rate_use: {value: 0.25, grade: A, source: test}\n", "");
  EXPECT_EQ(E.front().Rule, "baseline-time");
  EXPECT_THAT(E.front().Text, HasSubstr("arithmetic.rate_use"));
  E = errorsWith("precision:\n  weight_bits: {value: 8, grade: A, source: "
                 "test}\n  kv_bits: {value: 16, grade: A, source: test}\n",
                 "");
  EXPECT_EQ(E.front().Rule, "yaml-missing-key");
  E = errorsWith("name: plain", "name: plain\nextends: gpu-a200");
  EXPECT_EQ(E.front().Rule, "baseline-unknown");
  EXPECT_THAT(E.front().Text, HasSubstr("did you mean"));
}

TEST(DenseDevice, NamesAndFilesThatAreNotThere) {
  auto D = DenseDevice::load("gpu-h10");
  ASSERT_FALSE(D);
  EXPECT_THAT(D.errors().front().Text, HasSubstr("gpu-h100"));
  EXPECT_FALSE(DenseDevice::load("/nowhere/x.yaml"));
  EXPECT_FALSE(DenseDevice::parse("\xff\x00{{{", "x.yaml"));
  auto Twice = loadDevices({"edge-gpu"});
  ASSERT_FALSE(Twice);
  EXPECT_EQ(Twice.errors().front().Rule, "baseline-duplicate");
}

TEST(DenseDevice, ExtendsAShippedOneWithoutItsPublishedRuns) {
  auto D = DenseDevice::parse("version: 1\nextends: gpu-h100\nname: mine\n"
                              "power:\n  static_w: {value: 1, grade: A, "
                              "source: mine}\n",
                              "mine.yaml");
  ASSERT_TRUE(D) << D.errors().front().format();
  auto Base = DenseDevice::load("gpu-h100");
  ASSERT_TRUE(Base);
  EXPECT_EQ(D->StaticPower->High, 1);
  EXPECT_EQ(D->MacRate->Value, Base->MacRate->Value);
  EXPECT_TRUE(D->Published.empty());
  EXPECT_FALSE(Base->Published.empty());
}

TEST(DenseCost, IsWhatTheFormulaSays) {
  double L = 4, Width = 128, V = 65, C = 100;
  auto Cost = costOf(plainDevice(), Small, C, 1);
  ASSERT_TRUE(Cost);
  double WeightBits = 8 * (12 * L * Width * Width + V * Width + Width);
  double CacheBits = 16 * (2 * L * C * Width + 2 * L * Width);
  double Macs = L * (12 * Width * Width + 2 * C * Width) + V * Width;
  double Dynamic = 2 * (WeightBits + CacheBits) + 3 * Macs;
  EXPECT_NEAR(Cost->Dynamic.Nominal, Dynamic, 1e-9 * Dynamic);
  EXPECT_NEAR(Cost->Dynamic.Low, WeightBits + CacheBits + 3 * Macs, 1e-3);
  double Step = std::max((WeightBits + CacheBits) / 50, Macs / 10) + 4 * 10 + 7;
  EXPECT_NEAR(Cost->Step->Nominal, Step, 1e-9 * Step);
  EXPECT_NEAR(Cost->total()->Nominal, Dynamic + 2000 * Step, 1e-6 * Dynamic);
  EXPECT_NEAR(Cost->tokensPerSecond()->Nominal, 1e9 / Step, 1e-9 * 1e9);
  double Parts = 0;
  for (const Part &P : Cost->Parts)
    Parts += P.Energy.Nominal;
  EXPECT_NEAR(Parts, Dynamic, 1e-9 * Dynamic);
}

TEST(DenseCost, ABatchSharesWeightsAndNotCaches) {
  DenseDevice D = plainDevice();
  D.Capacity.reset();
  auto One = costOf(D, Small, 256, 1), Many = costOf(D, Small, 256, 8);
  EXPECT_NEAR(Many->Parts[0].Energy.Nominal, One->Parts[0].Energy.Nominal / 8,
              1e-6);
  EXPECT_EQ(Many->Parts[1].Energy.Nominal, One->Parts[1].Energy.Nominal);
  EXPECT_EQ(Many->Parts[2].Energy.Nominal, One->Parts[2].Energy.Nominal);
}

TEST(DenseCost, TakesTheBatchThatFitsAndTheDevicesItNeeds) {
  DenseDevice D = plainDevice();
  // 0.8 MB of weights; a cache of 32,768 tokens takes 67 MB, four devices 40.
  EXPECT_FALSE(costOf(D, Small, 32768, 1));
  auto Cost = costOf(D, Small, 4096, 32);
  ASSERT_TRUE(Cost);
  double Weights = Small.parameters(), Cache = 2.0 * 4 * 4096 * 128 * 2;
  EXPECT_EQ(Cost->Batch, std::floor((40e6 - Weights) / Cache));
  EXPECT_EQ(Cost->Devices, std::ceil((Weights + Cost->Batch * Cache) / 10e6));
  EXPECT_EQ(costOf(D, Small, 128, 1)->Devices, 1);
}

TEST(DenseCost, RisesWithContextAndFallsWithBatchOnEveryDevice) {
  std::vector<DenseDevice> Devices = shippedDevices();
  for (const DenseDevice &D : Devices)
    for (const Transformer &T : {Small, Large}) {
      double Before = 0;
      for (double C : Contexts) {
        auto One = costOf(D, T, C, 1);
        ASSERT_TRUE(One) << D.Name;
        EXPECT_GT(One->Dynamic.Nominal, Before);
        EXPECT_LE(One->Dynamic.Low, One->Dynamic.Nominal);
        EXPECT_LE(One->Dynamic.Nominal, One->Dynamic.High);
        Before = One->Dynamic.Nominal;
        if (!D.LargeBatch)
          continue;
        auto Many = costOf(D, T, C, D.LargeBatch->Value);
        EXPECT_LE(Many->Dynamic.Nominal, One->Dynamic.Nominal);
        EXPECT_GE(Many->Batch, 1);
        if (!D.hasTime())
          continue;
        EXPECT_LE(Many->total()->Nominal, One->total()->Nominal) << D.Name;
        EXPECT_GE(Many->tokensPerSecond()->Nominal,
                  One->tokensPerSecond()->Nominal);
        EXPECT_LT(One->Step->Low, One->Step->High);
      }
    }
}

/// A curve whose energy is Slope x context, exact.
DenseCurve slope(double Slope) {
  DenseCurve C{"made up", "", 1, {}};
  for (double Context : Contexts) {
    TokenCost P;
    P.Context = Context;
    double Energy = Slope * Context;
    P.Parts = {{"kv_cache", {Energy, Energy, Energy}, "key", Grade::Published}};
    P.Dynamic = {Energy, Energy, Energy};
    C.Points.emplace_back(P);
  }
  return C;
}

SpikingCost spiking(double Energy) {
  SpikingCost S;
  S.Mode = "generate";
  S.Dynamic = {Energy / 2, Energy, Energy * 2};
  S.Parts = {{"synapses", S.Dynamic, "synapse", Grade::Assumed}};
  return S;
}

TEST(DenseComparison, FindsTheCrossing) {
  auto C = compare(slope(1), spiking(3000), Measure::Dynamic);
  ASSERT_TRUE(C && C->Nominal && C->Best && C->Worst);
  // A straight line through the origin is straight on log-log axes too.
  EXPECT_NEAR(*C->Nominal, 3000, 1e-6);
  EXPECT_NEAR(*C->Best, 1500, 1e-6);
  EXPECT_NEAR(*C->Worst, 6000, 1e-6);
  EXPECT_FALSE(C->SpikingLoses);
  EXPECT_EQ(C->Decider, "kv_cache");
  EXPECT_EQ(C->DecidedAt, 4096);
  EXPECT_TRUE(C->Turns);

  C = compare(slope(1), spiking(1), Measure::Dynamic);
  EXPECT_EQ(C->Nominal, Contexts.front());
  C = compare(slope(1), spiking(1e6), Measure::Dynamic);
  ASSERT_TRUE(C);
  EXPECT_FALSE(C->Nominal);
  EXPECT_TRUE(C->SpikingLoses);
  EXPECT_EQ(C->Decider, "synapses");
  EXPECT_EQ(C->Evidence, Grade::Assumed);
  EXPECT_NEAR(C->Share, 1, 1e-12);
  // A tie is nobody's win, and without time there is no speed to compare.
  C = compare(slope(1), spiking(32768), Measure::Dynamic);
  EXPECT_FALSE(C->Nominal);
  EXPECT_FALSE(compare(slope(1), spiking(1), Measure::Speed));
  EXPECT_FALSE(compare(slope(1), spiking(1), Measure::WithStatic));
}

TEST(DenseCurves, TheChipDoesAllItsProducts) {
  RunData Run = exampleRun();
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  const DenseCurves &Curves = A->Baseline->Curves;
  const DenseCurve &Chip = Curves.Curves.front();
  EXPECT_EQ(Chip.Device, "this chip");
  EXPECT_EQ(Chip.Mode, "generate");
  double Before = 0;
  for (const auto &P : Chip.Points) {
    ASSERT_TRUE(P && P->Step);
    DenseOnChip E = denseOnChip(Run, P->Context);
    EXPECT_NEAR(P->Dynamic.Nominal, E.Dynamic.Nominal, 1e-6);
    // The products alone, on every core at once, are a lower bound of it.
    double Products = Small.macs(P->Context).total() *
                      Run.Chip.Costs[Action::SynapseMultiply].Time.Value /
                      Run.Chip.Core.AccumulateLanes;
    double Cores = std::max(2.0, P->Devices * Run.Chip.System.UsableCores);
    EXPECT_GT(P->Step->Nominal, Products / Cores);
    // With static power it may fall: a larger cache takes more cores, which
    // share the work.
    EXPECT_GT(P->Dynamic.Nominal, Before);
    Before = P->Dynamic.Nominal;
  }
  // The cache of the longest context, 34 MB, is more than one chip holds.
  EXPECT_EQ(Chip.Points.front()->Devices, 1);
  EXPECT_GT(Chip.Points.back()->Devices, 1);
}

TEST(DenseCurves, CompareEveryDeviceInBothModes) {
  RunData Run = exampleRun();
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  const DenseCurves &All = A->Baseline->Curves;
  for (const DenseComparison &C : All.Comparisons) {
    double Own = 0;
    for (const SpikingCost &S : All.Spiking)
      if (S.Mode == C.Mode)
        Own = C.What == Measure::Dynamic ? S.Dynamic.Nominal
              : C.What == Measure::WithStatic
                  ? S.Total->Nominal
                  : -*S.TokensPerSecond; // more is better
    for (const auto &P : All.Curves[C.Curve].Points) {
      double Dense = C.What == Measure::Dynamic ? P->Dynamic.Nominal
                     : C.What == Measure::WithStatic
                         ? P->total()->Nominal
                         : -P->tokensPerSecond()->Nominal;
      if (C.Nominal && P->Context > *C.Nominal * (1 + 1e-9)) {
        EXPECT_GT(Dense, Own) << All.Curves[C.Curve].Device << P->Context;
      }
    }
    if (!C.Nominal) {
      EXPECT_TRUE(C.SpikingLoses);
    }
    EXPECT_FALSE(C.Decider.empty());
  }
  EXPECT_GT(All.Comparisons.size(), 40u);
  EXPECT_THAT(A->Notes, Contains(HasSubstr("edge-gpu at batch 1")));
}

TEST(DenseCurves, WithoutTimeOnlyDynamicEnergyIsCompared) {
  RunData Run = exampleRun();
  Run.Times.clear();
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  EXPECT_FALSE(A->Baseline->Curves.Comparisons.empty());
  for (const DenseComparison &C : A->Baseline->Curves.Comparisons)
    EXPECT_EQ(C.What, Measure::Dynamic);
}

TEST(DenseCurves, PublishedRunsStandBesideTheirModels) {
  std::vector<PublishedCheck> Checks = checkPublished(shippedDevices());
  EXPECT_GE(Checks.size(), 7u);
  for (const PublishedCheck &C : Checks) {
    ASSERT_TRUE(C.Model) << C.Device;
    if (C.Run.JoulesPerToken && C.Run.Batch == 1) {
      // At the published time, power alone explains energy within a factor 3.
      ASSERT_TRUE(C.AtPublishedTime);
      EXPECT_LT(std::abs(std::log(*C.AtPublishedTime / *C.Run.JoulesPerToken)),
                std::log(3.0))
          << C.Device;
    }
  }
}

TEST(Baseline, OlderFieldsUseTheDevicesFigures) {
  RunData Run = exampleRun();
  BaselineReport B = computeBaseline(Run);
  double Read = Small.weightsRead() + Small.kvRead(128);
  EXPECT_NEAR(B.Full.GpuMemory, Read * 16 * 5.47, 1e-6 * B.Full.GpuMemory);
  EXPECT_NEAR(B.Full.NearMemory, Read * 8.5 / 8 + Small.macs(128).total() * 0.1,
              1e-6 * B.Full.NearMemory);
  EXPECT_NEAR(B.Full.Paper45nm, 4.5 * Small.macs(128).total(), 1e-3);
}

} // namespace
