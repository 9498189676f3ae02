//===- simulator/noc/TraceFile.h - Packets to send, and as sent -*- C++ -*-===//
//
// The files of `synfire noc`: which packets are sent (`time,src,dst,size`), and
// what became of each. docs/noc.md has the columns. Times are cycles, or
// nanoseconds where the network has no clock.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_TRACEFILE_H
#define SYNFIRE_SIMULATOR_NOC_TRACEFILE_H

#include "simulator/noc/Network.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace synfire::sim::noc {

struct TracePacket {
  Instant Time = 0; ///< quanta
  uint32_t Source = 0, Target = 0, Flits = 1;
  bool operator==(const TracePacket &) const = default;
};

/// Reads the rows of \p Text. Each mistake is told with file:line:column: a
/// node that \p Graph does not have, times that go back, packets without flits,
/// columns too few or too many, no packets at all.
Result<std::vector<TracePacket>> parseTrace(std::string_view Text,
                                            const std::string &FileName,
                                            const Topology &Graph);
/// The same from a file, which may be compressed (gzip). At most 2 GiB of text.
Result<std::vector<TracePacket>> readTrace(const std::string &Path,
                                           const Topology &Graph);

/// Gives packets between two nodes a route of the engine, each pair once.
class PairRoutes {
public:
  explicit PairRoutes(Engine &Network) : Network(Network) {}
  /// \p Source and \p Target are nodes of the network.
  uint32_t between(uint32_t Source, uint32_t Target);

private:
  Engine &Network;
  std::unordered_map<uint64_t, uint32_t> Known;
};

/// Sends \p Packets in their order.
Result<RunStats> runTrace(Engine &Network,
                          std::span<const TracePacket> Packets);

/// Writes one row per delivery of the last run, which was that of \p Packets,
/// in the order of arrival. The file appears when it is whole.
Status writePackets(const std::string &Path, const Engine &Network,
                    std::span<const TracePacket> Packets);

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_TRACEFILE_H
