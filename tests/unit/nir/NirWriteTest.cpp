// Graphs that we write: read again, they are what they were.

#include "models/nir/NirWrite.h"
#include "models/lavadl/LavaToNir.h"
#include "models/nir/Interpretation.h"
#include "tests/unit/nir/GoldenNir.h"
#include "tests/unit/nir/NirFile.h"

#include <gmock/gmock.h>

#include <bit>
#include <filesystem>

using namespace synfire;
using namespace synfire::nir;
using namespace synfire::testfiles;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

Result<Graph> again(const NewGraph &G, const Folder &Files) {
  const std::string Path = Files.path("again.nir");
  if (Status S = write(G, Path); !S)
    return S.errors();
  return Graph::read(Path);
}

std::vector<uint32_t> bits(const std::vector<float> &Values) {
  std::vector<uint32_t> Out;
  for (float V : Values)
    Out.push_back(std::bit_cast<uint32_t>(V));
  return Out;
}

/// Nodes, edges, constants of a step, and weights to the bit.
void expectSame(const Graph &A, const Graph &B) {
  ASSERT_EQ(A.Nodes.size(), B.Nodes.size());
  auto edges = [](const Graph &G) {
    std::set<std::pair<std::string, std::string>> Out;
    for (Edge E : G.Edges)
      Out.emplace(G.Nodes[E.From].Name, G.Nodes[E.To].Name);
    return Out;
  };
  EXPECT_EQ(edges(A), edges(B));
  for (const Node &N : A.Nodes) {
    SCOPED_TRACE(N.Name);
    const Node *M = B.find(N.Name);
    ASSERT_NE(M, nullptr);
    EXPECT_EQ(N.K, M->K);
    EXPECT_EQ(N.In, M->In);
    EXPECT_EQ(N.Out, M->Out);
    if (isNeuron(N.K)) {
      auto Mine = discretize(N, {}, "a"), Theirs = discretize(*M, {}, "b");
      ASSERT_TRUE(Mine && Theirs);
      // One for all may have become one for each.
      auto same = [](const std::vector<double> &X,
                     const std::vector<double> &Y) {
        for (size_t I = 0; I != Y.size(); ++I)
          if (X[X.size() == 1 ? 0 : I] != Y[I])
            return false;
        return X.empty() == Y.empty();
      };
      EXPECT_TRUE(same(Mine->Decay, Theirs->Decay));
      EXPECT_TRUE(same(Mine->Drive, Theirs->Drive));
      EXPECT_TRUE(same(Mine->Gain, Theirs->Gain));
      EXPECT_TRUE(same(Mine->SynDecay, Theirs->SynDecay));
      EXPECT_TRUE(same(Mine->SynGain, Theirs->SynGain));
      EXPECT_TRUE(same(Mine->Threshold, Theirs->Threshold));
      EXPECT_TRUE(same(Mine->ResetTo, Theirs->ResetTo));
    }
    if (const auto *D = std::get_if<Dense>(&N.Is)) {
      const auto &E = std::get<Dense>(M->Is);
      EXPECT_EQ(bits(*A.weights(D->W)), bits(*B.weights(E.W)));
      EXPECT_EQ(D->Bias.Data, E.Bias.Data);
      EXPECT_TRUE(E.W.Stored) << "weights lie in the file as they are";
    }
    if (const auto *C = std::get_if<Convolution>(&N.Is)) {
      const auto &E = std::get<Convolution>(M->Is);
      EXPECT_EQ(bits(*A.weights(C->W)), bits(*B.weights(E.W)));
      EXPECT_EQ(C->Stride, E.Stride);
      EXPECT_EQ(C->Dilation, E.Dilation);
      EXPECT_EQ(C->PadBefore, E.PadBefore);
      EXPECT_EQ(C->PadAfter, E.PadAfter);
      EXPECT_EQ(C->Groups, E.Groups);
    }
    if (const auto *P = std::get_if<Pooling>(&N.Is)) {
      EXPECT_EQ(P->Kernel, std::get<Pooling>(M->Is).Kernel);
      EXPECT_EQ(P->Stride, std::get<Pooling>(M->Is).Stride);
    }
    if (const auto *E = std::get_if<Elementwise>(&N.Is)) {
      EXPECT_EQ(E->By.at(0), std::get<Elementwise>(M->Is).By.at(0));
    }
  }
}

/// Those of this repository always, published ones where they are.
TEST(NirWrite, GraphsOfFilesComeBack) {
  const std::string Shipped = SYNFIRE_SOURCE_DIR "/examples/11-nir/";
  for (const std::string &Path :
       {Shipped + "convolutional.nir", Shipped + "recurrent.nir",
        golden("lif_norse.nir"), golden("cnn_sinabs.nir"),
        golden("braille_noDelay_bias_zero.nir")}) {
    if (!Path.starts_with(Shipped) && !std::filesystem::exists(Path))
      continue;
    SCOPED_TRACE(Path);
    auto G = Graph::read(Path);
    ASSERT_TRUE(G);
    auto W = rewritten(*G);
    ASSERT_TRUE(W);
    Folder Files;
    auto B = again(*W, Files);
    ASSERT_TRUE(B) << B.errors()[0].format();
    EXPECT_TRUE(B->Notes.empty()) << notes(*B);
    expectSame(*G, *B);
  }
}

TEST(NirWrite, EveryKindComesBack) {
  NirFile F;
  F.port("input", "Input", {2, 6, 6});
  F.conv("conv", {4, 1, 3, 2}, {2, 1}, 2);
  F.W.text(F.place("conv") + "padding", "same");
  F.type("pool", "AvgPool2d");
  for (const char *P : {"kernel_size", "stride"})
    F.W.integers(F.place("pool") + P, {2}, {1, 2});
  F.W.integers(F.place("pool") + "padding", {}, {0});
  F.type("flat", "Flatten");
  F.W.integers(F.place("flat") + "start_dim", {}, {0});
  F.W.integers(F.place("flat") + "end_dim", {}, {-1});
  F.linear("fc", 3, 36);
  F.type("scale", "Scale");
  F.W.floats(F.place("scale") + "scale", {3}, {2, 2, 2});
  F.lif("lif", 3);
  F.W.floats(F.place("lif") + "v_reset", {3}, {-0.5F, 0, 0.125F});
  F.type("delay", "Delay");
  F.W.doubles(F.place("delay") + "delay", {1}, {3e-4});
  F.type("thr", "Threshold");
  F.W.doubles(F.place("thr") + "threshold", {3}, {0.5, 0.5, 0.5});
  F.port("output", "Output", {3});
  F.edges({"input", "conv", "conv", "pool", "pool", "flat", "flat", "fc", "fc",
           "scale", "scale", "lif", "lif", "delay", "delay", "thr", "thr",
           "output"});
  auto G = F.read();
  ASSERT_TRUE(G) << G.errors()[0].format();
  auto W = rewritten(*G);
  ASSERT_TRUE(W) << W.errors()[0].format();
  Folder Files;
  auto B = again(*W, Files);
  ASSERT_TRUE(B) << B.errors()[0].format();
  expectSame(*G, *B);
  EXPECT_EQ(B->Version, "1.0.6");
}

TEST(NirWrite, LavaLayersBecomeNodesOfTheirDecays) {
  using namespace lavadl;
  auto net = [](int64_t Current, int64_t Voltage, std::vector<int64_t> Bias) {
    LavaNet Net;
    lavadl::Layer In;
    In.Shape = {2, 1, 1};
    lavadl::Layer D;
    D.Type = LayerType::Dense;
    D.Path = "/layer/1";
    D.Shape = {3, 1, 1};
    D.WeightShape = {3, 2};
    D.Weight = {1, -2, 3, 4, 5, -6};
    D.Neuron = lavadl::Neuron{Current, Voltage, 10};
    D.Bias = std::move(Bias);
    Net.Layers = {In, D};
    return Net;
  };
  struct {
    int64_t Current, Voltage;
    std::vector<std::string> Kinds; ///< of the neurons, by the nodes' names
    std::vector<double> Decay, Drive;
  } Cases[] = {
      {1024, 512, {"CubaLIF"}, {0.875}, {7}},
      {4096, 512, {"LIF"}, {0.875}, {7}},
      {4096, 0, {"IF"}, {1}, {0}},
      {1024, 4096, {"Threshold", "LI"}, {}, {}},
      {0, 512, {"LIF", "I"}, {0.875}, {7}},
  };
  for (const auto &C : Cases) {
    SCOPED_TRACE(std::to_string(C.Current) + " " + std::to_string(C.Voltage));
    auto W = toNir(net(C.Current, C.Voltage, {3, 5, 7}), "n.net", 1e-3);
    ASSERT_TRUE(W);
    Folder Files;
    auto G = again(*W, Files);
    ASSERT_TRUE(G) << G.errors()[0].format();
    Interpretation How;
    How.Dt = 1e-3;
    std::vector<std::string> Kinds;
    for (const char *Name : {"layer1", "layer1.current"})
      if (const nir::Node *N = G->find(Name))
        Kinds.emplace_back(nir::name(N->K));
    EXPECT_EQ(Kinds, C.Kinds);
    const nir::Node &N = *G->find("layer1");
    if (N.K == Kind::Threshold) {
      EXPECT_EQ(std::get<Elementwise>(N.Is).By.at(2), 10 - 7);
      continue;
    }
    auto S = discretize(N, How, "n");
    ASSERT_TRUE(S) << S.errors()[0].format();
    EXPECT_NEAR(S->Decay[0], C.Decay[0], 1e-12);
    EXPECT_NEAR(S->Drive[2], C.Drive[0], 1e-9);
    EXPECT_NEAR(S->Gain[0], 1, 1e-12);
    EXPECT_EQ(S->Threshold[0], 10);
    if (N.K == Kind::CubaLIF) {
      EXPECT_NEAR(S->SynDecay[0], 0.75, 1e-12);
      EXPECT_NEAR(S->SynGain[0], 1, 1e-12);
    }
    // A bias that no leak pulls at stands in front.
    const auto &Sum = std::get<Dense>(G->find("layer1.sum")->Is);
    EXPECT_EQ(Sum.Bias.empty(), N.K != Kind::IF);
    EXPECT_EQ(*G->weights(Sum.W), (std::vector<float>{1, -2, 3, 4, 5, -6}));
    EXPECT_FALSE(W->Notes.empty());
  }
  auto W = toNir(net(1024, 0, {3, 5, 7}), "n.net", 1e-3);
  ASSERT_FALSE(W);
  EXPECT_EQ(W.errors()[0].Rule, "lava-export");
  EXPECT_TRUE(toNir(net(1024, 0, {}), "n.net", 1e-3));
}

} // namespace
