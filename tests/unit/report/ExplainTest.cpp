//===- tests/unit/report/ExplainTest.cpp - Where a number comes from ------===//

#include "simulator/report/Explain.h"
#include "ExampleRun.h"
#include "simulator/report/Summary.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace synfire;
using namespace synfire::report;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

namespace {

const Json &summary() {
  static const Json S = [] {
    static const RunData Run = exampleRun();
    Result<Analysis> A = analyse(Run);
    EXPECT_TRUE(A);
    // As a file would give it back.
    return Json::parse(summaryText(summarize(*A)));
  }();
  return S;
}

std::string answer(const std::string &Metric, const std::string &Mode = "") {
  Result<std::string> Text = explain(summary(), Metric, Mode);
  EXPECT_TRUE(Text) << Metric << ": " << Text.errors().front().format();
  return Text ? *Text : "";
}

TEST(Explain, AnswersWhateverItLists) {
  Result<std::string> List = explainable(summary());
  ASSERT_TRUE(List);
  for (const char *Metric :
       {"energy_per_token", "dynamic_energy_per_token", "pj_per_parameter",
        "tokens_per_s", "time", "time_per_token", "first_token", "energy",
        "firing_rate", "synaptic_events", "neurobench", "paper.ratio",
        "baseline", "sensitivity", "energy.synapses", "time.generate",
        "time.prefill"}) {
    EXPECT_THAT(*List, HasSubstr(Metric));
    for (const char *Mode : {"", "generate", "prefill"})
      EXPECT_GT(answer(Metric, Mode).size(), 40u) << Metric;
  }
}

TEST(Explain, ShowsFormulaCountsCoefficientsAndResult) {
  std::string Text = answer("energy_per_token");
  const Json &Term = summary().at("energy").at("terms").at(1);
  for (const std::string &Part :
       {std::string("= sum over actions of (count x coefficient) / tokens"),
        Term.at("action").get<std::string>(),
        std::to_string(Term.at("count").get<uint64_t>()), std::string("[A]"),
        std::string("64 tokens"), std::string("What moves")})
    EXPECT_THAT(Text, HasSubstr(Part));
  // The same digits as in the document.
  double Nominal = summary()
                       .at("modes")
                       .at(0)
                       .at("energy_per_token_pj")
                       .at("nominal")
                       .get<double>();
  char Digits[40];
  std::snprintf(Digits, sizeof Digits, "= %.12g pJ", Nominal);
  EXPECT_THAT(Text, HasSubstr(Digits));
}

TEST(Explain, TakesDottedPathsAndNames) {
  EXPECT_EQ(answer("modes.1.tokens_per_s"), answer("tokens_per_s", "prefill"));
  EXPECT_EQ(answer("modes.prefill.energy_per_token_pj.nominal"),
            answer("energy_per_token", "prefill"));
  EXPECT_EQ(answer("energy.by_component_pj.synapses"),
            answer("energy.synapses"));
  EXPECT_THAT(answer("activity.streams.blocks.0.lif1.rate"),
              HasSubstr("blocks.0.lif1"));
  EXPECT_THAT(answer("energy.by_layer.blocks.0"), HasSubstr("blocks.0"));
  EXPECT_THAT(answer("figures.neuron_update"), HasSubstr("source"));
  EXPECT_THAT(answer("run.tokens"), HasSubstr("= 64"));
  EXPECT_THAT(answer("energy.neuron_update"), HasSubstr("Sources"));
}

TEST(Explain, NamesWhatIsNearWhenThereIsNoSuchMetric) {
  Result<std::string> Text = explain(summary(), "enery_per_token", "");
  ASSERT_FALSE(Text);
  EXPECT_EQ(Text.errors().front().Rule, "explain-metric");
  EXPECT_EQ(exitCode(Text.errors()), 2);
  EXPECT_THAT(Text.errors().front().Text,
              HasSubstr("did you mean energy_per_token?"));
  Text = explain(summary(), "energy_per_token", "sideways");
  ASSERT_FALSE(Text);
  EXPECT_THAT(Text.errors().front().Text, HasSubstr("generate, prefill"));
  for (const char *Odd : {"", ".", "..", "modes.", "modes.99", "energy.",
                          "modes.-1", "modes.99999999999999999999.x"})
    EXPECT_FALSE(explain(summary(), Odd, "")) << Odd;
}

TEST(Explain, RefusesNumbersThatDoNotAddUp) {
  Json Changed = summary();
  Changed["energy"]["terms"][1]["count"] = 1;
  Result<std::string> Text = explain(Changed, "energy_per_token", "");
  ASSERT_FALSE(Text);
  EXPECT_EQ(Text.errors().front().Rule, "explain-mismatch");
  Changed = summary();
  Changed["modes"][0]["tokens_per_s"] = 1e9;
  EXPECT_FALSE(explain(Changed, "tokens_per_s", ""));
  EXPECT_TRUE(explain(Changed, "tokens_per_s", "prefill"));
}

TEST(Explain, ADocumentOfAnotherShapeIsAnError) {
  for (const char *Key : {"modes", "energy", "run", "time", "synops"}) {
    for (const Json &Wrong : {Json(nullptr), Json(3), Json("x"),
                              Json::array({Json(1)}), Json::object()}) {
      Json Broken = summary();
      Broken[Key] = Wrong;
      for (const char *Metric : {"energy_per_token", "time", "paper.ratio"}) {
        // An error or an answer; never an exception.
        Result<std::string> Text = explain(Broken, Metric, "");
        (void)Text;
      }
      Result<std::string> List = explainable(Broken);
      (void)List;
    }
  }
}

class SummaryFile : public testing::Test {
protected:
  void SetUp() override {
    Folder =
        testing::TempDir() + "/synfire-explain-" + std::to_string(getpid());
    std::filesystem::create_directories(Folder);
  }
  void TearDown() override { std::filesystem::remove_all(Folder); }
  Result<Json> read(const std::string &Text) {
    std::ofstream(Folder + "/summary.json", std::ios::binary) << Text;
    return readSummary(Folder);
  }
  std::string Folder;
};

TEST_F(SummaryFile, IsReadFromFolderOrFile) {
  ASSERT_TRUE(read(summaryText(summary())));
  Result<Json> File = readSummary(Folder + "/summary.json");
  ASSERT_TRUE(File);
  EXPECT_EQ(*File, summary());
}

TEST_F(SummaryFile, WrongFilesAreBadInput) {
  EXPECT_EQ(readSummary(Folder).errors().front().Rule, "file-open");
  const std::string Whole = summaryText(summary());
  for (size_t Size = 0; Size + 2 < Whole.size(); Size += 997) {
    Result<Json> S = read(Whole.substr(0, Size));
    ASSERT_FALSE(S) << Size;
    EXPECT_EQ(S.errors().front().Rule, "report-summary");
    EXPECT_EQ(exitCode(S.errors()), 2);
  }
  for (const char *Text :
       {"{}", "[]", "3", "\xff\xfe", "{\"schema\":\"synfire-manifest\"}",
        "{\"schema\":\"synfire-summary\",\"schema_version\":99}"})
    EXPECT_FALSE(read(Text)) << Text;
}

} // namespace
