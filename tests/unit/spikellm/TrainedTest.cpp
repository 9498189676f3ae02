//===- TrainedTest.cpp - A trained SpikeLLM ------------------------------===//
//
// One code that falls on the other side of .5 is amplified by the blocks that
// follow, and float32 and float64 runs of the public code itself disagree on 4
// of these 16 sequences. So codes are compared over one block from its stored
// input, and logits on the sequences that are decided clearly. For the latter
// codes are signed: sums of unsigned codes are larger than what is left when
// the zero point is subtracted, and in binary32 (not in the integers of a chip)
// that costs digits.
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Quality.h"
#include "tests/unit/spikellm/SpikeLlmNetwork.h"

#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

using namespace synfire;

namespace {
const std::filesystem::path Folder = Golden / "spikellm-trained";

/// Tensors in a .safetensors file.
class Writer {
public:
  void add(const std::string &Name, const std::vector<int64_t> &Shape,
           bool Choice, const std::vector<float> &Values) {
    size_t Begin = Data.size();
    for (float V : Values)
      if (Choice)
        Data.push_back(V != 0.0f);
      else
        Data.append(reinterpret_cast<const char *>(&V), sizeof(V));
    Header +=
        fmt::format("{}\"{}\":{{\"dtype\":\"{}\",\"shape\":{},"
                    "\"data_offsets\":[{},{}]}}",
                    Header.empty() ? "{" : ",", Name, Choice ? "BOOL" : "F32",
                    formatShape(Shape), Begin, Data.size());
  }
  void write(const std::filesystem::path &Path) {
    Header += "}";
    uint64_t Size = Header.size();
    std::ofstream Out(Path, std::ios::binary);
    Out.write(reinterpret_cast<const char *>(&Size), sizeof(Size));
    Out << Header << Data;
  }

private:
  std::string Header, Data;
};
} // namespace

/// Block 1 alone, its stored input as the table of the embedding.
TEST(SpikeLlmTrained, BlockFromItsStoredInput) {
  if (!std::filesystem::exists(Folder))
    GTEST_SKIP() << "golden vectors are not beside this checkout";
  auto Eval = NpzReader::open(Folder / "eval.npz");
  auto From = checkpoint::Checkpoint::open(Folder / "spikellm_checkpoint.pth");
  ASSERT_TRUE(Eval && From);
  Array Input = *Eval->read("layer1_hidden_in_sequence");
  Writer Block;
  std::vector<float> Rows(Input.as<float>().begin(), Input.as<float>().end());
  // Whole numbers of bytes come last, so that floats stay aligned.
  for (bool Choice : {false, true})
    for (const checkpoint::Tensor &T : From->tensors()) {
      std::string Name = T.Name;
      if (Name.starts_with("model.layers.") &&
          !Name.starts_with("model.layers.1."))
        continue;
      if (Name.starts_with("model.layers.1."))
        Name[13] = '0';
      if ((T.Type == DType::Bool) != Choice)
        continue;
      if (Name == "model.embed_tokens.weight" || Name == "lm_head.weight")
        Block.add(Name, Input.Shape, false, Rows);
      else
        Block.add(Name, T.Shape, Choice, *From->readFloats(T));
    }
  auto Path = std::filesystem::temp_directory_path() /
              fmt::format("synfire_block_{}.safetensors", getpid());
  Block.write(Path);
  std::ofstream(std::filesystem::path(Path).replace_extension(".json"))
      << fmt::format(R"({{"num_attention_heads": 4, "abits": 4, "addbit": 1,
             "wbits": 4, "max_position_embeddings": {}}})",
                     Input.Shape[0]);
  SpikeLlmNetwork Net;
  Net.load(Path);
  std::vector<int64_t> Tokens;
  for (int64_t T = 0; T < Input.Shape[0]; ++T)
    Tokens.push_back(T);
  if (Net.Run) {
    auto Got = Net.Run->run(Tokens, recordEvents());
    ASSERT_TRUE(Got) << print(Got.errors());
    for (const char *Module :
         {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
          "self_attn.qkt_matmul", "self_attn.pv_matmul", "self_attn.o_proj",
          "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"})
      EXPECT_EQ(codesThatDiffer(*Got, {Module}, "layer0.",
                                [&](const std::string &Name) {
                                  return integers(*Eval->read("codes." + Name));
                                },
                                {4, 4, Input.Shape[1] / 4}),
                0u)
          << Module;
  }
  std::filesystem::remove(Path);
  std::filesystem::remove(Path.replace_extension(".json"));
}

TEST(SpikeLlmTrained, LogitsAndBitsPerCharacter) {
  if (!std::filesystem::exists(Folder))
    GTEST_SKIP() << "golden vectors are not beside this checkout";
  auto Eval = NpzReader::open(Folder / "eval.npz");
  ASSERT_TRUE(Eval);
  SpikeLlmNetwork Net;
  Net.Options.Coding = models::GifCoding::Signed;
  ASSERT_NO_FATAL_FAILURE(Net.load(Folder / "spikellm_checkpoint.pth"));
  Array Ids = *Eval->read("input_ids"), Next = *Eval->read("labels"),
        Logits = *Eval->read("logits_spiking");
  unsigned Close = 0;
  // All sequences, and those whose logits agree: a single code that lands on
  // the other side of .5 changes the rest of its sequence, in the public code
  // between binary32 and binary64 as well (4 of these 16).
  double Bits = 0, Want = 0, CloseBits = 0, CloseWant = 0;
  for (int64_t B = 0; B < Ids.Shape[0]; ++B) {
    auto Tokens = slice<uint8_t>(Ids, B), Labels = slice<uint8_t>(Next, B);
    std::vector<int64_t> Follow(Labels.begin(), Labels.end());
    auto Got = Net.Run->run(std::vector<int64_t>(Tokens.begin(), Tokens.end()));
    ASSERT_TRUE(Got) << print(Got.errors());
    auto Stored = slice<float>(Logits, B);
    const bool Agrees = largestDifference(Got->Logits, Stored) <= 1e-4;
    Close += Agrees;
    auto Ours = compiler::bitsPerToken(Got->Logits, Follow),
         Theirs = compiler::bitsPerToken(Stored, Follow);
    ASSERT_TRUE(Ours && Theirs);
    CloseBits += Agrees ? *Ours : 0;
    CloseWant += Agrees ? *Theirs : 0;
    Bits += *Ours / static_cast<double>(Ids.Shape[0]);
    Want += *Theirs / static_cast<double>(Ids.Shape[0]);
  }
  EXPECT_GE(Close, 13u) << "of 16";
  EXPECT_NEAR(Want, 2.5309, 1e-4);
  EXPECT_NEAR(CloseBits / Close, CloseWant / Close, 1e-5);
  EXPECT_NEAR(Bits, Want, 0.005);
  RecordProperty("close", static_cast<int>(Close));
  fmt::print("{} of 16 sequences agree; {:.4f} bits, public code {:.4f}\n",
             Close, Bits, Want);
}
