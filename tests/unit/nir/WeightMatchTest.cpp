// A graph beside the checkpoint it was, or was not, exported from.

#include "models/nir/WeightMatch.h"
#include "tests/unit/nir/NirFile.h"

#include <cmath>
#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::nir;
using namespace synfire::testfiles;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// Input [3] -> Affine 2x3 -> Output, and a checkpoint of the numbers 0, 1, ...
class BesideACheckpoint : public testing::Test {
protected:
  void match(std::vector<float> Weight, std::vector<float> Bias,
             const std::string &Tensors) {
    NirFile F;
    F.port("input", "Input", {3});
    F.type("fc", "Affine");
    F.W.floats(F.place("fc") + "weight", {2, 3}, Weight);
    F.W.floats(F.place("fc") + "bias", {2}, Bias);
    F.port("output", "Output", {2});
    F.edges({"input", "fc", "fc", "output"});
    auto G = F.read();
    ASSERT_TRUE(G);
    auto C = checkpoint::Checkpoint::open(
        Files.write("c.pth", pth(dict(Tensors), 8)));
    ASSERT_TRUE(C);
    auto Made = matchWeights(*G, *C);
    ASSERT_TRUE(Made) << Made.errors()[0].format();
    M = std::move(*Made);
    Checked = M.check("g.nir", "c.pth");
  }
  Folder Files;
  WeightMatch M;
  Status Checked;
  const std::string Matrix =
      text("layer.weight") + tensor("0", 8, 0, {2, 3}, {3, 1});
  const std::string Vector = text("layer.bias") + tensor("0", 8, 6, {2}, {1});
};

TEST_F(BesideACheckpoint, PairsEveryTensor) {
  match({0, 1, 2, 3, 4, 5}, {6, 7}, Matrix + Vector);
  EXPECT_TRUE(Checked);
  EXPECT_EQ(M.describe(), "fc.weight = layer.weight\nfc.bias = layer.bias\n");
}

TEST_F(BesideACheckpoint, NamesBothWhereABitDiffers) {
  match({0, 1, 2, std::nextafter(3.0F, 4.0F), 4, 5}, {6, 7}, Matrix + Vector);
  ASSERT_EQ(Checked.errors().size(), 1U);
  const Error &E = Checked.errors()[0];
  EXPECT_EQ(E.Rule, "nir-beside");
  EXPECT_THAT(E.Text, HasSubstr("'fc.weight' equals no tensor of c.pth"));
  EXPECT_THAT(E.Text, HasSubstr("'layer.weight', differs in 1 of 6 elements, "
                                "first in 3: 3.00000024 here, 3 there"));
}

TEST_F(BesideACheckpoint, MinusZeroIsAnotherBit) {
  match({-0.0F, 1, 2, 3, 4, 5}, {6, 7}, Matrix + Vector);
  EXPECT_FALSE(Checked);
}

TEST_F(BesideACheckpoint, TensorsOfOtherShapesAreNotNear) {
  match({0, 1, 2, 3, 4, 5}, {6, 7}, Matrix);
  ASSERT_EQ(Checked.errors().size(), 1U);
  EXPECT_THAT(Checked.errors()[0].Text, HasSubstr("no tensor of shape"));
}

TEST_F(BesideACheckpoint, ABiasOfZerosMayBeMissing) {
  match({0, 1, 2, 3, 4, 5}, {0, 0}, Matrix);
  EXPECT_TRUE(Checked);
  EXPECT_THAT(M.describe(), HasSubstr("fc.bias: zeros, of the graph only"));
  // Learned decays of its shape are no bias.
  match({0, 1, 2, 3, 4, 5}, {0, 0},
        Matrix + text("lif.beta") + tensor("0", 8, 6, {2}, {1}));
  EXPECT_TRUE(Checked);
  // Not where the checkpoint has one of other values.
  match({0, 1, 2, 3, 4, 5}, {0, 0}, Matrix + Vector);
  EXPECT_FALSE(Checked);
}

TEST_F(BesideACheckpoint, TellsOfWhatOnlyTheCheckpointHas) {
  match({0, 1, 2, 3, 4, 5}, {6, 7},
        Matrix + Vector + text("beta") + tensor("0", 8, 1, {1}, {1}));
  EXPECT_TRUE(Checked);
  EXPECT_THAT(M.describe(), HasSubstr("beta: of the checkpoint only"));
  EXPECT_THAT(M.OnlyGraph, IsEmpty());
}

} // namespace
