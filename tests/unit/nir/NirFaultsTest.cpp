// Faults of NIR files: those in circulation, and others.

#include "tests/unit/nir/NirFile.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

using namespace synfire;
using namespace synfire::nir;
using namespace synfire::testfiles;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

namespace {

const std::vector<std::string> Chain = {"input", "fc",  "fc",
                                        "lif",   "lif", "output"};

TEST(NirFaults, ADanglingEdgeIsMendedIfOneNodeCanBeMeant) {
  NirFile F;
  F.chain();
  F.edges({"input", "fc1", "fc", "lif", "lif1", "output"});
  Result<Graph> G = F.read();
  ASSERT_TRUE(G) << G.errors()[0].format();
  EXPECT_EQ(G->Edges.size(), 3U);
  EXPECT_THAT(notes(*G), HasSubstr("nir-edge: edge 'input' -> 'fc1' in '/node':"
                                   " there is no node 'fc1'; read as 'fc'"));
  NirFile Two;
  Two.chain();
  Two.lif("lif2", 3);
  Two.edges({"input", "fc", "fc", "lif", "lif7", "output"});
  EXPECT_THAT(Two.error(), StartsWith("nir-edge: edge 'lif7' -> 'output'"));
  NirFile None;
  None.chain();
  None.edges({"input", "fc", "fc", "lif", "lif", "nowhere\n"});
  EXPECT_THAT(None.error(), HasSubstr("no node 'nowhere\\x0a'; there are 'fc', "
                                      "'input', 'lif', 'output'"));
}

TEST(NirFaults, PortsThatComputeNothingYield) {
  NirFile F;
  F.port("input", "Input", {1, 2});
  F.linear("fc", 3, 2);
  F.type("sub", "NIRGraph");
  F.port("sub/in", "Input", {12});
  F.lif("sub/lif", 3);
  F.port("sub/out", "Output", {3});
  F.edges({"in", "lif", "lif", "out"}, "sub");
  F.port("output", "Output", {1, 1, 3});
  F.edges({"input", "fc", "fc", "sub", "sub", "output"});
  Result<Graph> G = F.read();
  ASSERT_TRUE(G) << G.errors()[0].format();
  EXPECT_THAT(notes(*G), HasSubstr("edge 'fc' -> 'sub.in': the subgraph's port "
                                   "says shape [12], the source yields [3]"));
  EXPECT_THAT(notes(*G), HasSubstr("'output' says shape [1, 1, 3], [3] holds"));
  EXPECT_THAT(notes(*G), HasSubstr("'input' says shape [1, 2], [2] holds"));
}

TEST(NirFaults, MissingPortsAreAdded) {
  NirFile F(false);
  F.linear("fc", 3, 2);
  F.lif("lif", 3);
  F.edges({"fc", "lif", "fc", "lif"});
  Result<Graph> G = F.read();
  ASSERT_TRUE(G) << G.errors()[0].format();
  EXPECT_NE(G->find("input_fc"), nullptr);
  EXPECT_NE(G->find("output_lif"), nullptr);
  EXPECT_THAT(notes(*G), HasSubstr("nir-version"));
  EXPECT_THAT(notes(*G), HasSubstr("stands twice"));
}

TEST(NirFaults, UnknownDatasetsAreLeftOut) {
  NirFile F;
  F.chain();
  F.W.floats(F.place("lif") + "v_peak", {3}, {1, 2, 3});
  F.W.text(F.place("lif") + "metadata/author", "me");
  F.edges(Chain);
  Result<Graph> G = F.read();
  ASSERT_TRUE(G) << G.errors()[0].format();
  EXPECT_EQ(notes(*G), "nir-unknown: node 'lif' (LIF): 'v_peak' is not known "
                       "here and left out\n");
}

TEST(NirFaults, ConflictingShapesAreNamed) {
  NirFile F;
  F.chain();
  F.linear("fc2", 5, 4);
  F.edges({"input", "fc", "fc", "lif", "lif", "fc2", "fc2", "output"});
  std::string E = F.error();
  EXPECT_THAT(E, HasSubstr("nir-shape: edge 'fc2' -> 'output': the source "
                           "yields shape [5]"));
  NirFile Flat;
  Flat.port("input", "Input", {2, 2});
  Flat.linear("fc", 3, 4);
  Flat.edges({"input", "fc"});
  EXPECT_THAT(Flat.error(), HasSubstr("[2, 2], the target (Linear) reads [4]; "
                                      "a Flatten"));
  NirFile Channels;
  Channels.port("input", "Input", {3, 8, 8});
  Channels.conv("conv", {4, 2, 3, 3}, {1, 1});
  Channels.W.integers(Channels.place("conv") + "padding", {}, {0});
  Channels.edges({"input", "conv"});
  EXPECT_THAT(Channels.error(), HasSubstr("reads 2 channels"));
  NirFile Small;
  Small.port("input", "Input", {2, 2, 8});
  Small.conv("conv", {4, 2, 3, 3}, {1, 1});
  Small.W.integers(Small.place("conv") + "padding", {}, {0});
  Small.edges({"input", "conv"});
  EXPECT_THAT(Small.error(), HasSubstr("[4, 0, 6] of [2, 2, 8]"));
}

TEST(NirFaults, ACycleNeedsANeuron) {
  NirFile F;
  F.chain();
  F.linear("w", 3, 3);
  F.edges({"input", "fc", "fc", "lif", "lif", "output", "w", "w", "w", "lif"});
  EXPECT_THAT(F.error(), StartsWith("nir-cycle: nodes 'w' form a cycle"));
}

TEST(NirFaults, WrongParametersAreNamed) {
  struct {
    const char *What;
    std::function<void(NirFile &)> Make;
    const char *Expected;
  } Cases[] = {
      {"type", [](NirFile &F) { F.type("x", "LIFX"); },
       "nir-type: node 'x' is of type 'LIFX'; read are Input, Output, Affine"},
      {"missing", [](NirFile &F) { F.type("x", "Linear"); },
       "nir-param: node 'x' (Linear): no dataset 'weight'"},
      {"no type",
       [](NirFile &F) { F.W.floats(F.place("x") + "weight", {1, 1}, {1}); },
       "nir-type: '/node/nodes/x' has no dataset 'type'"},
      {"nan",
       [](NirFile &F) {
         F.type("x", "Scale");
         F.W.floats(F.place("x") + "scale", {2}, {1, NAN});
       },
       "nir-value: node 'x' (Scale): element 1 of 'scale' is nan"},
      {"tau", [](NirFile &F) { F.lif("x", 3, 0); },
       "nir-value: node 'x' (LIF): element 0 of 'tau' is 0"},
      {"parameter shapes",
       [](NirFile &F) {
         F.lif("x", 3);
         F.W.floats(F.place("x") + "v_reset", {2}, {0, 0});
       },
       "nir-param: node 'x' (LIF): its parameters have shapes [3] and [2]"},
      {"rank",
       [](NirFile &F) {
         F.type("x", "Linear");
         F.W.floats(F.place("x") + "weight", {3}, {1, 2, 3});
       },
       "nir-param: node 'x' (Linear): 'weight' has shape [3]"},
      {"shape", [](NirFile &F) { F.port("x", "Input", {0}); },
       "nir-value: node 'x' (Input): 'shape' is [0]"},
      {"huge",
       [](NirFile &F) {
         F.port("x", "Input", {int64_t(1) << 50, int64_t(1) << 50});
       },
       "at most 268435456 elements"},
      {"padding",
       [](NirFile &F) {
         F.conv("x", {1, 1, 3}, {1});
         F.W.text(F.place("x") + "padding", "circular");
       },
       "'padding' is 'circular'"},
      {"delay",
       [](NirFile &F) {
         F.type("x", "Delay");
         F.W.floats(F.place("x") + "delay", {1}, {-1});
       },
       "a delay of -1"},
      {"groups",
       [](NirFile &F) {
         F.conv("x", {3, 1, 3}, {1}, 2);
         F.W.integers(F.place("x") + "padding", {}, {0});
       },
       "'groups' is 2, which does not divide its 3"},
      {"soft link",
       [](NirFile &F) {
         H5Lcreate_soft("/node/nodes/lif", F.W.file(), "/node/nodes/x",
                        H5P_DEFAULT, H5P_DEFAULT);
       },
       "hdf5-link: '/node/nodes/x': a soft link"},
  };
  for (const auto &C : Cases) {
    NirFile F;
    F.chain();
    F.edges(Chain);
    C.Make(F);
    EXPECT_THAT(F.error(), HasSubstr(C.Expected)) << C.What;
  }
}

TEST(NirFaults, EdgesMustBePairsOfTexts) {
  NirFile F;
  F.chain();
  F.W.texts("node/edges", {"a", "b", "c"}, {1, 3});
  EXPECT_THAT(F.error(), HasSubstr("has shape [1, 3]; pairs of names"));
  NirFile Numbers;
  Numbers.chain();
  Numbers.W.floats("node/edges", {1, 2}, {1, 2});
  EXPECT_THAT(Numbers.error(), StartsWith("hdf5-type: '/node/edges'"));
  NirFile Ports;
  Ports.chain();
  Ports.edges({"input", "fc", "fc", "lif", "lif", "output", "lif", "input"});
  EXPECT_THAT(Ports.error(), HasSubstr("enters an Input"));
  NirFile Same;
  Same.chain();
  Same.linear("a.b", 1, 1);
  Same.type("a", "NIRGraph");
  Same.linear("a/b", 1, 1);
  Same.edges({}, "a");
  Same.edges(Chain);
  EXPECT_THAT(Same.error(), HasSubstr("two nodes are called 'a.b'"));
}

TEST(NirFaults, OtherFilesAreRecognised) {
  Folder Files;
  {
    Hdf5Writer(Files.path("x.nir")).group("layer");
  }
  Result<Graph> G = Graph::read(Files.path("x.nir"));
  ASSERT_FALSE(G);
  EXPECT_THAT(G.errors()[0].Text, HasSubstr("looks like a Lava-DL network"));
  G = Graph::read(Files.write("y.nir", "text"));
  ASSERT_FALSE(G);
  EXPECT_EQ(G.errors()[0].Rule, "hdf5-format");
}

TEST(NirFaults, DamageIsSurvived) {
  NirFile F;
  F.chain();
  F.edges(Chain);
  F.W.close();
  std::string Text = readFile(F.Path);
  std::mt19937 Random(2);
  size_t NumRead = 0;
  for (int Round = 0; Round != 1000; ++Round) {
    std::vector<uint8_t> Damaged(Text.begin(), Text.end());
    for (unsigned I = 0, Count = 1 + Random() % 8; I != Count; ++I)
      Damaged[Random() % Damaged.size()] = static_cast<uint8_t>(Random());
    Result<Graph> G = Graph::parse(Damaged, "damaged");
    NumRead += bool(G);
    if (!G) {
      ASSERT_THAT(G.errors()[0].Text, testing::Not(IsEmpty()));
    }
  }
  EXPECT_GT(NumRead, 100U);
}

} // namespace
