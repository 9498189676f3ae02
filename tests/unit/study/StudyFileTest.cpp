//===- tests/unit/study/StudyFileTest.cpp - study.yaml --------------------===//

#include "simulator/study/StudyFile.h"
#include "simulator/study/AxisValues.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::study;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const std::string Head = "version: 1\n"
                         "models: [{path: net.pth}]\n"
                         "target: generic\n";

Study read(const std::string &Text) {
  auto S = Study::parse(Text, "folder/study.yaml");
  EXPECT_TRUE(S) << S.errors().front().format();
  return S ? *S : Study();
}

std::string faults(const std::string &Text) {
  auto S = Study::parse(Text, "study.yaml");
  std::string Out;
  if (!S)
    for (const Error &E : S.errors())
      Out += E.format() + "\n";
  return Out;
}

std::vector<std::string> labels(const Axis &A) {
  std::vector<std::string> Out;
  for (size_t I = 0; I < A.Steps.size(); ++I)
    Out.push_back(A.label(I));
  return Out;
}

TEST(StudyFile, HasDefaults) {
  Study S = read(Head);
  EXPECT_EQ(S.Name, "study");
  ASSERT_EQ(S.Models.size(), 1u);
  EXPECT_EQ(S.Models[0].Name, "net");
  EXPECT_EQ(S.Models[0].Path, "folder/net.pth");
  EXPECT_EQ(S.Targets[0].NameOrFile, "generic");
  EXPECT_THAT(S.Modes, ElementsAre(sim::Mode::Generate, sim::Mode::Prefill));
  EXPECT_EQ(S.Fidelity, sim::Fidelity::Analytic);
  EXPECT_TRUE(S.Axes.empty() && S.Points.empty() && S.Fixed.empty());
}

TEST(StudyFile, NetworksMayReadEvents) {
  Study S = read("version: 1\n"
                 "models:\n"
                 "  - {path: a.net, events: none, steps: 24, reset_every: 17, "
                 "bias: image.npy}\n"
                 "  - {path: b.nir, events: {left: l.npy, right: none}, "
                 "dt: 1e-4, masks: compute}\n"
                 "target: generic\n");
  // Token steps of events are the ticks of the chip.
  EXPECT_THAT(S.Modes, ElementsAre(sim::Mode::Prefill));
  const StudyModel &A = S.Models[0], &B = S.Models[1];
  EXPECT_EQ(A.Steps, 24u);
  ASSERT_EQ(A.Events.size(), 1u);
  EXPECT_EQ(A.Events[0].argument(), "none");
  EXPECT_EQ(A.Events[0].path(), "");
  ASSERT_EQ(A.Options.size(), 2u);
  EXPECT_EQ(A.Options[0].Of.option(), "--bias");
  EXPECT_EQ(A.Options[0].Value, "folder/image.npy");
  EXPECT_EQ(A.Options[1].Of.option(), "--reset-every");
  EXPECT_EQ(A.Options[1].Value, "17");
  ASSERT_EQ(B.Events.size(), 2u);
  EXPECT_EQ(B.Events[0].argument(), "left=folder/l.npy");
  EXPECT_EQ(B.Events[1].argument(), "right=none");
  ASSERT_EQ(B.Options.size(), 2u);
  EXPECT_EQ(B.Options[0].Value, "compute"); // a word, no file
  EXPECT_EQ((EventSource{"", "data.nir#node/spikes"}.path()), "data.nir");
}

TEST(StudyFile, EventsNeedALength) {
  const std::string Models = "version: 1\ntarget: generic\nmodels:\n";
  EXPECT_THAT(faults(Models + "  - {path: a.net, events: none}\n"),
              HasSubstr("study-events"));
  EXPECT_THAT(faults(Models + "  - {path: a.net, steps: 3}\n"),
              HasSubstr("study-events"));
  EXPECT_THAT(faults(Models + "  - {path: a.net, events: x.npy, steps: 0}\n"),
              HasSubstr("models.steps"));
  EXPECT_THAT(faults(Models + "  - {path: a.net, reset_evry: 3}\n"),
              HasSubstr("reset_every"));
}

TEST(StudyFile, ReadsEverything) {
  Study S = read("version: 1\n"
                 "name: both\n"
                 "models:\n"
                 "  - {path: ../a.pth, name: first, arch: spikegpt}\n"
                 "  - {path: /b.safetensors, prefix: model.}\n"
                 "prompt: \"To be\"\n"
                 "tokens: 16\n"
                 "modes: [prefill]\n"
                 "fidelity: event\n"
                 "target: [generic, chips/own.yaml]\n"
                 "set: {system.max_chips: 4, compile.seed: 3}\n"
                 "axes:\n"
                 "  - {key: core.unified_bytes, from: 32KiB, to: 256KiB, "
                 "factor: 2}\n"
                 "  - {key: noc.link_width_bits, from: 16, to: 64, steps: 4}\n"
                 "  - {keys: [noc.width, noc.height], values: [[4, 4], [8, "
                 "8]]}\n"
                 "points:\n"
                 "  - {noc.multicast: false, compile.weight_bits: 4}\n");
  EXPECT_EQ(S.Models[0].Path, "a.pth");
  EXPECT_EQ(S.Models[1].Path, "/b.safetensors");
  EXPECT_EQ(S.Models[1].Prefix, "model.");
  EXPECT_EQ(S.Prompt, "To be");
  EXPECT_EQ(S.Tokens, 16u);
  EXPECT_THAT(S.Modes, ElementsAre(sim::Mode::Prefill));
  EXPECT_EQ(S.Targets[1].NameOrFile, "folder/chips/own.yaml");
  EXPECT_EQ(S.Fixed[0].assignment(), "system.max_chips=4");
  EXPECT_THAT(labels(S.Axes[0]),
              ElementsAre("32KiB", "64KiB", "128KiB", "256KiB"));
  EXPECT_THAT(labels(S.Axes[1]), ElementsAre("16", "32", "48", "64"));
  EXPECT_THAT(labels(S.Axes[2]), ElementsAre("4, 4", "8, 8"));
  EXPECT_THAT(S.variedKeys(),
              ElementsAre("core.unified_bytes", "noc.link_width_bits",
                          "noc.width", "noc.height", "noc.multicast",
                          "compile.weight_bits"));
}

TEST(StudyFile, TellsAllMistakesWithTheirPlaces) {
  std::string Text = faults("version: 1\n"
                            "models: [{path: a.pth, nmae: x}]\n"
                            "target: generic\n"
                            "fidelty: event\n"
                            "modes: [generat]\n"
                            "axes:\n"
                            "  - {key: compile.weight_bit, values: [4]}\n"
                            "  - {key: compile.activation_bits, values: [99]}\n"
                            "  - {key: noc.width, values: [4], factor: 2}\n"
                            "  - {keys: [noc.width, noc.height], values: "
                            "[4]}\n");
  EXPECT_THAT(Text, HasSubstr("study.yaml:2:24"));
  EXPECT_THAT(Text, HasSubstr("did you mean `models.name`"));
  EXPECT_THAT(Text, HasSubstr("study.yaml:4:1"));
  EXPECT_THAT(Text, HasSubstr("did you mean `fidelity`"));
  EXPECT_THAT(Text, HasSubstr("study.yaml:5:9"));
  EXPECT_THAT(Text, HasSubstr("did you mean `compile.weight_bits`"));
  EXPECT_THAT(Text, HasSubstr("study.yaml:8:45"));
  EXPECT_THAT(Text, HasSubstr("go with `from`"));
  EXPECT_THAT(Text, HasSubstr("a list of 2"));
}

TEST(StudyFile, RefusesAxesThatLeadNowhere) {
  for (const char *Axis :
       {"{key: noc.width}", "{values: [1]}", "{key: noc.width, values: []}",
        "{key: noc.width, from: 1, to: 8}",
        "{key: noc.width, from: 1, to: 8, steps: 1}",
        "{key: noc.width, from: 8, to: 1, factor: 2}",
        "{key: noc.width, from: 1, to: 8, factor: 1}",
        "{key: noc.width, from: 0, to: 8, factor: 2}",
        "{key: noc.width, from: 1KiB, to: 8, factor: 2}",
        "{key: noc.width, from: 1, to: 1e300, factor: 1.0000001}",
        "{key: noc.width, from: x, to: 8, factor: 2}",
        "{keys: [noc.width, noc.height], from: 1, to: 8, factor: 2}"})
    EXPECT_NE(faults(Head + "axes: [" + Axis + "]\n"), "") << Axis;
  EXPECT_THAT(faults(Head + "axes:\n"
                            "  - {key: noc.width, values: [4]}\n"
                            "  - {key: noc.width, values: [8]}\n"),
              HasSubstr("study-duplicate-key"));
}

TEST(StudyFile, SurvivesDamage) {
  const std::string Whole =
      Head + "axes: [{key: noc.width, from: 1, to: 8, factor: 2}]\n"
             "points: [{noc.height: 2}]\n";
  for (size_t Size = 0; Size < Whole.size(); ++Size) {
    (void)Study::parse(Whole.substr(0, Size), "study.yaml");
    for (char Bad : {'\0', '[', '{', ':', '\xff'}) {
      std::string Text = Whole;
      Text[Size] = Bad;
      (void)Study::parse(Text, "study.yaml");
    }
  }
}

TEST(AxisValues, SplitsUnits) {
  EXPECT_FALSE(splitUnit(""));
  EXPECT_FALSE(splitUnit("KiB"));
  EXPECT_FALSE(splitUnit("nan"));
  EXPECT_EQ(splitUnit("1.5pJ")->Number, 1.5);
  EXPECT_EQ(splitUnit("1.5pJ")->Unit, "pJ");
}

} // namespace
