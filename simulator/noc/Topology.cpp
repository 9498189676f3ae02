//===- simulator/noc/Topology.cpp - Routers, links and their delays -------===//

#include "simulator/noc/Topology.h"

#include "simulator/noc/TopologyBuilder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace synfire::sim::noc {
namespace {

/// Floating-point noise of a division that should come out whole.
constexpr double Noise = 1e-9;

uint32_t roundUp(double Quanta) {
  return static_cast<uint32_t>(std::ceil(Quanta * (1 - Noise)));
}

uint32_t roundTo(double Quanta) {
  return static_cast<uint32_t>(std::lround(Quanta));
}

} // namespace

Result<Topology> Topology::build(const NocSpec &Noc) {
  TopologyBuilder Builder(Noc);
  if (Noc.Topology == NocTopology::Tree)
    Builder.addTree();
  else
    Builder.addGrid(Noc.Width, Noc.Height, nullptr);
  return Builder.finish();
}

Result<Topology> Topology::ofSystem(const ChipSpec &Spec, uint32_t Chips) {
  TopologyBuilder Builder(Spec.Noc);
  // A torus closes around all the chips that the system may have.
  if (Spec.Noc.Topology == NocTopology::Torus)
    Chips = Spec.System.MaxChips;
  Builder.addGrid(Spec.systemWidth(), Spec.systemHeight(Chips), &Spec);
  return Builder.finish();
}

uint64_t Topology::toQuanta(Nanoseconds Time) const {
  double Quanta = Time.Value / Quantum.Value;
  return static_cast<uint64_t>(std::ceil(Quanta - (1e-6 + 1e-15 * Quanta)));
}

std::optional<uint32_t> Topology::linkOfPort(uint32_t Router,
                                             uint32_t Out) const {
  uint32_t Link = LinkOfPort[Router * MaxPorts + Out];
  return Link == NoLink ? std::nullopt : std::optional(Link);
}

std::optional<uint32_t> Topology::linkAt(RouterId Router,
                                         image::Port Port) const {
  if (Router.Value >= Routers || Port == image::Host ||
      Noc.Topology == NocTopology::Tree)
    return std::nullopt;
  uint32_t Out = Port == image::East    ? GridPort::East
                 : Port == image::West  ? GridPort::West
                 : Port == image::South ? GridPort::South
                                        : GridPort::North;
  return linkOfPort(Router.Value, Out);
}

std::string Topology::linkName(uint32_t Link) const {
  const NocLink &L = Links[Link];
  if (L.Kind == LinkKind::Tree)
    return fmt::format("router {} to {}", L.From, L.To);
  constexpr std::string_view Ways[] = {"east", "west", "south", "north"};
  Coord C = coordOf(L.From);
  return fmt::format("({},{}) {}", C.X, C.Y, Ways[L.Out]);
}

template <typename Fn>
void Topology::walk(uint32_t Source, uint32_t Target, Fn Visit) const {
  uint32_t At = Nodes[Source].Router, End = Nodes[Target].Router;
  while (At != End) {
    uint32_t Link = LinkOfPort[At * MaxPorts + portTowards(At, End)];
    Visit(Link);
    At = Links[Link].To;
  }
}

std::vector<uint32_t> Topology::route(uint32_t Source, uint32_t Target) const {
  std::vector<uint32_t> Path;
  walk(Source, Target, [&](uint32_t Link) { Path.push_back(Link); });
  return Path;
}

uint32_t Topology::routersBetween(uint32_t Source, uint32_t Target) const {
  uint32_t Routers = 1;
  walk(Source, Target, [&](uint32_t) { ++Routers; });
  return Routers;
}

uint32_t Topology::portTowards(uint32_t Router, uint32_t Target) const {
  assert(Router != Target && "no way to go");
  if (Noc.Topology == NocTopology::Tree)
    return treePort(Router, Target);
  Coord A = coordOf(Router), B = coordOf(Target);
  bool Row = A.X != B.X && (Noc.Routing != NocRouting::YX || A.Y == B.Y);
  uint32_t From = Row ? A.X : A.Y, To = Row ? B.X : B.Y;
  bool Forward = To > From;
  if (Noc.Topology == NocTopology::Torus) {
    uint32_t Size = Row ? Width : Height;
    uint32_t Ahead = (To + Size - From) % Size;
    // Two ways are equally long: half of the sources take each.
    Forward = 2 * Ahead < Size || (2 * Ahead == Size && From % 2 == 0);
  }
  return Row ? (Forward ? GridPort::East : GridPort::West)
             : (Forward ? GridPort::South : GridPort::North);
}

uint32_t Topology::treePort(uint32_t Router, uint32_t Target) const {
  // Down when Target is below; its ancestor below Router tells the port.
  while (Target > Router) {
    uint32_t Parent = (Target - 1) / Noc.TreeArity;
    if (Parent == Router)
      return (Target - 1) % Noc.TreeArity;
    Target = Parent;
  }
  return Noc.TreeArity;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

TopologyBuilder::TopologyBuilder(const NocSpec &Noc) {
  Made.Noc = Noc;
  Pipeline &P = Made.Stages;
  P.Clocked = Noc.isClocked();
  if (P.Clocked) {
    P.Routing = Noc.RoutingCycles;
    P.VcAllocation = Noc.VcAllocationCycles;
    P.SwitchAllocation = Noc.SwitchAllocationCycles;
    P.Traversal = Noc.SwitchTraversalCycles;
    P.InjectGap = roundTo(1 / Noc.InjectionFlitsPerCycle);
    P.EjectGap = roundTo(1 / Noc.EjectionFlitsPerCycle);
    P.PortLatency = 2; // One cycle to take over, one on the wire.
    P.InjectCredit = 2;
    P.EjectCredit = 2 + Noc.CreditCycles;
    Made.Quantum = Noc.cycle();
    return;
  }
  setClockless(*Noc.HopTime);
}

void TopologyBuilder::setClockless(const HopTimes &Hop) {
  // A quantum also rounds the times at which packets enter, and is what a
  // credit takes: keep it well below a hop.
  constexpr uint64_t LeastPerHop = 32;
  auto Picoseconds = [](Nanoseconds T) {
    return std::max<uint64_t>(1, std::llround(T.Value * 1000));
  };
  uint64_t EastWest = Picoseconds(Hop.EastWest),
           NorthSouth = Picoseconds(Hop.NorthSouth);
  uint64_t Divisor = std::gcd(EastWest, NorthSouth);
  uint64_t Short = std::min(EastWest, NorthSouth) / Divisor;
  uint64_t Split = (LeastPerHop + Short - 1) / Short;
  double Quantum = static_cast<double>(Divisor) / static_cast<double>(Split);
  // The wheel has a place for each quantum of the longest hop.
  double Longest = static_cast<double>(std::max(EastWest, NorthSouth));
  Quantum = std::max(Quantum, Longest / MaxHopQuanta);
  Made.Quantum = Nanoseconds(Quantum / 1000);
  auto Quanta = [&](uint64_t Time) {
    return static_cast<uint32_t>(std::max<int64_t>(
        1, std::llround(static_cast<double>(Time) / Quantum)));
  };
  HopQuanta[0] = Quanta(EastWest);
  HopQuanta[1] = Quanta(NorthSouth);
  Pipeline &P = Made.Stages;
  P.Routing = P.VcAllocation = P.SwitchAllocation = P.Traversal = 0;
  P.InjectGap = P.EjectGap = std::min(HopQuanta[0], HopQuanta[1]);
  P.PortLatency = 0;
  P.InjectCredit = P.EjectCredit = 1;
}

NocLink TopologyBuilder::localLink(LinkKind Kind) const {
  const NocSpec &Noc = Made.Noc;
  NocLink L;
  L.Kind = Kind;
  L.Buffer = Noc.BufferFlits;
  if (Made.Stages.Clocked) {
    L.Latency = Noc.LinkCycles + 1;
    L.Credit = Noc.LinkCycles + 1 + Noc.CreditCycles;
  } else {
    L.Latency = L.PerFlit = HopQuanta[Kind == LinkKind::EastWest ? 0 : 1];
    L.Credit = 1;
  }
  return L;
}

NocLink TopologyBuilder::chipLink(LinkKind Axis, const ChipSpec &Spec) const {
  NocLink L = localLink(Axis);
  L.Kind = LinkKind::Chip;
  const ChipLink &Wire = Spec.Costs.Link;
  double Quantum = Made.Quantum.Value;
  uint32_t Outer = Spec.System.LinkWidthBits;
  // A flit crosses in as many whole flits of the external link as it needs.
  uint32_t Crossings = (Made.Noc.LinkWidthBits + Outer - 1) / Outer;
  double FlitNs = double(Crossings) * Outer / Wire.BitsPerNanosecond;
  L.PerFlit = std::max(L.PerFlit, roundUp(FlitNs / Quantum));
  uint32_t Wait = roundUp(Wire.Latency.Value / Quantum);
  L.Latency += Wait + L.PerFlit - 1;
  L.Credit += Wait;
  // Enough buffers to keep the wire busy until the first credit is back.
  uint32_t Loop = L.Latency + L.Credit + Made.Stages.Traversal;
  L.Buffer += (Loop + L.PerFlit - 1) / L.PerFlit;
  return L;
}

void TopologyBuilder::addGrid(uint32_t Width, uint32_t Height,
                              const ChipSpec *System) {
  const NocSpec &Noc = Made.Noc;
  Made.Width = Width;
  Made.Height = Height;
  Made.Routers = Width * Height;
  Made.MaxPorts = NumGridPorts + Noc.CoresPerRouter + (System ? 1 : 0);
  bool Torus = Noc.Topology == NocTopology::Torus;
  for (uint32_t R = 0; R < Made.Routers; ++R) {
    Coord C = Made.coordOf(R);
    auto Connect = [&](GridPort Out, GridPort In, bool Edge, Coord Next) {
      if ((Edge && !Torus) || Next == C)
        return;
      LinkKind Axis =
          Out <= GridPort::West ? LinkKind::EastWest : LinkKind::NorthSouth;
      NocLink L = System && System->crossesChips(C, Next)
                      ? chipLink(Axis, *System)
                      : localLink(Axis);
      L.From = R;
      L.To = Next.Y * Width + Next.X;
      L.Out = Out;
      L.In = In;
      L.Wraps = Edge;
      Made.Links.push_back(L);
    };
    Connect(GridPort::East, GridPort::West, C.X + 1 == Width,
            {(C.X + 1) % Width, C.Y});
    Connect(GridPort::West, GridPort::East, C.X == 0,
            {(C.X + Width - 1) % Width, C.Y});
    Connect(GridPort::South, GridPort::North, C.Y + 1 == Height,
            {C.X, (C.Y + 1) % Height});
    Connect(GridPort::North, GridPort::South, C.Y == 0,
            {C.X, (C.Y + Height - 1) % Height});
    for (uint32_t I = 0; I < Noc.CoresPerRouter; ++I)
      Made.Nodes.push_back({R, static_cast<uint8_t>(NumGridPorts + I)});
  }
  if (System) {
    Made.Host = static_cast<uint32_t>(Made.Nodes.size());
    Made.Nodes.push_back(
        {System->hostRouter().Value,
         static_cast<uint8_t>(NumGridPorts + Noc.CoresPerRouter)});
  }
}

void TopologyBuilder::addTree() {
  const NocSpec &Noc = Made.Noc;
  uint32_t Arity = Noc.TreeArity;
  Made.Routers = Noc.numRouters();
  Made.Width = Made.Routers;
  Made.Height = 1;
  Made.MaxPorts = Arity + 1 + Noc.CoresPerRouter;
  uint32_t Leaves = Noc.numCores() / Noc.CoresPerRouter;
  for (uint32_t R = 1; R < Made.Routers; ++R) {
    uint32_t Parent = (R - 1) / Arity;
    NocLink L = localLink(LinkKind::Tree);
    L.From = Parent;
    L.Out = static_cast<uint8_t>((R - 1) % Arity);
    L.To = R;
    L.In = static_cast<uint8_t>(Arity);
    Made.Links.push_back(L);
    std::swap(L.From, L.To);
    std::swap(L.Out, L.In);
    Made.Links.push_back(L);
  }
  for (uint32_t R = Made.Routers - Leaves; R < Made.Routers; ++R)
    for (uint32_t I = 0; I < Noc.CoresPerRouter; ++I)
      Made.Nodes.push_back({R, static_cast<uint8_t>(Arity + 1 + I)});
}

Result<Topology> TopologyBuilder::finish() {
  std::ranges::sort(Made.Links, {},
                    [](const NocLink &L) { return std::pair(L.From, L.Out); });
  Made.LinkOfPort.assign(size_t(Made.Routers) * Made.MaxPorts, NoLink);
  uint32_t Longest = 0;
  for (uint32_t I = 0; I < Made.Links.size(); ++I) {
    const NocLink &L = Made.Links[I];
    Made.LinkOfPort[L.From * Made.MaxPorts + L.Out] = I;
    Longest = std::max(Longest, std::max(L.Latency, L.PerFlit) + L.Credit);
  }
  if (Longest > MaxDelayQuanta)
    return Error{"", "noc-delay",
                 fmt::format("the slowest link takes {} quanta of {} ns; at "
                             "most {} can be simulated. Raise the bandwidth of "
                             "costs.chip_link or lower its latency",
                             Longest, Made.Quantum.Value, MaxDelayQuanta)};
  return std::move(Made);
}

} // namespace synfire::sim::noc
