// Every kind of mistake in a chip file: its rule, its place, its way out.

#include "targets/ChipYaml.h"

#include "targets/ChipSpec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace synfire;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

namespace {

/// Formatted errors of a chip that extends `tiny` by \p Text (from line 3).
std::vector<std::string> errorsOf(const std::string &Text,
                                  const std::vector<std::string> &Set = {}) {
  Result<ChipSpec> Spec =
      ChipSpec::parse("version: 1\nextends: tiny\n" + Text, "c.yaml", Set);
  std::vector<std::string> Out;
  if (!Spec)
    for (const Error &E : Spec.errors())
      Out.push_back(E.format());
  return Out;
}

#define EXPECT_ERROR(Text, ...)                                                \
  EXPECT_THAT(errorsOf(Text), Contains(AllOf(__VA_ARGS__)))

TEST(ChipYaml, UnknownKeyNamesTheNearest) {
  EXPECT_ERROR("noc:\n  widht: 8\n", HasSubstr("c.yaml:4:3: "),
               HasSubstr("`noc.widht`"), HasSubstr("did you mean `noc.width`"),
               HasSubstr("[yaml-unknown-key]"));
  EXPECT_ERROR("nco: {}\n", HasSubstr("c.yaml:3:1: "),
               HasSubstr("did you mean `noc`"));
  EXPECT_ERROR("<<: {}\n", HasSubstr("[yaml-unknown-key]"));
}

TEST(ChipYaml, DuplicateKey) {
  EXPECT_ERROR("noc:\n  width: 8\n  width: 9\n", HasSubstr("c.yaml:5:3: "),
               HasSubstr("first at c.yaml:4:3"),
               HasSubstr("[yaml-duplicate-key]"));
}

TEST(ChipYaml, MissingKey) {
  Result<ChipSpec> Spec =
      ChipSpec::parse("version: 1\nnoc:\n  width: 8\n", "c.yaml");
  ASSERT_FALSE(Spec);
  std::vector<std::string> Out;
  for (const Error &E : Spec.errors())
    Out.push_back(E.format());
  EXPECT_THAT(Out, Contains(HasSubstr("key `core` is missing")));
  EXPECT_THAT(Out, Contains(AllOf(HasSubstr("c.yaml:3:3"),
                                  HasSubstr("`noc.height` is missing"))));
}

TEST(ChipYaml, NumbersAreDecimal) {
  for (const char *Bad : {"010", "0x10", "yes", "eight", "\"8\"", "[8]", "~",
                          ".inf", ".nan", "8.5", "1_000", "''"})
    EXPECT_ERROR(std::string("noc: {width: ") + Bad + "}\n",
                 HasSubstr("c.yaml:3:14: "), HasSubstr("[yaml-type]"))
        << Bad;
  EXPECT_ERROR("noc: {width: 1e999}\n", HasSubstr("[yaml-range]"));
  EXPECT_TRUE(errorsOf("noc: {width: 1e1}\n").empty());
}

TEST(ChipYaml, Range) {
  EXPECT_ERROR("noc: {width: 0}\n", HasSubstr("c.yaml:3:14: "),
               HasSubstr("outside 1 to 1024"), HasSubstr("[yaml-range]"));
  EXPECT_ERROR("noc: {width: -1}\n", HasSubstr("[yaml-range]"));
  EXPECT_ERROR("costs: {barrier: {energy_pj: -1pJ, time_ns: 0}}\n",
               HasSubstr("[yaml-range]"));
}

TEST(ChipYaml, BooleansAreTrueAndFalse) {
  for (const char *Bad : {"yes", "on", "1", "True", "\"true\""})
    EXPECT_ERROR(std::string("noc: {multicast: ") + Bad + "}\n",
                 HasSubstr("c.yaml:3:18: "), HasSubstr("[yaml-type]"))
        << Bad;
}

TEST(ChipYaml, Units) {
  EXPECT_ERROR("core: {unified_bytes: 16 ms}\n", HasSubstr("c.yaml:3:23: "),
               HasSubstr("is a time"), HasSubstr("[yaml-unit]"));
  EXPECT_ERROR("core: {unified_bytes: 16parsec}\n", HasSubstr("[yaml-unit]"));
  EXPECT_ERROR("core: {neurons: 16KiB}\n", HasSubstr("[yaml-unit]"));
  EXPECT_ERROR("costs: {barrier: {energy_pj: 5MHz, time_ns: 0}}\n",
               HasSubstr("is a frequency"));
  auto Read = [](const std::string &Set) {
    Result<ChipSpec> S = ChipSpec::load("tiny", {Set});
    EXPECT_TRUE(S) << S.errors().front().format();
    return *S;
  };
  EXPECT_EQ(Read("core.unified_bytes=192KiB").Core.UnifiedBytes->Value,
            196608u);
  EXPECT_EQ(Read("core.unified_bytes=128KB").Core.UnifiedBytes->Value, 128000u);
  EXPECT_EQ(Read("core.unified_bytes=1.5 MiB").Core.UnifiedBytes->Value,
            1572864u);
  auto Cost = [&](const std::string &Set) {
    return Read("costs.axon_lookup." + Set).Costs[Action::AxonLookup];
  };
  EXPECT_DOUBLE_EQ(Cost("energy_pj=3.2pJ").Energy.Value, 3.2);
  EXPECT_DOUBLE_EQ(Cost("energy_pj=3.2nJ").EnergyHigh.Value, 3200);
  EXPECT_DOUBLE_EQ(Cost("time_ns=2us").Time.Value, 2000);
  EXPECT_DOUBLE_EQ(Cost("time_ns=500MHz").Time.Value, 2);
  EXPECT_DOUBLE_EQ(
      Read("costs.static_power.per_chip_w=300mW").Costs.Static.PerChip.Value,
      0.3);
  EXPECT_DOUBLE_EQ(
      Read("costs.chip_link.bits_per_ns=1GB/s").Costs.Link.BitsPerNanosecond,
      8);
}

TEST(ChipYaml, Lists) {
  EXPECT_ERROR("core: {weight_bits: 8}\n", HasSubstr("[yaml-type]"));
  EXPECT_ERROR("core: {weight_bits: []}\n", HasSubstr("an empty one"));
  EXPECT_ERROR("core: {weight_bits: [8, 8]}\n", HasSubstr("c.yaml:3:25: "),
               HasSubstr("[yaml-duplicate-item]"));
  EXPECT_ERROR("event: {kinds: [binray]}\n", HasSubstr("did you mean `binary`"),
               HasSubstr("[yaml-choice]"));
  EXPECT_ERROR("noc: {width: {value: 8, grade: X}}\n", HasSubstr("M, P, D, A"),
               HasSubstr("[yaml-choice]"));
}

TEST(ChipYaml, AllMistakesAtOnce) {
  EXPECT_EQ(errorsOf("noc: {width: 0, height: x, foo: 1}\ncore: 3\n").size(),
            4u);
}

TEST(ChipYaml, Documents) {
  auto Rule = [](const std::string &Text) -> std::string {
    Result<yaml::Node> N = yaml::parseDocument(Text, "d");
    return N ? "" : N.errors().front().Rule;
  };
  EXPECT_EQ(Rule(""), "yaml-empty");
  EXPECT_EQ(Rule("a: [1, 2\n"), "yaml-syntax");
  EXPECT_EQ(Rule("a: 1\n---\nb: 2\n"), "yaml-documents");
  EXPECT_EQ(Rule("a: &x 1\nb: *x\n"), "yaml-alias");
  EXPECT_EQ(Rule("a: *x\n"), "yaml-syntax");
  EXPECT_EQ(Rule("a: !!int 1\n"), "yaml-tag");
  EXPECT_EQ(Rule("[1, 2]: 3\n"), "yaml-key");
  EXPECT_EQ(Rule("a: \xff\n"), "yaml-utf8");
  EXPECT_EQ(Rule(std::string("a: \0b\n", 6)), "yaml-utf8");
  EXPECT_EQ(Rule(std::string(2 << 20, ' ')), "yaml-size");
  std::string Many;
  for (unsigned I = 0; I < 20000; ++I)
    Many += "- 1\n";
  EXPECT_EQ(Rule(Many), "yaml-size");
}

TEST(ChipYaml, DeepNestingIsRefusedWithoutRecursion) {
  for (const char *Piece :
       {"[", "{", "- ", "? ", "{a: ", "[a, ", "a: [", "-\n "}) {
    std::string Text;
    for (unsigned I = 0; I < 100000; ++I)
      Text += Piece;
    EXPECT_FALSE(yaml::parseDocument(Text, "d")) << Piece;
  }
}

TEST(ChipYaml, TruncatedQuoteIsRefused) {
  for (const char *Text : {"b: 'x", "b: 'x\n", "b: \"x\n", "b: \"x\n \n\n"})
    EXPECT_FALSE(yaml::parseDocument(Text, "d")) << Text;
}

TEST(ChipYaml, SyntaxErrorHasItsPlace) {
  Result<yaml::Node> N = yaml::parseDocument("a: 1\nb: 'x\n", "d.yaml");
  ASSERT_FALSE(N);
  EXPECT_THAT(N.errors().front().Where, testing::StartsWith("d.yaml:"));
  N = yaml::parseDocument("a: 1\nb: @\n", "d.yaml");
  ASSERT_FALSE(N);
  EXPECT_EQ(N.errors().front().Where.substr(0, 9), "d.yaml:2:");
}

TEST(ChipYaml, OverridesNameThemselves) {
  EXPECT_THAT(errorsOf("", {"noc.widht=8"}),
              Contains(AllOf(HasSubstr("--set noc.widht=8: "),
                             HasSubstr("did you mean `noc.width`"))));
  EXPECT_THAT(errorsOf("", {"noc.width=8ns"}),
              Contains(AllOf(HasSubstr("--set noc.width=8ns: "),
                             HasSubstr("[yaml-unit]"))));
  for (const char *Bad : {"noc.width", "=3", "noc..width=3", ".=1", "a.=1"})
    EXPECT_THAT(errorsOf("", {Bad}), Contains(HasSubstr("[override-syntax]")))
        << Bad;
  EXPECT_THAT(errorsOf("", {"name.x=1"}),
              Contains(HasSubstr("[override-path]")));
  EXPECT_THAT(errorsOf("", {"noc.width=[1"}),
              Contains(HasSubstr("--set noc.width=[1: ")));
}

TEST(ChipYaml, QuotedTextReadsBack) {
  std::string Text = "a \"b\" \\ \n\t\x01 \xc3\xa9 # : {";
  Result<yaml::Node> N =
      yaml::parseDocument("k: " + yaml::quote(Text) + "\n", "d");
  ASSERT_TRUE(N) << N.errors().front().format();
  EXPECT_EQ(N->find("k")->Text, Text);
}

} // namespace
