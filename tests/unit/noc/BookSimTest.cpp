//===- BookSimTest.cpp - Against a cycle-accurate reference ---------------===//
//
// Runs of BookSim 2 (commit 28f4329): those of golden/booksim, and those of
// data/booksim.csv, which says how each was made.
//
//===----------------------------------------------------------------------===//

#include "tests/unit/noc/Networks.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <sstream>
#include <zlib.h>

using namespace synfire;
using namespace synfire::sim::noc;

namespace {

const std::string Golden = std::string(SYNFIRE_SHARED_DIR) + "/golden/booksim";

bool hasGolden() { return std::filesystem::exists(Golden); }

using Row = std::vector<std::string>;

/// Rows of a .csv or .csv.gz below its header.
std::vector<Row> rowsOf(const std::string &Path) {
  std::string Text(1 << 20, '\0');
  gzFile File = gzopen(Path.c_str(), "rb");
  EXPECT_TRUE(File) << Path;
  if (!File)
    return {};
  int Got = gzread(File, Text.data(), static_cast<unsigned>(Text.size()));
  gzclose(File);
  Text.resize(static_cast<size_t>(std::max(Got, 0)));
  std::vector<Row> Rows;
  std::istringstream Lines(Text);
  for (std::string Line; std::getline(Lines, Line);) {
    if (Line.starts_with("#"))
      continue;
    Rows.emplace_back();
    std::istringstream Cells(Line);
    for (std::string Cell; std::getline(Cells, Cell, ',');)
      Rows.back().push_back(Cell);
  }
  Rows.erase(Rows.begin());
  return Rows;
}

NocSpec router(uint32_t Size, uint32_t Channels, uint32_t Buffer) {
  NocSpec Noc = mesh(Size, Size);
  Noc.VirtualChannels = Channels;
  Noc.BufferFlits = Buffer;
  return Noc;
}

TEST(NocBookSim, EveryPacketOfTheRecordedTraces) {
  if (!hasGolden())
    GTEST_SKIP() << "no golden vectors at " << Golden;
  size_t Files = 0;
  for (const auto &Entry :
       std::filesystem::directory_iterator(Golden + "/packets")) {
    std::string Name = Entry.path().filename();
    SCOPED_TRACE(Name);
    ++Files;
    size_t Bar = Name.find("__");
    Engine Network =
        engineOf(Name.starts_with("r_wh") ? router(8, 1, 4) : router(8, 4, 8));
    Result<std::vector<TracePacket>> Packets = readTrace(
        Golden + "/traces/" + Name.substr(Bar + 2), Network.topology());
    ASSERT_TRUE(Packets) << Packets.errors()[0].format();
    ASSERT_TRUE(runTrace(Network, *Packets));
    // All columns but the number, which says in which order the reference's
    // sources came to their packets.
    std::vector<std::string> Ours, Theirs;
    for (const Delivery &D : Network.deliveries()) {
      const TracePacket &P = (*Packets)[D.Injection];
      Ours.push_back(
          fmt::format("{},{},{},{},{},{},{},{}", P.Source, D.Node, P.Flits,
                      P.Time, D.Inject, D.HeadOut, D.TailOut,
                      Network.topology().routersBetween(P.Source, D.Node)));
    }
    for (const Row &R : rowsOf(Entry.path()))
      Theirs.push_back(
          fmt::format("{}", fmt::join(R.begin() + 1, R.end(), ",")));
    std::ranges::sort(Ours);
    std::ranges::sort(Theirs);
    EXPECT_EQ(Ours, Theirs);
  }
  EXPECT_EQ(Files, 9u);
}

TEST(NocBookSim, SteadyStateOfTheMainRouter) {
  if (!hasGolden())
    GTEST_SKIP() << "no golden vectors at " << Golden;
  size_t Runs = 0;
  for (const Row &R : rowsOf(Golden + "/results.csv")) {
    SCOPED_TRACE(R[0]);
    ++Runs;
    Engine Network = engineOf(router(8, 4, 8));
    OpenLoop Load;
    Load.Destinations =
        R[3] == "uniform" ? Pattern::Uniform : Pattern::Transpose;
    Load.Flits = static_cast<uint32_t>(std::stoul(R[4]));
    Load.Rate = std::stod(R[5]);
    Load.Cycles = 22000;
    Result<LoadPoint> Point = runOpenLoop(Network, Load);
    ASSERT_TRUE(Point) << Point.errors()[0].format();
    // Two different random sequences: 3 % and 10 % cover both their noises.
    double Mean = std::stod(R[9]), P95 = std::stod(R[15]);
    EXPECT_NEAR(Point->Mean, Mean, 0.03 * Mean);
    EXPECT_NEAR(Point->P95, P95, 0.10 * P95);
    EXPECT_NEAR(Point->Accepted, Load.Rate, 0.05 * Load.Rate);
    EXPECT_FALSE(Point->Saturated);
  }
  EXPECT_EQ(Runs, 16u);
}

TEST(NocBookSim, OtherRoutersSizesAndLoads) {
  std::vector<Row> Rows = rowsOf(std::string(SYNFIRE_SOURCE_DIR) +
                                 "/tests/unit/noc/data/booksim.csv");
  EXPECT_GE(Rows.size(), 30u);
  for (const Row &R : Rows) {
    std::string Name = fmt::format("{}", fmt::join(R, ","));
    SCOPED_TRACE(Name);
    auto Number = [&](size_t I) {
      return static_cast<uint32_t>(std::stoul(R[I]));
    };
    NocSpec Noc = router(Number(0), Number(1), Number(2));
    Noc.RoutingCycles = Number(3);
    Noc.VcAllocationCycles = Number(4);
    Noc.SwitchAllocationCycles = Number(5);
    Noc.SwitchTraversalCycles = Number(6);
    Noc.CreditCycles = Number(7);
    OpenLoop Load;
    Load.Destinations =
        R[8] == "uniform" ? Pattern::Uniform : Pattern::Transpose;
    Load.Rate = std::stod(R[9]);
    Load.Flits = Number(10);
    Load.Cycles = Number(11);
    Load.Warmup = 0;
    Load.Seed = Number(12);
    Engine Network = engineOf(Noc);
    Result<std::vector<TracePacket>> Packets =
        makeTraffic(Load, Network.topology());
    ASSERT_TRUE(Packets);
    Result<RunStats> Stats = runTrace(Network, *Packets);
    ASSERT_TRUE(Stats) << Stats.errors()[0].format();
    uint64_t Sum = 0, Weighted = 0;
    for (const Delivery &D : Network.deliveries()) {
      const TracePacket &P = (*Packets)[D.Injection];
      Sum += D.TailOut - P.Time;
      Weighted += (D.Injection % 1009 + 1) * (D.Inject + D.HeadOut + D.TailOut);
    }
    // Not an approximation: each packet has the reference's times.
    EXPECT_EQ(Packets->size(), Number(13));
    EXPECT_EQ(Sum, std::stoull(R[14]));
    EXPECT_EQ(Stats->End, std::stoull(R[15]));
    EXPECT_EQ(Weighted, std::stoull(R[16]));
  }
}

} // namespace
