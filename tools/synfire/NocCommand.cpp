//===- NocCommand.cpp - synfire noc ---------------------------------------===//
//
// Sends packets through a network on chip: those of a trace, or random ones at
// given rates for a curve of latency over load.
//
//===----------------------------------------------------------------------===//

#include "simulator/noc/OpenLoop.h"
#include "simulator/noc/TraceFile.h"
#include "targets/ChipSpec.h"
#include "targets/arrays/AtomicFile.h"
#include "tools/synfire/Commands.h"
#include "tools/synfire/Tokens.h"

#include <chrono>
#include <fmt/format.h>
#include <memory>

using namespace synfire;
using namespace synfire::tools;
using namespace synfire::sim;

namespace {
struct NocOptions {
  std::string Network, Trace, Output;
  std::vector<std::string> Overrides;
  std::vector<double> Uniform, Transpose;
  noc::OpenLoop Load;
};

Error badUsage(std::string Text) {
  return {"synfire noc", "usage", std::move(Text)};
}

Result<NocSpec> loadNetwork(const NocOptions &O) {
  if (O.Network.find('/') == std::string::npos &&
      !O.Network.ends_with(".yaml") && !O.Network.ends_with(".yml")) {
    Result<ChipSpec> Chip = ChipSpec::load(O.Network, O.Overrides);
    if (!Chip)
      return Chip.errors();
    return Chip->Noc;
  }
  Result<std::string> Text = readText(O.Network);
  if (!Text)
    return Text.errors();
  return NocSpec::parse(*Text, O.Network, O.Overrides);
}

/// Wall time of a run; for the terminal only.
class Watch {
public:
  double seconds() const {
    return std::chrono::duration<double>(Clock::now() - Start).count();
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point Start = Clock::now();
};

void printSpeed(uint64_t Packets, const noc::RunStats &Stats, double Seconds) {
  fmt::print("  {} packets and {} flits through routers in {:.3f} s of wall "
             "time: {:.3g} packets/s\n",
             Packets, Stats.FlitHops, Seconds,
             static_cast<double>(Packets) / Seconds);
}

Status replay(const NocOptions &O, noc::Engine &Network) {
  const noc::Topology &Graph = Network.topology();
  Result<std::vector<noc::TracePacket>> Packets =
      noc::readTrace(O.Trace, Graph);
  if (!Packets)
    return Packets.errors();
  Watch Time;
  Result<noc::RunStats> Stats = noc::runTrace(Network, *Packets);
  double Seconds = Time.seconds();
  if (!Stats)
    return Stats.errors();
  if (Status S = noc::writePackets(O.Output, Network, *Packets); !S)
    return S;
  fmt::print("{}: {} packets, the last one arrived at ", O.Output,
             Network.deliveries().size());
  if (Graph.pipeline().Clocked)
    fmt::print("cycle {}\n", Stats->End);
  else
    fmt::print("{:.3f} ns\n", Graph.toTime(Stats->End).Value);
  printSpeed(Packets->size(), *Stats, Seconds);
  return {};
}

Status measure(const NocOptions &O, noc::Engine &Network) {
  std::string Table = "pattern,size,rate,offered,accepted,mean,p50,p95,p99,max,"
                      "packets,saturated\n";
  auto Curve = [&](noc::Pattern P, const char *Name,
                   const std::vector<double> &Rates) -> Status {
    for (double Rate : Rates) {
      noc::OpenLoop Load = O.Load;
      Load.Destinations = P;
      Load.Rate = Rate;
      Watch Time;
      Result<noc::LoadPoint> Point = noc::runOpenLoop(Network, Load);
      double Seconds = Time.seconds();
      if (!Point)
        return Point.errors();
      fmt::print("{} {}: offered {:.4f}, accepted {:.4f} flits per node and "
                 "cycle; {}\n  latency in cycles: mean {:.3f}, p50 {:.0f}, p95 "
                 "{:.0f}, p99 {:.0f}, max {:.0f}\n",
                 Name, Rate, Point->Offered, Point->Accepted,
                 Point->Saturated ? "saturated" : "stable", Point->Mean,
                 Point->P50, Point->P95, Point->P99, Point->Max);
      printSpeed(Network.deliveries().size(), Point->Stats, Seconds);
      Table +=
          fmt::format("{},{},{},{:.6f},{:.6f},{:.4f},{:.4g},{:.4g},{:.4g},"
                      "{:.6g},{},{}\n",
                      Name, Load.Flits, Rate, Point->Offered, Point->Accepted,
                      Point->Mean, Point->P50, Point->P95, Point->P99,
                      Point->Max, Point->Packets, Point->Saturated ? 1 : 0);
    }
    return {};
  };
  if (Status S = Curve(noc::Pattern::Uniform, "uniform", O.Uniform); !S)
    return S;
  if (Status S = Curve(noc::Pattern::Transpose, "transpose", O.Transpose); !S)
    return S;
  if (O.Output.empty())
    return {};
  Result<AtomicFile> File = AtomicFile::create(O.Output);
  if (!File)
    return File.errors();
  auto Bytes = reinterpret_cast<const uint8_t *>(Table.data());
  if (Status S = File->write({Bytes, Table.size()}); !S)
    return S;
  return File->commit();
}

Status run(const NocOptions &O) {
  const bool Random = !O.Uniform.empty() || !O.Transpose.empty();
  if (Random == !O.Trace.empty())
    return badUsage("give either --packets, or --uniform or --transpose");
  if (!Random && O.Output.empty())
    return badUsage("--packets needs -o for the table of what arrived");
  Result<NocSpec> Noc = loadNetwork(O);
  if (!Noc)
    return Noc.errors();
  Result<noc::Topology> Graph = noc::Topology::build(*Noc);
  if (!Graph)
    return Graph.errors();
  Result<noc::Engine> Network = noc::Engine::create(std::move(*Graph));
  if (!Network)
    return Network.errors();
  return Random ? measure(O, *Network) : replay(O, *Network);
}
} // namespace

void tools::addNoc(CLI::App &App, Action &Chosen) {
  CLI::App *Sub = App.add_subcommand(
      "noc", "simulate the network on a chip, packet by packet");
  auto O = std::make_shared<NocOptions>();
  Sub->add_option("network", O->Network,
                  "chip by name, or a .yaml file with a chip or only `noc:`")
      ->required();
  Sub->add_option("--set", O->Overrides, "key=value, changes the network")
      ->allow_extra_args(false);
  Sub->add_option("--packets", O->Trace,
                  "rows of `time,src,dst,size` to send (.csv or .csv.gz)");
  Sub->add_option("-o,--output", O->Output,
                  "table of packets, or of the points of a curve");
  Sub->add_option("--uniform", O->Uniform,
                  "random targets at these rates, in flits per node and cycle")
      ->delimiter(',');
  Sub->add_option("--transpose", O->Transpose,
                  "from (x,y) to (y,x) at these rates")
      ->delimiter(',');
  Sub->add_option("--size", O->Load.Flits, "flits of a random packet");
  Sub->add_option("--cycles", O->Load.Cycles,
                  "cycles in which random packets are made");
  Sub->add_option("--warmup", O->Load.Warmup,
                  "of these, the first ones, which are not measured");
  Sub->add_option("--seed", O->Load.Seed, "of the random packets");
  Sub->callback([=, &Chosen] { Chosen = [=] { return run(*O); }; });
}
