// NIR graphs that others wrote, and sound ones written here.

#include "models/nir/WeightMatch.h"
#include "tests/unit/nir/GoldenNir.h"
#include "tests/unit/nir/NirFile.h"

#include <gmock/gmock.h>

#include <filesystem>

using namespace synfire;
using namespace synfire::nir;
using namespace synfire::testfiles;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

#define SKIP_WITHOUT(File)                                                     \
  if (!std::filesystem::exists(File))                                          \
  GTEST_SKIP() << "no " << (File)

std::vector<std::string> edges(const Graph &G) {
  std::vector<std::string> Out;
  for (Edge E : G.Edges)
    Out.push_back(G.Nodes[E.From].Name + ">" + G.Nodes[E.To].Name);
  std::sort(Out.begin(), Out.end());
  return Out;
}

TEST(NirGolden, Norse) {
  SKIP_WITHOUT(golden("lif_norse.nir"));
  Result<Graph> G = Graph::read(golden("lif_norse.nir"));
  ASSERT_TRUE(G) << G.errors()[0].format();
  EXPECT_EQ(G->Version, "0.1.1");
  EXPECT_THAT(edges(*G), ElementsAre("0>1", "1>output", "input>0"));
  EXPECT_THAT(notes(*G), IsEmpty());
  const auto &L = std::get<Neuron>(G->find("1")->Is);
  EXPECT_EQ(L.Tau.Data[0], static_cast<double>(0.0025F));
  EXPECT_EQ(L.VReset.Data[0], 0);
  EXPECT_THAT(*G->weights(std::get<Dense>(G->find("0")->Is).W), ElementsAre(1));
}

TEST(NirGolden, Sinabs) {
  SKIP_WITHOUT(golden("cnn_sinabs.nir"));
  Result<Graph> G = Graph::read(golden("cnn_sinabs.nir"));
  ASSERT_TRUE(G) << G.errors()[0].format();
  EXPECT_EQ(G->Nodes.size(), 15U);
  EXPECT_THAT(G->find("0")->Out, ElementsAre(16, 16, 16));
  EXPECT_THAT(G->find("4")->Out, ElementsAre(16, 8, 8));
  EXPECT_THAT(G->find("5")->Out, ElementsAre(8, 8, 8));
  EXPECT_THAT(G->find("7")->Out, ElementsAre(8, 4, 4));
  EXPECT_THAT(G->find("8")->Out, ElementsAre(128));
  EXPECT_THAT(G->find("12")->Out, ElementsAre(10));
  size_t NumWeights = 0, NumNeurons = 0;
  for (const Node &N : G->Nodes) {
    const Weights *W = nullptr;
    if (const auto *D = std::get_if<Dense>(&N.Is))
      W = &D->W;
    if (const auto *C = std::get_if<Convolution>(&N.Is))
      W = &C->W;
    if (W) {
      Result<std::vector<float>> V = G->weights(*W);
      ASSERT_TRUE(V);
      NumWeights += V->size();
      // What lies in the file as it is is the same.
      ASSERT_TRUE(W->Stored);
      EXPECT_EQ(*readFloats(G->file().bytes(), *W->Stored), *V);
    }
    if (N.K == Kind::IF)
      NumNeurons += std::get<Neuron>(N.Is).R.Data.size();
  }
  EXPECT_EQ(NumWeights, 39584U);
  EXPECT_EQ(NumNeurons, 8970U);
  EXPECT_THAT(G->Recurrences, IsEmpty());
  EXPECT_EQ(G->Nodes[G->Order.front()].Name, "input");
  EXPECT_EQ(G->Nodes[G->Order.back()].Name, "output");
}

TEST(NirGolden, BrailleIsRecurrent) {
  SKIP_WITHOUT(golden("braille_noDelay_bias_zero.nir"));
  Result<Graph> G = Graph::read(golden("braille_noDelay_bias_zero.nir"));
  ASSERT_TRUE(G) << G.errors()[0].format();
  EXPECT_EQ(G->Edges.size(), 7U);
  ASSERT_EQ(G->Recurrences.size(), 1U);
  std::vector<std::string> Names;
  for (uint32_t I : G->Recurrences[0])
    Names.push_back(G->Nodes[I].Name);
  EXPECT_THAT(Names, ElementsAre("lif1.lif", "lif1.w_rec"));
}

TEST(NirGolden, WeightsEqualTheCheckpoints) {
  SKIP_WITHOUT(golden("braille_noDelay_bias_zero.pt"));
  struct {
    const char *File, *Checkpoint;
    size_t NumPairs;
  } Cases[] = {
      {"braille_noDelay_bias_zero.nir", "braille_noDelay_bias_zero.pt", 6},
      {"cnn_sinabs.nir", "cnn_ann_weights.pth", 5}};
  for (const auto &C : Cases) {
    Result<Graph> G = Graph::read(golden(C.File));
    Result<checkpoint::Checkpoint> P =
        checkpoint::Checkpoint::open(golden(C.Checkpoint));
    ASSERT_TRUE(G && P);
    Result<WeightMatch> M = matchWeights(*G, *P);
    ASSERT_TRUE(M) << M.errors()[0].format();
    EXPECT_EQ(M->Pairs.size(), C.NumPairs) << M->describe();
    EXPECT_TRUE(M->check(C.File, C.Checkpoint));
  }
}

TEST(NirGraph, ReadsEveryPrimitive) {
  NirFile F;
  F.port("input", "Input", {4, 9, 12});
  // 4 channels in 2 groups, kernel 3x5, stride 2x3.
  F.conv("conv", {6, 2, 3, 5}, {2, 3}, 2);
  F.W.text(F.place("conv") + "padding", "same");
  F.type("scale", "Scale");
  F.W.floats(F.place("scale") + "scale", {}, {2});
  for (const char *P : {"sum", "avg"}) {
    F.type(P, *P == 's' ? "SumPool2d" : "AvgPool2d");
    F.W.integers(F.place(P) + "kernel_size", {2}, {2, 1});
    F.W.integers(F.place(P) + "stride", {2}, {2, 1});
    F.W.integers(F.place(P) + "padding", {}, {0});
  }
  F.type("if", "IF");
  F.W.floats(F.place("if") + "r", {}, {1});
  F.W.floats(F.place("if") + "v_threshold", {}, {1});
  F.type("flat", "Flatten");
  F.W.integers(F.place("flat") + "start_dim", {}, {0});
  F.W.integers(F.place("flat") + "end_dim", {}, {-1});
  F.linear("fc", 3, 24);
  F.type("cuba", "CubaLIF");
  for (const char *P : {"tau_syn", "tau_mem", "r", "v_leak", "v_threshold"})
    F.W.floats(F.place("cuba") + P, {3}, {1, 2, 3});
  F.type("delay", "Delay");
  F.W.floats(F.place("delay") + "delay", {3}, {0, 1, 2});
  F.type("threshold", "Threshold");
  F.W.floats(F.place("threshold") + "threshold", {}, {0.5});
  F.type("li", "LI");
  for (const char *P : {"tau", "r", "v_leak"})
    F.W.floats(F.place("li") + P, {3}, {1, 2, 3});
  F.type("affine", "Affine");
  F.W.floats(F.place("affine") + "weight", {2, 3}, {1, 2, 3, 4, 5, 6});
  F.W.floats(F.place("affine") + "bias", {2}, {7, 8});
  F.type("i", "I");
  F.W.floats(F.place("i") + "r", {2}, {1, 1});
  F.type("c", "CubaLI");
  for (const char *P : {"tau_syn", "tau_mem", "r", "v_leak"})
    F.W.floats(F.place("c") + P, {}, {1});
  F.lif("lif", 2);
  F.W.floats(F.place("lif") + "v_reset", {2}, {0.1F, 0.2F});
  F.port("output", "Output", {2});
  F.edges({"lif",   "output", "input",  "conv",      "conv",      "scale",
           "scale", "sum",    "sum",    "avg",       "avg",       "if",
           "if",    "flat",   "flat",   "fc",        "fc",        "cuba",
           "cuba",  "delay",  "delay",  "threshold", "threshold", "li",
           "li",    "affine", "affine", "i",         "i",         "c",
           "c",     "lif"});
  Result<Graph> G = F.read();
  ASSERT_TRUE(G) << G.errors()[0].format();
  EXPECT_THAT(G->find("conv")->Out, ElementsAre(6, 5, 4));
  const auto &C = std::get<Convolution>(G->find("conv")->Is);
  EXPECT_THAT(C.PadBefore, ElementsAre(1, 2));
  EXPECT_THAT(C.PadAfter, ElementsAre(1, 2));
  EXPECT_THAT(G->find("sum")->Out, ElementsAre(6, 2, 4));
  EXPECT_THAT(G->find("avg")->Out, ElementsAre(6, 1, 4));
  EXPECT_THAT(G->find("if")->Out, ElementsAre(6, 1, 4));
  EXPECT_THAT(G->find("flat")->Out, ElementsAre(24));
  EXPECT_EQ(std::get<Flattening>(G->find("flat")->Is).Last, 2);
  EXPECT_THAT(G->find("c")->Out, ElementsAre(2));
  EXPECT_EQ(std::get<Neuron>(G->find("cuba")->Is).WIn.at(2), 1);
  EXPECT_EQ(std::get<Neuron>(G->find("lif")->Is).VReset.at(1),
            static_cast<double>(0.2F));
  EXPECT_THAT(notes(*G), HasSubstr("nir-same: node 'conv'"));
  EXPECT_THAT(notes(*G), HasSubstr("nir-broadcast: node 'if'"));
}

TEST(NirGraph, DissolvesSubgraphs) {
  NirFile F;
  F.port("in", "Input", {2});
  F.type("sub", "NIRGraph");
  F.port("sub/input", "Input", {2});
  F.linear("sub/w", 2, 2);
  F.lif("sub/lif", 2);
  F.linear("sub/rec", 2, 2);
  F.port("sub/output", "Output", {2});
  F.edges(
      {"input", "w", "w", "lif", "lif", "rec", "rec", "lif", "lif", "output"},
      "sub");
  F.port("out", "Output", {2});
  F.edges({"in", "sub", "sub", "out"});
  Result<Graph> G = F.read();
  ASSERT_TRUE(G) << G.errors()[0].format();
  EXPECT_THAT(edges(*G),
              ElementsAre("in>sub.w", "sub.lif>out", "sub.lif>sub.rec",
                          "sub.rec>sub.lif", "sub.w>sub.lif"));
  EXPECT_EQ(G->Recurrences.size(), 1U);
  EXPECT_THAT(notes(*G), IsEmpty());
}

TEST(NirGraph, ASingleNodeIsAGraph) {
  Folder Files;
  {
    Hdf5Writer W(Files.path("x.nir"));
    W.text("version", "1.0");
    W.text("node/type", "Linear");
    W.floats("node/weight", {1, 2}, {3, 4}, {.Chunk = {1, 2}, .Gzip = 4});
  }
  Result<Graph> G = Graph::read(Files.path("x.nir"));
  ASSERT_TRUE(G) << G.errors()[0].format();
  EXPECT_THAT(edges(*G), ElementsAre("input_node>node", "node>output_node"));
  EXPECT_THAT(G->find("input_node")->Out, ElementsAre(2));
  const Weights &W = std::get<Dense>(G->find("node")->Is).W;
  EXPECT_FALSE(W.Stored);
  EXPECT_THAT(*G->weights(W), ElementsAre(3, 4));
}

} // namespace
