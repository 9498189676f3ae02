// Costs: ranges and evidence, all-in figures, barrier tables; and that every
// shipped chip keeps the rules that a reader of a report relies on.

#include "targets/ChipSpec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace synfire;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

ChipSpec load(const std::string &Name,
              const std::vector<std::string> &Set = {}) {
  Result<ChipSpec> Spec = ChipSpec::load(Name, Set);
  EXPECT_TRUE(Spec) << Spec.errors().front().format();
  return *Spec;
}

std::string errorOf(const std::vector<std::string> &Set,
                    const std::string &Name = "generic") {
  Result<ChipSpec> Spec = ChipSpec::load(Name, Set);
  return Spec ? "" : Spec.errors().front().format();
}

/// The errors of a file that extends generic by \p Costs.
std::string errorOfFile(const std::string &Costs) {
  Result<ChipSpec> Spec = ChipSpec::parse(
      "version: 1\nextends: generic\nname: mine\ncosts:\n" + Costs, "m.yaml");
  return Spec ? "" : Spec.errors().front().format();
}

class EveryChipsCosts : public testing::TestWithParam<std::string> {};

TEST_P(EveryChipsCosts, RangesHoldTheirValues) {
  ChipSpec Spec = load(GetParam());
  for (unsigned I = 0; I < NumActions; ++I) {
    const Cost &Row = Spec.Costs.Rows[I];
    std::string_view Key = actionKey(static_cast<Action>(I));
    EXPECT_LE(Row.EnergyLow, Row.Energy) << Key;
    EXPECT_LE(Row.Energy, Row.EnergyHigh) << Key;
    EXPECT_LE(Row.TimeLow, Row.Time) << Key;
    EXPECT_LE(Row.Time, Row.TimeHigh) << Key;
    EXPECT_GE(Row.EnergyLow.Value, 0) << Key;
    EXPECT_GE(Row.TimeLow.Value, 0) << Key;
  }
  const StaticPower &P = Spec.Costs.Static;
  for (const Ranged<Watts> *W :
       {&P.PerChip, &P.PerCore, &P.PerIdleCore, &P.HostProcessor}) {
    EXPECT_LE(W->Low.Value, W->Value);
    EXPECT_LE(W->Value, W->High.Value);
  }
  const ChipLink &L = Spec.Costs.Link;
  EXPECT_LE(L.BitsPerNanosecondLow, L.BitsPerNanosecond);
  EXPECT_LE(L.BitsPerNanosecond, L.BitsPerNanosecondHigh);
}

TEST_P(EveryChipsCosts, AreIncremental) {
  ChipSpec Spec = load(GetParam());
  for (const Cost &Row : Spec.Costs.Rows)
    EXPECT_EQ(Row.EnergyScope, Scope::Incremental);
}

TEST_P(EveryChipsCosts, EveryNumberHasGradeAndSource) {
  for (const SpecRow &Row : describe(load(GetParam()))) {
    EXPECT_THAT("MPDA", HasSubstr(std::string(1, Row.Evidence))) << Row.Key;
    EXPECT_GT(Row.Source.size(), 5u) << Row.Key;
    EXPECT_NE(Row.Source, "not stated") << Row.Key;
    EXPECT_EQ(Row.Low.empty(), Row.High.empty()) << Row.Key;
  }
}

TEST_P(EveryChipsCosts, ABarrierOverMoreIsNotShorter) {
  const BarrierTime B = load(GetParam()).Costs.Barrier;
  for (uint32_t Tiles = 1; Tiles < 64; ++Tiles)
    for (uint32_t Chips = 1; Chips < 4; ++Chips) {
      ASSERT_LE(barrierTime(B, Tiles, Chips), barrierTime(B, Tiles + 1, Chips));
      ASSERT_LE(barrierTime(B, Tiles, Chips), barrierTime(B, Tiles, Chips + 1));
    }
}

INSTANTIATE_TEST_SUITE_P(All, EveryChipsCosts,
                         testing::ValuesIn(ChipSpec::names()));

TEST(CostTable, AnAllInCostStandsAlone) {
  // By --set, and in a file with line and column; the way out is told.
  EXPECT_THAT(errorOf({"costs.synapse_accumulate.energy_pj.scope=all_in"}),
              AllOf(HasSubstr("`costs.synapse_accumulate.energy_pj`"),
                    HasSubstr("charged twice"), HasSubstr("incremental energy"),
                    HasSubstr("[chip-cost-scope]")));
  EXPECT_THAT(errorOfFile("  hop_east_west:\n"
                          "    energy_pj: {value: 5, scope: all_in}\n"),
              AllOf(StartsWith("m.yaml:6:16: "),
                    HasSubstr("`costs.synapse_accumulate`"),
                    HasSubstr(" more would be charged twice")));

  std::vector<std::string> Alone;
  ChipSpec Generic = load("generic");
  for (unsigned I = 0; I < NumActions; ++I)
    if (Generic.Costs.Rows[I].NotApplicable.empty())
      Alone.push_back("costs." +
                      std::string(actionKey(static_cast<Action>(I))) +
                      ".energy_pj=0");
  Alone.push_back("costs.synapse_multiply_accumulate.energy_pj={value: 6.8, "
                  "scope: all_in}");
  EXPECT_THAT(errorOf(Alone), HasSubstr("`costs.static_power`"));
  Alone.push_back("costs.static_power.per_chip_w=0");
  EXPECT_EQ(errorOf(Alone), "");
  // Each kind of cost and of static power is one too many.
  for (const char *Set :
       {"costs.synapse_byte_read.energy_pj=1", "costs.axon_lookup.energy_pj=1",
        "costs.message_out.energy_pj=1", "costs.hop_north_south.energy_pj=1",
        "costs.chip_link_bit.energy_pj=1", "costs.static_power.per_core_w=1",
        "costs.static_power.per_idle_core_w=1",
        "costs.static_power.host_processor_w={value: 0, high: 1}",
        "costs.axon_lookup.energy_pj={value: 0, high: 1}",
        "costs.axon_lookup.energy_pj={value: 1, scope: all_in}"}) {
    std::vector<std::string> More = Alone;
    More.emplace_back(Set);
    EXPECT_THAT(errorOf(More), HasSubstr("[chip-cost-scope]")) << Set;
  }
}

TEST(CostTable, NumbersOutOfPlaceAreRefused) {
  for (const char *Key :
       {"costs.axon_lookup.energy_pj", "costs.axon_lookup.time_ns",
        "costs.static_power.per_chip_w", "costs.static_power.host_processor_w",
        "costs.barrier_time.per_chip_ns", "costs.chip_link.bits_per_ns",
        "costs.chip_link.latency_ns"}) {
    auto With = [&](const char *Value) {
      return errorOf({std::string(Key) + "=" + Value});
    };
    EXPECT_THAT(With("-1"), HasSubstr("[yaml-range]")) << Key;
    EXPECT_THAT(With(".nan"), HasSubstr("[yaml-type]")) << Key;
    EXPECT_THAT(With("1e999"), HasSubstr("[yaml-range]")) << Key;
    EXPECT_THAT(With("{value: 2, low: 3}"), HasSubstr("[chip-cost-range]"));
    EXPECT_THAT(With("{value: 2, high: 1}"), HasSubstr("[chip-cost-range]"));
    EXPECT_THAT(With("{value: 2, low: -1}"), HasSubstr("[yaml-range]"));
    EXPECT_EQ(With("{value: 2, low: 1, high: 3}"), "") << Key;
  }
  EXPECT_THAT(errorOfFile("  static_power: {per_chip_w: {value: 1, low: 2}, "
                          "per_core_w: 0}\n"),
              AllOf(StartsWith("m.yaml:5:30: "), HasSubstr("low 2 <= value")));
}

TEST(CostTable, AGroupsEvidenceIsThatOfItsBareNumbers) {
  Result<ChipSpec> Spec = ChipSpec::parse(
      "version: 1\nextends: generic\nname: mine\ncosts:\n  static_power:\n"
      "    {per_chip_w: 2, per_core_w: {value: 1, grade: M, source: mine},\n"
      "     per_idle_core_w: {value: 3, high: 4}, grade: P, source: theirs}\n",
      "m.yaml");
  ASSERT_TRUE(Spec) << Spec.errors().front().format();
  const StaticPower &P = Spec->Costs.Static;
  EXPECT_EQ(P.PerChip.Source, "theirs");
  EXPECT_EQ(P.PerChip.Evidence, Grade::Published);
  EXPECT_EQ(P.PerCore.Source, "mine");
  EXPECT_EQ(P.PerCore.Evidence, Grade::Measured);
  EXPECT_EQ(P.PerIdleCore.Source, "theirs");
  EXPECT_EQ(P.PerIdleCore.High.Value, 4);
  EXPECT_EQ(P.HostProcessor.High.Value, 0);
}

TEST(CostTable, ABarrierMayBeATable) {
  const char *Table = "costs.barrier_time={by_tiles: [[1, 600], [2, 1us], "
                      "[4, 1400, 1200, 1500], [29, 1800]], per_chip_ns: 49}";
  ChipSpec Spec = load("generic", {Table});
  const BarrierTime &B = Spec.Costs.Barrier;
  auto over = [&](uint32_t Tiles, uint32_t Chips) {
    return barrierTime(B, Tiles, Chips).Value;
  };
  EXPECT_EQ(over(0, 1), 600);
  EXPECT_EQ(over(1, 1), 600);
  EXPECT_EQ(over(2, 1), 1000);
  EXPECT_EQ(over(3, 1), 1000);
  EXPECT_EQ(over(28, 1), 1400);
  EXPECT_EQ(over(29, 1), 1800);
  EXPECT_EQ(over(4096, 3), 1800 + 2 * 49);
  EXPECT_EQ(B.Steps[2].Low.Value, 1200);
  EXPECT_EQ(B.Steps[2].High.Value, 1500);
  Result<ChipSpec> Again = ChipSpec::parse(Spec.resolvedYaml(), "r.yaml");
  ASSERT_TRUE(Again) << Again.errors().front().format();
  EXPECT_EQ(Again->resolvedYaml(), Spec.resolvedYaml());

  // The same table, fitted on boards, is that of loihi-fitted.
  EXPECT_EQ(load("loihi-fitted").Costs.Barrier.Steps.size(), 4u);
  EXPECT_EQ(barrierTime(load("loihi-fitted").Costs.Barrier, 29, 1).Value, 1800);

  auto With = [](const std::string &Steps) {
    return errorOf({"costs.barrier_time.by_tiles=" + Steps});
  };
  EXPECT_THAT(With("[[1, 5]]"), HasSubstr("stands beside by_tiles"));
  for (const char *Bad : {"[[2, 5]]", "[[1, 5], [1, 6]]", "[[1]]", "[1, 5]",
                          "[[1, 5, 6]]", "[[1, 5], [3, 6], [2, 7]]"})
    EXPECT_THAT(With(Bad), HasSubstr("[chip-barrier]")) << Bad;
  EXPECT_THAT(With("[[1, 5, 6, 7]]"), HasSubstr("[chip-cost-range]"));
  EXPECT_THAT(With("[[1, -5]]"), HasSubstr("[yaml-range]"));
  EXPECT_THAT(With("[]"), HasSubstr("[yaml-type]"));
}

TEST(CostTable, ALineCountsTilesAndChips) {
  ChipSpec Spec = load("generic", {"costs.barrier_time={base_ns: 100, "
                                   "per_tile_ns: 10, per_chip_ns: 7}"});
  EXPECT_EQ(barrierTime(Spec.Costs.Barrier, 5, 1).Value, 150);
  EXPECT_EQ(barrierTime(Spec.Costs.Barrier, 5, 3).Value, 164);
  EXPECT_EQ(barrierTime(Spec.Costs.Barrier, 0, 0).Value, 100);
}

TEST(CostTable, OnlyRowsOfWhatTheChipCannotDoMayBeLeftOut) {
  Result<ChipSpec> Spec =
      ChipSpec::parse("version: 1\nextends: truenorth\nname: mine\n", "m.yaml");
  ASSERT_TRUE(Spec) << Spec.errors().front().format();
  EXPECT_FALSE(Spec->Costs[Action::DirectWrite].NotApplicable.empty());
  EXPECT_THAT(errorOf({"neuron.programmable=true", "neuron.program_words=9",
                       "neuron.instructions=[add]"},
                      "truenorth"),
              HasSubstr("`costs.direct_write`"));
}

TEST(CostTable, LanesAreOneUnlessTheChipSaysSo) {
  EXPECT_EQ(load("loihi2").Core.AccumulateLanes, 1u);
  EXPECT_EQ(load("loihi2").Core.ProgramLanes, 1u);
  EXPECT_EQ(load("spinnaker2").Core.AccumulateLanes, 64u);
  EXPECT_EQ(load("northpole").Core.AccumulateLanes, 2048u);
  EXPECT_THAT(errorOf({"core.program_lanes=0"}), HasSubstr("[yaml-range]"));
}

} // namespace
