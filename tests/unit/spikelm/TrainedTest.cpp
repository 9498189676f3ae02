//===- TrainedTest.cpp - A trained SpikeLM on text ------------------------===//
//
// The network that was trained with the public modules: stored spikes equal,
// logits of nearly all sequences within 1e-4 (a spike at the very threshold may
// fall either way and is amplified), and the same quality.
//
//===----------------------------------------------------------------------===//

#include "tests/unit/spikelm/Vectors.h"

#include <fstream>
#include <nlohmann/json.hpp>

using namespace synfire;

/// -log2 of the probability that softmax gives to \p Target.
static double bits(std::span<const float> Logits, int64_t Target) {
  double Largest = *std::max_element(Logits.begin(), Logits.end()), Sum = 0;
  for (float V : Logits)
    Sum += std::exp(double(V) - Largest);
  return (std::log(Sum) - (double(Logits[Target]) - Largest)) / std::log(2.0);
}

TEST(SpikeLmTrained, SpikesLogitsAndMaskedBits) {
  auto Folder = Golden / "spikelm-trained";
  if (!std::filesystem::exists(Folder))
    GTEST_SKIP() << "golden vectors are not beside this checkout";
  auto Io = NpzReader::open(Folder / "eval.npz");
  ASSERT_TRUE(Io);
  Network Net;
  ASSERT_NO_FATAL_FAILURE(Net.load(Folder / "model.pth"));
  Array Ids = *Io->read("input_ids"), Mask = *Io->read("attention_mask"),
        Labels = *Io->read("labels"), Logits = *Io->read("logits");
  auto Recorded = Io->read("spikes_sequence_index")->as<int64_t>().front();
  size_t Vocabulary = Logits.Shape[2];
  size_t Size = Logits.Shape[1] * Vocabulary, Close = 0, Scored = 0;
  double Bits = 0;
  for (int64_t B = 0; B < Ids.Shape[0]; ++B) {
    TokenRow Row = rowOf(Ids, Mask, B);
    compiler::RunOptions Options;
    Options.RecordEvents = B == Recorded;
    auto Got = Net.Run->run(Row.inputs(), Options);
    ASSERT_TRUE(Got) << print(Got.errors());
    for (const compiler::Recording &R : Got->Events)
      if (Io->contains("spikes." + R.Name)) {
        EXPECT_EQ(spikesThatDiffer(R, *Io->read("spikes." + R.Name), 0), 0u)
            << R.Name;
      }
    Close +=
        largestDifference(Got->Logits,
                          Logits.as<float>().subspan(B * Size, Size)) <= 1e-4;
    std::vector<int64_t> Asked = integerRow(Labels, B);
    for (size_t I = 0; I < Asked.size(); ++I)
      if (Asked[I] >= 0) {
        ++Scored;
        Bits += bits(std::span(Got->Logits).subspan(I * Vocabulary, Vocabulary),
                     Asked[I]);
      }
  }
  EXPECT_GE(Close, 29u) << "of " << Ids.Shape[0] << " sequences";
  auto Report = nlohmann::json::parse(std::ifstream(Folder / "report.json"));
  EXPECT_NEAR(Bits / double(Scored), Report["eval_npz"]["masked_bits_per_char"],
              0.002);
  RecordProperty("close", int(Close));
}
