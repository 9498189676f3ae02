// The shipped chips, their text form, the rules between keys, the geometry.

#include "targets/ChipSpec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

using namespace synfire;
using testing::HasSubstr;

namespace {

ChipSpec load(const std::string &Name,
              const std::vector<std::string> &Set = {}) {
  Result<ChipSpec> Spec = ChipSpec::load(Name, Set);
  if (!Spec)
    throw std::runtime_error(Spec.errors().front().format());
  return *Spec;
}

std::string errorOf(const std::string &Name,
                    const std::vector<std::string> &Set = {}) {
  Result<ChipSpec> Spec = ChipSpec::load(Name, Set);
  return Spec ? "" : Spec.errors().front().format();
}

class EveryChip : public testing::TestWithParam<std::string> {};

TEST_P(EveryChip, ResolvedYamlReadsBackEqual) {
  ChipSpec Spec = load(GetParam());
  EXPECT_EQ(Spec.Name, GetParam());
  Result<ChipSpec> Again = ChipSpec::parse(Spec.resolvedYaml(), "r.yaml");
  ASSERT_TRUE(Again) << Again.errors().front().format();
  EXPECT_EQ(Again->resolvedYaml(), Spec.resolvedYaml());
  EXPECT_EQ(Again->hash(), Spec.hash());
  EXPECT_EQ(Again->coresPerChip(), Spec.coresPerChip());
  EXPECT_EQ(Again->Core.WeightBits, Spec.Core.WeightBits);
}

TEST_P(EveryChip, EveryKeyIsToldOnce) {
  std::set<std::string> Keys;
  for (const SpecRow &Row : describe(load(GetParam()))) {
    EXPECT_FALSE(Row.Value.empty()) << Row.Key;
    EXPECT_TRUE(Keys.insert(Row.Key).second) << Row.Key;
  }
  EXPECT_GT(Keys.size(), 50u);
}

TEST_P(EveryChip, CoresAndRoutersInvert) {
  ChipSpec Spec = load(GetParam());
  uint32_t PerChip = Spec.System.UsableCores;
  std::set<CoreId> Seen;
  for (uint32_t Chip :
       {0u, 1u, Spec.System.GridWidth, Spec.System.MaxChips - 1})
    for (uint32_t N = 0; Chip < Spec.System.MaxChips && N < PerChip; ++N) {
      CoreId Core = Spec.usableCore(Chip, N);
      Seen.insert(Core);
      RouterId Router = Spec.routerOf(Core);
      ASSERT_EQ(Spec.chipOf(Router), Chip);
      ASSERT_EQ(Spec.indexOnChip(Core), N);
      ASSERT_EQ(Spec.routerAt(Spec.coordOf(Router)), Router);
      ASSERT_LT(Spec.localIndexOf(Core), Spec.Noc.CoresPerRouter);
      ASSERT_LT(Spec.coordOf(Router).Y, Spec.systemHeight(Chip + 1));
    }
  EXPECT_EQ(Seen.size() % PerChip, 0u);
}

TEST_P(EveryChip, LinksCrossChipsExactlyWhereTheChipChanges) {
  ChipSpec Spec = load(GetParam());
  uint32_t Height = Spec.systemHeight(Spec.System.MaxChips);
  for (uint32_t Y = 0; Y < std::min(Height, 2 * Spec.Noc.Height); ++Y)
    for (uint32_t X = 0; X + 1 < Spec.systemWidth(); ++X) {
      Coord A{X, Y}, B{X + 1, Y};
      ASSERT_EQ(Spec.crossesChips(A, B),
                Spec.chipOf(Spec.routerAt(A)) != Spec.chipOf(Spec.routerAt(B)));
    }
}

INSTANTIATE_TEST_SUITE_P(All, EveryChip, testing::ValuesIn(ChipSpec::names()));

TEST(ChipSpec, Names) {
  EXPECT_THAT(ChipSpec::names(),
              testing::ElementsAre("darwin3", "generic", "loihi",
                                   "loihi-fitted", "loihi2", "loihi2-fitted",
                                   "northpole", "spinnaker2", "tianjic", "tiny",
                                   "truenorth"));
  EXPECT_THAT(errorOf("lohi2"), HasSubstr("did you mean `loihi2`"));
}

TEST(ChipSpec, CoreNumbersStayWhenTheSystemGrows) {
  ChipSpec Spec = load("loihi2");
  EXPECT_EQ(Spec.usableCore(0, 5), CoreId{5});
  EXPECT_EQ(Spec.systemWidth(), 8u * 36);
  EXPECT_EQ(Spec.systemHeight(1), 4u);
  EXPECT_EQ(Spec.systemHeight(36), 4u);
  EXPECT_EQ(Spec.systemHeight(37), 8u);
  EXPECT_EQ(Spec.System.UsableCores, 120u);
  EXPECT_EQ(Spec.coresPerChip(), 128u);
}

TEST(ChipSpec, LoihiIsFixed) {
  ChipSpec Spec = load("loihi");
  EXPECT_FALSE(Spec.Neuron.Programmable);
  EXPECT_FALSE(Spec.hasInstruction(isa::CostClass::Add));
  EXPECT_FALSE(Spec.Costs[Action::InstructionAdd].NotApplicable.empty());
}

TEST(ChipSpec, AFileMayExtendAChip) {
  auto Path = std::filesystem::temp_directory_path() / "synfire-mine.yaml";
  std::ofstream(Path) << "version: 1\nextends: generic\nname: mine\n"
                         "noc: {width: 4}\n";
  ChipSpec Spec = load(Path.string());
  EXPECT_EQ(Spec.Name, "mine");
  EXPECT_EQ(Spec.Noc.Width, 4u);
  EXPECT_EQ(Spec.Noc.Height, 8u);
  EXPECT_EQ(Spec.System.UsableCores, 64u);
  EXPECT_EQ(Spec.Origins.at("noc.width").Source, "not stated");
  std::filesystem::remove(Path);
  EXPECT_THAT(errorOf(Path.string()), HasSubstr("[chip-file]"));
  EXPECT_THAT(errorOf("/"), HasSubstr("not a regular file"));
}

TEST(ChipSpec, AnOverrideLosesTheFilesEvidence) {
  ChipSpec Spec =
      load("loihi2", {"core.neurons=4096", "core.input_axons.value=9",
                      "costs.hop_east_west.energy_pj=7",
                      "costs.static_power.per_core_w=1mW"});
  EXPECT_EQ(Spec.Core.Neurons, 4096u);
  EXPECT_EQ(Spec.Origins.at("core.neurons").Evidence, Grade::Assumed);
  EXPECT_EQ(Spec.Origins.at("core.neurons").Source, "set by --set");
  EXPECT_EQ(Spec.Origins.at("core.input_axons").Source, "set by --set");
  EXPECT_EQ(Spec.Costs[Action::HopEastWest].EnergyLow.Value, 7);
  EXPECT_EQ(Spec.Costs[Action::HopEastWest].EnergyHigh.Value, 7);
  EXPECT_EQ(Spec.Costs.Static.PerCore.Source, "set by --set");
  EXPECT_EQ(Spec.Costs.Static.PerCore.Evidence, Grade::Assumed);
  EXPECT_EQ(Spec.Costs.Static.PerChip.Evidence, Grade::Derived);
  EXPECT_EQ(Spec.Costs.Static.PerChip.Value, 0.28);
  EXPECT_NE(Spec.hash(), load("loihi2").hash());
}

TEST(ChipSpec, RulesBetweenKeys) {
  auto Rule = [](const std::vector<std::string> &Set) {
    return errorOf("loihi2", Set);
  };
  EXPECT_THAT(Rule({"system.usable_cores=129"}),
              HasSubstr("[chip-usable-cores]"));
  EXPECT_THAT(
      Rule({"system.max_chips=65536", "noc.width=1024", "noc.height=1024"}),
      HasSubstr("[chip-system-size]"));
  EXPECT_THAT(Rule({"core.synapse_bytes=64KiB"}),
              HasSubstr("[chip-memory-pools]"));
  EXPECT_THAT(Rule({"core.synapse_word_bits=12"}),
              HasSubstr("[chip-synapse-store]"));
  EXPECT_THAT(Rule({"core.synapse_word_bits=0"}),
              HasSubstr("[chip-synapse-store]"));
  EXPECT_THAT(Rule({"event.payload_bits=0"}), HasSubstr("[chip-payload]"));
  EXPECT_THAT(Rule({"event.kinds=[]"}), HasSubstr("[yaml-type]"));
  EXPECT_THAT(Rule({"event.kinds=[binary]"}), HasSubstr("[chip-payload]"));
  EXPECT_THAT(Rule({"neuron.programmable=false"}), HasSubstr("[chip-neuron]"));
  EXPECT_THAT(Rule({"neuron.program_words=0"}), HasSubstr("[chip-neuron]"));
  EXPECT_THAT(Rule({"costs.hop_east_west={not_applicable: no}"}),
              HasSubstr("[chip-cost-missing]"));
  EXPECT_THAT(Rule({"costs.hop_east_west={}"}), HasSubstr("energy_pj"));
  EXPECT_THAT(Rule({"costs.synapse_accumulate.energy_pj.scope=all_in"}),
              HasSubstr("[chip-cost-scope]"));
  EXPECT_THAT(Rule({"costs.hop_east_west.energy_pj.low=9"}),
              HasSubstr("[chip-cost-range]"));
  EXPECT_THAT(Rule({"costs.chip_link.bits_per_ns=0"}),
              HasSubstr("[chip-link]"));
  EXPECT_THAT(Rule({"costs.barrier.energy_pj=.nan"}), HasSubstr("[yaml-type]"));
}

} // namespace
