// .safetensors: what the generator writes is read; broken headers are refused.

#include "models/checkpoint/Checkpoint.h"
#include "models/generate/SafetensorsWriter.h"
#include "models/generate/SpikeGptWeights.h"
#include "tests/unit/checkpoint/TestFiles.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace synfire;
using namespace synfire::testfiles;
using checkpoint::Checkpoint;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::string file(const std::string &Header, const std::string &Data) {
  return littleEndian(Header.size(), 8) + Header + Data;
}

TEST(Safetensors, ReadsEveryOrderAndMisalignedData) {
  Folder Files;
  std::string Data =
      "x" + littleEndian(0x3f800000, 4) + littleEndian(0x40000000, 4);
  std::string Header =
      R"({"__metadata__":{"a":"b"},)"
      R"("b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]},)"
      R"("a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},)"
      R"("e":{"dtype":"F16","shape":[0,3],"data_offsets":[1,1]}}   )";
  Result<Checkpoint> C =
      Checkpoint::open(Files.write("m.safetensors", file(Header, Data)));
  ASSERT_TRUE(C) << C.errors().front().format();
  EXPECT_EQ(C->format(), "safetensors");
  EXPECT_EQ(C->tensors()[0].Name, "a");
  EXPECT_EQ(C->tensors()[2].Name, "b");
  EXPECT_THAT(*C->readFloats(*C->find("b")), ElementsAre(1, 2));
  EXPECT_THAT(*C->readFloats(*C->find("a")), ElementsAre('x'));
}

TEST(Safetensors, HeadersOfAnyLength) {
  Folder Files;
  for (size_t Size : {0x78, 0x80, 0x7b, 0x180, 0x280}) {
    std::string Header =
        R"({"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})";
    Header.resize(Size, ' ');
    Result<Checkpoint> C = Checkpoint::open(Files.write(
        "m.safetensors", file(Header, littleEndian(0x3f800000, 4))));
    ASSERT_TRUE(C) << Size << ": " << C.errors().front().format();
    EXPECT_THAT(*C->readFloats(*C->find("w")), ElementsAre(1));
  }
}

TEST(Safetensors, RefusesBrokenHeaders) {
  auto entry = [](const std::string &Type, const std::string &Shape,
                  const std::string &Offsets) {
    return R"({"w":{"dtype":")" + Type + R"(","shape":)" + Shape +
           R"(,"data_offsets":)" + Offsets + "}}";
  };
  const std::pair<std::string, std::string> Cases[] = {
      {file(entry("F32", "[2]", "[0,8]"), "1234"), "truncated"},
      {file(entry("F32", "[1]", "[0,4]"), "12345678"), "the file at"},
      {file(entry("F32", "[1]", "[4,8]"), "12345678"), "holes and overlaps"},
      {file(entry("F32", "[3]", "[0,8]"), "12345678"), "takes 12 bytes"},
      {file(entry("F8_E4M3", "[8]", "[0,8]"), "12345678"), "not read"},
      {file(entry("F32", "[-2]", "[0,8]"), "12345678"), "exactly dtype"},
      {file(entry("F32", "[2]", "[0,8,9]"), "12345678"), "exactly dtype"},
      {file(entry("F32", "[4611686018427387904,16]", "[0,0]"), ""),
       "overflows"},
      {file(R"({"w":1})", ""), "exactly dtype"},
      {file(R"({"w":)", ""), "not JSON"},
      {file("{" + std::string(100000, '['), ""), "not JSON"},
      {file(R"({"w":)" + std::string(100000, '['), ""), "header"},
      {file(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
            R"("w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
            "1"),
       "twice"},
      {littleEndian(1ull << 60, 8) + "{}", "a header of"},
      {file("{}", ""), "holds no tensors"}};
  Folder Files;
  for (const auto &[Bytes, Text] : Cases) {
    Result<Checkpoint> C =
        Checkpoint::open(Files.write("m.safetensors", Bytes));
    ASSERT_FALSE(C) << Text;
    EXPECT_THAT(C.errors().front().Text, HasSubstr(Text));
    EXPECT_THAT(C.errors().front().Where, HasSubstr("m.safetensors"));
  }
}

TEST(Generate, WritesWhatTheReaderReads) {
  Folder Files;
  std::vector<models::GeneratedTensor> Tensors =
      models::spikeGptTensors({3, 16, 40});
  for (DType Type : {DType::F32, DType::F16}) {
    std::string Path = Files.path("g.safetensors");
    ASSERT_TRUE(models::writeSafetensors(Path, Tensors, 5, Type));
    std::string Once = readFile(Path);
    ASSERT_TRUE(models::writeSafetensors(Path, Tensors, 5, Type));
    EXPECT_EQ(readFile(Path), Once);
    Result<Checkpoint> C = Checkpoint::open(Path);
    ASSERT_TRUE(C) << C.errors().front().format();
    ASSERT_EQ(C->tensors().size(), Tensors.size());
    for (size_t I = 0; I != Tensors.size(); ++I) {
      const checkpoint::Tensor &T = C->tensors()[I];
      EXPECT_EQ(T.Name, Tensors[I].Name);
      EXPECT_EQ(T.Shape, Tensors[I].Shape);
      EXPECT_EQ(T.Type, Type);
      std::vector<float> Made(static_cast<size_t>(T.numElements()));
      models::fillElements(Tensors[I], 5, I, 0, Made);
      std::vector<float> Read = *C->readFloats(T);
      for (size_t E = 0; E != Made.size(); ++E)
        ASSERT_NEAR(Read[E], Made[E],
                    Type == DType::F32 ? 0 : std::fabs(Made[E]) / 2048 + 3e-8)
            << T.Name << " " << E;
    }
  }
}

TEST(Generate, CountsTheParametersOfThePublishedShapes) {
  auto parameters = [](models::GeneratedShape S) {
    int64_t Count = 0;
    for (const models::GeneratedTensor &T : models::spikeGptTensors(S))
      Count += T.numElements();
    return Count;
  };
  EXPECT_EQ(parameters({12, 512, 5458}), 46553088);
  EXPECT_EQ(parameters({18, 768, 50277}), 215399424);
}

TEST(Generate, ElementsDependOnSeedAndPlaceOnly) {
  models::GeneratedTensor T = models::spikeGptTensors({2, 64, 64}).front();
  std::vector<float> Whole(4096), Part(100), Other(4096);
  models::fillElements(T, 1, 0, 0, Whole);
  models::fillElements(T, 1, 0, 300, Part);
  models::fillElements(T, 2, 0, 0, Other);
  EXPECT_TRUE(std::equal(Part.begin(), Part.end(), Whole.begin() + 300));
  EXPECT_NE(Whole, Other);
  double Sum = 0, Squares = 0;
  for (float W : Whole) {
    Sum += W;
    Squares += W * W;
  }
  double Mean = Sum / 4096;
  EXPECT_NEAR(Mean, T.Mean, 0.06);
  EXPECT_NEAR(std::sqrt(Squares / 4096 - Mean * Mean), T.Deviation, 0.04);
}

TEST(Generate, HalvesAreNearest) {
  EXPECT_EQ(models::toHalf(1.5f), 0x3e00);
  EXPECT_EQ(models::toHalf(-0.0f), 0x8000);
  EXPECT_EQ(models::toHalf(65504.0f), 0x7bff);
  EXPECT_EQ(models::toHalf(65520.0f), 0x7c00);
  EXPECT_EQ(models::toHalf(0x1p-24f), 0x0001);
  EXPECT_EQ(models::toHalf(0x1p-25f), 0x0000); // A tie: to even.
  EXPECT_EQ(models::toHalf(0x1.8p-24f), 0x0002);
  EXPECT_EQ(models::toHalf(1.0f + 0x1p-11f), 0x3c00);
  EXPECT_EQ(models::toHalf(1.0f + 0x1.8p-10f), 0x3c02);
  EXPECT_EQ(models::toHalf(0x1.ffep-15f), 0x03ff + 1);
}

} // namespace
