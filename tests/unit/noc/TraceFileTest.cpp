//===- TraceFileTest.cpp - Reading and writing tables of packets ----------===//

#include "tests/unit/noc/Networks.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>
#include <zlib.h>

using namespace synfire;
using namespace synfire::sim::noc;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

std::string errorOf(const std::string &Text) {
  static const Topology Graph = topologyOf(mesh(4, 2));
  Result<std::vector<TracePacket>> Packets = parseTrace(Text, "t.csv", Graph);
  return Packets ? "" : Packets.errors()[0].format();
}

TEST(NocTrace, MistakesHaveAPlace) {
  EXPECT_EQ(errorOf("time,src,dst,size\n0,0,7,1\n\n3,1,2,5\r\n"), "");
  EXPECT_EQ(errorOf("0,0,7,1"), "");
  EXPECT_THAT(errorOf("0,0,8,1"),
              AllOf(StartsWith("t.csv:1:5: error: `8` is no node"),
                    HasSubstr("from 0 to 7")));
  EXPECT_THAT(errorOf("0,-1,2,1"), StartsWith("t.csv:1:3: "));
  EXPECT_THAT(errorOf("-4,1,2,1"), StartsWith("t.csv:1:1: "));
  EXPECT_THAT(errorOf("0,0,1,1\n5,0,1,1\n4,0,1,1\n"),
              AllOf(StartsWith("t.csv:3:1: "), HasSubstr("[noc-order]")));
  EXPECT_THAT(errorOf("0,0,1,0"), StartsWith("t.csv:1:7: "));
  EXPECT_THAT(errorOf("0,0,1,99999999999999999999"), StartsWith("t.csv:1:7: "));
  EXPECT_THAT(errorOf("0,0,1,1,7"),
              AllOf(StartsWith("t.csv:1:8: "), HasSubstr("[noc-columns]")));
  EXPECT_THAT(errorOf("0,0,1"), HasSubstr("[noc-columns]"));
  EXPECT_THAT(errorOf("0,0,1,1,"), HasSubstr("[noc-columns]"));
  EXPECT_THAT(errorOf("0, 0,1,1"), StartsWith("t.csv:1:3: "));
  EXPECT_THAT(errorOf("0.5,0,1,1"), StartsWith("t.csv:1:1: "));
  EXPECT_THAT(errorOf(""), HasSubstr("no packets"));
  EXPECT_THAT(errorOf("time,src,dst,size\n"), HasSubstr("no packets"));
  EXPECT_THAT(errorOf("0,0,1,1\ntime,src,dst,size\n"),
              StartsWith("t.csv:2:1: "));
}

TEST(NocTrace, NanosecondsWithoutAClock) {
  NocSpec Noc = mesh(4, 2);
  Noc.HopTime = HopTimes{Nanoseconds(4.1), Nanoseconds(6.5)};
  Topology Graph = topologyOf(Noc);
  Result<std::vector<TracePacket>> Packets =
      parseTrace("0,0,1,1\n1.25,0,1,1\n", "t.csv", Graph);
  ASSERT_TRUE(Packets);
  EXPECT_EQ((*Packets)[1].Time, 13u) << "the next quantum of 0.1 ns";
  EXPECT_FALSE(parseTrace("nan,0,1,1", "t.csv", Graph));
  EXPECT_FALSE(parseTrace("inf,0,1,1", "t.csv", Graph));
}

class NocTraceFile : public testing::Test {
protected:
  std::filesystem::path Folder =
      std::filesystem::path(testing::TempDir()) /
      ("noc-" +
       std::string(
           testing::UnitTest::GetInstance()->current_test_info()->name()));
  void SetUp() override {
    std::filesystem::remove_all(Folder);
    std::filesystem::create_directories(Folder);
  }
  void TearDown() override { std::filesystem::remove_all(Folder); }
};

TEST_F(NocTraceFile, PlainAndCompressedGiveTheSameTable) {
  const std::string Text = "time,src,dst,size\n0,0,5,2\n0,0,5,2\n9,3,3,1\n";
  const std::string Plain = Folder / "t.csv", Packed = Folder / "t.csv.gz";
  std::ofstream(Plain) << Text;
  gzFile File = gzopen(Packed.c_str(), "wb");
  gzwrite(File, Text.data(), static_cast<unsigned>(Text.size()));
  gzclose(File);
  Engine Network = engineOf(mesh(4, 2));
  std::string Tables[2];
  for (const std::string &Path : {Plain, Packed}) {
    Result<std::vector<TracePacket>> Packets =
        readTrace(Path, Network.topology());
    ASSERT_TRUE(Packets) << Packets.errors()[0].format();
    ASSERT_TRUE(runTrace(Network, *Packets));
    const std::string Table = Folder / "p.csv";
    ASSERT_TRUE(writePackets(Table, Network, *Packets));
    std::stringstream Held;
    Held << std::ifstream(Table).rdbuf();
    Tables[Path == Packed] = Held.str();
  }
  EXPECT_EQ(Tables[0], Tables[1]);
  EXPECT_EQ(Tables[0],
            "pid,src,dst,size,t_create,t_inject,t_head_out,t_tail_out,routers\n"
            "2,3,3,1,9,9,15,15,1\n0,0,5,2,0,0,14,15,3\n"
            "1,0,5,2,0,2,16,17,3\n");
  // A damaged archive and a folder.
  std::filesystem::resize_file(Packed, std::filesystem::file_size(Packed) - 6);
  EXPECT_FALSE(readTrace(Packed, Network.topology()));
  EXPECT_FALSE(readTrace(Folder, Network.topology()));
  EXPECT_FALSE(readTrace(Folder / "absent.csv", Network.topology()));
}

} // namespace
