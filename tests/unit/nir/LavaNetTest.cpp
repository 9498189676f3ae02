// Networks of Lava-DL: the PilotNet that others trained, and faults.

#include "models/lavadl/LavaNet.h"
#include "tests/unit/checkpoint/TestFiles.h"
#include "tests/unit/nir/Hdf5Writer.h"

#include <gmock/gmock.h>

#include <functional>

using namespace synfire;
using namespace synfire::lavadl;
using namespace synfire::testfiles;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

TEST(LavaNet, ReadsPilotNet) {
  std::string Path = SYNFIRE_SOURCE_DIR "/models/pilotnet/network.net";
  Result<LavaNet> Net = LavaNet::read(Path);
  ASSERT_TRUE(Net) << Net.errors()[0].format();
  ASSERT_EQ(Net->Layers.size(), 11U);
  EXPECT_TRUE(Net->Notes.empty());
  int64_t NumNeurons = 0;
  for (const Layer &L : Net->Layers)
    NumNeurons += L.Neuron ? L.numNeurons() : 0;
  EXPECT_EQ(NumNeurons, 158509);
  EXPECT_EQ(Net->Layers[0].InputWeight, 40);
  EXPECT_EQ(Net->Layers[0].InputBias, 36);
  const Layer &Conv3 = Net->Layers[4];
  EXPECT_THAT(Conv3.Stride, ElementsAre(2, 1));
  EXPECT_THAT(Conv3.Padding, ElementsAre(1, 0));
  int32_t Least = 0, Most = 0;
  for (const Layer &L : Net->Layers)
    for (int32_t W : L.Weight) {
      Least = std::min(Least, W);
      Most = std::max(Most, W);
      EXPECT_EQ(W % 2, 0);
    }
  EXPECT_EQ(Least, -24);
  EXPECT_EQ(Most, 42);
  const Layer &Last = Net->Layers[10];
  EXPECT_EQ(Last.Type, LayerType::Dense);
  EXPECT_THAT(Last.WeightShape, ElementsAre(1, 10));
  EXPECT_EQ(Last.Neuron->VoltageDecay, 0);
  EXPECT_EQ(Last.Neuron->Threshold, MaxThreshold);
  EXPECT_EQ(Net->Layers[9].Neuron->VoltageDecay, 1024);
}

/// A net of input [1,4,4], conv to [2,2,2], flatten, dense to 3; each part can
/// be changed before it is written.
struct NetFile {
  std::vector<int64_t> InputShape = {1, 4, 4}, ConvShape = {2, 2, 2};
  std::string DenseType = "dense", NeuronType = "CUBA", Last = "layer/3/";
  int64_t Decay = 1024, Delay = 1;
  std::vector<float> Dense = std::vector<float>(24, 2);

  std::string error(const std::function<void(Hdf5Writer &)> &More = {}) {
    Result<LavaNet> Net = read(More);
    return Net ? "none" : Net.errors()[0].Rule + ": " + Net.errors()[0].Text;
  }
  Result<LavaNet> read(const std::function<void(Hdf5Writer &)> &More = {}) {
    {
      Hdf5Writer W(Files.path("x.net"));
      auto neuron = [&](const std::string &Layer) {
        W.fixedText(Layer + "neuron/type", NeuronType, 5);
        W.integers(Layer + "neuron/iDecay", {}, {4096});
        W.integers(Layer + "neuron/vDecay", {}, {Decay});
        W.floats(Layer + "neuron/vThMant", {}, {25});
      };
      W.fixedText("layer/0/type", "input", 8);
      W.integers("layer/0/shape", {3}, InputShape);
      W.floats("layer/0/weight", {}, {40});
      W.text("layer/1/type", "conv");
      W.integers("layer/1/shape", {3}, ConvShape);
      W.floats("layer/1/weight", {2, 1, 3, 3, 1}, std::vector<float>(18, -4));
      W.integers("layer/1/bias", {2}, {1, 2});
      neuron("layer/1/");
      W.text("layer/2/type", "flatten");
      W.integers("layer/2/shape", {3}, {1, 1, 8});
      W.text(Last + "type", DenseType);
      W.integers(Last + "shape", {3}, {3, 1, 1});
      W.floats(Last + "weight", {3, 8}, Dense);
      W.integers(Last + "delay", {}, {Delay});
      neuron(Last);
      if (More)
        More(W);
    }
    return LavaNet::read(Files.path("x.net"));
  }
  Folder Files;
};

TEST(LavaNet, ReadsWhatItWasGiven) {
  NetFile F;
  Result<LavaNet> Net = F.read();
  ASSERT_TRUE(Net) << Net.errors()[0].format();
  EXPECT_THAT(Net->Layers[1].WeightShape, ElementsAre(2, 1, 3, 3));
  EXPECT_THAT(Net->Layers[1].Bias, ElementsAre(1, 2));
  EXPECT_FALSE(Net->Layers[0].Neuron);
  EXPECT_THAT(Net->Layers[3].Delay, ElementsAre(1));
  EXPECT_EQ(Net->Layers[3].Weight.size(), 24U);
}

TEST(LavaNet, NamesFaults) {
  struct {
    std::function<void(NetFile &)> Change;
    const char *Expected;
  } Cases[] = {
      {[](NetFile &F) { F.DenseType = "dense_rec"; },
       "lava-type: '/layer/3': a layer of type 'dense_rec', which Lava-DL has"},
      {[](NetFile &F) { F.DenseType = "other"; }, "a layer of type 'other';"},
      {[](NetFile &F) { F.NeuronType = "SDNN"; }, "a neuron of type 'SDNN'"},
      {[](NetFile &F) { F.Decay = 4097; },
       "lava-range: '/layer/1': element 0 of 'vDecay' is 4097; 0 to 4096"},
      {[](NetFile &F) { F.Delay = 63; },
       "'/layer/3': element 0 of 'delay' is 63; 0 to 62"},
      {[](NetFile &F) { F.Dense[5] = 0.5; },
       "hdf5-integer: '/layer/3/weight': element 5 is 0.5"},
      {[](NetFile &F) { F.Dense[5] = 300; }, "element 5 of 'weight' is 300"},
      {[](NetFile &F) { F.ConvShape = {2, 2, 3}; },
       "makes [2, 2, 2] of [1, 4, 4]; 'shape' is [2, 2, 3]"},
      {[](NetFile &F) { F.InputShape = {2, 4, 4}; }, "lava-shape: '/layer/1'"},
      {[](NetFile &F) { F.InputShape = {1 << 20, 1 << 20, 1}; },
       "at most 268435456 neurons"},
      {[](NetFile &F) { F.Last = "layer/4/"; },
       "lava-format: '/layer/4': layers are numbered 0 to 3"},
      {[](NetFile &F) { F.Last = "layer/03/"; }, "none"},
  };
  for (const auto &C : Cases) {
    NetFile F;
    C.Change(F);
    EXPECT_THAT(F.error(), HasSubstr(C.Expected));
  }
  NetFile F;
  EXPECT_THAT(
      F.error([](Hdf5Writer &W) { W.integers("layer/3/inFeatures", {}, {9}); }),
      HasSubstr("'inFeatures' is [9], the weights and shapes say 8"));
  EXPECT_THAT(
      F.error([](Hdf5Writer &W) { W.integers("layer/2/delay", {}, {1}); }),
      HasSubstr("'/layer/2': element 0 of 'delay' is 1; 0 to 0"));
  EXPECT_THAT(
      F.error([](Hdf5Writer &W) { W.integers("layer/3/bias", {2}, {9, 9}); }),
      HasSubstr("'bias' has 2 elements for 3 outputs"));
  Result<LavaNet> Net = F.read(
      [](Hdf5Writer &W) { W.integers("layer/3/neuron/wgtExp", {}, {3}); });
  ASSERT_TRUE(Net);
  EXPECT_THAT(Net->Notes, ElementsAre(HasSubstr("wgtExp 3 are left out")));
}

} // namespace
