//===- targets/NocSpec.cpp - What a network on chip is --------------------===//

#include "targets/NocSpec.h"

#include <algorithm>
#include <cassert>

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
