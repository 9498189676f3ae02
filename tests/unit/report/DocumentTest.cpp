//===- tests/unit/report/DocumentTest.cpp - JSON and CSV ------------------===//

#include "ExampleRun.h"
#include "JsonSchema.h"
#include "simulator/report/Manifest.h"
#include "simulator/report/RunFolder.h"
#include "simulator/report/Stats.h"
#include "simulator/report/Summary.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>

using namespace synfire;
using namespace synfire::report;
using nlohmann::json;
using testing::IsEmpty;

namespace {

json schema() {
  std::ifstream In(SYNFIRE_SOURCE_DIR "/docs/summary.schema.json");
  return json::parse(In);
}

json summaryOf(const RunData &Run) {
  Result<Analysis> A = analyse(Run);
  EXPECT_TRUE(A);
  return json::parse(summaryText(summarize(*A)));
}

TEST(Summary, FollowsItsSchema) {
  RunData Run = exampleRun();
  EXPECT_THAT(violations(summaryOf(Run), schema()), IsEmpty());
}

TEST(Summary, FollowsItsSchemaWithEverythingUnknown) {
  RunData Run = exampleRun();
  Run.Times.clear();
  Run.Fidelity = "functional";
  Run.Quality = {};
  Run.Network.Context = 0;
  Run.Network.Parameters = 0;
  for (StreamData &S : Run.Streams)
    S.IsSpike = false;
  json Summary = summaryOf(Run);
  EXPECT_THAT(violations(Summary, schema()), IsEmpty());
  EXPECT_TRUE(Summary["modes"][0]["tokens_per_s"].is_null());
  EXPECT_TRUE(Summary["quality"]["float"].is_null());
  EXPECT_TRUE(Summary["time"].empty());
}

TEST(Summary, FollowsItsSchemaWithoutATransformerOfItsSize) {
  RunData Run = exampleRun();
  Run.Network = {};
  Run.Network.Model = "network.mlir";
  json Summary = summaryOf(Run);
  EXPECT_THAT(violations(Summary, schema()), IsEmpty());
  EXPECT_TRUE(Summary["baseline"].is_null());
  EXPECT_TRUE(Summary["synops"]["paper"].is_null());
}

TEST(Summary, SchemaNoticesWrongDocuments) {
  json Good = summaryOf(exampleRun());
  json Bad = Good;
  Bad["run"].erase("tokens");
  EXPECT_FALSE(violations(Bad, schema()).empty());
  Bad = Good;
  Bad["run"]["tokenz"] = 3;
  EXPECT_FALSE(violations(Bad, schema()).empty());
  Bad = Good;
  Bad["energy"]["terms"][0]["grade"] = "X";
  EXPECT_FALSE(violations(Bad, schema()).empty());
  Bad = Good;
  Bad["modes"][0]["energy_per_token_pj"]["low"] = "0";
  EXPECT_FALSE(violations(Bad, schema()).empty());
}

TEST(Summary, SameRunSameBytes) {
  RunData One = exampleRun(), Two = exampleRun();
  Result<Analysis> A = analyse(One), B = analyse(Two);
  ASSERT_TRUE(A && B);
  EXPECT_EQ(summaryText(summarize(*A)), summaryText(summarize(*B)));
  EXPECT_EQ(statsCsv(*A), statsCsv(*B));
}

TEST(Summary, StatesEveryAssumedFigureThatCounts) {
  RunData Run = exampleRun();
  json Summary = summaryOf(Run);
  std::set<std::string> Listed;
  for (const json &F : Summary["figures"])
    if (F["quantity"] == "energy")
      Listed.insert(F["key"].get<std::string>());
  for (unsigned A = 0; A < NumActions; ++A)
    if (Run.Total.Values[A]) {
      EXPECT_TRUE(Listed.count(std::string(actionKey(static_cast<Action>(A)))));
    }
  for (const json &F : Summary["figures"])
    EXPECT_FALSE(F["source"].get<std::string>().empty()) << F["key"];
}

TEST(Summary, SurvivesNamesThatAreNotUtf8) {
  RunData Run = exampleRun();
  Run.Network.Model = "bad\xff\xfename";
  json Summary = summaryOf(Run);
  EXPECT_THAT(violations(Summary, schema()), IsEmpty());
}

std::vector<std::string> cells(const std::string &Line) {
  std::vector<std::string> Out(1);
  bool Quoted = false;
  for (char C : Line)
    if (C == '"')
      Quoted = !Quoted;
    else if (C == ',' && !Quoted)
      Out.emplace_back();
    else
      Out.back() += C;
  return Out;
}

TEST(Stats, HasSixCellsALineAndCoresThatSum) {
  RunData Run = exampleRun();
  Run.Populations[0].Name = "odd, \"name\"";
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  std::istringstream In(statsCsv(*A));
  std::string Line;
  std::getline(In, Line);
  EXPECT_EQ(Line, "name,scope,instance,value,unit,definition");
  uint64_t Cores = 0, Total = 0;
  while (std::getline(In, Line)) {
    std::vector<std::string> C = cells(Line);
    ASSERT_EQ(C.size(), 6u) << Line;
    EXPECT_FALSE(C[4].empty()) << Line;
    if (C[0] == "message_in" && C[1] == "core")
      Cores += std::stoull(C[3]);
    if (C[0] == "message_in" && C[1] == "total")
      Total = std::stoull(C[3]);
  }
  EXPECT_EQ(Cores, Total);
  EXPECT_GT(Total, 0u);
}

TEST(Stats, QuotesFieldsAsRfc4180Says) {
  EXPECT_EQ(csvField("plain"), "plain");
  EXPECT_EQ(csvField("a,b"), "\"a,b\"");
  EXPECT_EQ(csvField("a\"b"), "\"a\"\"b\"");
}

TEST(Stats, DefinitionsStandInTheDocumentation) {
  RunData Run = exampleRun();
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  std::ifstream Doc(SYNFIRE_SOURCE_DIR "/docs/report.md");
  std::string Text((std::istreambuf_iterator<char>(Doc)), {});
  std::istringstream In(statsCsv(*A));
  std::string Line;
  std::getline(In, Line);
  std::set<std::string> Used;
  while (std::getline(In, Line))
    Used.insert(cells(Line)[5]);
  for (const std::string &Id : Used)
    EXPECT_NE(Text.find("`" + Id + "`"), std::string::npos) << Id;
}

class RunFolder : public testing::Test {
protected:
  void SetUp() override {
    Folder = testing::TempDir() + "/synfire-report-" + std::to_string(getpid());
    std::filesystem::remove_all(Folder);
    std::filesystem::create_directories(Folder);
  }
  void TearDown() override { std::filesystem::remove_all(Folder); }
  std::string Folder;
};

TEST_F(RunFolder, HoldsTheFilesThatTheManifestNames) {
  RunData Run = exampleRun();
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  Manifest About;
  About.Command = {"synfire", "run", "x.sfi"};
  About.Threads = 2;
  auto Written = writeRunFolder(Folder, *A, About);
  ASSERT_TRUE(Written) << Written.errors().front().format();
  std::ifstream In(Folder + "/manifest.json");
  json M = json::parse(In);
  ASSERT_EQ(M["outputs"].size(), 4u);
  for (const json &Output : M["outputs"]) {
    std::string Name = Output["name"];
    Result<FileMark> Mark = markFile(Name, Folder + "/" + Name);
    ASSERT_TRUE(Mark) << Name;
    EXPECT_EQ(hashText(Mark->Hash), Output["hash"]);
    EXPECT_EQ(Mark->Bytes, Output["bytes"]);
  }
  EXPECT_EQ(M["volatile"]["threads"], 2);
}

TEST_F(RunFolder, OnlyTheVolatilePartOfAManifestTellsRunsApart) {
  Manifest One, Two;
  Two.Threads = 7;
  Two.StartTime = "2000-01-01T00:00:00Z";
  Two.WallSeconds = 3;
  json A = manifestJson(One), B = manifestJson(Two);
  EXPECT_NE(A, B);
  A.erase("volatile");
  B.erase("volatile");
  EXPECT_EQ(A, B);
}

TEST_F(RunFolder, AFolderThatIsNotThereIsOneError) {
  RunData Run = exampleRun();
  Result<Analysis> A = analyse(Run);
  ASSERT_TRUE(A);
  auto Written = writeRunFolder(Folder + "/none", *A, {});
  ASSERT_FALSE(Written);
  EXPECT_EQ(Written.errors().size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(Folder + "/none"));
}

} // namespace
