//===- NeuronTest.cpp - The neuron of SpikeLM alone -----------------------===//
//
// Drives one population of an imported network with given inputs: what the
// original neuron emits for ties, both resets and tiny amplitudes, and how the
// textbook membrane differs. The network is one block whose queries see the
// embedding as it is.
//
//===----------------------------------------------------------------------===//

#include "tests/unit/spikelm/Vectors.h"

#include "models/spikelm/Membrane.h"

#include "dialects/spike/Spike.h"
#include "models/network/NetworkBuilder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <unistd.h>

using namespace synfire;
using models::SpikeLmMembrane;
using ::testing::ElementsAre;

namespace {
/// Spikes [token step, neuron] of neurons with \p Amplitude per inner step,
/// whose drive in inner step t is \p Drive[t] (all tokens alike). The drive is
/// a constant of the program, so no weights are needed.
std::vector<int32_t> spikesOf(SpikeLmMembrane Membrane,
                              const std::vector<float> &Amplitude,
                              const std::vector<float> &Drive,
                              size_t Tokens = 1) {
  auto Folder = std::filesystem::temp_directory_path();
  auto Path = Folder /
              ("synfire_neuron_" + std::to_string(::getpid()) + ".safetensors");
  // The builder wants a checkpoint, though nothing is read from it.
  const std::string Header =
      R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  std::ofstream Out(Path, std::ios::binary);
  uint64_t Size = Header.size();
  Out.write(reinterpret_cast<const char *>(&Size), 8);
  Out << Header << std::string(4, '\0');
  Out.close();
  auto File = checkpoint::Checkpoint::open(Path);
  EXPECT_TRUE(File) << print(File.errors());
  mlir::MLIRContext Context;
  models::NetworkBuilder N(&Context, "neuron", *File);
  auto Steps = static_cast<int64_t>(Drive.size());
  N.setTime(Steps, 8);
  mlir::Value Input = N.input("tokens", 1);
  mlir::Value Spikes = N.population(
      {"spikes"}, {N.events(1, spike::EventKind::Ternary, 2)}, {Input}, {},
      Steps > 1 ? llvm::SmallVector<float>{0.0f} : llvm::SmallVector<float>{},
      [&](models::ProgramBuilder &P, mlir::ValueRange, mlir::ValueRange,
          mlir::ValueRange St) {
        return models::fire(P, P.perStep(Drive), Amplitude, Membrane, St);
      })[0];
  N.output("logits",
           N.population({"out"}, {N.currents(1)}, {Spikes}, {}, {},
                        [](models::ProgramBuilder &P, mlir::ValueRange In,
                           mlir::ValueRange, mlir::ValueRange) {
                          return models::ProgramResults{{P.fromInt(In[0])}, {}};
                        })[0]);
  auto Module = N.finish();
  EXPECT_TRUE(Module) << print(Module.errors());
  std::filesystem::remove(Path);
  compiler::WeightFiles Files(Folder);
  auto Run = compiler::Interpreter::create(
      *(*Module)->getOps<spike::NetworkOp>().begin(), Files);
  EXPECT_TRUE(Run) << print(Run.errors());
  compiler::RunOptions Options;
  Options.RecordEvents = true;
  std::vector<int64_t> Ids(Tokens, 0);
  auto Ran = Run->run(Ids, Options);
  EXPECT_TRUE(Ran) << print(Ran.errors());
  return Ran->Events.front().Payloads;
}
} // namespace

TEST(SpikeLmNeuron, AMembraneOnTheThresholdDoesNotFire) {
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, {2.0f}, {1.0f}),
              ElementsAre(0));
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, {2.0f}, {-1.0f}),
              ElementsAre(0));
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, {2.0f}, {1.01f}),
              ElementsAre(1));
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, {2.0f}, {-9.0f}),
              ElementsAre(-1));
}

/// After +1 nothing is kept; after -1 half the amplitude times the membrane.
TEST(SpikeLmNeuron, ThePublishedResetIsOneSided) {
  std::vector<float> A = {2.0f, 2.0f};
  // m1 = 0.25 * 3 * (2 - 2) + 0.9 = 0.9: below 1.
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, A, {3.0f, 0.9f}),
              ElementsAre(1, 0));
  // m1 = 0.25 * -3 * (2 + 2) + 0.9 = -2.1.
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, A, {-3.0f, 0.9f}),
              ElementsAre(-1, -1));
  // The textbook one forgets both: m1 = 0.9, and -0.9.
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Textbook, A, {-3.0f, 0.9f}),
              ElementsAre(-1, 0));
  // Without a spike it keeps 0.25 m: m1 = 0.25 + 0.8 = 1.05; published 0.25 *
  // 1 * 2 + 0.8 = 1.3.
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Textbook, A, {1.0f, 0.8f}),
              ElementsAre(0, 1));
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Textbook, A, {1.0f, 0.7f}),
              ElementsAre(0, 0));
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, A, {1.0f, 0.7f}),
              ElementsAre(0, 1));
}

/// A membrane is divided by at least 1e-5, but keeps by the raw amplitude.
TEST(SpikeLmNeuron, ATinyAmplitudeIsRaisedForTheSpikeOnly) {
  std::vector<float> A = {1e-7f, 1e-7f};
  // Above 5e-6 fires, though the amplitude is 1e-7.
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, A, {4e-6f, 0.0f}),
              ElementsAre(0, 0));
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, A, {6e-6f, 0.0f}),
              ElementsAre(1, 0));
  // m1 = 0.25 * -10 * (1e-7 + 1e-5) + 3.1e-5 = 5.75e-6, a spike; with the
  // raised amplitude in both places it would be -1.9e-5.
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, A, {-10.0f, 3.1e-5f}),
              ElementsAre(-1, 1));
}

TEST(SpikeLmNeuron, EveryTokenStartsAnew) {
  EXPECT_THAT(spikesOf(SpikeLmMembrane::Published, {2.0f, 8.0f}, {-3.0f, 0.9f},
                       /*Tokens=*/2),
              ElementsAre(-1, 0, -1, 0));
}

/// The vectors of the original linear with its neuron.
TEST(SpikeLmNeuron, AgreesWithTheOriginal) {
  auto Path = Golden / "spikelm" / "neuron_unit" / "spike_linear_unit.npz";
  if (!std::filesystem::exists(Path))
    GTEST_SKIP() << "golden vectors are not beside this checkout";
  auto Io = NpzReader::open(Path);
  ASSERT_TRUE(Io);
  for (std::string Case : {"random", "ties", "reset_asymmetry",
                           "lazy_alpha_one", "alpha_below_eps"}) {
    Array X = *Io->read(Case + ".x"), Q = *Io->read(Case + ".quantised"),
          Alpha = *Io->read(Case + ".alpha_after");
    auto A = Alpha.as<float>();
    std::vector<float> Amplitude(A.begin(), A.end());
    size_t T = X.Shape[0], Neurons = X.numElements() / T, Differ = 0;
    for (size_t I = 0; I < Neurons; ++I) {
      std::vector<float> Drive;
      for (size_t S = 0; S < T; ++S)
        Drive.push_back(X.as<float>()[S * Neurons + I]);
      auto Got = spikesOf(SpikeLmMembrane::Published, Amplitude, Drive);
      ASSERT_EQ(Got.size(), T);
      for (size_t S = 0; S < T; ++S) {
        float Want = Q.as<float>()[S * Neurons + I];
        Differ += Got[S] != (Want > 0) - (Want < 0);
      }
    }
    EXPECT_EQ(Differ, 0u) << Case;
  }
}
