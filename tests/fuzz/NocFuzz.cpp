//===- tests/fuzz/NocFuzz.cpp - Hostile networks and traces ---------------===//
//
// Any bytes as a file of `synfire noc`, or as a trace. Small networks that are
// accepted are run: every packet must arrive, or the engine says why not.
//
//===----------------------------------------------------------------------===//

#include "simulator/noc/TraceFile.h"

#include <cstdlib>

using namespace synfire;
using namespace synfire::sim::noc;

namespace {

constexpr uint32_t SmallRouters = 64;
constexpr uint32_t SmallBuffers = 64;
constexpr uint64_t SmallWork = 4096; // Flits.
constexpr const char *SomeTrace = "0,0,0,1\n0,0,0,3\n7,0,0,2\n";

void replay(const NocSpec &Noc, const std::string &Trace) {
  Result<Topology> Graph = Topology::build(Noc);
  if (!Graph)
    return;
  Result<std::vector<TracePacket>> Packets = parseTrace(Trace, "t.csv", *Graph);
  if (!Packets) {
    if (Packets.errors().empty())
      std::abort();
    return;
  }
  uint64_t Flits = 0;
  for (const TracePacket &P : *Packets)
    Flits += P.Flits;
  if (Flits > SmallWork)
    return;
  Result<Engine> Network = Engine::create(std::move(*Graph));
  if (!Network)
    std::abort();
  if (runTrace(*Network, *Packets) &&
      Network->deliveries().size() != Packets->size())
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  if (Size == 0)
    return 0;
  std::string Text(reinterpret_cast<const char *>(Data + 1), Size - 1);
  if (Data[0] % 2) {
    NocSpec Noc;
    Noc.Width = Noc.Height = 4;
    Noc.VirtualChannels = 1 + Data[0] / 2 % 3;
    if (Data[0] & 64)
      Noc.HopTime = HopTimes{Nanoseconds(4.1), Nanoseconds(6.5)};
    replay(Noc, Text);
    return 0;
  }
  Result<NocSpec> Noc = NocSpec::parse(Text, "n.yaml");
  if (!Noc) {
    if (Noc.errors().empty())
      std::abort();
  } else if (Noc->numRouters() <= SmallRouters &&
             Noc->BufferFlits <= SmallBuffers) {
    replay(*Noc, SomeTrace);
  }
  return 0;
}
