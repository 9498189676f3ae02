//===- NirPublishedTest.cpp - Networks and traces that others made --------===//
//
// The files of neuromorphs/NIR (Pedersen et al., Nature Communications 2024,
// folder `paper`), imported and run.
//
//===----------------------------------------------------------------------===//

#include "tests/unit/nir/GoldenNir.h"
#include "tests/unit/nirimport/ImportedRun.h"

#include "targets/arrays/MappedFile.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <gmock/gmock.h>

using namespace synfire;
using nir::Graph;
using nir::Interpretation;
using testfiles::golden;
using testfiles::GoldenTrace;
using testfiles::readTrace;
using testing::ElementsAre;

namespace {

class Published : public testing::Test {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(golden("lif_norse.nir")))
      GTEST_SKIP() << "no " << golden("lif_norse.nir");
  }
  Graph read(const char *Name) {
    auto G = Graph::read(golden(Name));
    EXPECT_TRUE(G) << print(G.errors());
    return std::move(*G);
  }
};

/// Taps of one axis that fall on something, over all outputs.
int64_t taps(int64_t From, int64_t To, int64_t Size, int64_t Stride,
             int64_t Pad, int64_t Dilation) {
  int64_t Count = 0;
  for (int64_t O = 0; O != To; ++O)
    for (int64_t K = 0; K != Size; ++K) {
      const int64_t At = O * Stride - Pad + K * Dilation;
      Count += At >= 0 && At < From;
    }
  return Count;
}
} // namespace

TEST_F(Published, LifTracesOfEveryFramework) {
  Graph G = read("lif_norse.nir");
  // Late: steps after which a framework records the v that a step left.
  const struct {
    const char *Preset, *File;
    double Scale;
    size_t Late;
    std::vector<int> Spikes;
  } Cases[] = {
      {"norse", "norse", 1, 0, {460, 510, 710, 760}},
      {"default", "norse", 1, 0, {460, 510, 710, 760}},
      {"snntorch", "snntorch", 25, 0, {460, 510, 710, 760}},
      {"sinabs", "sinabs", 1, 0, {450, 500, 710, 760}},
      {"rockpool", "rockpool", 1, 0, {450, 500, 710, 760}},
      {"lava", "lava_cpu_float", 1, 1, {461, 511, 711, 761}},
      {"spyx", "spyx", 1, 0, {461, 511, 711, 761}},
  };
  const GoldenTrace Norse = readTrace("norse");
  ASSERT_EQ(Norse.Input.size(), 1000U);
  for (const auto &C : Cases) {
    SCOPED_TRACE(C.Preset);
    auto How = Interpretation::preset(C.Preset);
    ASSERT_TRUE(How);
    models::NirOptions Options;
    Options.RecordMembrane = true;
    Imported Net;
    Net.load(G, *How, Options);
    ASSERT_TRUE(Net.Module);
    Net.run(G, {Norse.Input.begin(), Norse.Input.end()}, 1);
    const GoldenTrace Theirs = readTrace(C.File);
    const compiler::Recording *R = Net.events("1");
    ASSERT_NE(R, nullptr);
    std::vector<int> Spikes;
    for (size_t T = 0; T != R->Payloads.size(); ++T)
      if (R->Payloads[T])
        Spikes.push_back(static_cast<int>(T));
    EXPECT_EQ(Spikes, C.Spikes);
    EXPECT_EQ(Spikes, Theirs.Spikes);
    ASSERT_EQ(Net.Ran.Logits.size(), 1000U);
    double Worst = 0;
    for (size_t T = 0; T + C.Late != 1000; ++T)
      Worst = std::max(
          Worst, std::fabs(Net.Ran.Logits[T] - Theirs.V[T + C.Late] / C.Scale));
    EXPECT_LT(Worst, 1e-6);
    RecordProperty(std::string("worst_v_").append(C.Preset),
                   std::to_string(Worst * 1e9));
  }
}

TEST_F(Published, CnnHasTheStructureThatItsFileSays) {
  Graph G = read("cnn_sinabs.nir");
  Imported Net;
  Net.load(G, {});
  ASSERT_TRUE(Net.Module);
  int64_t Weights = 0, Neurons = 0, PaddingIn = 0, PaddingOut = 0;
  Net.network().walk([&](spike::WeightOp W) {
    Weights += llvm::cast<mlir::ShapedType>(W.getType()).getNumElements();
  });
  Net.network().walk([&](spike::PopulationOp P) {
    // Without those that only hand sums on.
    if (P.getNumStates() > 0)
      Neurons += P.getNumNeurons();
  });
  Net.network().walk([&](spike::LinearOp L) {
    const int64_t N =
        llvm::cast<mlir::ShapedType>(L.getMatrix().getType()).getNumElements();
    PaddingIn += N;
    PaddingOut += N;
  });
  Net.network().walk([&](spike::ConvOp C) {
    const int64_t Channels =
        llvm::cast<mlir::ShapedType>(C.getKernel().getType()).getDimSize(0) *
        C.getFrom()[0] / C.getGroups();
    PaddingIn += Channels * C.getTo()[1] * C.getTo()[2] * C.getSize()[0] *
                 C.getSize()[1];
    auto along = [&](int Axis) {
      return taps(C.getFrom()[Axis + 1], C.getTo()[Axis + 1], C.getSize()[Axis],
                  C.getStride()[Axis], C.getPad()[Axis], C.getDilation()[Axis]);
    };
    PaddingOut += Channels * along(0) * along(1);
  });
  EXPECT_EQ(Weights, 39584);
  EXPECT_EQ(Neurons, 8970);
  EXPECT_EQ(PaddingOut, 838688);
  EXPECT_EQ(PaddingIn, 903680);
}

TEST_F(Published, WeightsAreThoseOfTheFile) {
  for (const char *File : {"cnn_sinabs.nir", "braille_noDelay_bias_zero.nir"}) {
    SCOPED_TRACE(File);
    Graph G = read(File);
    Imported Net;
    Net.load(G, {});
    ASSERT_TRUE(Net.Module);
    int Found = 0, Of = 0;
    Net.network().walk([&](spike::WeightOp W) {
      StoredTensor T;
      T.Type = *parseDType(W.getDtype());
      T.FileOffset = W.getOffset();
      T.Shape = llvm::cast<mlir::ShapedType>(W.getType()).getShape().vec();
      T.Strides =
          W.getStrides() ? W.getStrides()->vec() : contiguousStrides(T.Shape);
      auto Ours = readFloats(G.file().bytes(), T);
      ASSERT_TRUE(Ours);
      const std::string Name = W.getName().str();
      const nir::Node *N = G.find(Name.substr(0, Name.size() - 7));
      ASSERT_NE(N, nullptr) << Name;
      const auto *D = std::get_if<nir::Dense>(&N->Is);
      auto Theirs = *G.weights(D ? D->W : std::get<nir::Convolution>(N->Is).W);
      ASSERT_EQ(Ours->size(), Theirs.size());
      // Ours: [target, x, y, channel] of a matrix, [target, channel, x, y] of
      // a kernel.
      const int64_t A = T.Shape[1], B = T.Shape[2], C = T.Shape[3];
      for (size_t I = 0; I != Ours->size(); ++I) {
        const auto P = static_cast<int64_t>(I);
        const int64_t K = P / (A * B * C), X = P / (B * C) % A, Y = P / C % B,
                      Z = P % C;
        const int64_t At =
            D ? ((K * C + Z) * B + Y) * A + X : ((K * A + X) * C + Z) * B + Y;
        ASSERT_EQ(std::bit_cast<uint32_t>((*Ours)[I]),
                  std::bit_cast<uint32_t>(Theirs[At]))
            << Name << " element " << I;
      }
      ++Found;
    });
    for (const nir::Node &N : G.Nodes)
      Of += std::holds_alternative<nir::Dense>(N.Is) ||
            std::holds_alternative<nir::Convolution>(N.Is);
    EXPECT_EQ(Found, Of);
  }
}

TEST_F(Published, CnnSpikesAsItsEquationsSay) {
  EXPECT_GT(compareSpikes(read("cnn_sinabs.nir"), {}, /*Steps=*/20,
                          /*Rate=*/0.1),
            1000);
}

TEST_F(Published, BrailleSpikesAsItsEquationsSay) {
  Graph G = read("braille_noDelay_bias_zero.nir");
  for (const char *Preset : {"snntorch", "norse", "rockpool", "lava", "spyx"}) {
    SCOPED_TRACE(Preset);
    auto How = Interpretation::preset(Preset);
    ASSERT_TRUE(How);
    EXPECT_GT(compareSpikes(G, *How, /*Steps=*/200, /*Rate=*/0.3), 100);
  }
}

TEST_F(Published, BrailleHearsItselfOneStepLater) {
  Graph G = read("braille_noDelay_bias_zero.nir");
  Imported Net;
  Net.load(G, {});
  ASSERT_TRUE(Net.Module);
  std::vector<std::string> Delays;
  Net.network().walk([&](spike::DelayOp D) {
    auto P = D.getValues().getDefiningOp<spike::PopulationOp>();
    Delays.push_back(P.getResultName(0).str() + " " +
                     std::to_string(D.getBy()));
  });
  EXPECT_THAT(Delays, ElementsAre("lif1.lif 1"));
}
