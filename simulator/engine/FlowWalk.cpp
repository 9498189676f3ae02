//===- simulator/engine/FlowWalk.cpp - Where a flow gets to ---------------===//

#include "simulator/engine/FlowWalk.h"

#include <algorithm>
#include <map>
#include <optional>

namespace synfire::sim {
bool crossesChips(const Link &L, const ChipSpec &Spec) {
  std::optional<RouterId> Far = Spec.neighbour(L.Router, L.Port);
  return Far && Spec.crossesChips(Spec.coordOf(L.Router), Spec.coordOf(*Far));
}

FlowWalk walkFlow(const image::FlowRecord &Flow,
                  std::span<const image::HopRecord> Hops,
                  const ChipSpec &Spec) {
  struct Station {
    uint16_t Ports = 0, Cores = 0;
    bool Passed = false;
  };
  std::map<RouterId, Station> Stations;
  for (const image::HopRecord &H : Hops.subspan(Flow.FirstHop, Flow.NumHops)) {
    Station &S = Stations[RouterId{H.Router}];
    S.Ports |= H.Ports;
    S.Cores |= H.Cores;
  }

  struct Arrival {
    RouterId Router;
    Nanoseconds At;
  };
  FlowWalk Walk;
  std::vector<Arrival> Pending;
  Pending.push_back({Flow.SourceKind == image::FlowSource::Host
                         ? Spec.hostRouter()
                         : Spec.routerOf(CoreId{Flow.SourceCore}),
                     Nanoseconds{}});
  const uint32_t PerRouter = Spec.Noc.CoresPerRouter;
  for (size_t Next = 0; Next < Pending.size(); ++Next) {
    const Arrival Here = Pending[Next];
    auto Found = Stations.find(Here.Router);
    if (Found == Stations.end() || Found->second.Passed) {
      ++Walk.DeadEnds;
      continue;
    }
    Station &S = Found->second;
    S.Passed = true;
    Walk.Latency = std::max(Walk.Latency, Here.At);
    for (uint32_t Bit = 0; Bit < 16; ++Bit) {
      if (!(S.Cores >> Bit & 1))
        continue;
      if (Bit < PerRouter)
        Walk.Cores.push_back(CoreId{Here.Router.Value * PerRouter + Bit});
      else
        ++Walk.DeadEnds;
    }
    for (image::Port P :
         {image::North, image::East, image::South, image::West, image::Host}) {
      if (!(S.Ports & P))
        continue;
      Link L{Here.Router, P};
      if (P == image::Host && Here.Router != Spec.hostRouter()) {
        ++Walk.DeadEnds;
        continue;
      }
      Walk.Links.push_back(L);
      if (P == image::Host) {
        Walk.ReachesHost = true;
        continue;
      }
      std::optional<RouterId> Far = Spec.neighbour(L.Router, L.Port);
      if (!Far) {
        ++Walk.DeadEnds;
        continue;
      }
      bool EastWest = P == image::East || P == image::West;
      Nanoseconds Hop = Spec.Noc.hopLatency(EastWest);
      if (Spec.crossesChips(Spec.coordOf(L.Router), Spec.coordOf(*Far)))
        Hop += Spec.Costs.Link.Latency;
      Pending.push_back({*Far, Here.At + Hop});
    }
  }
  // Into the first router and out of the last one.
  if (!Walk.Links.empty())
    Walk.Latency += Spec.Noc.endLatency();
  std::sort(Walk.Cores.begin(), Walk.Cores.end());
  return Walk;
}

} // namespace synfire::sim
