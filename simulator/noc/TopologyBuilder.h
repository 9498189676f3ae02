//===- simulator/noc/TopologyBuilder.h - Makes topologies -------*- C++ -*-===//
//
// Private to simulator/noc.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_TOPOLOGYBUILDER_H
#define SYNFIRE_SIMULATOR_NOC_TOPOLOGYBUILDER_H

#include "simulator/noc/Topology.h"

namespace synfire::sim::noc {

/// Ports of a router in a grid; the cores follow.
enum GridPort : uint8_t { East, West, South, North };
inline constexpr uint32_t NumGridPorts = 4;

inline constexpr uint32_t NoLink = ~uint32_t(0);
/// Bounds of the timing wheel.
inline constexpr double MaxHopQuanta = 4096;
inline constexpr uint32_t MaxDelayQuanta = 1 << 20;

class TopologyBuilder {
public:
  explicit TopologyBuilder(const NocSpec &Noc);
  /// \p System: null for the routers of one `noc:` section.
  void addGrid(uint32_t Width, uint32_t Height, const ChipSpec *System);
  void addTree();
  Result<Topology> finish();

private:
  void setClockless(const HopTimes &Hop);
  NocLink localLink(LinkKind Kind) const;
  NocLink chipLink(LinkKind Axis, const ChipSpec &Spec) const;

  Topology Made;
  uint32_t HopQuanta[2] = {1, 1}; ///< east-west, north-south
};

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_TOPOLOGYBUILDER_H
