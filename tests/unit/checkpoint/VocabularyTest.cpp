// Characters to tokens and back; the card beside a checkpoint.

#include "models/checkpoint/Vocabulary.h"
#include "models/checkpoint/ModelCard.h"
#include "tests/unit/checkpoint/TestFiles.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::testfiles;
using checkpoint::ModelCard;
using checkpoint::Vocabulary;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const std::string Shipped = SYNFIRE_SOURCE_DIR "/models/shakespeare/";

TEST(Vocabulary, EncodesCodePoints) {
  Result<Vocabulary> V =
      Vocabulary::parse(R"(["\n", "a", "é", "€", "𝄞"])", "v.json");
  ASSERT_TRUE(V) << V.errors().front().format();
  EXPECT_EQ(V->size(), 5u);
  std::string Text = "a€\né𝄞";
  Result<std::vector<int64_t>> Ids = V->encode(Text, "p");
  ASSERT_TRUE(Ids) << Ids.errors().front().format();
  EXPECT_THAT(*Ids, ElementsAre(1, 3, 0, 2, 4));
  EXPECT_EQ(*V->decode(*Ids), Text);
}

TEST(Vocabulary, NamesTheCharacterItLacks) {
  Vocabulary V = *Vocabulary::parse(R"(["\n", "a"])", "v.json");
  Result<std::vector<int64_t>> Ids = V.encode("aa\naaé", "prompt");
  ASSERT_FALSE(Ids);
  EXPECT_EQ(Ids.errors().front().format(),
            "prompt:2:3: error: character 'é' U+00E9 (number 6 of the text) is "
            "not among the 2 of the vocabulary v.json; leave it out "
            "[vocabulary-character]");
  EXPECT_THAT(V.encode("a\t", "p").errors().front().Text,
              HasSubstr("character U+0009"));
  EXPECT_THAT(V.encode("a\xff", "p").errors().front().Text,
              HasSubstr("byte 1 is not UTF-8"));
  EXPECT_FALSE(V.decode(std::vector<int64_t>{2}));
  EXPECT_FALSE(V.decode(std::vector<int64_t>{-1}));
}

TEST(Vocabulary, SpecialSymbolsAreInNoText) {
  Vocabulary V = *Vocabulary::parse(R"(["[MASK]", "[", "M", "]"])", "v.json");
  EXPECT_EQ(V.find("[MASK]"), 0);
  EXPECT_EQ(V.find("[PAD]"), std::nullopt);
  EXPECT_THAT(*V.encode("[M]", "p"), ElementsAre(1, 2, 3));
  EXPECT_EQ(*V.decode(std::vector<int64_t>{0, 2}), "[MASK]M");
}

TEST(Vocabulary, RefusesOtherLists) {
  const std::pair<const char *, const char *> Cases[] = {
      {"", "not JSON"},
      {"[", "not JSON"},
      {"[]", "a JSON list"},
      {"{\"a\": 1}", "a JSON list"},
      {"[1]", "token 0 is not a string"},
      {"[\"a\", \"\"]", "token 1 is ''"},
      {"[\"ab\"]", "token 0 is 'ab'"},
      {"[\"a\", \"a\"]", "tokens 0 and 1"},
      {"[\"\\ud800\"]", "not JSON"}};
  for (const auto &[Json, Text] : Cases) {
    Result<Vocabulary> V = Vocabulary::parse(Json, "v.json");
    ASSERT_FALSE(V) << Json;
    EXPECT_THAT(V.errors().front().Text, HasSubstr(Text));
  }
  EXPECT_FALSE(Vocabulary::parse(std::string(1000000, '['), "v.json"));
}

TEST(ModelCard, ShippedCardNamesFilesThatFit) {
  Result<ModelCard> Card = ModelCard::besides(Shipped + "shakespeare.pth");
  ASSERT_TRUE(Card) << Card.errors().front().format();
  EXPECT_EQ(Card->Architecture, "spikegpt");
  EXPECT_EQ(Card->EvaluateWindow, 128);
  Result<Vocabulary> V = Vocabulary::open(Card->Vocabulary);
  ASSERT_TRUE(V);
  EXPECT_EQ(V->size(), 65u);
  // 16 windows of 128 tokens and the last target.
  EXPECT_EQ(V->encode(readFile(Card->Evaluate), "evaluate")->size(), 2049u);
  EXPECT_GE(V->encode(readFile(Card->Calibrate), "calibrate")->size(), 4096u);
}

TEST(ModelCard, ReportsEveryMistakeWithItsPlace) {
  Result<ModelCard> Card = ModelCard::parse("architecture: gpt\n"
                                            "vocab: v.json\n"
                                            "evaluate_window: 0\n"
                                            "evaluate_window: 5\n"
                                            "form: [a]\n",
                                            "dir/m.yaml");
  ASSERT_FALSE(Card);
  std::vector<std::string> Lines;
  for (const Error &E : Card.errors())
    Lines.push_back(E.format());
  ASSERT_EQ(Lines.size(), 5u);
  EXPECT_THAT(Lines[0], HasSubstr("dir/m.yaml:1:15: error: architecture "
                                  "'gpt' is not known"));
  EXPECT_THAT(Lines[1], HasSubstr("dir/m.yaml:2:1: error: key `vocab`"));
  EXPECT_THAT(Lines[2], HasSubstr("dir/m.yaml:3:18"));
  EXPECT_THAT(Lines[3], HasSubstr("key `evaluate_window` twice"));
  EXPECT_THAT(Lines[4], HasSubstr("dir/m.yaml:5:1"));
}

TEST(ModelCard, PathsCountFromTheCard) {
  Result<ModelCard> Card = ModelCard::parse(
      "architecture: spikegpt\nvocabulary: v.json\n", "dir/m.yaml");
  ASSERT_TRUE(Card);
  EXPECT_EQ(Card->Vocabulary, "dir/v.json");
  EXPECT_FALSE(Card->EvaluateWindow);
  EXPECT_EQ(ModelCard::pathFor("a/b.pth"), "a/b.yaml");
}

TEST(ModelCard, IsOptionalButNotSloppy) {
  Folder Files;
  Result<ModelCard> None = ModelCard::besides(Files.path("m.pth"));
  ASSERT_TRUE(None);
  EXPECT_TRUE(None->Path.empty());
  for (const char *Text :
       {"", "a", "- a", "a: [", "form: training\n", "{", "architecture: *x\n"})
    EXPECT_FALSE(ModelCard::parse(Text, "m.yaml")) << Text;
  EXPECT_FALSE(ModelCard::parse(std::string(1 << 20, '['), "m.yaml"));
}

} // namespace
