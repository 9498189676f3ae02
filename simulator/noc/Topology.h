//===- simulator/noc/Topology.h - Routers, links and their delays -*- C++ -*-=//
//
// The graph that packets travel on, with every delay in whole quanta of time.
// With a clock a quantum is a cycle; without one it divides the hop times and
// is at most 1/32 of the shorter one. Delays of links between chips are rounded
// up to a quantum.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_TOPOLOGY_H
#define SYNFIRE_SIMULATOR_NOC_TOPOLOGY_H

#include "targets/ChipSpec.h"
#include "targets/Image.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace synfire::sim::noc {

enum class LinkKind : uint8_t { EastWest, NorthSouth, Tree, Chip };

/// One direction of a wire between two routers.
struct NocLink {
  uint32_t From = 0, To = 0; ///< routers
  uint8_t Out = 0, In = 0;   ///< ports of the two
  LinkKind Kind = LinkKind::EastWest;
  bool Wraps = false;   ///< the dateline of a torus ring
  uint32_t Latency = 2; ///< from the end of the switch traversal, in quanta
  uint32_t PerFlit = 1; ///< how long a flit keeps the wire busy
  uint32_t Credit = 1;  ///< until a credit that is sent back counts
  uint32_t Buffer = 1;  ///< flits per virtual channel at the far end
};

/// A source and a sink of packets: a core, or the host.
struct NocNode {
  uint32_t Router = 0;
  uint8_t Port = 0; ///< both of the router's input and output
};

/// What is the same at every router.
struct Pipeline {
  uint32_t Routing = 0, VcAllocation = 1, SwitchAllocation = 1, Traversal = 1;
  /// Quanta from the source's queue into the router, and from the end of the
  /// traversal into the sink.
  uint32_t PortLatency = 2;
  uint32_t InjectCredit = 2; ///< until a source may use a freed buffer
  uint32_t EjectCredit = 3;  ///< from delivery to the router's next credit
  uint32_t InjectGap = 1;    ///< quanta between two flits of a source
  uint32_t EjectGap = 1;     ///< between two flits that a sink takes
  bool Clocked = true;
};

/// Built once, never changed.
class Topology {
public:
  /// The network of one `noc:` section. Nodes are cores: router by router,
  /// `y * width + x`, with `cores_per_router` each; of a tree the leaves from
  /// left to right.
  static Result<Topology> build(const NocSpec &Noc);
  /// The router grid of a system of \p Chips chips (ChipSpec::systemWidth x
  /// systemHeight). Nodes: cores by id, then the host at hostRouter().
  static Result<Topology> ofSystem(const ChipSpec &Spec, uint32_t Chips);

  uint32_t numRouters() const { return Routers; }
  uint32_t numNodes() const { return static_cast<uint32_t>(Nodes.size()); }
  /// The last node of a system; none in a topology made by build().
  std::optional<uint32_t> hostNode() const { return Host; }
  std::span<const NocLink> links() const { return Links; }
  std::span<const NocNode> nodes() const { return Nodes; }
  const NocSpec &spec() const { return Noc; }
  const Pipeline &pipeline() const { return Stages; }
  /// Ports of the router with most of them.
  uint32_t maxPorts() const { return MaxPorts; }

  /// The link that leaves \p Router by an image's port; none at an edge and
  /// for image::Host.
  std::optional<uint32_t> linkAt(RouterId Router, image::Port Port) const;
  /// The link that leaves \p Router by port \p Out.
  std::optional<uint32_t> linkOfPort(uint32_t Router, uint32_t Out) const;
  /// `(3,2) east`, for messages.
  std::string linkName(uint32_t Link) const;

  /// One quantum of time.
  Nanoseconds quantum() const { return Quantum; }
  Nanoseconds toTime(uint64_t Quanta) const {
    return Nanoseconds(Quantum.Value * static_cast<double>(Quanta));
  }
  /// The first moment that is not before \p Time (>= 0).
  uint64_t toQuanta(Nanoseconds Time) const;

  /// Links that a packet from \p Source to \p Target takes under `xy` or `yx`
  /// (adaptive: as xy), in order.
  std::vector<uint32_t> route(uint32_t Source, uint32_t Target) const;
  /// Routers on the way, both ends included.
  uint32_t routersBetween(uint32_t Source, uint32_t Target) const;
  /// The port by which such a packet leaves \p Router, which is not \p Target.
  uint32_t portTowards(uint32_t Router, uint32_t Target) const;
  /// Column and row of a router of a mesh or torus.
  Coord coordOf(uint32_t Router) const {
    return {Router % Width, Router / Width};
  }
  uint32_t width() const { return Width; }
  uint32_t height() const { return Height; }

private:
  friend class TopologyBuilder;
  template <typename Fn>
  void walk(uint32_t Source, uint32_t Target, Fn Visit) const;
  uint32_t treePort(uint32_t Router, uint32_t Target) const;

  NocSpec Noc;
  Pipeline Stages;
  uint32_t Routers = 0, Width = 0, Height = 0, MaxPorts = 0;
  std::vector<NocLink> Links;
  std::vector<NocNode> Nodes;
  std::vector<uint32_t> LinkOfPort; ///< by router and port; None: no link
  std::optional<uint32_t> Host;
  Nanoseconds Quantum{1};
};

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_TOPOLOGY_H
