//===- tests/unit/mapping/FailureTest.cpp - What does not fit -------------===//

#include "Networks.h"
#include "compiler/mapping/PartitionProblem.h"
#include "compiler/mapping/PlaceProblem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace synfire;
using namespace synfire::mapping;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

FitReport fitOn(const ChipSpec &Chip) {
  const Workload Net = spikeGpt(2, 128, 100);
  return partitionAnalytically({Net, Chip}).Fit;
}

/// The limit that failed; the report must name a thing, a change and exit 3.
Limit failedLimit(const FitReport &Fit) {
  EXPECT_FALSE(Fit.fits());
  if (Fit.fits())
    return Limit::Chips;
  EXPECT_FALSE(Fit.Failure->Thing.empty());
  EXPECT_THAT(Fit.Failure->Change,
              HasSubstr(std::string(keyOf(Fit.Failure->What))));
  EXPECT_EQ(exitCode({Fit.error()}), 3);
  EXPECT_THAT(Fit.error().format(), HasSubstr(Fit.Failure->Thing));
  return Fit.Failure->What;
}

TEST(Failure, TooLittleMemoryNamesTheSmallestThatFits) {
  ChipSpec Chip = smallChip();
  Chip.Core.UnifiedBytes = Bytes(1500);
  FitReport Fit = fitOn(Chip);
  ASSERT_EQ(failedLimit(Fit), Limit::UnifiedBytes);
  // With the change the same thing no longer stands in the way of memory; with
  // a byte less it does.
  const std::string Thing = Fit.Failure->Thing;
  const uint64_t Enough = Fit.Failure->Needed;
  EXPECT_GT(Enough, 1500u);
  Chip.Core.UnifiedBytes = Bytes(Enough - 1);
  Fit = fitOn(Chip);
  ASSERT_EQ(failedLimit(Fit), Limit::UnifiedBytes);
  EXPECT_EQ(Fit.Failure->Thing, Thing);
  Chip.Core.UnifiedBytes = Bytes(Enough);
  Fit = fitOn(Chip);
  EXPECT_TRUE(Fit.fits() || Fit.Failure->Thing != Thing ||
              Fit.Failure->What != Limit::UnifiedBytes);
}

TEST(Failure, TooFewChipsNamesHowMany) {
  ChipSpec Chip = smallChip();
  Chip.System.MaxChips = 1;
  FitReport Fit = fitOn(Chip);
  ASSERT_EQ(failedLimit(Fit), Limit::Chips);
  EXPECT_TRUE(Fit.Failure->Core.has_value());
  Chip.System.MaxChips = Fit.Failure->Needed;
  EXPECT_TRUE(fitOn(Chip).fits());
  Chip.System.MaxChips = Fit.Failure->Needed - 1;
  EXPECT_FALSE(fitOn(Chip).fits());
}

TEST(Failure, PlacementRefusesWhatTheSystemLacks) {
  const Workload Net = spikeGpt(2, 128, 100);
  ChipSpec Chip = smallChip();
  const Partition Found = partitionAnalytically({Net, Chip});
  Chip.System.MaxChips = 1;
  const Errors Refused = PlaceProblem{Found.Map, Chip}.check();
  ASSERT_EQ(Refused.size(), 1u);
  EXPECT_EQ(Refused[0].Kind, ErrorKind::DoesNotFit);
}

TEST(Failure, TooFewAxons) {
  ChipSpec Chip = smallChip();
  Chip.Core.InputAxons = 12;
  EXPECT_EQ(failedLimit(fitOn(Chip)), Limit::InputAxons);
}

TEST(Failure, TooFewFlows) {
  ChipSpec Chip = smallChip();
  Chip.Core.OutputFlows = 1;
  EXPECT_EQ(failedLimit(fitOn(Chip)), Limit::OutputFlows);
}

TEST(Failure, TooFewNeurons) {
  ChipSpec Chip = smallChip();
  Chip.Core.Neurons = 7;
  EXPECT_EQ(failedLimit(fitOn(Chip)), Limit::Neurons);
}

TEST(Failure, EachPoolIsALimit) {
  for (auto [Pool, What] :
       {std::pair{&CoreLimits::SynapseBytes, Limit::SynapseBytes},
        {&CoreLimits::StateBytes, Limit::StateBytes},
        {&CoreLimits::ProgramBytes, Limit::ProgramBytes},
        {&CoreLimits::AxonBytes, Limit::AxonBytes}}) {
    ChipSpec Chip = largeChip();
    Chip.Core.*Pool = Bytes(64);
    // Synapses can always be cut further, down to the owner's narrowest tile.
    if (What == Limit::SynapseBytes)
      Chip.Core.*Pool = Bytes(8);
    EXPECT_EQ(failedLimit(fitOn(Chip)), What);
  }
}

TEST(Failure, PayloadKindAbsent) {
  ChipSpec Chip = largeChip();
  Chip.Event.Kinds = {image::PayloadKind::Binary};
  FitReport Fit = fitOn(Chip);
  ASSERT_EQ(failedLimit(Fit), Limit::PayloadKinds);
  EXPECT_THAT(Fit.Failure->Change, HasSubstr("signed"));
}

TEST(Failure, WidthsThatTheChipLacks) {
  ChipSpec Chip = largeChip();
  Chip.Event.PayloadBits = 16;
  EXPECT_EQ(failedLimit(fitOn(Chip)), Limit::PayloadBits);
  Chip = largeChip();
  Chip.Core.AccumulatorBits = 24;
  EXPECT_EQ(failedLimit(fitOn(Chip)), Limit::AccumulatorBits);
  Chip = largeChip();
  Chip.Core.WeightBits = {1};
  EXPECT_EQ(failedLimit(fitOn(Chip)), Limit::WeightBits);
  Chip = largeChip();
  Chip.Neuron.ProgramWords = 20;
  EXPECT_EQ(failedLimit(fitOn(Chip)), Limit::ProgramWords);
}

/// The input of the problems is checked too.
TEST(Failure, UnsoundWorkloads) {
  Workload Net = spikeGpt(1, 64, 50);
  Net.Edges[0].Slot = 9;
  ASSERT_FALSE(Net.check().empty());
  EXPECT_EQ(Net.check()[0].Rule, "workload-index");

  Net = spikeGpt(1, 64, 50);
  for (Edge &E : Net.Edges)
    if (E.Kind == EdgeKind::Direct)
      E.To = 1; // the statistics, of one neuron
  ASSERT_FALSE(Net.check().empty());
  EXPECT_EQ(Net.check()[0].Rule, "workload-size");

  Net = spikeGpt(1, 64, 50);
  Edge Back;
  Back.Name = "back";
  Back.Kind = EdgeKind::Direct;
  Back.From = {false, 2, 0}; // ln0 into the embedding
  Net.Populations[0].Slots.push_back({"back", false, 32});
  Back.Slot = 1;
  Net.Edges.push_back(Back);
  ASSERT_FALSE(Net.check().empty());
  EXPECT_EQ(Net.check()[0].Rule, "schedule-cycle");
}

TEST(Fit, FillIsOverThePoolsThatAreThere) {
  const Workload Net = spikeGpt(2, 128, 100);
  ChipSpec Chip = smallChip();
  Partition One = partitionAnalytically({Net, Chip});
  ASSERT_TRUE(One.Fit.fits());
  uint64_t AllBytes = 0, Synapses = 0, Axons = 0;
  for (const MappedCore &C : One.Map.Cores) {
    AllBytes += C.Use.totalBytes();
    Synapses += C.Use.SynapseBytes;
    Axons += C.Use.AxonBytes;
  }
  double Cores = One.Fit.Cores;
  EXPECT_NEAR(One.Fit.FillPercent, 100 * AllBytes / (16384 * Cores), 1e-9);

  // The same mapping on a chip with two pools, and on one without any.
  Chip.Core.UnifiedBytes.reset();
  Chip.Core.SynapseBytes = Bytes(65536);
  Chip.Core.AxonBytes = Bytes(4096);
  FitReport Two = fitOf(Net, Chip, One.Map);
  EXPECT_NEAR(Two.FillPercent,
              100.0 * (Synapses + Axons) / ((65536 + 4096) * Cores), 1e-9);
  EXPECT_GT(Two.FillPercent, 0);
  Chip.Core.SynapseBytes.reset();
  Chip.Core.AxonBytes.reset();
  EXPECT_EQ(fitOf(Net, Chip, One.Map).FillPercent, 0);
}

TEST(Fit, LeavesOutWhatFixedNeuronsDoNotHave) {
  const Workload Net = spikeGpt(2, 128, 100);
  ChipSpec Chip = smallChip();
  EXPECT_THAT(fitOn(Chip).table(), HasSubstr("neuron.program_words"));
  EXPECT_THAT(fitOn(Chip).table(), HasSubstr("event.payload_bits"));
  const Partition Found = partitionAnalytically({Net, Chip});
  Chip.Neuron.Programmable = false;
  Chip.Event.PayloadBits = 0;
  std::string Table = fitOf(Net, Chip, Found.Map).table();
  EXPECT_THAT(Table, Not(HasSubstr("neuron.program_words")));
  EXPECT_THAT(Table, Not(HasSubstr("event.payload_bits")));
  EXPECT_THAT(Table, HasSubstr("core.neurons"));
}

} // namespace
