//===- tests/unit/study/TableTest.cpp - results.csv and study.html --------===//

#include "simulator/study/StudyCharts.h"
#include "simulator/study/StudyPage.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace synfire;
using namespace synfire::study;
using testing::HasSubstr;
using testing::Not;

namespace {

/// A study of four points: two finished, one too large, one failed.
class TableTest : public testing::Test {
protected:
  TableTest() {
    auto Read = Study::parse("version: 1\nname: \"<b>name</b>\"\n"
                             "models: [{path: a.pth}]\ntarget: generic\n"
                             "axes: [{key: noc.width, values: [1, 2, 4, 8]}]\n",
                             "study.yaml");
    EXPECT_TRUE(Read);
    S = *Read;
    Points = *expand(S);
    Table.Of = &S;
    for (size_t I = 0; I < 4; ++I)
      Table.Rows.push_back({&Points[I], {I + 1, 7, 0, 0}, {}, false});
    Table.Rows[0].Result = finished(2e6, 1000, 4);
    Table.Rows[1].Result = finished(3e6, 900, 4);
    Table.Rows[2].Result = without(
        Errors{{"", "fit", "too large, \"much\"", ErrorKind::DoesNotFit}});
    Table.Rows[3].Result =
        without(Errors{{"x", "r", "<gone>"}, {"y", "r", ""}});
    Table.markFront();
  }

  static PointResult finished(double Energy, double Speed, uint64_t Cores) {
    PointResult R;
    R.Status = PointStatus::Done;
    R.Tokens = 10;
    R.Chips = 1;
    R.Cores = Cores;
    R.SynapticEvents = uint64_t(1) << 60;
    for (const char *Mode : {"generate", "prefill"}) {
      ModeFigures F;
      F.Mode = Mode;
      F.Fidelity = "analytic";
      F.Ticks = 50;
      F.TimePerToken = 1e9 / Speed;
      F.TokensPerSecond = Speed;
      F.Energy = {Energy / 2, Energy, Energy * 2};
      F.Components[6] = F.StaticEnergy = {1, 2, 3};
      F.Bound = "core 3: synapses";
      F.BoundShare = 0.25;
      R.Modes.push_back(F);
    }
    return R;
  }

  static std::vector<std::string> lines(const std::string &Text) {
    std::vector<std::string> Out;
    std::istringstream In(Text);
    for (std::string Line; std::getline(In, Line);)
      Out.push_back(Line);
    return Out;
  }

  Study S;
  std::vector<Point> Points;
  StudyTable Table;
};

TEST_F(TableTest, MarksTheFrontOfEachNetwork) {
  EXPECT_TRUE(Table.Rows[0].Pareto);
  EXPECT_FALSE(Table.Rows[1].Pareto);
  EXPECT_FALSE(Table.Rows[2].Pareto);
  Table.Rows[1].Keys.Network = 8;
  Table.markFront();
  EXPECT_TRUE(Table.Rows[1].Pareto) << "nothing else computes the same";
}

TEST_F(TableTest, CsvHasALinePerPoint) {
  std::vector<std::string> Lines = lines(resultsCsv(Table));
  ASSERT_EQ(Lines.size(), 5u);
  EXPECT_THAT(Lines[0],
              HasSubstr("point,model,target,noc.width,status,pareto"));
  EXPECT_THAT(Lines[0], HasSubstr(",generate_energy_per_token_uJ,"));
  EXPECT_THAT(Lines[0], HasSubstr(",prefill_tokens_per_s,"));
  EXPECT_THAT(Lines[1],
              HasSubstr("0000000000000001,a,generic,1,done,yes,1,4,1000,1000,5,"
                        "2,1,4,"));
  EXPECT_THAT(Lines[1], HasSubstr("1152921504606846976"));
  EXPECT_THAT(Lines[2], HasSubstr(",done,no,"));
  EXPECT_THAT(Lines[3], HasSubstr(",does_not_fit,,"));
  EXPECT_THAT(Lines[3], HasSubstr("\"too large, \"\"much\"\" [fit]\""));
  EXPECT_THAT(Lines[4], HasSubstr(",failed,,"));
  EXPECT_THAT(Lines[4], HasSubstr("(and 1 more)"));
}

TEST_F(TableTest, PageTellsAllPointsAndLoadsNothing) {
  std::string Page =
      studyPage(Table, {{"study study.yaml", 10, 0xabcd}}, Points.size() + 1);
  EXPECT_THAT(Page, HasSubstr("5 points: 2 done, 1 do not fit, 1 failed, 1 not "
                              "reached"));
  EXPECT_THAT(Page, HasSubstr("&lt;gone&gt;"));
  EXPECT_THAT(Page, HasSubstr("too large"));
  EXPECT_THAT(Page, HasSubstr("000000000000abcd"));
  EXPECT_THAT(Page, HasSubstr("&lt;b&gt;name"));
  for (const char *Bad : {"<b>name", "<gone>", "http:", "https:", "src=",
                          "\"nan", ">nan", "\"inf", ">inf"})
    EXPECT_THAT(Page, Not(HasSubstr(Bad)));
  for (StudyRow &Row : Table.Rows)
    Row.Result = without(Errors{{"", "fit", "no", ErrorKind::DoesNotFit}});
  EXPECT_THAT(studyPage(Table, {}, 4), HasSubstr("0 done, 4 do not fit"));
}

TEST_F(TableTest, SummariesComeBackAsTheyWere) {
  for (const StudyRow &Row : Table.Rows) {
    auto Json = pointJson(Row.Result);
    auto Back = pointFromJson(Json, "x");
    ASSERT_TRUE(Back) << Back.errors().front().format();
    EXPECT_EQ(pointJson(*Back), Json);
  }
}

TEST_F(TableTest, DamagedSummariesAreTold) {
  const auto Whole = pointJson(Table.Rows[0].Result);
  EXPECT_FALSE(pointFromJson(nullptr, "x"));
  EXPECT_FALSE(pointFromJson({1, 2}, "x"));
  for (const auto &[Key, Value] : Whole.items()) {
    if (Key == "schema")
      continue;
    auto Bad = Whole;
    Bad.erase(Key);
    EXPECT_FALSE(pointFromJson(Bad, "x")) << Key;
    Bad[Key] = {{"of", "another type"}};
    EXPECT_FALSE(pointFromJson(Bad, "x")) << Key;
  }
}

TEST(Charts, TicksAreRoundAndWithin) {
  for (auto [Low, High] : {std::pair(1.0, 1000.0),
                           {3.0, 5.0},
                           {0.0, 17.0},
                           {1e-6, 1e9},
                           {42.0, 42.0}}) {
    Scale S(Low, High, 0, 100);
    std::vector<double> Ticks = S.ticks();
    EXPECT_GE(Ticks.size(), 2u) << Low << " to " << High;
    EXPECT_LE(Ticks.size(), 20u);
    for (double Tick : Ticks) {
      EXPECT_GE(S.at(Tick), -1e-6);
      EXPECT_LE(S.at(Tick), 100 + 1e-6);
    }
    EXPECT_GE(S.at(Low), 0);
    EXPECT_LE(S.at(High), 100);
  }
}

TEST(Charts, DrawNothingOfNothing) {
  EXPECT_EQ(frontChart({}), "");
  EXPECT_EQ(bandChart("x", {}), "");
  EXPECT_THAT(bandChart("x", {{"a", 1, 2, 3, 2}, {"b", 0, 0, 0, 0}}),
              HasSubstr("mean 2"));
}

} // namespace
