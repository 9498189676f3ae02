//===- tests/unit/report/ArchitectureTest.cpp - Accounting by paper -------===//
//
// The three published networks are counted as their papers count them, and
// beside that as we do.
//
//===----------------------------------------------------------------------===//

#include "ExampleRun.h"
#include "JsonSchema.h"
#include "simulator/report/Analysis.h"
#include "simulator/report/Explain.h"
#include "simulator/report/Html.h"
#include "simulator/report/Summary.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace synfire;
using namespace synfire::report;
using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::ordered_json;

namespace {

/// The example as an encoder of T inner steps: its linears are driven by
/// ternary spikes, and it has one product of attention.
RunData encoderRun(const char *Architecture, uint32_t Steps) {
  RunData Run = exampleRun();
  NetworkData &N = Run.Network;
  N.Architecture = Architecture;
  N.Heads = N.KvHeads = 4;
  N.Context = 64;
  Run.Steps = Steps;
  uint64_t Moved = 0;
  for (ConnectionData &C : Run.Connections) {
    if (C.FromHost || C.Name == "head")
      continue;
    C.AccumulateOnly = true;
    std::swap(C.Counts[Action::SynapseMultiply],
              C.Counts[Action::SynapseAccumulate]);
    std::swap(C.EffectiveMacs, C.EffectiveAcs);
    Moved += C.Counts[Action::SynapseAccumulate];
  }
  for (ActionCounts *Counts : {&Run.Total, &Run.Cores[1].Counts}) {
    (*Counts)[Action::SynapseMultiply] -= Moved;
    (*Counts)[Action::SynapseAccumulate] += Moved;
  }
  ConnectionData Keys;
  Keys.Name = "blocks.0.keys";
  Keys.Kind = image::ConnectionKind::Keys;
  Keys.AccumulateOnly = true;
  Keys.EffectiveAcs = 500;
  Keys.Dense = 2000;
  Run.Connections.push_back(Keys);
  return Run;
}

const AccountingRow *rowOf(const Analysis &A, std::string_view Kind) {
  const AccountingRow *Found = nullptr;
  for (const AccountingRow &Row : A.Accounting->Rows)
    if (Row.Kind == Kind)
      Found = &Row;
  return Found;
}

TEST(Accounting, ReconstructedFormulaGivesTheEnergyOfBertBase) {
  double Macs = encoderMacs(12, 768, 3072, 128);
  EXPECT_EQ(Macs, 11173625856.0);
  EXPECT_NEAR(4.6 * Macs, SpikeLmFigures::PublishedDense, 2e-3 * 51.41e9);
  // 3.98 mJ are published at T = 1 and 13.9 mJ at T = 4; a rate of 0.396 and
  // 0.345 solve for them, and 0.33 is published.
  EXPECT_NEAR(0.9 * 0.396 * Macs, 3.98e9, 0.01e9);
  EXPECT_NEAR(4 * 0.9 * SpikeLmFigures::Rate * Macs,
              SpikeLmFigures::PublishedSpiking, 0.06 * 13.9e9);
}

TEST(Accounting, AceOfThePapersSettings) {
  EXPECT_NEAR(16 * meanSteps(0.9, 1), 17.6, 1e-12);
  EXPECT_NEAR(16 * meanSteps(0.95, 2), 18.4, 1e-12);
  EXPECT_EQ(meanSteps(1, 3), 1);
}

TEST(Accounting, SpikeLmAtTheMeasuredRate) {
  RunData Run = encoderRun("spikelm", 4);
  double Operations = 500, Dense = 2000;
  for (const ConnectionData &C : Run.Connections)
    if (C.AccumulateOnly && !C.FromHost &&
        C.Kind == image::ConnectionKind::Linear) {
      Operations += static_cast<double>(C.Counts[Action::SynapseAccumulate]);
      Dense += static_cast<double>(C.Dense);
    }
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  ASSERT_TRUE(A->Accounting);
  const AccountingRow *Row = rowOf(*A, "formula_measured_rate");
  ASSERT_TRUE(Row);
  EXPECT_NEAR(*Row->Rate, Operations / Dense, 1e-12);
  double Macs = encoderMacs(4, 128, 512, 64);
  EXPECT_NEAR(*Row->SpikingPj, 4 * *Row->Rate * Macs * 0.9, 1);
  EXPECT_NEAR(*Row->DensePj, Macs * 4.6, 1);
  EXPECT_NEAR(*Row->operationsToDense(), 4 * *Row->Rate, 1e-12);
  // Twice the sequences of half the length: less attention.
  Run.Sequences = {32, 32};
  Result<Analysis> B = analyse(Run);
  ASSERT_TRUE(B);
  EXPECT_NEAR(*rowOf(*B, "formula_measured_rate")->DensePj,
              2 * encoderMacs(4, 128, 512, 32) * 4.6, 1);
  EXPECT_EQ(B->Baseline->Run.Context, 32);
  // The chip's row is the chip's energy, whatever the paper says.
  const AccountingRow *Chip = rowOf(*B, "this_chip");
  EXPECT_NEAR(*Chip->SpikingPj,
              B->main().DynamicPerToken.Nominal * double(Run.Tokens), 1);
}

TEST(Accounting, SpikeLlmHasNoPublishedEnergy) {
  RunData Run = encoderRun("spikellm", 1);
  NetworkData &N = Run.Network;
  N.WeightCodeBits = N.CodeBits = 4;
  N.SalientBits = 2;
  N.LowShare = 0.95;
  N.KvHeads = 2;
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  const AccountingRow *Published = rowOf(*A, "published");
  EXPECT_FALSE(Published->SpikingPj);
  EXPECT_NEAR(*Published->Ace, 17.6, 1e-12);
  EXPECT_NEAR(*rowOf(*A, "formula_published_rate")->Ace, 18.4, 1e-12);
  const AccountingRow *Measured = rowOf(*A, "formula_measured_rate");
  EXPECT_NEAR(*Measured->DensePj, 4.6 * *Measured->DenseOperations, 1);
  // A gated feed-forward part, and key and value heads of half the width.
  double D = 128, F = 512, L = 4, C = A->Baseline->Run.Context;
  EXPECT_NEAR(A->Baseline->Run.Macs.total(),
              L * (3 * D * D + 3 * D * F + 2 * C * D) + 65 * D, 1e-6);
  EXPECT_NEAR(A->Baseline->Run.Paper45nm, 4.6 * A->Baseline->Run.Macs.total(),
              1e-3);
  EXPECT_NEAR(A->Baseline->Run.Integer45nm,
              0.23 * A->Baseline->Run.Macs.total(), 1e-3);
  EXPECT_EQ(A->Baseline->Run.KvBytesRead, L * C * D);
}

TEST(Accounting, IsOfTheArchitectureThatTheImageNames) {
  RunData Run = exampleRun();
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  ASSERT_TRUE(A->Accounting);
  EXPECT_EQ(*rowOf(*A, "published")->ratio(),
            PaperFigures::PublishedVanilla / PaperFigures::PublishedSpiking);
  EXPECT_EQ(*rowOf(*A, "formula_measured_rate")->Rate, *A->SynOps.MeanRate);
  Run.Network.Architecture = "matmulfree";
  A = analyse(Run);
  ASSERT_TRUE(A);
  EXPECT_FALSE(A->Accounting);
  EXPECT_TRUE(summarize(*A)["synops"]["paper"].is_null());
}

TEST(SynOps, AttentionIsApartFromNeuroBench) {
  RunData Run = encoderRun("spikelm", 4);
  SynOpsReport S = countSynOps(Run);
  EXPECT_EQ(S.Uncounted.Attention.Dense, 2000u);
  EXPECT_EQ(S.Uncounted.Attention.EffectiveAcs, 500u);
  Run.Connections.pop_back();
  EXPECT_EQ(countSynOps(Run).NeuroBench.Dense, S.NeuroBench.Dense);
  // Instructions are of one kind of population or the other.
  uint64_t All = S.Uncounted.Norms + S.Uncounted.Membranes;
  EXPECT_EQ(S.Uncounted.Membranes, 0u);
  Run.Populations.front().SendsSpikes = true;
  S = countSynOps(Run);
  EXPECT_GT(S.Uncounted.Membranes, 0u);
  EXPECT_EQ(S.Uncounted.Norms + S.Uncounted.Membranes, All);
  EXPECT_EQ(S.Uncounted.MembraneUpdates,
            Run.Populations.front().Counts[Action::NeuronUpdate]);
}

TEST(SynOps, RatesArePerTokenStep) {
  RunData Run = exampleRun();
  double Once = *countSynOps(Run).MeanRate;
  Run.Steps = 4;
  EXPECT_NEAR(*countSynOps(Run).MeanRate, Once / 4, 1e-12);
}

TEST(Accounting, DocumentsOfEveryArchitecture) {
  std::ifstream File(SYNFIRE_SOURCE_DIR "/docs/summary.schema.json");
  nlohmann::json Schema = nlohmann::json::parse(File);
  for (const char *Architecture :
       {"spikegpt", "spikelm", "spikellm", "matmulfree", ""}) {
    RunData Run = encoderRun(Architecture, 4);
    Run.Quality.Masked = std::string_view(Architecture) == "spikelm";
    Run.Quality.QuantizedAccuracy = 0.5;
    Result<Analysis> A = analyse(Run);
    ASSERT_TRUE(A);
    Json Summary = summarize(*A);
    EXPECT_THAT(violations(nlohmann::json::parse(Summary.dump()), Schema),
                IsEmpty())
        << Architecture;
    Result<std::string> Page = renderHtml(Summary);
    ASSERT_TRUE(Page) << Architecture;
    if (Run.Quality.Masked) {
      EXPECT_THAT(*Page, HasSubstr("Four accountings"));
      EXPECT_THAT(*Page, HasSubstr("masked symbol"));
    }
    for (const char *Metric : {"baseline", "paper.ratio", "accounting"})
      EXPECT_TRUE(explain(Summary, Metric, {})) << Architecture << Metric;
  }
}

} // namespace
