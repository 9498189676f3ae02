// Long lists of numbers are taken out of a text without a trace but their
// numbers.

#include "models/sanafe/NumberLists.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

using namespace synfire;
using namespace synfire::sanafe;
using testing::ElementsAre;

namespace {

/// The list behind `a`, read from \p Text with lists longer than \p Longer
/// taken out.
std::optional<std::vector<double>> listOf(std::string Text, bool Pairs,
                                          size_t Longer, Errors &Out) {
  const NumberLists Lists(Text, Longer);
  Result<yaml::Node> Root = yaml::parseDocument(Text, "f");
  if (!Root) {
    Out = Root.errors();
    return std::nullopt;
  }
  return Lists.read(*Root->find("a"), Pairs, 1000, Out);
}

TEST(NumberLists, GivesTheSameTakenOutOrNot) {
  std::mt19937 Random(1);
  for (int Run = 0; Run < 200; ++Run) {
    const bool Pairs = Random() % 2;
    std::string Text = "x: 1\na: [";
    const int Count = Random() % 20;
    const char *Blanks[] = {"", " ", "\n   ", "  "};
    auto Number = [&] {
      return fmt::format("{}{}", Blanks[Random() % 4],
                         (int(Random() % 2000) - 1000) / 8.0);
    };
    for (int I = 0; I < Count; ++I)
      Text += (I ? "," : "") +
              (Pairs ? "[" + Number() + "," + Number() + "]" : Number());
    Text += "]\nb: 2\n";
    Errors Out;
    auto Short = listOf(Text, Pairs, 1 << 20, Out);
    auto Long = listOf(Text, Pairs, 0, Out);
    ASSERT_TRUE(Out.empty()) << Out[0].format() << Text;
    EXPECT_EQ(Short, Long) << Text;
    EXPECT_EQ(Long->size(), size_t(Count) * (Pairs ? 2 : 1));
  }
}

TEST(NumberLists, KeepsLinesAndLeavesOtherListsAlone) {
  std::string Text =
      "a: [1,\n 2,\n 3]\nb: [1, x]\nc: \"[1,2,3]\"\nd: [[1],2]\n";
  const NumberLists Lists(Text, 2);
  // A quoted text that looks like a list loses that; nothing else does.
  EXPECT_EQ(Lists.count(), 3U);
  EXPECT_EQ(std::count(Text.begin(), Text.end(), '\n'), 6);
  EXPECT_NE(Text.find("b: [1, x]"), std::string::npos);
  const size_t B = Text.find("b:");
  EXPECT_EQ(std::count(Text.begin(), Text.begin() + ptrdiff_t(B), '\n'), 3);
}

TEST(NumberLists, RefusesWhatIsNoList) {
  for (const char *Text : {"a: 3", "a: [x]", "a: [1, [2, 3]]", "a: {b: 1}",
                           "a: [1e999]", "a: ['1']"}) {
    Errors Out;
    EXPECT_FALSE(listOf(Text, false, 1 << 20, Out)) << Text;
    ASSERT_FALSE(Out.empty());
    EXPECT_EQ(Out[0].Rule, "sana-number") << Text;
  }
  Errors Out;
  EXPECT_FALSE(listOf("a: [[1, 2], [3, 4]]", false, 0, Out));
  EXPECT_EQ(Out.at(0).Rule, "sana-number");
}

TEST(NumberLists, CountsBeforeItGives) {
  std::string Many = "a: [0";
  for (int I = 0; I < 1000; ++I)
    Many += ",0";
  Errors Out;
  EXPECT_FALSE(listOf(Many + "]", false, 16, Out));
  EXPECT_EQ(Out.at(0).Rule, "sana-size");
}

TEST(NumberLists, CannotBeForged) {
  Errors Out;
  auto Got = listOf("b: [1, 2, 3, 4]\na: [synfire-numbers-0]", false, 2, Out);
  EXPECT_FALSE(Got);
  EXPECT_EQ(Out.at(0).Rule, "sana-number");
}

TEST(NumberLists, ReadsDecimalsOnly) {
  EXPECT_EQ(parseNumber("+1.5e-3"), 1.5e-3);
  EXPECT_EQ(parseNumber("-0"), 0);
  for (const char *Text : {"", "+", "++1", "1 ", "0x10", "nan", "inf", "1e999"})
    EXPECT_FALSE(parseNumber(Text)) << Text;
}

} // namespace
