// Writing and reading whole images; damage of any kind is refused.

#include "tests/unit/targets/ImageFixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

using namespace synfire;
using namespace synfire::image;
namespace fs = std::filesystem;
using testing::HasSubstr;

namespace {

class ImageFile : public testing::Test {
protected:
  /// A folder of its own, so that leftovers can be seen.
  void SetUp() override {
    Folder = temporaryPath(
        testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(Folder);
    Path = Folder + "/model.sfi";
  }
  void TearDown() override { fs::remove_all(Folder); }
  size_t filesInFolder() const {
    return std::distance(fs::directory_iterator(Folder), {});
  }

  std::string Folder, Path;
};

std::string firstError(const Errors &E) { return E.front().format(); }

template <typename T>
void expectSame(std::span<const T> Read, const std::vector<T> &Written) {
  ASSERT_EQ(Read.size(), Written.size());
  EXPECT_EQ(std::memcmp(Read.data(), Written.data(), Read.size_bytes()), 0);
}

TEST_F(ImageFile, RoundTrip) {
  ImageParts P = ImageParts::small();
  Status Written = P.write(Path);
  ASSERT_TRUE(Written) << firstError(Written.errors());
  Result<Image> Opened = Image::open(Path);
  ASSERT_TRUE(Opened) << firstError(Opened.errors());
  EXPECT_EQ(Opened->metadata(), P.Metadata);
  EXPECT_EQ(Opened->target(), P.Target);
  EXPECT_EQ(Opened->string(P.Populations[1].Name), "b");
  EXPECT_TRUE(Opened->network().empty());
  EXPECT_EQ(Opened->fileBytes(), fs::file_size(Path));
  expectSame(Opened->populations(), P.Populations);
  expectSame(Opened->connections(), P.Connections);
  expectSame(Opened->streams(), P.Streams);
  expectSame(Opened->programs(), P.Programs);
  expectSame(Opened->instructions(), P.Instructions);
  expectSame(Opened->stateInit(), P.StateInit);
  expectSame(Opened->cores(), P.Cores);
  expectSame(Opened->blocks(), P.Blocks);
  expectSame(Opened->slots(), P.Slots);
  expectSame(Opened->outputs(), P.Outputs);
  expectSame(Opened->tiles(), P.Tiles);
  expectSame(Opened->axons(), P.Axons);
  expectSame(Opened->flows(), P.Flows);
  expectSame(Opened->hops(), P.Hops);
  expectSame(Opened->hostScales(), P.HostScales);
  expectSame(Opened->coreMemory(), P.CoreMemory);
  EXPECT_EQ(filesInFolder(), 1u);
}

/// Memory of this process that holds pages of the file \p Path.
size_t residentBytes(const std::string &Path) {
  std::ifstream Maps("/proc/self/smaps");
  size_t KiB = 0;
  bool Within = false;
  for (std::string Line; std::getline(Maps, Line);) {
    if (Line.find('-') < Line.find(' ')) // a range of addresses
      Within = Line.ends_with(Path);
    else if (Within && Line.starts_with("Rss:"))
      KiB += std::stoul(Line.substr(4));
  }
  return 1024 * KiB;
}

/// The network is read for its checksum, in pieces, and leaves memory.
TEST_F(ImageFile, ALargeNetworkIsCheckedAndNotKept) {
  ImageParts P = ImageParts::small();
  for (uint32_t I = 0; I != 9'000'001; ++I)
    P.Network.push_back(std::byte(I * 2654435761u >> 24));
  ASSERT_TRUE(P.write(Path));
  {
    Result<Image> Opened = Image::open(Path);
    ASSERT_TRUE(Opened) << firstError(Opened.errors());
    EXPECT_GT(residentBytes(Path), 0u);
    EXPECT_LT(residentBytes(Path), P.Network.size() / 2);
    expectSame(Opened->network(), P.Network);
  }
  std::vector<std::byte> Bytes = readAll(Path);
  const auto Last = std::search(Bytes.begin(), Bytes.end(),
                                P.Network.end() - 64, P.Network.end());
  ASSERT_NE(Last, Bytes.end());
  *Last ^= std::byte(1);
  std::ofstream(Path, std::ios::binary)
      .write(reinterpret_cast<const char *>(Bytes.data()),
             static_cast<std::streamsize>(Bytes.size()));
  Result<Image> Damaged = Image::open(Path);
  ASSERT_FALSE(Damaged);
  EXPECT_EQ(Damaged.errors().front().Rule, "image-checksum");
}

TEST_F(ImageFile, ConvolutionRoundTrip) {
  ImageParts P = ImageParts::convolution();
  ASSERT_TRUE(P.write(Path));
  Result<Image> Opened = Image::open(Path);
  ASSERT_TRUE(Opened) << firstError(Opened.errors());
  expectSame(Opened->windows(), P.Windows);
  expectSame(Opened->connections(), P.Connections);
  expectSame(Opened->stateInit(), P.StateInit);
  expectSame(Opened->blocks(), P.Blocks);
  expectSame(Opened->axons(), P.Axons);
  expectSame(Opened->streams(), P.Streams);
  expectSame(Opened->instructions(), P.Instructions);
}

TEST_F(ImageFile, SameInputSameBytes) {
  ASSERT_TRUE(ImageParts::small().write(Path));
  ASSERT_TRUE(ImageParts::small().write(Path + "2"));
  EXPECT_EQ(readAll(Path), readAll(Path + "2"));
}

TEST_F(ImageFile, EveryBitFlipIsRefused) {
  ASSERT_TRUE(ImageParts::small().write(Path));
  std::vector<std::byte> Good = readAll(Path);
  AlignedBytes Bytes(Good);
  for (size_t At = 0; At < Good.size(); ++At) {
    for (unsigned Bit = 0; Bit < 8; ++Bit) {
      Bytes.span()[At] ^= std::byte(1 << Bit);
      EXPECT_FALSE(Image::view(Bytes.span(), "x")) << At << " bit " << Bit;
      Bytes.span()[At] ^= std::byte(1 << Bit);
    }
  }
  EXPECT_TRUE(Image::view(Bytes.span(), "x"));
}

TEST_F(ImageFile, EveryTruncationIsRefused) {
  ASSERT_TRUE(ImageParts::small().write(Path));
  AlignedBytes Bytes(readAll(Path));
  for (size_t Size = 0; Size < Bytes.span().size(); ++Size)
    EXPECT_FALSE(Image::view(Bytes.span().first(Size), "x")) << Size;
}

TEST_F(ImageFile, RandomBytesBehindGoodChecksumsNeverCrash) {
  for (const ImageParts &P : {ImageParts::small(), ImageParts::convolution()}) {
    ASSERT_TRUE(P.write(Path));
    std::vector<std::byte> Good = readAll(Path);
    std::mt19937 Random(7);
    unsigned Refused = 0;
    for (unsigned Round = 0; Round < 5000; ++Round) {
      AlignedBytes Bytes(Good);
      for (unsigned Change = Random() % 4 + 1; Change > 0; --Change)
        Bytes.span()[Random() % Good.size()] = std::byte(Random() % 256);
      resealForTest(Bytes.span());
      Refused += !Image::view(Bytes.span(), "x");
    }
    EXPECT_GT(Refused, 1000u);
  }
}

TEST_F(ImageFile, OpenNamesWhatIsWrongWithTheFile) {
  auto ErrorOf = [](const std::string &Name) {
    Result<Image> I = Image::open(Name);
    return I ? std::string() : firstError(I.errors());
  };
  EXPECT_THAT(ErrorOf(Folder + "/absent"), HasSubstr("No such file"));
  EXPECT_THAT(ErrorOf(Folder), HasSubstr("not a regular file"));
  std::ofstream(Path).close();
  EXPECT_THAT(ErrorOf(Path), HasSubstr("the file is empty"));
  std::ofstream(Path) << std::string(100, 'x');
  EXPECT_THAT(ErrorOf(Path), HasSubstr("not a Synfire image"));
}

TEST_F(ImageFile, VersionIsTold) {
  ASSERT_TRUE(ImageParts::small().write(Path));
  AlignedBytes Bytes(readAll(Path));
  for (uint8_t Version : {1, 2, 9}) {
    Bytes.span()[8] = std::byte(Version);
    Result<Image> I = Image::view(Bytes.span(), "m.sfi");
    ASSERT_FALSE(I);
    EXPECT_EQ(I.errors().front().Rule, "image-version");
    EXPECT_THAT(firstError(I.errors()),
                HasSubstr("format version " + std::to_string(Version) +
                          ", but this program reads 3; compile"));
  }
}

TEST_F(ImageFile, UnalignedBytesAreRefused) {
  AlignedBytes Bytes(std::vector<std::byte>(200));
  Result<Image> I = Image::view(Bytes.span().subspan(1), "x");
  ASSERT_FALSE(I);
  EXPECT_EQ(I.errors().front().Rule, "image-alignment");
}

TEST_F(ImageFile, UnfinishedWriterLeavesNothing) {
  {
    Result<ImageWriter> W = ImageWriter::create(Path);
    ASSERT_TRUE(W);
    ASSERT_TRUE(W->appendText(SectionKind::Metadata, "{}"));
    EXPECT_FALSE(fs::exists(Path));
  }
  EXPECT_EQ(filesInFolder(), 0u);
}

TEST_F(ImageFile, OldFileStaysUntilFinish) {
  std::ofstream(Path) << "old";
  Result<ImageWriter> W = ImageWriter::create(Path);
  ASSERT_TRUE(W);
  ASSERT_TRUE(W->appendText(SectionKind::Metadata, "{}"));
  EXPECT_EQ(readAll(Path).size(), 3u);
  ASSERT_TRUE(W->finish());
  EXPECT_GT(readAll(Path).size(), 64u);
  EXPECT_EQ(filesInFolder(), 1u);
}

TEST_F(ImageFile, UnwritableNamesAreRefusedAtOnce) {
  Result<ImageWriter> Absent = ImageWriter::create(Folder + "/no/model.sfi");
  ASSERT_FALSE(Absent);
  EXPECT_THAT(firstError(Absent.errors()), HasSubstr("No such file"));
  Result<ImageWriter> IsFolder = ImageWriter::create(Folder);
  ASSERT_FALSE(IsFolder);
  EXPECT_THAT(firstError(IsFolder.errors()), HasSubstr("not a regular file"));
}

TEST_F(ImageFile, WriterRefusesMisuse) {
  Result<ImageWriter> W = ImageWriter::create(Path);
  ASSERT_TRUE(W);
  ASSERT_TRUE(W->appendText(SectionKind::Metadata, "{"));
  ASSERT_TRUE(W->appendText(SectionKind::Metadata, "}"));
  ASSERT_TRUE(W->appendText(SectionKind::Target, ""));
  EXPECT_FALSE(W->appendText(SectionKind::Metadata, "{}"));
  EXPECT_FALSE(W->finish());
  Result<ImageWriter> V = ImageWriter::create(Path);
  ASSERT_TRUE(V);
  EXPECT_FALSE(V->appendText(SectionKind::Tiles, "x"));
}

} // namespace
