//===- targets/NocSpec.h - What a network on chip is ------------*- C++ -*-===//
//
// The `noc:` section of a chip file, and the whole of a file for `synfire noc`.
// docs/noc.md tells what each key does to a packet. The time of a hop is
// defined here and nowhere else: by the clock and the pipeline of a router, or
// by HopTime of a network without a clock.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_NOCSPEC_H
#define SYNFIRE_TARGETS_NOCSPEC_H

#include "targets/Status.h"
#include "targets/Units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace synfire {

enum class NocTopology : uint8_t {
  Mesh,  ///< Width x Height routers
  Torus, ///< the same with both ends of every row and column joined
  Tree,  ///< Levels of routers, Arity below each; cores at the leaves
};

enum class NocRouting : uint8_t {
  XY,       ///< along the row, then along the column
  YX,       ///< along the column, then along the row
  Adaptive, ///< minimal, odd-even turns, towards free buffers
};

/// What a message carries, for NocSpec::SeparateNetworks.
enum class TrafficClass : uint8_t { Events, PartialSums, Reductions, Host };
inline constexpr unsigned NumTrafficClasses = 4;

/// Time of one hop, router and link, in a network without a clock.
struct HopTimes {
  Nanoseconds EastWest;
  Nanoseconds NorthSouth;
  auto operator<=>(const HopTimes &) const = default;
};

struct NocSpec {
  NocTopology Topology = NocTopology::Mesh;
  uint32_t Width = 0;      ///< routers of a chip, west to east; 0 for a tree
  uint32_t Height = 0;     ///< north to south
  uint32_t TreeLevels = 0; ///< of routers, the root included; Tree only
  uint32_t TreeArity = 0;  ///< routers below one that is no leaf; Tree only
  uint32_t CoresPerRouter = 1;
  NocRouting Routing = NocRouting::XY;
  uint32_t VirtualChannels = 4; ///< per input of a router
  uint32_t BufferFlits = 8;     ///< per virtual channel

  /// Cycles of the stages of a router. Unused without a clock.
  uint32_t RoutingCycles = 0; ///< 0: done one hop ahead
  uint32_t VcAllocationCycles = 1;
  uint32_t SwitchAllocationCycles = 1;
  uint32_t SwitchTraversalCycles = 1;
  uint32_t LinkCycles = 1; ///< between routers; 1 to and from a core
  /// Processing of a credit in the router that gets it back; the way back,
  /// LinkCycles, comes on top.
  uint32_t CreditCycles = 1;
  double InjectionFlitsPerCycle = 1; ///< per core, at most 1
  double EjectionFlitsPerCycle = 1;

  uint32_t LinkWidthBits = 32; ///< bits of one flit
  double ClockMhz = 1000;      ///< unused without a clock, see HopTime
  std::optional<HopTimes> HopTime;
  bool Multicast = false;
  /// Classes with a physical network of their own, ascending; the others share
  /// one.
  std::vector<TrafficClass> SeparateNetworks;

  bool operator==(const NocSpec &) const = default;

  /// Reads the network of a chip file (its other sections are checked too), or
  /// a file with nothing but `noc:`. Reports as ChipSpec::parse does.
  static Result<NocSpec> parse(const std::string &Yaml,
                               const std::string &FileName,
                               const std::vector<std::string> &Overrides = {});

  bool isClocked() const { return !HopTime; }
  uint32_t numRouters() const;
  uint32_t numCores() const;
  /// One cycle; only with a clock.
  Nanoseconds cycle() const { return Nanoseconds(1000.0 / ClockMhz); }
  /// How long a flit keeps a link of this axis busy: one cycle, or the hop.
  Nanoseconds flitTime(bool EastWest) const;
  /// The least time between packets of \p Flits flits that follow each other on
  /// a link: its own flits; with few virtual channels, the time that a packet
  /// keeps one (until its last flit has left and the next head was routed and
  /// allocated), or that their places take to become free again. Streams may be
  /// slower where both come together.
  Nanoseconds packetTime(uint32_t Flits, bool EastWest) const;
  /// From the arrival of a head at a router to its arrival at the next one,
  /// alone in the network: the pipeline and the link, or the hop.
  Nanoseconds hopLatency(bool EastWest) const;
  /// From the moment a core hands a head over until it is in another core,
  /// alone in the network, less the hopLatency of each hop: the way into the
  /// first router, and through the last one.
  Nanoseconds endLatency() const;
  /// Number of the physical network that \p Class travels on.
  uint32_t networkOf(TrafficClass Class) const;
  uint32_t numNetworks() const;
};

/// A broken rule between the numbers of a network.
struct NocFault {
  std::string Key;  ///< of the `noc` section
  std::string Rule; ///< tag
  std::string Text;
};
/// What no simulation could run. Numbers that a file cannot hold are faults
/// too, for networks that were not read from one.
std::vector<NocFault> checkNoc(const NocSpec &Noc);

std::string_view topologyName(NocTopology T);
std::string_view routingName(NocRouting R);
std::string_view trafficClassName(TrafficClass C);

} // namespace synfire

#endif // SYNFIRE_TARGETS_NOCSPEC_H
