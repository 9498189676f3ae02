//===- SaliencyTest.cpp - Which channels get more bits --------------------===//

#include "models/spikellm/Saliency.h"
#include "tests/unit/spikellm/SpikeLlmNetwork.h"

#include <fmt/format.h>
#include <random>

using namespace synfire;
using namespace synfire::models;

namespace {
std::vector<float> noise(size_t Count, unsigned Seed) {
  std::mt19937 Random(Seed);
  std::normal_distribution<float> Normal;
  std::vector<float> Out(Count);
  for (float &V : Out)
    V = Normal(Random);
  return Out;
}
} // namespace

/// With orthonormal rows W^T W is 1, and the saliency the energy of a channel.
TEST(Saliency, IsEnergyWhenTheMatrixPreservesIt) {
  constexpr size_t N = 4, Tokens = 5;
  std::vector<float> X = noise(Tokens * N, 1), W(N * N, 0.0f);
  for (size_t I = 0; I < N; ++I)
    W[I * N + (I + 1) % N] = I % 2 ? -1.0f : 1.0f;
  std::vector<double> Sum(N, 0.0);
  addLinearSaliency(X, W, Sum);
  for (size_t J = 0; J < N; ++J) {
    double Energy = 0;
    for (size_t T = 0; T < Tokens; ++T)
      Energy += double(X[T * N + J]) * double(X[T * N + J]);
    EXPECT_NEAR(Sum[J], Energy, 1e-5);
  }
}

/// All channels together give the energy of the outputs, whose shares they are.
TEST(Saliency, SharesAddUpToTheOutput) {
  constexpr size_t N = 6, Targets = 9, Tokens = 7;
  std::vector<float> X = noise(Tokens * N, 2), W = noise(Targets * N, 3);
  std::vector<double> Sum(N, 0.0);
  addLinearSaliency(X, W, Sum);
  double Shares = 0, Energy = 0;
  for (double S : Sum)
    Shares += S;
  for (size_t T = 0; T < Tokens; ++T)
    for (size_t O = 0; O < Targets; ++O) {
      double Y = 0;
      for (size_t J = 0; J < N; ++J)
        Y += double(X[T * N + J]) * double(W[O * N + J]);
      Energy += Y * Y;
    }
  EXPECT_NEAR(Shares, Energy, 1e-6 * Energy);

  std::vector<float> P = noise(Tokens * Tokens, 4);
  std::vector<double> OfValues(N, 0.0);
  addValueSaliency(P, X, OfValues);
  for (size_t J = 0; J < N; ++J) {
    double Context = 0;
    for (size_t T = 0; T < Tokens; ++T) {
      double C = 0;
      for (size_t M = 0; M < Tokens; ++M)
        C += double(P[T * Tokens + M]) * double(X[M * N + J]);
      Context += C * C;
    }
    EXPECT_NEAR(OfValues[J], Context, 1e-6 * Context);
  }
}

TEST(Saliency, LowChannelsAreTheSmallestWithTheirSign) {
  std::vector<double> S = {3, -9, 0, 5, 1};
  EXPECT_EQ(lowestChannels(S, 0.6),
            (std::vector<bool>{false, true, true, false, true}));
  EXPECT_EQ(lowestChannels(S, 0.0), std::vector<bool>(5, false));
  EXPECT_EQ(lowestChannels(S, 1.0), std::vector<bool>(5, true));
}

/// The calibration text of the golden networks is not stored, but their weights
/// have channels that stand out on any text.
TEST(Saliency, FindsTheChannelsThatThePublicCodeFound) {
  auto Folder = Golden / "spikellm/llama_l2_d64_w4a4_t2";
  if (!std::filesystem::exists(Folder))
    GTEST_SKIP() << "golden vectors are not beside this checkout";
  auto Path = Folder / "fp_checkpoint.pth";
  auto Io = NpzReader::open(Folder / "io.npz");
  auto Dense = checkpoint::Checkpoint::open(Path),
       Quantised =
           checkpoint::Checkpoint::open(Folder / "spikellm_checkpoint.pth");
  ASSERT_TRUE(Io && Dense && Quantised);
  SpikeLlmNetwork Net;
  Net.Options.Dense = true;
  ASSERT_NO_FATAL_FAILURE(Net.load(Path));
  auto Shape = inferLlamaShape(*Dense, Net.Options.Config);
  ASSERT_TRUE(Shape);
  SaliencyCollector Collector(*Dense, *Shape, Net.Options.Config);
  compiler::RunOptions Options;
  Options.ObserveCurrents = [&](mlir::OpResult R, std::span<const float> V) {
    Collector.observe(R, V);
  };
  Array Ids = *Io->read("input_ids");
  for (int64_t B = 0; B < Ids.Shape[0]; ++B)
    ASSERT_TRUE(Net.Run->run(slice<int64_t>(Ids, B), Options));
  ASSERT_TRUE(Collector.errors().empty());
  ChannelMasks Ours = Collector.masks();
  auto Theirs = readMasks(*Quantised, *Shape, Net.Options.Config);
  ASSERT_TRUE(Theirs) << print(Theirs.errors());
  size_t Salient = 0, Common = 0;
  for (const auto &[Name, Low] : *Theirs) {
    auto Mask = Ours.find(Name);
    ASSERT_NE(Mask, Ours.end()) << Name;
    ASSERT_EQ(Mask->second.size(), Low.size());
    EXPECT_EQ(std::count(Mask->second.begin(), Mask->second.end(), false),
              std::count(Low.begin(), Low.end(), false))
        << Name;
    for (size_t I = 0; I < Low.size(); ++I) {
      Salient += !Low[I];
      Common += !Low[I] && !Mask->second[I];
    }
  }
  // The text that the public code saw is another one; by chance a tenth would
  // agree.
  EXPECT_GT(static_cast<double>(Common), 0.4 * static_cast<double>(Salient))
      << fmt::format("{} of {}", Common, Salient);

  // And the dense network, coded with them, runs.
  SpikeLlmNetwork Coded;
  Coded.Options.LowMasks = Ours;
  ASSERT_NO_FATAL_FAILURE(Coded.load(Path));
  auto Got = Coded.Run->run(slice<int64_t>(Ids, 0));
  ASSERT_TRUE(Got) << print(Got.errors());
}
