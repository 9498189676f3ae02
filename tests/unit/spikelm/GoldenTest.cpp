//===- GoldenTest.cpp - Rung R1 = rung R0 on SpikeLM ----------------------===//
//
// The interpreter on the imported network against vectors that the original
// public code made: every spike equal, logits within 1e-5, and accumulates
// counted from our spikes equal to those of the original's.
//
//===----------------------------------------------------------------------===//

#include "tests/unit/spikelm/Vectors.h"

#include <fmt/format.h>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

using namespace synfire;
using models::SpikeLmHead;

namespace {
struct Case {
  const char *Name;
  SpikeLmHead Head;
  const char *Logits; ///< [B, N, V] or [B, labels] of the first token
};

/// Accumulates by population and by whether padding counts.
using Counts = std::map<std::string, std::array<int64_t, 2>>;

/// Adds what the spikes of \p R cost in one sequence. A spike of a linear costs
/// its fan-out; one of a key or value is read by every query.
void count(const compiler::Recording &R, const TokenRow &Row, int64_t Width,
           int64_t Hidden, Counts &To) {
  auto Ends = [&](const char *Part) { return R.Name.ends_with(Part); };
  std::string Layer = R.Name.substr(0, R.Name.find('.') + 1);
  int64_t Tokens = static_cast<int64_t>(Row.Tokens.size());
  int64_t Valid = std::count(Row.Valid.begin(), Row.Valid.end(), 1);
  bool Key = Ends("k_out"), Value = Ends("v_out");
  std::string Name = Key     ? Layer + "qk_scores"
                     : Value ? Layer + "attn_times_v"
                             : R.Name;
  int64_t FanOut = Ends("ffn_up_in") ? Hidden : Width;
  int64_t PerToken = static_cast<int64_t>(R.Payloads.size()) / Tokens;
  for (int64_t T = 0; T < Tokens; ++T) {
    auto At = R.Payloads.begin() + T * PerToken;
    int64_t Fired = PerToken - std::count(At, At + PerToken, 0);
    To[Name][0] += Fired * (Key || Value ? Tokens : FanOut);
    if (Row.Valid[T])
      To[Name][1] += Fired * (Key || Value ? Valid : FanOut);
  }
}

class SpikeLmGolden : public testing::TestWithParam<Case> {};
} // namespace

TEST_P(SpikeLmGolden, EverySpikeLogitsAndAccumulates) {
  auto Folder = Golden / "spikelm" / GetParam().Name;
  if (!std::filesystem::exists(Folder))
    GTEST_SKIP() << "golden vectors are not beside this checkout";
  auto Io = NpzReader::open(Folder / "io.npz");
  auto Spikes = NpzReader::open(Folder / "spikes.npz");
  ASSERT_TRUE(Io && Spikes);
  models::SpikeLmOptions Options;
  Options.Head = GetParam().Head;
  Network Net;
  ASSERT_NO_FATAL_FAILURE(Net.load(Folder / "model.pth", Options));
  Array Ids = *Io->read("input_ids"), Mask = *Io->read("attention_mask"),
        Types = *Io->read("token_type_ids"),
        Logits = *Io->read(GetParam().Logits);
  auto Config = nlohmann::json::parse(std::ifstream(Folder / "config.json"));
  Counts Synops;
  for (int64_t B = 0; B < Ids.Shape[0]; ++B) {
    TokenRow Row = rowOf(Ids, Mask, B);
    Row.Types = integerRow(Types, B);
    compiler::RunOptions Record;
    Record.RecordEvents = true;
    auto Got = Net.Run->run(Row.inputs(), Record);
    ASSERT_TRUE(Got) << print(Got.errors());
    size_t Compared = 0;
    for (const compiler::Recording &R : Got->Events)
      if (Spikes->contains(R.Name)) {
        ++Compared;
        EXPECT_EQ(spikesThatDiffer(R, *Spikes->read(R.Name), B), 0u)
            << R.Name << " of sequence " << B;
        count(R, Row, Config["hidden_size"], Config["intermediate_size"],
              Synops);
      }
    EXPECT_EQ(Compared, Spikes->names().size()) << "a population is missing";
    size_t Size = Logits.numElements() / Logits.Shape[0];
    std::span<const float> Want = Logits.as<float>().subspan(B * Size, Size);
    // A head of the sequence speaks at the first token, and nowhere else.
    EXPECT_LE(largestDifference(std::span(Got->Logits).first(Size), Want), 1e-5)
        << "sequence " << B;
    if (Logits.Shape.size() == 2)
      EXPECT_TRUE(std::all_of(Got->Logits.begin() + Size, Got->Logits.end(),
                              [](float V) { return V == 0; }));
    else
      EXPECT_EQ(Got->Logits.size(), Size);
  }
  auto Want = nlohmann::json::parse(std::ifstream(Folder / "synops.json"));
  std::array<int64_t, 2> Total = {};
  for (size_t L = 0; L < Want["layers"].size(); ++L)
    for (auto &[Key, Each] : Want["layers"][L].items()) {
      auto Got = Synops[fmt::format("layer{}.{}", L, Key)];
      EXPECT_EQ(Got[0], Each["synops_all_positions"]) << L << " " << Key;
      EXPECT_EQ(Got[1], Each["synops_valid_positions"]) << L << " " << Key;
      Total[0] += Got[0];
      Total[1] += Got[1];
    }
  EXPECT_EQ(Total[0], Want["total_all_positions"]);
  EXPECT_EQ(Total[1], Want["total_valid_positions"]);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, SpikeLmGolden,
    testing::Values(
        Case{"mlm_l2_d64_t4", SpikeLmHead::FromTensors, "prediction_logits"},
        Case{"mlm_l2_d64_t4", SpikeLmHead::NextSentence,
             "seq_relationship_logits"},
        Case{"mlm_l2_d64_t4", SpikeLmHead::None, "encoder_output"},
        Case{"cls_l4_d128_t4", SpikeLmHead::FromTensors, "logits"}));
