//===- targets/NocSpec.cpp - What a network on chip is --------------------===//

#include "targets/NocSpec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace synfire;

uint32_t NocSpec::numRouters() const {
  if (Topology != NocTopology::Tree)
    return Width * Height;
  uint32_t Routers = 0, OfLevel = 1;
  for (uint32_t L = 0; L < TreeLevels; ++L, OfLevel *= TreeArity)
    Routers += OfLevel;
  return Routers;
}

uint32_t NocSpec::numCores() const {
  if (Topology != NocTopology::Tree)
    return Width * Height * CoresPerRouter;
  uint32_t Leaves = 1;
  for (uint32_t L = 1; L < TreeLevels; ++L)
    Leaves *= TreeArity;
  return Leaves * CoresPerRouter;
}

Nanoseconds NocSpec::flitTime(bool EastWest) const {
  if (isClocked())
    return cycle();
  return EastWest ? HopTime->EastWest : HopTime->NorthSouth;
}

Nanoseconds NocSpec::packetTime(uint32_t Flits, bool EastWest) const {
  if (!isClocked())
    return flitTime(EastWest) * Flits;
  const double Owned = double(Flits) - 1 + RoutingCycles + VcAllocationCycles +
                       SwitchAllocationCycles;
  const double CreditLoop = double(VcAllocationCycles) +
                            SwitchAllocationCycles + SwitchTraversalCycles +
                            2.0 * LinkCycles + CreditCycles;
  const double PerChannel = std::max(Owned, Flits * CreditLoop / BufferFlits);
  return cycle() * std::max<double>(Flits, PerChannel / VirtualChannels);
}

Nanoseconds NocSpec::hopLatency(bool EastWest) const {
  if (!isClocked())
    return flitTime(EastWest);
  return cycle() *
         (RoutingCycles + VcAllocationCycles + SwitchAllocationCycles +
          SwitchTraversalCycles + LinkCycles);
}

Nanoseconds NocSpec::endLatency() const {
  // A core hands over without delay where the router is part of the hop.
  if (!isClocked())
    return Nanoseconds(0);
  // One cycle for the source, one for each of the two short links.
  return cycle() * (3 + RoutingCycles + VcAllocationCycles +
                    SwitchAllocationCycles + SwitchTraversalCycles);
}

uint32_t NocSpec::networkOf(TrafficClass Class) const {
  auto At = std::ranges::find(SeparateNetworks, Class);
  return At == SeparateNetworks.end()
             ? 0
             : static_cast<uint32_t>(At - SeparateNetworks.begin()) + 1;
}

uint32_t NocSpec::numNetworks() const {
  return static_cast<uint32_t>(SeparateNetworks.size()) + 1;
}

namespace {

/// Faults of one network, in the order of its keys.
class NocRules {
public:
  explicit NocRules(const NocSpec &Noc) : Noc(Noc) {}

  std::vector<NocFault> run() {
    checkShape();
    checkRouter();
    if (Noc.isClocked())
      checkPipeline();
    else if (Noc.HopTime->EastWest.Value <= 0 ||
             Noc.HopTime->NorthSouth.Value <= 0)
      fault("hop_ns", "noc-time", "a hop takes longer than 0 ns");
    return std::move(Out);
  }

private:
  void fault(std::string Key, std::string Rule, std::string Text) {
    Out.push_back({std::move(Key), std::move(Rule), std::move(Text)});
  }
  void checkRange(const char *Key, uint64_t Value, uint64_t Min, uint64_t Max) {
    if (Value < Min || Value > Max)
      fault(Key, "noc-range",
            fmt::format("{} is out of range, {} to {}", Value, Min, Max));
  }

  void checkShape() {
    checkRange("cores_per_router", Noc.CoresPerRouter, 1, 16);
    if (Noc.Topology == NocTopology::Tree)
      return checkTree();
    checkRange("width", Noc.Width, 1, 65536);
    checkRange("height", Noc.Height, 1, 65536);
    if (uint64_t(Noc.Width) * Noc.Height > MaxRouters)
      fault("width", "noc-size",
            fmt::format("{} x {} routers; at most {} can be simulated",
                        Noc.Width, Noc.Height, MaxRouters));
    bool Torus = Noc.Topology == NocTopology::Torus;
    if (Torus && Noc.VirtualChannels < 2)
      fault("virtual_channels", "noc-torus",
            "a torus needs at least 2, or packets that follow each other "
            "around a ring can block it; raise virtual_channels or use a mesh");
    if (Torus && Noc.Routing == NocRouting::Adaptive)
      fault("routing", "noc-routing",
            "adaptive is for a mesh; use xy or yx on a torus");
  }

  void checkTree() {
    checkRange("levels", Noc.TreeLevels, 1, 16);
    checkRange("arity", Noc.TreeArity, 2, 8);
    uint64_t Routers = 0, OfLevel = 1;
    for (uint32_t L = 0; L < std::min(Noc.TreeLevels, 32U); ++L) {
      Routers += OfLevel;
      OfLevel = std::min<uint64_t>(OfLevel * Noc.TreeArity, MaxRouters + 1);
    }
    if (Routers > MaxRouters)
      fault("levels", "noc-size",
            fmt::format("{} levels of arity {} are more than the {} routers "
                        "that can be simulated",
                        Noc.TreeLevels, Noc.TreeArity, MaxRouters));
    if (Noc.Routing != NocRouting::XY)
      fault("routing", "noc-routing",
            "a tree has one way between two cores; leave the key out");
  }

  void checkRouter() {
    checkRange("virtual_channels", Noc.VirtualChannels, 1, 16);
    checkRange("buffer_flits", Noc.BufferFlits, 1, 4096);
    checkRange("link_width_bits", Noc.LinkWidthBits, 1, 4096);
    for (auto At = Noc.SeparateNetworks.begin();
         At != Noc.SeparateNetworks.end(); ++At)
      if (*At == TrafficClass::Events)
        fault("separate_networks", "noc-networks",
              "events travel on the network that the others leave");
  }

  void checkPipeline() {
    if (!(Noc.ClockMhz > 0))
      fault("clock_mhz", "noc-time", "a clock is faster than 0 MHz");
    checkRange("routing_cycles", Noc.RoutingCycles, 0, MaxCycles);
    checkRange("vc_allocation_cycles", Noc.VcAllocationCycles, 1, MaxCycles);
    checkRange("switch_allocation_cycles", Noc.SwitchAllocationCycles, 1,
               MaxCycles);
    checkRange("switch_traversal_cycles", Noc.SwitchTraversalCycles, 1,
               MaxCycles);
    checkRange("link_cycles", Noc.LinkCycles, 1, MaxCycles);
    checkRange("credit_cycles", Noc.CreditCycles, 0, MaxCycles);
    checkRate("injection_flits_per_cycle", Noc.InjectionFlitsPerCycle);
    checkRate("ejection_flits_per_cycle", Noc.EjectionFlitsPerCycle);
  }

  void checkRate(const char *Key, double Rate) {
    if (!(Rate >= 1.0 / MaxCycles && Rate <= 1)) {
      fault(Key, "noc-rate",
            fmt::format("{} flits per cycle; a core's port takes at most 1 "
                        "and at least one in {} cycles",
                        Rate, MaxCycles));
      return;
    }
    double Cycles = 1 / Rate;
    if (std::abs(Cycles - std::round(Cycles)) > 0.01)
      fault(Key, "noc-rate",
            fmt::format("{} flits per cycle are one in {:.3f} cycles; choose "
                        "1, 0.5, 0.333, 0.25, ...",
                        Rate, Cycles));
  }

  static constexpr uint64_t MaxRouters = 1 << 22;
  static constexpr uint32_t MaxCycles = 1024;
  const NocSpec &Noc;
  std::vector<NocFault> Out;
};

} // namespace

std::vector<NocFault> synfire::checkNoc(const NocSpec &Noc) {
  return NocRules(Noc).run();
}

std::string_view synfire::topologyName(NocTopology T) {
  constexpr std::string_view Names[] = {"mesh", "torus", "tree"};
  return Names[static_cast<unsigned>(T)];
}

std::string_view synfire::routingName(NocRouting R) {
  constexpr std::string_view Names[] = {"xy", "yx", "adaptive"};
  return Names[static_cast<unsigned>(R)];
}

std::string_view synfire::trafficClassName(TrafficClass C) {
  constexpr std::string_view Names[] = {"events", "partial_sums", "reductions",
                                        "host"};
  return Names[static_cast<unsigned>(C)];
}
