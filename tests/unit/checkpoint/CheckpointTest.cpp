// Whole checkpoints: the vectors of the original code, and damaged files.

#include "models/checkpoint/Checkpoint.h"
#include "models/checkpoint/Digest.h"
#include "models/checkpoint/Formats.h"
#include "targets/arrays/Npz.h"
#include "tests/unit/checkpoint/TestFiles.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <random>

using namespace synfire;
using namespace synfire::testfiles;
using checkpoint::Checkpoint;
using checkpoint::Contents;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const std::string Shared = SYNFIRE_SHARED_DIR;
const std::string Shipped =
    SYNFIRE_SOURCE_DIR "/models/shakespeare/shakespeare.pth";

bool hasShared() { return std::filesystem::exists(Shared + "/golden"); }

std::span<const uint8_t> bytesOf(const std::string &Text) {
  return {reinterpret_cast<const uint8_t *>(Text.data()), Text.size()};
}

TEST(Checkpoint, EqualsTheArraysOfTheOriginalCode) {
  if (!hasShared())
    GTEST_SKIP() << "no golden vectors at " << Shared;
  for (const char *Name : {"tiny", "small", "deep7"}) {
    std::string Base = Shared + "/golden/spikegpt/" + Name;
    Result<Checkpoint> C = Checkpoint::open(Base + ".pth");
    ASSERT_TRUE(C) << C.errors().front().format();
    EXPECT_EQ(C->format(), "pytorch-zip");
    Result<NpzReader> Arrays = NpzReader::open(Base + "_weights.npz");
    ASSERT_TRUE(Arrays);
    ASSERT_EQ(Arrays->names().size(), C->tensors().size());
    for (const checkpoint::Tensor &T : C->tensors()) {
      Result<Array> A = Arrays->read(T.Name);
      ASSERT_TRUE(A) << T.Name;
      EXPECT_EQ(A->Shape, T.Shape);
      Result<std::vector<float>> Values = C->readFloats(T);
      ASSERT_TRUE(Values);
      EXPECT_TRUE(std::ranges::equal(*Values, A->as<float>())) << T.Name;
    }
  }
}

TEST(Checkpoint, OpensEveryFileOfTorchSave) {
  if (!hasShared())
    GTEST_SKIP() << "no golden vectors at " << Shared;
  int Opened = 0;
  for (const auto &Entry :
       std::filesystem::recursive_directory_iterator(Shared + "/golden")) {
    std::string Extension = Entry.path().extension();
    if (Extension != ".pth" && Extension != ".pt")
      continue;
    Result<Checkpoint> C = Checkpoint::open(Entry.path());
    EXPECT_TRUE(C) << C.errors().front().format();
    ++Opened;
  }
  EXPECT_GT(Opened, 4);
}

TEST(Checkpoint, KnowsTheShippedNetwork) {
  Result<Checkpoint> C = Checkpoint::open(Shipped);
  ASSERT_TRUE(C) << C.errors().front().format();
  EXPECT_EQ(C->tensors().size(), 78u);
  EXPECT_EQ(C->tensors().front().Name, "emb.weight");
  EXPECT_EQ(C->tensors().back().Name, "head.weight");
  int64_t Parameters = 0;
  for (const checkpoint::Tensor &T : C->tensors())
    Parameters += T.numElements();
  EXPECT_EQ(Parameters, 874752);
  EXPECT_THAT(C->find("head.weight")->Shape, ElementsAre(65, 128));
  EXPECT_EQ(C->find("nothing"), nullptr);
}

TEST(Checkpoint, RowsAreRowsOfTheWhole) {
  Result<Checkpoint> C = Checkpoint::open(Shipped);
  ASSERT_TRUE(C);
  const checkpoint::Tensor &T = *C->find("blocks.0.ffn.value.weight");
  std::vector<float> All = *C->readFloats(T);
  Result<std::vector<float>> Rows = readFloatRows(C->bytes(), T, 5, 3);
  ASSERT_TRUE(Rows);
  EXPECT_TRUE(
      std::ranges::equal(*Rows, std::span(All).subspan(5 * 512, 3 * 512)));
  EXPECT_FALSE(readFloatRows(C->bytes(), T, 126, 3));
}

TEST(Checkpoint, DigestFollowsContentNotLayout) {
  Folder Files;
  // The same 2 x 3 values, dense and as a transposed view.
  std::string Dense = pth(dict(text("w") + tensor("0", 6, 0, {6}, {1})), 6);
  std::string View =
      pth(dict(text("w") + tensor("0", 6, 0, {2, 3}, {1, 2})), 6);
  Result<Checkpoint> A = Checkpoint::open(Files.write("a.pth", Dense));
  Result<Checkpoint> B = Checkpoint::open(Files.write("b.pth", View));
  ASSERT_TRUE(A && B);
  EXPECT_THAT(*B->readFloats(*B->find("w")), ElementsAre(0, 2, 4, 1, 3, 5));
  float Reordered[] = {0, 2, 4, 1, 3, 5};
  StoredTensor Plain{"w", DType::F32, {6}, {1}, 0};
  EXPECT_EQ(
      digest(*B, *B->find("w"))->Hash,
      synfire::digest(asBytes(std::span<const float>(Reordered)), Plain)->Hash);
  EXPECT_NE(digest(*A, *A->find("w"))->Hash, digest(*B, *B->find("w"))->Hash);
}

TEST(Checkpoint, DigestFindsTheFirstNonFinite) {
  std::vector<float> Values(100000, 1.0f);
  StoredTensor T{"w", DType::F32, {100000}, {1}, 0};
  auto first = [&] {
    return synfire::digest(asBytes(std::span<const float>(Values)), T)
        ->FirstNonFinite;
  };
  EXPECT_EQ(first(), std::nullopt);
  Values[70001] = std::numeric_limits<float>::quiet_NaN();
  Values[70002] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(first(), 70001);
  Values[3] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(first(), 3);
}

TEST(Checkpoint, ConvertsEveryType) {
  // 1.5 in each type that can hold it, 3 in the others.
  struct Case {
    DType Type;
    std::string Bytes;
    float Value;
  };
  const Case Cases[] = {{DType::F16, littleEndian(0x3e00, 2), 1.5f},
                        {DType::F16, littleEndian(0x0001, 2), 0x1p-24f},
                        {DType::F16, littleEndian(0xfbff, 2), -65504.0f},
                        {DType::BF16, littleEndian(0x3fc0, 2), 1.5f},
                        {DType::F64, littleEndian(0x3ff8000000000000, 8), 1.5f},
                        {DType::I64, littleEndian(uint64_t(-3), 8), -3},
                        {DType::I32, littleEndian(uint64_t(-3), 4), -3},
                        {DType::I16, littleEndian(uint64_t(-3), 2), -3},
                        {DType::I8, littleEndian(uint64_t(-3), 1), -3},
                        {DType::U8, littleEndian(253, 1), 253},
                        {DType::Bool, littleEndian(1, 1), 1}};
  for (const Case &C : Cases) {
    std::string File = "x" + C.Bytes; // Misaligned on purpose.
    StoredTensor T{"w", C.Type, {}, {}, 1};
    Result<std::vector<float>> Values = readFloats(bytesOf(File), T);
    ASSERT_TRUE(Values);
    EXPECT_THAT(*Values, ElementsAre(C.Value)) << name(C.Type);
    EXPECT_EQ(parseDType(name(C.Type)), C.Type);
  }
}

TEST(Checkpoint, TellsForeignFormatsWhatToDo) {
  const std::pair<std::string, std::string> Cases[] = {
      {std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19",
                   14),
       "before 1.6"},
      {"\x80\x02}q\x01.", "save `model.state_dict()`"},
      {std::string("\x89HDF\r\n\x1a\n", 8), "HDF5"},
      {"{\"weight_map\": {}}", "merge them"},
      {"", "the file is empty"},
      {"hello, world", "no known format"},
      {zip({{"m/constants.pkl", ""}, {"m/data.pkl", ""}}), "TorchScript"},
      {zip({{"a.txt", "x"}}), "not a file of torch.save"},
      {zip({{"m/data.pkl", "\x80\x02N."}, {"m/byteorder", "big"}}),
       "little-endian"}};
  for (const auto &[Bytes, Text] : Cases) {
    std::string Format;
    Result<Contents> C = checkpoint::readTensors(bytesOf(Bytes), "f", Format);
    ASSERT_FALSE(C) << Text;
    EXPECT_THAT(C.errors().front().Text, HasSubstr(Text));
    EXPECT_EQ(C.errors().front().Where, "f");
  }
  EXPECT_FALSE(Checkpoint::open("/nonexistent/x.pth"));
  EXPECT_FALSE(Checkpoint::open("/"));
}

/// A few tensors and enough bytes that damage hits everything.
std::string sample() {
  return pth(dict(text("a") + tensor("0", 64, 0, {8, 8}, {8, 1}) + text("b") +
                  tensor("0", 64, 8, {4}, {1})),
             64);
}

TEST(Checkpoint, EveryTruncationIsRefused) {
  std::string Whole = sample();
  std::string Format;
  ASSERT_TRUE(checkpoint::readTensors(bytesOf(Whole), "f", Format));
  for (size_t Size = 0; Size != Whole.size(); ++Size) {
    std::string Part = Whole.substr(0, Size);
    EXPECT_FALSE(checkpoint::readTensors(bytesOf(Part), "f", Format)) << Size;
  }
}

TEST(Checkpoint, EveryBitFlipIsRefusedOrHarmless) {
  std::string Whole = sample();
  std::string Format;
  Contents Original = *checkpoint::readTensors(bytesOf(Whole), "f", Format);
  int Accepted = 0;
  for (size_t Bit = 0; Bit != Whole.size() * 8; ++Bit) {
    std::string Flipped = Whole;
    Flipped[Bit / 8] = static_cast<char>(Flipped[Bit / 8] ^ 1 << Bit % 8);
    Result<Contents> C = checkpoint::readTensors(bytesOf(Flipped), "f", Format);
    if (!C)
      continue;
    ++Accepted;
    ASSERT_EQ(C->Tensors.size(), Original.Tensors.size());
    for (size_t I = 0; I != C->Tensors.size(); ++I) {
      EXPECT_EQ(C->Tensors[I].Name, Original.Tensors[I].Name);
      EXPECT_EQ(C->Tensors[I].Shape, Original.Tensors[I].Shape);
      EXPECT_EQ(synfire::digest(bytesOf(Flipped), C->Tensors[I])->Hash,
                synfire::digest(bytesOf(Whole), Original.Tensors[I])->Hash);
    }
  }
  // Versions, dates, attributes: fields that mean nothing here.
  EXPECT_LT(Accepted, 1200);
}

TEST(Checkpoint, DamagedGoldenFilesNeverCrash) {
  if (!hasShared())
    GTEST_SKIP() << "no golden vectors at " << Shared;
  std::string Whole = readFile(Shared + "/golden/spikegpt/tiny.pth");
  std::string Format;
  Contents Original = *checkpoint::readTensors(bytesOf(Whole), "f", Format);
  std::mt19937 Random(7);
  for (int Try = 0; Try != 300; ++Try) {
    std::string Bad = Whole;
    if (Try % 3 == 0)
      Bad.resize(Random() % Bad.size());
    // The pickle and the directory are where damage is interesting.
    for (unsigned N = Random() % 4; N-- != 0 && !Bad.empty();) {
      size_t At =
          Random() % 2
              ? Random() % std::min<size_t>(5800, Bad.size())
              : Bad.size() - 1 - Random() % std::min<size_t>(4000, Bad.size());
      Bad[At] = static_cast<char>(Random());
    }
    Result<Contents> C = checkpoint::readTensors(bytesOf(Bad), "f", Format);
    if (!C)
      continue;
    ASSERT_EQ(C->Tensors.size(), Original.Tensors.size());
    for (size_t I = 0; I != C->Tensors.size(); ++I)
      EXPECT_EQ(C->Tensors[I].Shape, Original.Tensors[I].Shape);
  }
}

TEST(Checkpoint, IsDeclaredWithoutAFile) {
  auto Elements = [](size_t Index) {
    return std::vector<uint8_t>(6, static_cast<uint8_t>(Index));
  };
  std::vector<checkpoint::Tensor> Tensors = {
      {"w", DType::I8, {3, 2}, {}, 0},
      {"huge", DType::F16, {1 << 20, 1 << 20}, {}, 0},
      {"mask", DType::Bool, {6}, {}, 0}};
  auto C = Checkpoint::declare("net", Tensors, Elements, "{}");
  ASSERT_TRUE(C) << C.errors().front().format();
  EXPECT_TRUE(C->isDeclared());
  EXPECT_EQ(C->path(), "net");
  EXPECT_EQ(C->format(), "declared");
  EXPECT_EQ(C->config(), "{}");
  EXPECT_TRUE(C->bytes().empty());
  // Offsets are those of one packed file.
  ASSERT_NE(C->find("mask"), nullptr);
  EXPECT_EQ(C->find("mask")->FileOffset, 6 + (uint64_t(1) << 41));
  auto Values = C->readFloats(*C->find("mask"));
  ASSERT_TRUE(Values);
  EXPECT_EQ(*Values, std::vector<float>(6, 1.0f));
  // A hash of what nobody made would be of nothing.
  auto Digest = checkpoint::digest(*C, *C->find("huge"));
  ASSERT_TRUE(Digest);
  EXPECT_EQ(Digest->Hash, 0u);
  checkpoint::Tensor Part = *C->find("w");
  Part.Shape = {1, 2};
  auto Refused = C->readFloats(Part);
  ASSERT_FALSE(Refused);
  EXPECT_EQ(Refused.errors().front().Rule, "checkpoint-declared");
}

TEST(Checkpoint, IsNotDeclaredWithANameTwice) {
  std::vector<checkpoint::Tensor> Tensors = {{"w", DType::I8, {1}, {}, 0},
                                             {"w", DType::I8, {2}, {}, 0}};
  auto C = Checkpoint::declare("net", Tensors, {}, std::nullopt);
  ASSERT_FALSE(C);
  EXPECT_EQ(C.errors().front().Rule, "checkpoint-names");
}

} // namespace
