//===- GreedyStepsTest.cpp - Codes spent over steps -----------------------===//

#include "models/spikellm/GreedySteps.h"

#include "tests/unit/spikellm/SpikeLlmNetwork.h"

#include <numeric>

using namespace synfire;
using models::greedySteps;
using models::GreedySteps;

TEST(GreedySteps, LossyStepsDropWhatDoesNotFit) {
  GreedySteps S = greedySteps(31, 2, 16, /*Lossy=*/true);
  EXPECT_EQ(S.Spikes, (std::vector<int64_t>{15, 15}));
  EXPECT_EQ(S.Residual, 1);
  EXPECT_EQ(greedySteps(17, 2, 16, true).Spikes, (std::vector<int64_t>{15, 2}));
}

/// Nothing is lost when the last step may exceed the levels, and never more
/// than T - 1 when it may not.
TEST(GreedySteps, CountsAddUp) {
  for (int64_t Steps : {1, 2, 4})
    for (int64_t Code = 0; Code < 16 * Steps; ++Code)
      for (bool Lossy : {false, true}) {
        GreedySteps S = greedySteps(Code, Steps, 16, Lossy);
        int64_t Sum =
            std::accumulate(S.Spikes.begin(), S.Spikes.end(), int64_t(0));
        EXPECT_EQ(Sum + S.Residual, Code);
        EXPECT_LE(S.Residual, Lossy ? Steps - 1 : 0);
        for (size_t I = 0; I + 1 < S.Spikes.size(); ++I) {
          EXPECT_LE(S.Spikes[I], 15);
          EXPECT_TRUE(S.Spikes[I] == 15 || S.Spikes[I + 1] == 0);
        }
      }
}

/// An integrate-and-fire neuron under constant drive x/n, soft reset, begun at
/// half its threshold, fires as often as the quantiser's code says; its spikes
/// merged into T steps of L add up to the same.
TEST(GifFromEquations, RateCodeIsAUniformCode) {
  auto Path = Golden / "spikellm/gif_from_equations/gif_reference.npz";
  if (!std::filesystem::exists(Path))
    GTEST_SKIP() << "golden vectors are not beside this checkout";
  auto File = NpzReader::open(Path);
  ASSERT_TRUE(File);
  Array X = *File->read("if.x"), Spikes = *File->read("if.spikes");
  auto N = File->read("if.n")->toIntegers("if.n");
  ASSERT_TRUE(N);
  Array Theta = *File->read("if.theta");
  double Threshold =
      Theta.Type == DType::F64 ? Theta.as<double>()[0] : Theta.as<float>()[0];
  auto Fired = Spikes.toIntegers("if.spikes");
  ASSERT_TRUE(Fired);
  int64_t Steps = Spikes.Shape[0], Neurons = Spikes.Shape[1];
  ASSERT_EQ(Steps, (*N)[0]);
  size_t Merged = 0;
  for (int64_t I = 0; I < Neurons; ++I) {
    double Drive = X.Type == DType::F64 ? X.as<double>()[I] : X.as<float>()[I];
    int64_t Count = 0;
    for (int64_t S = 0; S < Steps; ++S)
      Count += (*Fired)[S * Neurons + I];
    // Between 0 and n spikes: floor(x / theta + 1/2), the code of x.
    double Code = std::clamp(std::floor(Drive / Threshold + 0.5), 0.0,
                             static_cast<double>(Steps));
    EXPECT_EQ(static_cast<double>(Count), Code) << I;
    EXPECT_EQ(greedySteps(Count, 2, Steps, false).Residual, 0);
  }
  for (const std::string &Name : File->names()) {
    if (!Name.starts_with("gif_merge."))
      continue;
    ++Merged;
    Array All = *File->read(Name);
    auto Graded = All.toIntegers(Name);
    ASSERT_TRUE(Graded);
    for (int64_t I = 0; I < Neurons; ++I) {
      int64_t Sum = 0, Count = 0;
      for (int64_t S = 0; S < All.Shape[0]; ++S)
        Sum += (*Graded)[S * Neurons + I];
      for (int64_t S = 0; S < Steps; ++S)
        Count += (*Fired)[S * Neurons + I];
      EXPECT_EQ(Sum, Count) << Name;
    }
  }
  EXPECT_GT(Merged, 0u);
}

/// The step events that were derived from the public codes.
TEST(GreedySteps, MatchTheStoredEvents) {
  size_t Compared = 0;
  for (const char *Name :
       {"llama_l2_d64_w4a4_t2", "llama_gqa_l1_d64_w2a8_t2"}) {
    auto Folder = Golden / "spikellm" / Name;
    if (!std::filesystem::exists(Folder))
      GTEST_SKIP() << "golden vectors are not beside this checkout";
    auto Config =
        models::SpikeLlmConfig::besides(Folder / "spikellm_checkpoint.pth");
    ASSERT_TRUE(Config) << print(Config.errors());
    auto File = NpzReader::open(Folder / "gif_events.npz");
    ASSERT_TRUE(File);
    for (const std::string &Key : File->names()) {
      if (!Key.ends_with("high_events"))
        continue;
      Array Events = *File->read(Key);
      auto Want = integers(Events);
      auto Rest =
          integers(*File->read(Key.substr(0, Key.size() - 6) + "residual"));
      int64_t T = Events.Shape[0], Size = static_cast<int64_t>(Rest.size());
      for (int64_t I = 0; I < Size; ++I) {
        int64_t Code = Rest[I];
        for (int64_t S = 0; S < T; ++S)
          Code += Want[S * Size + I];
        GreedySteps Got =
            greedySteps(Code, T, int64_t(1) << Config->Bits, /*Lossy=*/true);
        EXPECT_EQ(Got.Residual, Rest[I]);
        for (int64_t S = 0; S < T; ++S)
          EXPECT_EQ(Got.Spikes[S], Want[S * Size + I]);
        ++Compared;
      }
    }
  }
  EXPECT_GT(Compared, 10000u);
}
