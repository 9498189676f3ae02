//===- tests/unit/report/PageTest.cpp - report.html and the screen --------===//

#include "ExampleRun.h"
#include "simulator/report/Format.h"
#include "simulator/report/Html.h"
#include "simulator/report/Screen.h"
#include "simulator/report/Summary.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <regex>
#include <set>
#include <sstream>

using namespace synfire;
using namespace synfire::report;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

namespace {

Json summaryOf(const RunData &Run) {
  Result<Analysis> A = analyse(Run);
  EXPECT_TRUE(A);
  return summarize(*A);
}

std::string pageOf(const Json &Summary) {
  Result<std::string> Page = renderHtml(Summary);
  EXPECT_TRUE(Page) << Page.errors().front().format();
  return Page ? *Page : "";
}

/// The page without what stands in style and script elements.
std::string markup(std::string Page) {
  for (std::string Name : {"style", "script"}) {
    size_t Open = 0;
    while ((Open = Page.find("<" + Name, Open)) != std::string::npos) {
      std::string Close = "</" + Name + ">";
      size_t End = Page.find(Close, Open);
      if (End == std::string::npos)
        break;
      Page.erase(Open, End + Close.size() - Open);
    }
  }
  return Page;
}

/// The first element that is closed wrongly or not at all, or empty.
std::string unbalanced(const std::string &Markup) {
  static const std::set<std::string> Void = {"meta", "br", "link", "img"};
  std::vector<std::string> Open;
  std::regex Tag("<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>");
  for (std::sregex_iterator I(Markup.begin(), Markup.end(), Tag), End; I != End;
       ++I) {
    std::string Name = (*I)[2];
    if (Void.count(Name))
      continue;
    if ((*I)[1].length() == 0) {
      Open.push_back(Name);
      continue;
    }
    if (Open.empty() || Open.back() != Name)
      return "</" + Name + "> at " + std::to_string(I->position());
    Open.pop_back();
  }
  return Open.empty() ? "" : "<" + Open.back() + ">";
}

TEST(Page, IsBalancedAndSmallAndLoadsNothing) {
  std::string Page = pageOf(summaryOf(exampleRun()));
  EXPECT_EQ(unbalanced(markup(Page)), "");
  EXPECT_LT(Page.size(), 300u * 1024);
  for (const char *Load : {"http://", "https://", "src=", "@import", "url(",
                           "<link", "<iframe", "fetch("})
    EXPECT_THAT(Page, Not(HasSubstr(Load)));
}

TEST(Page, ShowsTheNumbersOfTheSummary) {
  Json Summary = summaryOf(exampleRun());
  std::string Page = pageOf(Summary);
  std::regex Data("<data value=\"([^\"]*)\" data-path=\"([^\"]*)\">");
  size_t Count = 0;
  for (std::sregex_iterator I(Page.begin(), Page.end(), Data), End; I != End;
       ++I, ++Count)
    EXPECT_EQ(Summary.at(Json::json_pointer((*I)[2])).dump(), (*I)[1].str())
        << (*I)[2];
  EXPECT_GT(Count, 200u);
  for (const char *Path :
       {"/modes/0/tokens_per_s", "/modes/1/energy_per_token_pj/nominal",
        "/synops/synaptic_events/multiply_accumulate",
        "/synops/neurobench/Dense", "/synops/paper/published/ratio",
        "/baseline/points/1/energy_45nm_pj_per_token", "/quality/float"})
    EXPECT_THAT(Page, HasSubstr(std::string("data-path=\"") + Path + "\""));
}

TEST(Page, HoldsTheWholeSummary) {
  Json Summary = summaryOf(exampleRun());
  std::string Page = pageOf(Summary);
  std::string Open = "type=\"application/json\">";
  size_t First = Page.find(Open) + Open.size();
  size_t Last = Page.find("</script>", First);
  EXPECT_EQ(Json::parse(Page.substr(First, Last - First)), Summary);
}

TEST(Page, EscapesNames) {
  RunData Run = exampleRun();
  const std::string Evil = "</script><script>alert('x')</script>&\"";
  Run.Network.Model = Evil;
  Run.Chip.Summary = Evil;
  Run.Quality.Text = Evil;
  Run.Streams[0].Name = Evil;
  Run.Populations[0].Name = Evil;
  Run.Fit[0].Limit = Evil;
  Run.Times[0].Bounds[0].Resource = Evil;
  Run.Times[0].Levels[0].Populations = Evil;
  Run.Chip.Costs[Action::MessageOut].EnergySource = Evil;
  std::string Page = pageOf(summaryOf(Run));
  EXPECT_THAT(Page, Not(HasSubstr("<script>alert")));
  EXPECT_EQ(unbalanced(markup(Page)), "");
}

TEST(Page, DoesWithoutTimeAndQuality) {
  RunData Run = exampleRun();
  Run.Times.clear();
  Run.Quality = {};
  Run.Network.Parameters = 0;
  Run.Fit.clear();
  std::string Page = pageOf(summaryOf(Run));
  EXPECT_EQ(unbalanced(markup(Page)), "");
  EXPECT_THAT(Page, HasSubstr("functional fidelity counts only"));
}

TEST(Page, ADocumentOfAnotherShapeIsAnError) {
  for (const char *Text : {"null", "{}", "[]", "{\"model\":3}"}) {
    Result<std::string> Page = renderHtml(Json::parse(Text));
    ASSERT_FALSE(Page) << Text;
    EXPECT_EQ(Page.errors().front().Rule, "report-summary");
    EXPECT_FALSE(renderScreen(Json::parse(Text), "x"));
  }
  // Every field that the page reads is missed when it is gone.
  Json Summary = summaryOf(exampleRun());
  for (const char *Key : {"modes", "energy", "synops", "figures", "notes"}) {
    Json Broken = Summary;
    Broken.erase(Key);
    EXPECT_FALSE(renderHtml(Broken)) << Key;
  }
}

TEST(Screen, FitsEightyColumnsAndOnePage) {
  RunData Run = exampleRun();
  Run.Network.Model = std::string(200, 'm');
  for (bool Timed : {true, false}) {
    if (!Timed)
      Run.Times.clear();
    Result<std::string> Text = renderScreen(summaryOf(Run), "out/report.html");
    ASSERT_TRUE(Text);
    std::istringstream In(*Text);
    std::string Line;
    int Lines = 0;
    for (; std::getline(In, Line); ++Lines)
      EXPECT_LE(Line.size(), 80u) << Line;
    EXPECT_LE(Lines, 24);
    for (const char *Part : {"tokens", "accumulate", "dense Transformer",
                             "bits per character", "out/report.html"})
      EXPECT_THAT(*Text, HasSubstr(Part));
  }
}

/// A network that was written by hand: no sizes, no text.
RunData namelessRun() {
  RunData Run = exampleRun();
  Run.Network = {};
  Run.Network.Model = "network.mlir";
  Run.Quality = {};
  return Run;
}

TEST(Screen, LeavesOutWhatIsUnknown) {
  RunData Run = namelessRun();
  Json Summary = summaryOf(Run);
  EXPECT_TRUE(Summary.at("baseline").is_null());
  Result<std::string> Text = renderScreen(Summary, "x");
  ASSERT_TRUE(Text);
  for (const char *Part : {"L 0", "d 0", " 0 parameters", "bits per", "45 nm",
                           "0 MAC/token", "largest logit"})
    EXPECT_THAT(*Text, Not(HasSubstr(Part)));
  EXPECT_THAT(*Text, HasSubstr("none of the same size"));
  EXPECT_THAT(*Text, HasSubstr("2 cores on 1 chip\n"));
  Run.Quality.ArgmaxAgreement = 0.953;
  Text = renderScreen(summaryOf(Run), "x");
  ASSERT_TRUE(Text);
  EXPECT_THAT(*Text, HasSubstr("95.3 % unchanged by quantisation"));
}

TEST(Page, LeavesOutWhatIsUnknown) {
  RunData Run = namelessRun();
  Run.Quality.ArgmaxAgreement = 0.953;
  std::string Page = pageOf(summaryOf(Run));
  EXPECT_EQ(unbalanced(markup(Page)), "");
  std::string Shown = markup(Page);
  for (const char *Part :
       {"Dense Transformer, same chip", "dense Transformer of the same size",
        "data-path=\"/baseline", "Bits per character", "L <data"})
    EXPECT_THAT(Shown, Not(HasSubstr(Part)));
  EXPECT_THAT(Shown, HasSubstr("no Transformer of the same size"));
  EXPECT_THAT(Shown, HasSubstr("Largest logit unchanged"));
}

TEST(Page, CountsInWordsAndShowsBitsInFull) {
  RunData Run = exampleRun();
  std::string Page = markup(pageOf(summaryOf(Run)));
  EXPECT_THAT(Page, HasSubstr(">1</data> chip."));
  EXPECT_THAT(Page, HasSubstr(">2</data> cores on"));
  EXPECT_THAT(Page, HasSubstr(">1.9050</data>"));
  EXPECT_THAT(Page, HasSubstr(">1.8953</data>"));
  Run.Chips = 3;
  EXPECT_THAT(markup(pageOf(summaryOf(Run))), HasSubstr(">3</data> chips."));
}

TEST(Format, WritesNumbersForReaders) {
  EXPECT_EQ(withPrefix(0, "J"), "0 J");
  EXPECT_EQ(withPrefix(3420, "J", -9), "3.42 uJ");
  EXPECT_EQ(withPrefix(1000, "s", -9), "1.00 us");
  EXPECT_EQ(withPrefix(999.9, "s", -9), "1000 ns");
  EXPECT_EQ(withPrefix(12.34, "B"), "12.3 B");
  EXPECT_EQ(withPrefix(5e-20, "J"), "5.00e-20 J");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-999), "-999");
  EXPECT_EQ(percent(0.1234), "12.3 %");
  EXPECT_EQ(percent(0.001), "0.10 %");
  EXPECT_EQ(escapeHtml("<a b='c'>&\""), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;");
}

} // namespace
