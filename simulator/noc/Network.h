//===- simulator/noc/Network.h - Packets through routers --------*- C++ -*-===//
//
// A cycle-accurate network of routers with virtual channels, credits and
// wormhole switching, driven by events: a router is visited only at instants at
// which it has something to decide, so that idle time costs nothing.
// docs/noc.md describes the router; its behaviour is that of the input-queued
// router of BookSim 2 (Jiang et al., ISPASS 2013).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_NETWORK_H
#define SYNFIRE_SIMULATOR_NOC_NETWORK_H

#include "simulator/noc/Topology.h"

#include <memory>

namespace synfire::sim::noc {

/// A moment in quanta since the start of a run.
using Instant = uint64_t;

/// A packet that enters the queue of its source. Queues are endless.
struct Injection {
  Instant Time = 0;
  uint32_t Tree = 0;
  uint32_t Flits = 1; ///< at least 1
};

/// A packet at one of its destinations.
struct Delivery {
  uint32_t Injection = 0; ///< index
  uint32_t Node = 0;
  Instant Inject = 0;  ///< the head left the source's queue
  Instant HeadOut = 0; ///< the head is at the node
  Instant TailOut = 0; ///< the last flit is
};

/// Use of one link in a run, over all physical networks.
struct LinkLoad {
  uint64_t Flits = 0;
  Instant Busy = 0;    ///< Flits x NocLink::PerFlit
  Instant Blocked = 0; ///< packets stood before it: for a virtual channel, a
                       ///< credit or a grant, added up over packets
};

struct RunStats {
  Instant End = 0;         ///< last TailOut; 0 without packets
  uint64_t FlitHops = 0;   ///< flits through routers
  uint64_t PacketHops = 0; ///< heads through routers
};

/// All routers of a topology. Not for two threads at a time; several engines
/// are independent of each other.
class Engine {
public:
  /// Fails when the parameters cannot work (docs/noc.md lists the rules).
  static Result<Engine> create(Topology Graph);
  Engine(Engine &&) noexcept;
  Engine &operator=(Engine &&) noexcept;
  ~Engine();

  const Topology &topology() const;

  /// A route that packets are sent on, registered once: from node \p Source
  /// over \p Links (indices into Topology::links(), in any order that starts
  /// at the source's router and grows a tree) into each of \p Nodes. Fails
  /// when the links are no tree from there, or a node is not on it. A tree
  /// without nodes has no deliveries. Links that lead to no node are errors.
  Result<uint32_t> addTree(uint32_t Source, std::span<const uint32_t> Links,
                           std::span<const uint32_t> Nodes,
                           TrafficClass Class = TrafficClass::Events);
  /// The same, routed by `routing`. Adaptive routes go to one node only.
  Result<uint32_t> addTree(uint32_t Source, std::span<const uint32_t> Nodes,
                           TrafficClass Class = TrafficClass::Events);
  uint32_t numTrees() const;

  /// Sends \p Packets, ascending in time (equal times: in the given order at a
  /// source), through an empty network until the last one has arrived. Fails
  /// with RunFailed on a deadlock, naming the links that wait for each other.
  /// Memory grows to what the largest run needs and is kept.
  Result<RunStats> run(std::span<const Injection> Packets);

  /// Of the last run: every packet once per destination, ascending in TailOut,
  /// then by node.
  std::span<const Delivery> deliveries() const;
  /// Of the last run, per Topology::links().
  std::span<const LinkLoad> links() const;
  /// Links that carried something in the last run, ascending.
  std::span<const uint32_t> usedLinks() const;

private:
  class Impl;
  explicit Engine(std::unique_ptr<Impl> I);
  std::unique_ptr<Impl> Self;
};

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_NETWORK_H
