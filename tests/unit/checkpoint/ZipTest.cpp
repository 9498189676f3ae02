// The zip reader refuses archives that lie.

#include "targets/arrays/Zip.h"
#include "tests/unit/checkpoint/TestFiles.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::testfiles;
using testing::HasSubstr;

namespace {

std::span<const uint8_t> bytesOf(const std::string &Text) {
  return {reinterpret_cast<const uint8_t *>(Text.data()), Text.size()};
}

void expectRefused(const std::string &Bytes, const std::string &Text) {
  Result<ZipArchive> Zip = ZipArchive::parse(bytesOf(Bytes), "f.zip");
  ASSERT_FALSE(Zip) << Text;
  EXPECT_THAT(Zip.errors().front().Text, HasSubstr(Text));
  EXPECT_THAT(Zip.errors().front().Text, HasSubstr("at byte "));
  EXPECT_EQ(Zip.errors().front().Where, "f.zip");
}

TEST(Zip, ReadsStoredEntries) {
  std::string Bytes = zip({{"a/b", "hello"}, {"c", ""}});
  Result<ZipArchive> Zip = ZipArchive::parse(bytesOf(Bytes), "f.zip");
  ASSERT_TRUE(Zip) << Zip.errors().front().format();
  ASSERT_EQ(Zip->entries().size(), 2u);
  const ZipEntry *Entry = Zip->find("a/b");
  ASSERT_NE(Entry, nullptr);
  EXPECT_EQ(Bytes.substr(Entry->DataOffset, Entry->Size), "hello");
  Result<std::vector<uint8_t>> Data = Zip->read(*Entry, 100);
  ASSERT_TRUE(Data);
  EXPECT_EQ(std::string(Data->begin(), Data->end()), "hello");
  EXPECT_FALSE(Zip->read(*Entry, 4));
  EXPECT_EQ(Zip->find("b"), nullptr);
}

TEST(Zip, ChecksChecksums) {
  std::string Bytes = zip({{.Name = "a", .Data = "hello", .CrcError = 1}});
  Result<ZipArchive> Zip = ZipArchive::parse(bytesOf(Bytes), "f.zip");
  ASSERT_TRUE(Zip);
  Status S = Zip->checkStored(Zip->entries()[0]);
  ASSERT_FALSE(S);
  EXPECT_EQ(S.errors().front().Rule, "zip-crc");
  EXPECT_THAT(S.errors().front().Text, HasSubstr("'a' (bytes 31 to 36)"));
}

TEST(Zip, RefusesArchivesThatLie) {
  expectRefused("", "too short");
  expectRefused(std::string(100, 'x'), "no end-of-directory record");
  expectRefused(zip({{.Name = "a", .Data = "x", .Flags = 1}}), "is encrypted");
  expectRefused(zip({{"a", "x"}, {"a", "y"}}), "two entries 'a'");
  expectRefused(zip({{"a/../b", "x"}}), "leads outside");
  expectRefused(zip({{"/etc/passwd", "x"}}), "leads outside");
  expectRefused(zip({{"a\\..\\b", "x"}}), "leads outside");
  expectRefused(zip({{.Name = "a", .Data = "x", .LocalName = "b"}}),
                "differently");
  expectRefused(zip({{.Name = "a", .Data = "x", .LocalOffsetError = 1}}),
                "no local header");
  // The second entry points at the first one's header.
  expectRefused(zip({{.Name = "a", .Data = "x"},
                     {.Name = "b",
                      .Data = "y",
                      .LocalOffsetError = -32,
                      .LocalName = "a"}}),
                "differently");
}

} // namespace
