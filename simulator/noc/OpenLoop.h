//===- simulator/noc/OpenLoop.h - Latency under a steady load ---*- C++ -*-===//
//
// Random packets at a given rate, and what the network makes of them: the
// load-latency curves of `synfire noc`.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_OPENLOOP_H
#define SYNFIRE_SIMULATOR_NOC_OPENLOOP_H

#include "simulator/noc/TraceFile.h"

namespace synfire::sim::noc {

enum class Pattern : uint8_t {
  Uniform,   ///< any node, the source included
  Transpose, ///< (x, y) to (y, x); square meshes and tori
};

struct OpenLoop {
  Pattern Destinations = Pattern::Uniform;
  double Rate = 0.1;       ///< flits per node and cycle, 0 < Rate <= 1
  uint32_t Flits = 1;      ///< of a packet
  uint64_t Cycles = 12000; ///< in which packets are made
  uint64_t Warmup = 2000;  ///< of these, not measured
  uint64_t Seed = 1;
};

/// Packets as Bernoulli trials of each node in each cycle. Without a clock a
/// cycle is the shorter hop. Fails when the pattern does not fit the network.
Result<std::vector<TracePacket>> makeTraffic(const OpenLoop &Load,
                                             const Topology &Graph);

/// Of the packets made after the warm-up. Latency: from a packet's creation to
/// the arrival of its last flit, in cycles.
struct LoadPoint {
  double Offered = 0;  ///< flits made per node and cycle
  double Accepted = 0; ///< flits that arrived in the same cycles
  double Mean = 0;
  double P50 = 0, P95 = 0, P99 = 0, Max = 0;
  uint64_t Packets = 0;
  /// Accepted < 95 % of Offered: queues grow for as long as packets are made.
  bool Saturated = false;
  RunStats Stats;
};
Result<LoadPoint> runOpenLoop(Engine &Network, const OpenLoop &Load);

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_OPENLOOP_H
