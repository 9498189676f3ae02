//===- GeneratedTest.cpp - Random SpikeLLM networks of any shape ----------===//

#include "models/generate/SafetensorsWriter.h"
#include "models/generate/SpikeLlmWeights.h"
#include "tests/unit/spikellm/SpikeLlmNetwork.h"

#include <fmt/format.h>
#include <fstream>
#include <set>
#include <unistd.h>

using namespace synfire;
using namespace synfire::models;

namespace {
const GeneratedShape Shape = {2, 32, 17};

GeneratedLlama llama(int WeightBits) {
  GeneratedLlama L;
  L.Hidden = 48;
  L.Heads = 4;
  L.KvHeads = 2;
  L.Positions = 12;
  L.WeightBits = WeightBits;
  return L;
}

/// A generated network in a file of its own.
class Generated : public testing::TestWithParam<int> {
protected:
  std::filesystem::path Path =
      std::filesystem::temp_directory_path() /
      fmt::format("synfire_llama_{}_{}.safetensors", GetParam(), getpid());
  std::filesystem::path Config =
      std::filesystem::path(Path).replace_extension(".json");

  void SetUp() override {
    GeneratedLlama L = llama(GetParam());
    ASSERT_TRUE(writeSafetensors(Path, spikeLlmTensors(Shape, L), /*Seed=*/5,
                                 DType::F16));
    std::ofstream(Config) << spikeLlmConfig(Shape, L);
  }
  void TearDown() override {
    std::filesystem::remove(Path);
    std::filesystem::remove(Config);
  }
};
} // namespace

/// Half precision holds codes times scale exactly, and all codes occur.
TEST_P(Generated, WeightsLieOnTheirGrid) {
  auto File = checkpoint::Checkpoint::open(Path);
  ASSERT_TRUE(File) << print(File.errors());
  size_t Matrices = 0;
  for (const checkpoint::Tensor &T : File->tensors()) {
    const checkpoint::Tensor *Scales =
        T.Name.ends_with(".weight") ? File->find(T.Name + "_quantizer.scales")
                                    : nullptr;
    if (!Scales)
      continue;
    ++Matrices;
    float Scale = (*File->readFloats(*Scales))[0];
    std::set<float> Codes;
    std::vector<float> Weights = *File->readFloats(T);
    for (float W : Weights) {
      EXPECT_EQ(W / Scale, std::nearbyint(W / Scale)) << T.Name;
      Codes.insert(W / Scale);
    }
    EXPECT_EQ(Codes.size(), size_t(1) << GetParam());
    EXPECT_EQ(*Codes.begin(), -std::ldexp(1.0f, GetParam() - 1));
  }
  EXPECT_EQ(Matrices, 14u);
}

/// A token's logits are numbers, and they follow the tokens.
TEST_P(Generated, NetworkRuns) {
  for (KeyRange Range : {KeyRange::Window, KeyRange::Token}) {
    SpikeLlmNetwork Net;
    Net.Options.Range = Range;
    ASSERT_NO_FATAL_FAILURE(Net.load(Path));
    EXPECT_EQ(Net.Options.Config.KvHeads, 2);
    std::vector<int64_t> A = {1, 2, 3, 4, 5}, B = {5, 2, 3, 4, 5};
    auto OfA = Net.Run->run(A), OfB = Net.Run->run(B);
    ASSERT_TRUE(OfA) << print(OfA.errors());
    ASSERT_TRUE(OfB);
    for (float V : OfA->Logits)
      EXPECT_TRUE(std::isfinite(V));
    EXPECT_GT(largestDifference(OfA->Logits, OfB->Logits), 0.01);
    EXPECT_FALSE(Net.Run->run(std::vector<int64_t>(13, 1)))
        << "longer than the positions";
  }
}

/// The share of salient channels, and heads that share a memory agree.
TEST_P(Generated, MasksAreAsAsked) {
  auto File = checkpoint::Checkpoint::open(Path);
  auto C = SpikeLlmConfig::besides(Path);
  ASSERT_TRUE(File && C) << print(C.errors());
  auto Sizes = inferLlamaShape(*File, *C);
  ASSERT_TRUE(Sizes) << print(Sizes.errors());
  auto Masks = readMasks(*File, *Sizes, *C);
  ASSERT_TRUE(Masks) << print(Masks.errors());
  size_t Low = 0, All = 0;
  for (const auto &[Name, Mask] : *Masks) {
    All += Mask.size();
    Low += static_cast<size_t>(std::count(Mask.begin(), Mask.end(), true));
    if (!Name.ends_with("_matmul"))
      continue;
    for (size_t I = 0; I < 8; ++I)
      EXPECT_EQ(Mask[I], Mask[8 + I]) << Name;
  }
  EXPECT_NEAR(static_cast<double>(Low) / static_cast<double>(All), 0.9, 0.06);
}

INSTANTIATE_TEST_SUITE_P(WeightBits, Generated, testing::Values(2, 4));
