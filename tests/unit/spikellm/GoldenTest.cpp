//===- GoldenTest.cpp - Rung R1 = rung R0 on SpikeLLM ---------------------===//
//
// The interpreter on the imported network against vectors that the original
// public code made: every integer code equal, logits within 1e-5.
//
//===----------------------------------------------------------------------===//

#include "tests/unit/spikellm/SpikeLlmNetwork.h"

#include <fmt/format.h>

using namespace synfire;
using models::GifCoding;
using models::KeyRange;

namespace {
const std::vector<std::string> Modules = {
    "self_attn.q_proj",     "self_attn.k_proj",    "self_attn.v_proj",
    "self_attn.qkt_matmul", "self_attn.pv_matmul", "self_attn.o_proj",
    "mlp.gate_proj",        "mlp.up_proj",         "mlp.down_proj"};

class SpikeLlmGolden : public testing::TestWithParam<const char *> {
protected:
  std::filesystem::path Folder = Golden / "spikellm" / GetParam();
  void SetUp() override {
    if (!std::filesystem::exists(Folder))
      GTEST_SKIP() << "golden vectors are not beside this checkout";
  }
  std::filesystem::path checkpoint() const {
    return Folder / "spikellm_checkpoint.pth";
  }
};

/// What the public code computed for one sequence.
struct PublicCodes {
  NpzReader Codes, Steps;

  std::vector<int32_t> part(const Array &All, int64_t Sequence) const {
    std::vector<int32_t> Values = integers(All);
    size_t Size = Values.size() / static_cast<size_t>(All.Shape.front());
    auto First = Values.begin() + static_cast<int64_t>(Size) * Sequence;
    return {First, First + static_cast<int64_t>(Size)};
  }
  /// The array \p Name of layer and module. High codes, which may be wider than
  /// a byte, are put together from their step events.
  std::vector<int32_t> get(const std::string &Name, int64_t Sequence) const {
    if (Name.ends_with("mask_low"))
      return integers(*Codes.read(Name));
    if (!Name.ends_with("high_codes"))
      return part(*Codes.read(Name), Sequence);
    std::string High = Name.substr(0, Name.size() - 5);
    Array Residual = *Steps.read(High + "residual"),
          Events = *Steps.read(High + "events");
    std::vector<int32_t> Sum = part(Residual, Sequence);
    std::vector<int32_t> Each = integers(Events);
    size_t PerStep = integers(Residual).size();
    for (size_t Step = 0; Step < Each.size() / PerStep; ++Step)
      for (size_t I = 0; I < Sum.size(); ++I)
        Sum[I] += Each[Step * PerStep +
                       static_cast<size_t>(Sequence) * Sum.size() + I];
    return Sum;
  }
};
} // namespace

TEST_P(SpikeLlmGolden, EveryCodeAndLogitsWithin1e5) {
  auto Io = NpzReader::open(Folder / "io.npz");
  auto Codes = NpzReader::open(Folder / "codes.npz"),
       Steps = NpzReader::open(Folder / "gif_events.npz");
  ASSERT_TRUE(Io && Codes && Steps);
  PublicCodes Want{std::move(*Codes), std::move(*Steps)};
  SpikeLlmNetwork Net;
  Net.Options.Coding = GifCoding::Unsigned;
  ASSERT_NO_FATAL_FAILURE(Net.load(checkpoint()));
  const models::SpikeLlmConfig &C = Net.Options.Config;
  Array Ids = *Io->read("input_ids"), Logits = *Io->read("logits");
  for (int64_t B = 0; B < Ids.Shape[0]; ++B) {
    auto Got = Net.Run->run(slice<int64_t>(Ids, B), recordEvents());
    ASSERT_TRUE(Got) << print(Got.errors());
    for (int64_t L = 0; Want.Codes.contains(
             fmt::format("layer{}.self_attn.q_proj.low_codes", L));
         ++L) {
      std::string Layer = fmt::format("layer{}.", L);
      for (const std::string &Module : Modules)
        EXPECT_EQ(
            codesThatDiffer(*Got, {Module}, Layer,
                            [&](const std::string &Name) {
                              return Want.get(Layer + Name, B);
                            },
                            {C.Heads, C.KvHeads,
                             Io->read("hidden_in")->Shape.back() / C.Heads}),
            0u)
            << Layer << Module;
    }
    EXPECT_LE(largestDifference(Got->Logits, slice<float>(Logits, B)), 1e-5);
  }
}

/// How codes travel does not change what they say.
TEST_P(SpikeLlmGolden, AllCodingsGiveTheSameLogits) {
  auto Io = NpzReader::open(Folder / "io.npz");
  ASSERT_TRUE(Io);
  auto Ids = slice<int64_t>(*Io->read("input_ids"), 0);
  std::vector<std::vector<float>> Logits;
  for (GifCoding Coding : {GifCoding::Unsigned, GifCoding::Planes,
                           GifCoding::Unary, GifCoding::Signed}) {
    SpikeLlmNetwork Net;
    Net.Options.Coding = Coding;
    ASSERT_NO_FATAL_FAILURE(Net.load(checkpoint()));
    auto Got = Net.Run->run(Ids);
    ASSERT_TRUE(Got) << print(Got.errors());
    Logits.push_back(Got->Logits);
  }
  EXPECT_EQ(Logits[0], Logits[1]);
  EXPECT_EQ(Logits[0], Logits[2]);
  EXPECT_LE(largestDifference(Logits[0], Logits[3]), 1e-5);
}

/// Without codes the network is the dense LLaMA that was quantised, on its
/// original weights.
TEST_P(SpikeLlmGolden, DenseFormIsTheOriginal) {
  auto Io = NpzReader::open(Folder / "io.npz");
  ASSERT_TRUE(Io);
  SpikeLlmNetwork Net;
  Net.Options.Dense = true;
  ASSERT_NO_FATAL_FAILURE(Net.load(Folder / "fp_checkpoint.pth"));
  Array Ids = *Io->read("input_ids"),
        Logits = *Io->read("logits_dense_float_checkpoint");
  for (int64_t B = 0; B < Ids.Shape[0]; ++B) {
    auto Got = Net.Run->run(slice<int64_t>(Ids, B));
    ASSERT_TRUE(Got) << print(Got.errors());
    EXPECT_LE(largestDifference(Got->Logits, slice<float>(Logits, B)), 1e-5);
  }
}

/// Streaming: a token's logits may not depend on tokens after it. With keys
/// coded over the window they do.
TEST_P(SpikeLlmGolden, TokenRangeOfKeysIsCausal) {
  auto Io = NpzReader::open(Folder / "io.npz");
  ASSERT_TRUE(Io);
  auto Ids = slice<int64_t>(*Io->read("input_ids"), 0);
  for (KeyRange Range : {KeyRange::Token, KeyRange::Window}) {
    SpikeLlmNetwork Net;
    Net.Options.Range = Range;
    ASSERT_NO_FATAL_FAILURE(Net.load(checkpoint()));
    auto Whole = Net.Run->run(Ids);
    auto Part = Net.Run->run(std::span(Ids).first(Ids.size() / 2));
    ASSERT_TRUE(Whole && Part);
    Whole->Logits.resize(Part->Logits.size());
    double Worst = largestDifference(Whole->Logits, Part->Logits);
    // Matrix products of other shapes round elsewhere.
    if (Range == KeyRange::Token)
      EXPECT_LE(Worst, 1e-5);
    else
      EXPECT_GT(Worst, 1e-3);
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, SpikeLlmGolden,
                         testing::Values("llama_l2_d64_w4a4_t2",
                                         "llama_gqa_l1_d64_w2a8_t2"));
