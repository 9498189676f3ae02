//===- NirImportTest.cpp - NIR nodes as spike IR --------------------------===//

#include "tests/unit/nir/NirFile.h"
#include "tests/unit/nirimport/ImportedRun.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::testfiles;
using nir::Interpretation;
using testing::HasSubstr;

namespace {
/// A graph whose numbers are drawn.
struct Drawn : NirFile {
  std::mt19937 Random{11};
  std::vector<float> draw(size_t Count, float Low, float High) {
    std::uniform_real_distribution<float> D(Low, High);
    std::vector<float> Out(Count);
    for (float &F : Out)
      F = D(Random);
    return Out;
  }
  static size_t count(const std::vector<hsize_t> &Shape) {
    size_t N = 1;
    for (hsize_t S : Shape)
      N *= S;
    return N;
  }
  void array(const std::string &Name, const std::string &Key,
             const std::vector<hsize_t> &Shape, float Low, float High) {
    W.floats(place(Name) + Key, Shape, draw(count(Shape), Low, High));
  }
  void affine(const std::string &Name, hsize_t Out, hsize_t In) {
    type(Name, "Affine");
    array(Name, "weight", {Out, In}, -0.5F, 1);
    array(Name, "bias", {Out}, -0.2F, 0.3F);
  }
  void ints(const std::string &Name, const std::string &Key,
            const std::vector<int64_t> &V) {
    W.integers(place(Name) + Key, {V.size()}, V);
  }
  void window(const std::string &Name, const std::vector<hsize_t> &Weight,
              const std::vector<int64_t> &Stride,
              const std::vector<int64_t> &Padding, int64_t Groups) {
    type(Name, Weight.size() == 3 ? "Conv1d" : "Conv2d");
    array(Name, "weight", Weight, -0.5F, 1);
    array(Name, "bias", {Weight[0]}, -0.2F, 0.3F);
    ints(Name, "stride", Stride);
    ints(Name, "padding", Padding);
    ints(Name, "dilation", std::vector<int64_t>(Stride.size(), 1));
    ints(Name, "groups", {Groups});
  }
  void pool(const std::string &Name, const std::string &Type) {
    type(Name, Type);
    ints(Name, "kernel_size", {2, 2});
    ints(Name, "stride", {2, 2});
    ints(Name, "padding", {0, 0});
  }
  /// Every neuron with constants of its own.
  void neurons(const std::string &Name, const std::string &Type,
               const std::vector<hsize_t> &Shape) {
    type(Name, Type);
    const bool Cuba = Type.starts_with("Cuba");
    array(Name, "r", Shape, 0.5F, 1.5F);
    array(Name, "v_leak", Shape, -0.1F, 0.1F);
    array(Name, Cuba ? "tau_mem" : "tau", Shape, 2, 5);
    if (Cuba) {
      array(Name, "tau_syn", Shape, 2, 5);
      array(Name, "w_in", Shape, 0.5F, 2);
    }
    if (Type.ends_with("IF")) {
      array(Name, "v_threshold", Shape, 0.1F, 0.4F);
      array(Name, "v_reset", Shape, -0.1F, 0.05F);
    }
  }
  nir::Graph graph() {
    auto G = read();
    EXPECT_TRUE(G) << print(G.errors());
    return std::move(*G);
  }
};

/// Steps are units of the time constants above.
Interpretation unitSteps(const char *Preset = "default") {
  Interpretation How = *Interpretation::preset(Preset);
  How.Dt = 1;
  return How;
}

std::string importError(const nir::Graph &G, const Interpretation &How,
                        const models::NirOptions &Options = {}) {
  mlir::MLIRContext Context;
  auto Made = models::importNir(&Context, G, How, Options);
  return Made ? "none" : print(Made.errors());
}
} // namespace

TEST(NirImport, SpatialNodes) {
  Drawn F;
  F.port("input", "Input", {4, 7, 6});
  F.window("conv", {6, 2, 3, 2}, {1, 1}, {1, 0}, 2);
  F.neurons("lif", "LIF", {6, 7, 5});
  F.pool("sum", "SumPool2d");
  F.window("deep", {6, 1, 2, 2}, {1, 1}, {0, 0}, 6);
  F.neurons("cuba", "CubaLIF", {6, 2, 1});
  F.type("flat", "Flatten");
  F.ints("flat", "start_dim", {0});
  F.ints("flat", "end_dim", {-1});
  F.affine("fc", 5, 12);
  F.neurons("last", "LIF", {5});
  F.port("output", "Output", {5});
  F.edges({"input", "conv", "conv", "lif", "lif", "sum", "sum", "deep", "deep",
           "cuba", "cuba", "flat", "flat", "fc", "fc", "last", "last",
           "output"});
  nir::Graph G = F.graph();
  for (const char *Preset : {"default", "norse", "rockpool", "lava", "spyx"})
    EXPECT_GT(compareSpikes(G, unitSteps(Preset), 40, 0.3), 1000) << Preset;
}

TEST(NirImport, AverageScaleAndChainsOfLinears) {
  Drawn F;
  F.port("input", "Input", {2, 4, 4});
  F.pool("mean", "AvgPool2d");
  F.type("scale", "Scale");
  F.array("scale", "scale", {2, 2, 2}, 0.5F, 2);
  F.type("flat", "Flatten");
  F.ints("flat", "start_dim", {0});
  F.ints("flat", "end_dim", {-1});
  F.affine("a", 6, 8);
  F.affine("b", 7, 6);
  F.neurons("lif", "LIF", {7});
  F.type("above", "Threshold");
  F.array("above", "threshold", {7}, 0.5F, 0.5F);
  F.port("output", "Output", {7});
  F.edges({"input", "mean", "mean", "scale", "scale", "flat", "flat", "a", "a",
           "b", "b", "lif", "lif", "above", "above", "output"});
  EXPECT_GT(compareSpikes(F.graph(), unitSteps(), 40, 0.3), 50);
}

TEST(NirImport, OneDimension) {
  Drawn F;
  F.port("input", "Input", {3, 9});
  F.window("conv", {4, 3, 3}, {2}, {1}, 1);
  F.neurons("lif", "LIF", {4, 5});
  F.port("output", "Output", {4, 5});
  F.edges({"input", "conv", "conv", "lif", "lif", "output"});
  EXPECT_GT(compareSpikes(F.graph(), unitSteps(), 40, 0.3), 50);
}

TEST(NirImport, RecurrenceWithBiasSumsAndDelays) {
  Drawn F;
  F.port("input", "Input", {3});
  F.affine("in", 4, 3);
  F.affine("skip", 4, 3);
  F.neurons("a", "LIF", {4});
  F.affine("ab", 4, 4);
  F.neurons("b", "CubaLIF", {4});
  F.affine("ba", 4, 4);
  F.type("late", "Delay");
  F.array("late", "delay", {4}, 3, 3);
  F.affine("out", 2, 4);
  F.neurons("last", "LIF", {2});
  F.port("output", "Output", {2});
  F.edges({"input", "in",  "in",   "a",    "input", "skip", "skip",
           "b",     "a",   "ab",   "ab",   "b",     "b",    "ba",
           "ba",    "a",   "a",    "a",    "b",     "late", "late",
           "out",   "out", "last", "last", "output"});
  nir::Graph G = F.graph();
  for (const char *Preset : {"default", "norse", "lava", "spyx"})
    EXPECT_GT(compareSpikes(G, unitSteps(Preset), 60, 0.4), 100) << Preset;
}

TEST(NirImport, MembranesAndGradedInputs) {
  Drawn F;
  F.port("input", "Input", {3});
  F.affine("in", 4, 3);
  F.neurons("li", "CubaLI", {4});
  F.affine("out", 2, 4);
  F.neurons("last", "LI", {2});
  F.port("output", "Output", {2});
  F.edges({"input", "in", "in", "li", "li", "out", "out", "last", "last",
           "output"});
  nir::Graph G = F.graph();
  models::NirOptions Options;
  Options.InputBits = 8;
  Options.InputScale = 0.25;
  const Interpretation How = unitSteps();
  Imported Net;
  Net.load(G, How, Options);
  ASSERT_TRUE(Net.Module);
  std::vector<int32_t> Payloads(30 * 3);
  for (size_t I = 0; I != Payloads.size(); ++I)
    Payloads[I] = static_cast<int32_t>(I * 37 % 255) - 127;
  Net.run(G, Payloads, 3);
  ASSERT_EQ(Net.Ran.Logits.size(), 60U);
  PlainRun Plain(G, How);
  const auto Last = static_cast<size_t>(G.find("last") - G.Nodes.data());
  for (size_t T = 0; T != 30; ++T) {
    Plain.step({Payloads[T * 3] * 0.25, Payloads[T * 3 + 1] * 0.25,
                Payloads[T * 3 + 2] * 0.25});
    for (size_t I = 0; I != 2; ++I)
      EXPECT_NEAR(Net.Ran.Logits[T * 2 + I], Plain.of(Last)[I], 1e-3) << T;
  }
}

TEST(NirImport, SumsOfSpikesAreHandedOnExactly) {
  Drawn F;
  F.port("input", "Input", {2, 4, 4});
  F.pool("sum", "SumPool2d");
  F.window("conv", {3, 2, 2, 2}, {1, 1}, {0, 0}, 1);
  F.neurons("lif", "LIF", {3, 1, 1});
  F.port("output", "Output", {3, 1, 1});
  F.edges({"input", "sum", "sum", "conv", "conv", "lif", "lif", "output"});
  nir::Graph G = F.graph();
  Imported Net;
  Net.load(G, unitSteps());
  ASSERT_TRUE(Net.Module);
  bool Found = false;
  Net.network().walk([&](spike::PopulationOp P) {
    if (P.getResultName(0) != "conv.in")
      return;
    Found = true;
    auto Type = llvm::cast<spike::EventsType>(P.getOutputs()[0].getType());
    EXPECT_EQ(Type.getKind(), spike::EventKind::Unsigned);
    EXPECT_EQ(Type.getBits(), 3U); // 0 to 4
  });
  EXPECT_TRUE(Found);
}

TEST(NirImport, FurtherOutputsAreSpikesOfAPopulation) {
  NirFile F;
  F.chain();
  F.port("zero", "Output", {3});
  F.edges({"input", "fc", "fc", "lif", "lif", "output", "fc", "zero"});
  auto G = F.read();
  ASSERT_TRUE(G);
  const std::string Text = importError(*G, {});
  EXPECT_THAT(Text, HasSubstr("nir-ports"));
  EXPECT_THAT(Text, HasSubstr("'zero' (Output): the network's output is "
                              "'output'"));
}

TEST(NirImport, TakesSeveralInputs) {
  NirFile F;
  F.chain();
  F.port("second", "Input", {4});
  F.linear("more", 3, 4);
  F.port("spikes", "Output", {3});
  F.edges({"input", "fc", "fc", "lif", "second", "more", "more", "lif", "lif",
           "output", "lif", "spikes"});
  auto G = F.read();
  ASSERT_TRUE(G) << G.errors()[0].format();
  Imported Net;
  Net.load(*G, {});
  ASSERT_TRUE(Net.Module);
  std::vector<std::string> Names;
  for (spike::InputOp In : Net.network().getOps<spike::InputOp>())
    Names.push_back(In.getName().str());
  EXPECT_THAT(Names, testing::UnorderedElementsAre("input", "second"));
  auto Outputs = Net.network().getOps<spike::OutputOp>();
  EXPECT_EQ(std::distance(Outputs.begin(), Outputs.end()), 1);
}

TEST(NirImport, RefusesDelaysThatDiffer) {
  NirFile F;
  F.chain();
  F.type("late", "Delay");
  F.W.floats(F.place("late") + "delay", {3}, {1, 2, 3});
  F.edges({"input", "fc", "fc", "lif", "lif", "late", "late", "output"});
  auto G = F.read();
  ASSERT_TRUE(G);
  Interpretation How = unitSteps();
  How.Dt = 1e-3;
  const std::string Text = importError(*G, How);
  EXPECT_THAT(Text, HasSubstr("nir-delay"));
  EXPECT_THAT(Text, HasSubstr("'late'"));
}

TEST(NirImport, RefusesMembranesOfNobody) {
  NirFile F;
  F.port("input", "Input", {2});
  F.linear("fc", 3, 2);
  F.port("output", "Output", {3});
  F.edges({"input", "fc", "fc", "output"});
  auto G = F.read();
  ASSERT_TRUE(G);
  models::NirOptions Options;
  Options.RecordMembrane = true;
  EXPECT_THAT(importError(*G, {}, Options), HasSubstr("nir-import"));
  EXPECT_EQ(importError(*G, {}), "none");
}

TEST(NirImport, RefusesNodesThatNothingLeadsTo) {
  // A subgraph that has an Input gets no other.
  for (const char *Kind : {"linear", "lif"}) {
    NirFile F;
    F.port("input", "Input", {3});
    F.type("sub", "NIRGraph");
    F.port("sub/in", "Input", {3});
    F.lif("sub/lif", 3);
    if (Kind == std::string("linear"))
      F.linear("sub/alone", 3, 3);
    else
      F.lif("sub/alone", 3);
    F.port("sub/out", "Output", {3});
    F.edges({"in", "lif", "alone", "lif", "lif", "out"}, "sub");
    F.port("output", "Output", {3});
    F.edges({"input", "sub", "sub", "output"});
    auto G = F.read();
    ASSERT_TRUE(G) << print(G.errors());
    const std::string Text = importError(*G, {});
    EXPECT_THAT(Text, HasSubstr("nir-import"));
    EXPECT_THAT(Text, HasSubstr("'sub.alone'"));
  }
}

TEST(NirImport, WaysThroughScalesAreOneTerm) {
  // 2^40 ways from the input to the neurons.
  Drawn F;
  F.port("input", "Input", {3});
  F.affine("fc", 3, 3);
  std::vector<std::string> Edges = {"input", "fc"}, Before = {"fc"};
  for (int Level = 0; Level != 40; ++Level) {
    std::vector<std::string> Here;
    for (const char *Side : {"a", "b"}) {
      Here.push_back("scale" + std::to_string(Level) + Side);
      F.type(Here.back(), "Scale");
      F.array(Here.back(), "scale", {3}, 0.4F, 0.6F);
      for (const std::string &From : Before)
        Edges.insert(Edges.end(), {From, Here.back()});
    }
    Before = Here;
  }
  F.neurons("lif", "LIF", {3});
  F.port("output", "Output", {3});
  Edges.insert(Edges.end(),
               {Before[0], "lif", Before[1], "lif", "lif", "output"});
  F.edges(Edges);
  nir::Graph G = F.graph();
  EXPECT_GT(compareSpikes(G, unitSteps(), 60, 0.4), 10);
}

TEST(NirImport, RefusesWeightsThatAreNotFinite) {
  for (bool InPlace : {true, false}) {
    NirFile F;
    F.port("input", "Input", {1});
    F.type("fc", "Linear");
    if (InPlace)
      F.W.floats(F.place("fc") + "weight", {1, 1}, {NAN});
    else
      F.W.doubles(F.place("fc") + "weight", {1, 1}, {1e300});
    F.lif("lif", 1);
    F.port("output", "Output", {1});
    F.edges({"input", "fc", "fc", "lif", "lif", "output"});
    auto G = F.read();
    ASSERT_TRUE(G) << print(G.errors());
    auto Read = G->weights(std::get<nir::Dense>(G->find("fc")->Is).W);
    ASSERT_FALSE(Read);
    EXPECT_EQ(Read.errors()[0].Rule, "nir-value");
    EXPECT_THAT(Read.errors()[0].Text, HasSubstr("'/node/nodes/fc/weight'"));
  }
}
