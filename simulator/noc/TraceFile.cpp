//===- simulator/noc/TraceFile.cpp - Packets to send, and as sent ---------===//

#include "simulator/noc/TraceFile.h"

#include "targets/arrays/AtomicFile.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>
#include <memory>
#include <sys/stat.h>
#include <zlib.h>

namespace synfire::sim::noc {
namespace {

constexpr size_t MaxErrors = 20;
constexpr size_t MaxPackets = size_t(1) << 30;
constexpr uint64_t MaxText = uint64_t(1) << 31;
/// Times are exact as doubles up to here, quanta included.
constexpr double MaxTime = 1e15;
constexpr uint32_t MaxFlits = 1 << 20;

/// Reads rows one after the other.
class Reader {
public:
  Reader(std::string_view Text, const std::string &File, const Topology &Graph)
      : Text(Text), File(File), Graph(Graph) {}

  Result<std::vector<TracePacket>> run() {
    while (At < Text.size() && Faults.size() < MaxErrors) {
      size_t End = Text.find('\n', At);
      Line = Text.substr(At, End == std::string_view::npos ? End : End - At);
      At = End == std::string_view::npos ? Text.size() : End + 1;
      ++LineNumber;
      if (Line.ends_with('\r'))
        Line.remove_suffix(1);
      if (!Line.empty() && !(LineNumber == 1 && Line == Header))
        readRow();
      if (Packets.size() > MaxPackets) {
        fault(0, "noc-trace", fmt::format("more than {} packets", MaxPackets));
        break;
      }
    }
    if (Faults.empty() && Packets.empty())
      fault(0, "noc-trace",
            "no packets; write rows of `time,src,dst,size`, one per packet");
    if (!Faults.empty())
      return std::move(Faults);
    return std::move(Packets);
  }

private:
  static constexpr std::string_view Header = "time,src,dst,size";

  void fault(size_t Column, const char *Rule, std::string What) {
    Faults.push_back({fmt::format("{}:{}:{}", File,
                                  std::max<size_t>(LineNumber, 1), Column + 1),
                      Rule, std::move(What)});
  }

  /// The next cell; \p Column is where it begins.
  bool cell(size_t &Column, std::string_view &Cell) {
    if (Next > Line.size()) {
      fault(Line.size(), "noc-columns",
            "a row has 4 columns: time,src,dst,size");
      return false;
    }
    Column = Next;
    size_t Comma = Line.find(',', Next);
    size_t End = Comma == std::string_view::npos ? Line.size() : Comma;
    Cell = Line.substr(Next, End - Next);
    Next = End + 1;
    return true;
  }

  template <typename T>
  bool number(const char *Name, T Min, T Max, T &Value, size_t &Column) {
    std::string_view Cell;
    if (!cell(Column, Cell))
      return false;
    auto [End, Code] =
        std::from_chars(Cell.data(), Cell.data() + Cell.size(), Value);
    bool Whole = Code == std::errc() && End == Cell.data() + Cell.size();
    if (Whole && Value >= Min && Value <= Max)
      return true;
    constexpr size_t Shown = 32;
    fault(Column, "noc-number",
          fmt::format(
              "`{}` is no {}: {} from {} to {}", Cell.substr(0, Shown), Name,
              std::is_integral_v<T> ? "a whole number" : "a number", Min, Max));
    return false;
  }

  bool time(TracePacket &P, size_t &Column) {
    if (Graph.pipeline().Clocked) {
      int64_t Cycles = 0;
      if (!number<int64_t>("time", 0, int64_t(MaxTime), Cycles, Column))
        return false;
      P.Time = static_cast<Instant>(Cycles);
      return true;
    }
    double Ns = 0;
    if (!number<double>("time", 0, MaxTime, Ns, Column))
      return false;
    P.Time = Graph.toQuanta(Nanoseconds(Ns));
    return true;
  }

  void readRow() {
    Next = 0;
    TracePacket P;
    size_t TimeColumn = 0, Column = 0;
    const int64_t LastNode = Graph.numNodes() - 1;
    int64_t Source = 0, Target = 0, Flits = 0;
    if (!time(P, TimeColumn) ||
        !number<int64_t>("node of this network", 0, LastNode, Source, Column) ||
        !number<int64_t>("node of this network", 0, LastNode, Target, Column) ||
        !number<int64_t>("size in flits", 1, MaxFlits, Flits, Column))
      return;
    if (Next <= Line.size()) {
      fault(Next - 1, "noc-columns",
            "a row has 4 columns: time,src,dst,size; there are more");
      return;
    }
    if (!Packets.empty() && P.Time < Packets.back().Time) {
      fault(TimeColumn, "noc-order",
            "the time goes back; sort the rows by time");
      return;
    }
    P.Source = static_cast<uint32_t>(Source);
    P.Target = static_cast<uint32_t>(Target);
    P.Flits = static_cast<uint32_t>(Flits);
    Packets.push_back(P);
  }

  std::string_view Text;
  const std::string &File;
  const Topology &Graph;
  size_t At = 0, LineNumber = 0, Next = 0;
  std::string_view Line;
  std::vector<TracePacket> Packets;
  Errors Faults;
};

} // namespace

Result<std::vector<TracePacket>> parseTrace(std::string_view Text,
                                            const std::string &FileName,
                                            const Topology &Graph) {
  return Reader(Text, FileName, Graph).run();
}

Result<std::vector<TracePacket>> readTrace(const std::string &Path,
                                           const Topology &Graph) {
  auto Refuse = [&](const std::string &Why) {
    return Error{Path, "noc-trace", "cannot read the trace: " + Why};
  };
  struct stat Info;
  if (stat(Path.c_str(), &Info) != 0)
    return Refuse("no such file");
  if (!S_ISREG(Info.st_mode))
    return Refuse("it is not a regular file");
  // Plain text passes through unchanged.
  std::unique_ptr<gzFile_s, int (*)(gzFile)> File(gzopen(Path.c_str(), "rb"),
                                                  gzclose);
  if (!File)
    return Refuse("it cannot be opened");
  std::string Text;
  constexpr unsigned Step = 1 << 20;
  for (;;) {
    size_t Before = Text.size();
    Text.resize(Before + Step);
    int Got = gzread(File.get(), Text.data() + Before, Step);
    if (Got < 0)
      return Refuse("its compression is damaged");
    Text.resize(Before + static_cast<size_t>(Got));
    if (Got == 0)
      break;
    if (Text.size() > MaxText)
      return Refuse("more than 2 GiB");
  }
  int Code = Z_OK;
  gzerror(File.get(), &Code);
  if (Code != Z_OK && Code != Z_STREAM_END)
    return Refuse("it ends in the middle");
  return parseTrace(Text, Path, Graph);
}

uint32_t PairRoutes::between(uint32_t Source, uint32_t Target) {
  auto [Found, Fresh] =
      Known.try_emplace(uint64_t(Source) << 32 | Target, uint32_t(0));
  if (Fresh)
    Found->second = *Network.addTree(Source, std::span(&Target, 1));
  return Found->second;
}

Result<RunStats> runTrace(Engine &Network,
                          std::span<const TracePacket> Packets) {
  PairRoutes Routes(Network);
  std::vector<Injection> Sent;
  Sent.reserve(Packets.size());
  for (const TracePacket &P : Packets)
    Sent.push_back({P.Time, Routes.between(P.Source, P.Target), P.Flits});
  return Network.run(Sent);
}

Status writePackets(const std::string &Path, const Engine &Network,
                    std::span<const TracePacket> Packets) {
  Result<AtomicFile> File = AtomicFile::create(Path);
  if (!File)
    return File.errors();
  const Topology &Graph = Network.topology();
  fmt::memory_buffer Text;
  auto End = std::back_inserter(Text);
  auto Flush = [&] {
    auto Bytes = reinterpret_cast<const uint8_t *>(Text.data());
    Status S = File->write({Bytes, Text.size()});
    Text.clear();
    return S;
  };
  fmt::format_to(
      End,
      "pid,src,dst,size,t_create,t_inject,t_head_out,t_tail_out,routers\n");
  constexpr size_t Chunk = 1 << 16;
  for (const Delivery &D : Network.deliveries()) {
    const TracePacket &P = Packets[D.Injection];
    fmt::format_to(End, "{},{},{},{}", D.Injection, P.Source, D.Node, P.Flits);
    for (Instant T : {P.Time, D.Inject, D.HeadOut, D.TailOut})
      if (Graph.pipeline().Clocked)
        fmt::format_to(End, ",{}", T);
      else
        fmt::format_to(End, ",{:.3f}", Graph.toTime(T).Value);
    fmt::format_to(End, ",{}\n", Graph.routersBetween(P.Source, D.Node));
    if (Text.size() >= Chunk)
      if (Status S = Flush(); !S)
        return S;
  }
  if (Status S = Flush(); !S)
    return S;
  return File->commit();
}

} // namespace synfire::sim::noc
