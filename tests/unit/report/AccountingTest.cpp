//===- tests/unit/report/AccountingTest.cpp - SynOps, baseline, notes -----===//

#include "ExampleRun.h"
#include "simulator/report/Analysis.h"
#include "simulator/report/Notes.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::report;
using testing::HasSubstr;
using testing::Not;

namespace {

TEST(SynOps, PaperFormulaGivesThePublishedFigures) {
  PaperEnergies P = paperEnergies(1, 512, 3072, 0.15);
  EXPECT_NEAR(P.Spiking, PaperFigures::PublishedSpiking,
              0.01 * PaperFigures::PublishedSpiking);
  // 9 T d^2 E_MAC is within 1 % of the printed total, which leaves no room for
  // the attention term of the same table.
  EXPECT_NEAR(P.VanillaWithoutAttention, PaperFigures::PublishedVanilla,
              0.01 * PaperFigures::PublishedVanilla);
  EXPECT_NEAR(P.ratioWithoutAttention(), PaperFigures::PublishedRatio, 0.5);
  EXPECT_NEAR(P.VanillaAttention, 4.35e10, 0.01e10);
  EXPECT_GT(P.VanillaAttention, PaperFigures::PublishedVanilla);
  // The whole table, term by term.
  double T = 3072, D = 512;
  EXPECT_NEAR(P.Vanilla, 4.5 * (9 * T * D * D + 2 * T * T * D + 3 * T * T),
              1e-9 * P.Vanilla);
  // Layers scale everything alike.
  EXPECT_NEAR(paperEnergies(12, 512, 3072, 0.15).ratio(), P.ratio(), 1e-12);
}

TEST(SynOps, SplitsWhatTheChipDid) {
  RunData Run = exampleRun();
  SynOpsReport S = countSynOps(Run);
  EXPECT_EQ(S.Chip.Accumulate, 64u * 128u);
  EXPECT_EQ(S.Chip.TableLookup, S.Chip.Accumulate);
  EXPECT_EQ(S.Chip.spikeDriven(), 0u);
  // The embedding is not in NeuroBench's counts; zero weights are not either.
  uint64_t Dense = 64u * (4u * (5u * 128 * 128 + 2u * 128 * 512) + 128 * 65);
  EXPECT_EQ(S.NeuroBench.Dense, Dense);
  EXPECT_LT(S.NeuroBench.EffectiveMacs, S.Chip.MultiplyAccumulate);
  EXPECT_EQ(S.NeuroBench.EffectiveAcs, 0u);
}

TEST(SynOps, MeanRateIsOverThresholdNeuronsOnly) {
  RunData Run = exampleRun();
  double Spikes = 0, Chances = 0;
  for (const StreamData &S : Run.Streams)
    if (S.Name.find("lif") != std::string::npos) {
      Spikes += static_cast<double>(S.Events);
      Chances += static_cast<double>(S.Neurons * Run.Tokens);
    }
  SynOpsReport S = countSynOps(Run);
  ASSERT_TRUE(S.MeanRate);
  EXPECT_NEAR(*S.MeanRate, Spikes / Chances, 1e-12);
  EXPECT_NEAR(S.PaperMeasuredRate.Rate, *S.MeanRate, 0);
}

TEST(Baseline, CountsMacsAsTheDefinitionSays) {
  RunData Run = exampleRun();
  BaselineReport B = computeBaseline(Run);
  double L = 4, D = 128, V = 65, C = 128;
  EXPECT_NEAR(B.Full.Macs.total(), L * (12 * D * D + 2 * C * D) + V * D, 1e-6);
  EXPECT_NEAR(B.Full.KvBytesRead, 2 * L * C * D, 0);
  EXPECT_NEAR(B.Full.Paper45nm, 4.5 * B.Full.Macs.total(), 1e-3);
  // 64 tokens from nothing look back on (64 + 1) / 2 tokens in the mean.
  EXPECT_NEAR(B.Run.Context, 32.5, 1e-12);
  EXPECT_LT(B.Run.OnChip.Dynamic.Nominal, B.Full.OnChip.Dynamic.Nominal);
  double Synapses = B.Full.Macs.total() *
                    Run.Chip.Costs[Action::SynapseMultiply].Energy.Value;
  EXPECT_NEAR(B.Full.OnChip.Synapses.Nominal, Synapses, 1e-6 * Synapses);
}

TEST(Baseline, MeanContextStopsAtTheContext) {
  EXPECT_EQ(meanContext(0, 128), 0);
  EXPECT_EQ(meanContext(1, 128), 1);
  double Sum = 0;
  for (int T = 1; T <= 300; ++T)
    Sum += std::min(T, 128);
  EXPECT_NEAR(meanContext(300, 128), Sum / 300, 1e-12);
}

TEST(Baseline, UsesTheRunWhenTheContextIsUnknown) {
  RunData Run = exampleRun();
  Run.Network.Context = 0;
  EXPECT_EQ(computeBaseline(Run).Full.Context, 64);
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  EXPECT_THAT(A->Notes, testing::Contains(HasSubstr("context length")));
}

TEST(Notes, SayThatNoMatrixIsAccumulateOnlyBecauseTheCountsSaySo) {
  RunData Run = exampleRun();
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  EXPECT_THAT(A->Notes.front(), HasSubstr("no accumulate-only matrix"));

  // One spike-driven linear, and the sentence is another.
  ConnectionData &C = Run.Connections[1];
  uint64_t Fetches = C.Counts[Action::SynapseMultiply];
  C.AccumulateOnly = true;
  C.Counts[Action::SynapseMultiply] = 0;
  C.Counts[Action::SynapseAccumulate] = Fetches;
  for (ActionCounts *Counts : {&Run.Total, &Run.Cores[1].Counts}) {
    (*Counts)[Action::SynapseMultiply] -= Fetches;
    (*Counts)[Action::SynapseAccumulate] += Fetches;
  }
  A = analyse(Run);
  ASSERT_TRUE(A);
  EXPECT_THAT(A->Notes.front(), Not(HasSubstr("no accumulate-only matrix")));
  EXPECT_THAT(A->Notes.front(), HasSubstr("Spikes drive 1 of 29 linears"));
}

TEST(Notes, SayHowMuchOfTheDynamicEnergyIsAssumed) {
  RunData Run = exampleRun();
  for (Cost &Row : Run.Chip.Costs.Rows)
    Row.EnergyGrade = Grade::Assumed;
  Run.Chip.Costs.Static.PerChip.Evidence = Grade::Measured;
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  EXPECT_THAT(A->Notes, testing::Contains(HasSubstr("all of its dynamic")));
  Run.Chip.Costs[Action::SynapseMultiply].EnergyGrade = Grade::Published;
  A = analyse(Run);
  ASSERT_TRUE(A);
  EXPECT_THAT(A->Notes, testing::Contains(HasSubstr("% of its dynamic part")));
  EXPECT_THAT(A->Notes,
              Not(testing::Contains(HasSubstr("all of its dynamic part"))));
}

TEST(Notes, SayThatThereIsNoTransformerOfTheSameSize) {
  for (uint32_t NetworkData::*Size :
       {&NetworkData::Layers, &NetworkData::Width, &NetworkData::Vocabulary}) {
    RunData Run = exampleRun();
    Run.Network.*Size = 0;
    Run.Network.Context = 0;
    Result<Analysis> A = analyse(Run);
    ASSERT_TRUE(A);
    EXPECT_FALSE(A->Baseline);
    EXPECT_THAT(A->Notes, testing::Contains(
                              HasSubstr("no Transformer of the same size")));
    EXPECT_THAT(A->Notes, Not(testing::Contains(HasSubstr("the baseline"))));
  }
}

TEST(Analysis, JudgesEnergyAgainstSilicon) {
  EXPECT_EQ(sanityOf(4.9), SanityBand::BelowSilicon);
  EXPECT_EQ(sanityOf(5), SanityBand::Plausible);
  EXPECT_EQ(sanityOf(3000), SanityBand::Plausible);
  EXPECT_EQ(sanityOf(3001), SanityBand::AboveEdgeGpu);
}

TEST(Analysis, RefusesARunWithoutTokens) {
  RunData Run = exampleRun();
  Run.Tokens = 0;
  Result<Analysis> A = analyse(Run);
  ASSERT_FALSE(A);
  EXPECT_EQ(A.errors().front().Rule, "report-no-tokens");
}

} // namespace
