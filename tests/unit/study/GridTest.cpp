//===- tests/unit/study/GridTest.cpp - The points of a study --------------===//

#include "simulator/study/Grid.h"

#include <gmock/gmock.h>

#include <fmt/format.h>
#include <set>

using namespace synfire;
using namespace synfire::study;
using testing::HasSubstr;

namespace {

const InputHashes Inputs{{1, 2}, {3, 4}};

Study read(const std::string &Text) {
  auto S = Study::parse("version: 1\nmodels: [{path: a.pth}]\n"
                        "target: generic\n" +
                            Text,
                        "study.yaml");
  EXPECT_TRUE(S) << S.errors().front().format();
  return *S;
}

std::vector<Point> points(const Study &S) {
  auto P = expand(S);
  EXPECT_TRUE(P) << P.errors().front().format();
  return *P;
}

/// Keys of the one point of a study with these settings.
PointKeys keys(const std::string &Settings) {
  Study S = read("set: {" + Settings + "}\n");
  std::vector<Point> P = points(S);
  auto C = configure(S, P.front());
  EXPECT_TRUE(C) << C.errors().front().format();
  return keysOf(S, P.front(), *C, Inputs);
}

TEST(Grid, IsTheProductAndThePoints) {
  Study S = read("axes:\n"
                 "  - {key: noc.width, values: [4, 8]}\n"
                 "  - {key: noc.height, values: [2, 4, 8]}\n"
                 "points:\n"
                 "  - {noc.multicast: false}\n");
  std::vector<Point> P = points(S);
  ASSERT_EQ(P.size(), 7u);
  EXPECT_EQ(P[0].valueOf("noc.width"), "4");
  EXPECT_EQ(P[1].valueOf("noc.height"), "4") << "the last axis is the fastest";
  EXPECT_EQ(P[5].valueOf("noc.width"), "8");
  EXPECT_EQ(P[6].valueOf("noc.width"), std::nullopt);
  EXPECT_TRUE(P[6].Steps.empty());
  EXPECT_EQ(points(read("")).size(), 1u);
  EXPECT_EQ(points(read("points: [{noc.width: 4}]\n")).size(), 1u);
}

TEST(Grid, IsRefusedWhenItIsTooLarge) {
  std::string Axes = "axes:\n";
  for (const char *Key : {"noc.width", "noc.height", "noc.link_width_bits"})
    Axes += fmt::format("  - {{key: {}, from: 1, to: 100, steps: 100}}\n", Key);
  auto Points = expand(read(Axes));
  ASSERT_FALSE(Points);
  EXPECT_THAT(Points.errors().front().Text, HasSubstr("1000000 points"));
  Axes = "axes:\n";
  for (const char *Key : {"a", "b", "c", "d", "e"})
    Axes +=
        fmt::format("  - {{key: {}, from: 1, to: 10000, steps: 10000}}\n", Key);
  EXPECT_FALSE(expand(read(Axes))) << "the product overflows 64 bits";
}

TEST(Grid, ShowsWhereASettingIsWrong) {
  Study S = read("set: {noc.widht: 4}\n"
                 "axes:\n"
                 "  - {key: core.neurons, values: [1024, many]}\n"
                 "  - {key: noc.multicast, values: [true, 3]}\n"
                 "  - {key: core.unified_bytes, values: [64KiB, 64pJ]}\n");
  Status Checked = checkSettings(S);
  std::string Text;
  for (const Error &E : Checked.errors())
    Text += E.format() + "\n";
  EXPECT_THAT(Text, HasSubstr("study.yaml:4:7: error: unknown key `noc.widht`; "
                              "did you mean `noc.width`?"));
  EXPECT_THAT(Text, HasSubstr("study.yaml:6:40"));
  EXPECT_THAT(Text, HasSubstr("study.yaml:7:41"));
  EXPECT_THAT(Text, HasSubstr("study.yaml:8:47"));
  EXPECT_EQ(Checked.errors().size(), 4u) << Text;
}

TEST(Grid, LeavesContradictionsToThePointsThatHaveThem) {
  // More usable cores than 4 x 4 routers with 2 cores each have.
  Study S = read("axes:\n"
                 "  - {key: system.usable_cores, values: [16, 128]}\n"
                 "  - {keys: [noc.width, noc.height], values: [[4, 4], [8, "
                 "8]]}\n");
  EXPECT_TRUE(checkSettings(S));
  std::vector<bool> Fine;
  for (const Point &P : points(S))
    Fine.push_back(bool(configure(S, P)));
  EXPECT_EQ(Fine, (std::vector<bool>{true, true, false, true}));
}

TEST(Keys, KnowAConfigurationByWhatItIs) {
  PointKeys Plain = keys("");
  EXPECT_EQ(keys("core.unified_bytes: 32KiB").Point,
            keys("core.unified_bytes: 32768").Point)
      << "the same number, written otherwise";
  std::set<uint64_t> Points{Plain.Point};
  for (const char *Other :
       {"noc.width: 4", "core.neurons: 1024", "compile.weight_bits: 4",
        "compile.activation_bits: 6", "compile.placement: row-major",
        "compile.spread: 1", "compile.seed: 1",
        "costs.hop_east_west.energy_pj.value: 2"})
    EXPECT_TRUE(Points.insert(keys(Other).Point).second) << Other;
}

TEST(Keys, ShareImagesOfChipsThatTheCompilerCannotTell) {
  const PointKeys Plain = keys("");
  for (const char *Same : {"costs.hop_east_west.energy_pj.value: 2",
                           "costs.barrier_time.base_ns: 500",
                           "costs.static_power.per_chip_w: 1"}) {
    EXPECT_EQ(keys(Same).Image, Plain.Image) << Same;
    EXPECT_NE(keys(Same).Point, Plain.Point) << Same;
  }
  for (const char *Other :
       {"noc.width: 4", "noc.link_width_bits: 32", "core.neurons: 1024",
        "noc.multicast: false", "system.max_chips: 2", "event.header_bits: 16",
        "compile.placement: row-major", "compile.weight_bits: 4"})
    EXPECT_NE(keys(Other).Image, Plain.Image) << Other;
}

TEST(Keys, TellNetworksByWhatTheyCompute) {
  const PointKeys Plain = keys("");
  EXPECT_EQ(keys("core.neurons: 1024").Network, Plain.Network);
  EXPECT_EQ(keys("compile.placement: shuffled").Network, Plain.Network);
  EXPECT_NE(keys("compile.weight_bits: 4").Network, Plain.Network);
  EXPECT_NE(keys("compile.activation_bits: 4").Network, Plain.Network);
}

} // namespace
