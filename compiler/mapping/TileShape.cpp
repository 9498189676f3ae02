//===- compiler/mapping/TileShape.cpp - Rows and columns of tiles ---------===//

#include "compiler/mapping/Cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace synfire;
using namespace synfire::mapping;

namespace {

/// What an extra copy of an event costs on a multicast network, where the tree
/// shares the way and only the arrival is paid again.
constexpr double MulticastCopyCost = 0.5;
/// Share that row cuts must save: they add a level.
constexpr double RowCutGain = 0.9;

uint32_t ceilDiv(uint32_t A, uint32_t B) { return A / B + (A % B != 0); }

/// A place within the rows of a cluster's linears, taken one after the other.
struct Cursor {
  size_t Linear = 0;
  uint32_t Row = 0;
};

/// Adds rows at \p At to a core until it is full; with \p Relays every segment
/// costs one besides its tile.
std::vector<RowSegment> fillCore(const Demand &D,
                                 const std::vector<uint32_t> &Linears,
                                 Cursor &At, CoreUse Use, uint32_t Cols,
                                 bool Relays) {
  std::vector<RowSegment> Out;
  while (At.Linear != Linears.size()) {
    const uint32_t Edge = Linears[At.Linear];
    const uint32_t Left = D.Net.rows(D.Net.Edges[Edge]) - At.Row;
    if (Relays)
      Use += D.relay(Edge, Cols);
    uint32_t Fit = 0, Above = Left + 1; // Fit rows fit, Above do not
    while (Above - Fit > 1) {
      uint32_t Middle = Fit + (Above - Fit) / 2;
      CoreUse Try = Use;
      Try += D.tile(Edge, Middle, Cols);
      (D.fits(Try) ? Fit : Above) = Middle;
    }
    if (Fit == 0)
      break;
    Use += D.tile(Edge, Fit, Cols);
    Out.push_back({Edge, At.Row, Fit});
    if (Fit != Left) {
      At.Row += Fit;
      break;
    }
    At = {At.Linear + 1, 0};
  }
  return Out;
}

/// Flits of an event with \p Bits of payload.
double flits(const ChipSpec &Chip, uint32_t Bits) {
  double Width = std::max(1u, Chip.Noc.LinkWidthBits);
  return std::ceil((Chip.Event.HeaderBits + Bits) / Width);
}

/// Messages, in flits, that the linears of \p C cause per token when cut into
/// column groups of \p Cols with \p Relays relays each.
double messages(const Demand &D, const Cluster &C, uint32_t Cols,
                uint32_t Relays) {
  const double Groups = double(C.Groups) * ceilDiv(groupSize(D, C), Cols);
  const double Copy = D.Chip.Noc.Multicast ? MulticastCopyCost : 1.0;
  double Sum = 0, Active = 0, SumBits = 0;
  for (uint32_t I : D.LinearsOf[C.leader()]) {
    const Edge &E = D.Net.Edges[I];
    const double Events = double(D.Net.rows(E)) * E.Heads * D.Net.activity(E);
    uint32_t Bits = 0;
    if (!E.From.FromHost)
      Bits = D.Net.Populations[E.From.Index].Outputs[E.From.Output].PayloadBits;
    // What a head sends concerns the columns of that head only.
    Sum += Copy * Events * Groups / E.Heads * flits(D.Chip, Bits);
    Active += Events / E.Heads;
    SumBits = std::max(SumBits, double(E.SumBits));
  }
  // A partial sum is sent when any of its rows is active.
  const double Sending = Relays ? std::min(1.0, Active / (Relays + 1.0)) : 0.0;
  return Sum + Sending * Relays * Cols * Groups *
                   flits(D.Chip, static_cast<uint32_t>(SumBits));
}

/// Bytes of the cluster under that cut.
double memory(const Demand &D, const Cluster &C, uint32_t Cols,
              uint32_t Relays) {
  double Bytes = wholeUse(D, C, Cols).totalBytes();
  CoreUse Each;
  for (uint32_t I : D.LinearsOf[C.leader()])
    if (CoreUse Relay = D.relay(I, Cols);
        Relay.totalBytes() > Each.totalBytes())
      Each = Relay;
  Each += D.relayArrival(Cols);
  Each += D.relayProgram();
  Bytes += double(Relays) * Each.totalBytes();
  return Bytes * D.Net.Populations[C.leader()].Neurons / Cols;
}

/// Widest piece that an empty core holds with all its rows; 0: none.
uint32_t widestWhole(const Demand &D, const Cluster &C) {
  const uint32_t Neurons = groupSize(D, C);
  auto Fits = [&](uint32_t Cols) { return D.fits(wholeUse(D, C, Cols)); };
  if (Fits(Neurons))
    return Neurons;
  const uint32_t Granule = C.Granule;
  uint32_t Fit = 0, Above = ceilDiv(Neurons, Granule);
  while (Above - Fit > 1) {
    uint32_t Middle = Fit + (Above - Fit) / 2;
    (Fits(Middle * Granule) ? Fit : Above) = Middle;
  }
  return Fit * Granule;
}

/// What widths of \p C come in multiples of.
uint32_t granuleOf(const Demand &D, const Cluster &C) {
  const uint32_t Neurons = groupSize(D, C);
  uint64_t Cut = 1;
  for (uint32_t M : C.Members)
    if (const uint32_t At = D.Net.Populations[M].CutAt)
      Cut = std::min<uint64_t>(std::lcm(Cut, uint64_t(At)), Neurons);
  // A wish for cuts gives way to memory, not to less work.
  if (Cut > 1 && D.holds(wholeUse(D, C, static_cast<uint32_t>(Cut))))
    return static_cast<uint32_t>(Cut);
  uint32_t Places = 0;
  for (uint32_t I : D.LinearsOf[C.leader()])
    if (D.Net.Edges[I].Kind == EdgeKind::Window)
      Places = std::max(Places, D.Net.Edges[I].Window.TargetChannels);
  if (Places == 0)
    return D.columnGranule(C.leader());
  return Places <= Neurons && D.fits(wholeUse(D, C, Places)) ? Places : 1;
}

/// True when the pieces of \p C are given, not chosen.
bool isFixed(const Demand &D, const Cluster &C) {
  const Population &P = D.Net.Populations[C.leader()];
  return P.OwnCores && P.CutAt != 0;
}

} // namespace

std::optional<RowPlan> mapping::planRows(const Demand &D, const Cluster &C,
                                         const CoreUse &Use, uint32_t Cols,
                                         bool MayRelay) {
  // What cannot leave the owner's core comes first.
  std::vector<uint32_t> Linears = D.LinearsOf[C.leader()];
  const size_t NumStay =
      std::stable_partition(Linears.begin(), Linears.end(),
                            [&](uint32_t I) { return D.Stays[I]; }) -
      Linears.begin();
  // Relays take axons of the owner's core, and thereby rows: repeat until the
  // number of relays that was allowed for is enough.
  for (uint32_t Allowed = 0;;) {
    CoreUse Owner = Use;
    CoreUse Arrivals = D.relayArrival(uint64_t(Cols) * Allowed);
    Owner += Arrivals;
    if (!D.fits(Owner))
      return std::nullopt;
    RowPlan Plan;
    Cursor At;
    Plan.Local = fillCore(D, Linears, At, Owner, Cols, false);
    if (At.Linear < NumStay)
      return std::nullopt;
    while (At.Linear != Linears.size()) {
      if (!MayRelay)
        return std::nullopt;
      Plan.Remote.push_back(
          fillCore(D, Linears, At, D.relayProgram(), Cols, true));
      if (Plan.Remote.back().empty())
        return std::nullopt;
      Plan.NumRelays += Plan.Remote.back().size();
    }
    if (Plan.NumRelays <= Allowed)
      return Plan;
    Allowed = Plan.NumRelays;
  }
}

bool mapping::canRelay(const Demand &D, const Cluster &C) {
  const auto &Kinds = D.Chip.Event.Kinds;
  if (!D.Chip.Neuron.Programmable ||
      std::find(Kinds.begin(), Kinds.end(), image::PayloadKind::Signed) ==
          Kinds.end())
    return false;
  const auto &Linears = D.LinearsOf[C.leader()];
  auto Stays = [&](uint32_t I) { return D.Stays[I]; };
  return !std::all_of(Linears.begin(), Linears.end(), Stays) &&
         std::all_of(Linears.begin(), Linears.end(), [&](uint32_t I) {
           const Edge &E = D.Net.Edges[I];
           return D.Stays[I] ||
                  (E.SumBits <= D.Chip.Event.PayloadBits &&
                   E.Kind != EdgeKind::Keys && E.Kind != EdgeKind::Window);
         });
}

bool mapping::chooseShape(const Demand &D, Cluster &C) {
  const uint32_t Neurons = groupSize(D, C);
  if (isFixed(D, C)) {
    C.Width = std::min(Neurons, D.Net.Populations[C.leader()].CutAt);
    return D.holds(wholeUse(D, C, C.Width));
  }
  C.Granule = granuleOf(D, C);
  const uint32_t Granule = std::max(C.Granule, D.narrowest(C.leader()));
  const uint32_t Whole = widestWhole(D, C);
  const bool Bound = C.RowCut;
  if (Whole == Neurons && !Bound) {
    C.Width = Neurons;
    return true;
  }
  bool Found = Whole != 0 && !Bound;
  if (Found)
    C.Width = Whole;
  if ((Found && !C.MayCut) || !canRelay(D, C))
    return Found;
  double Best = INFINITY;
  if (Found)
    Best = RowCutGain * messages(D, C, Whole, 0) * memory(D, C, Whole, 0);
  uint32_t Last = 0;
  for (double Pieces = 1; Pieces <= ceilDiv(Neurons, Granule);
       Pieces = std::max(Pieces + 1, std::floor(Pieces * 1.05))) {
    uint32_t Cols = ceilDiv(Neurons, static_cast<uint32_t>(Pieces));
    Cols = std::min(Neurons, ceilDiv(Cols, Granule) * Granule);
    if (Cols == Last)
      continue;
    Last = Cols;
    auto Plan = planRows(D, C, ownerUse(D, C, Cols), Cols, true);
    if (!Plan || (Plan->NumRelays == 0 && !Bound))
      continue; // without relays the widest piece is the best one
    double Cost = messages(D, C, Cols, Plan->NumRelays) *
                  memory(D, C, Cols, Plan->NumRelays);
    if (Cost >= Best && Found)
      continue;
    Best = Cost;
    Found = true;
    C.RowCut = true;
    C.Width = Cols;
  }
  return Found;
}

/// The first limit that stands in the way of the narrowest piece of \p C.
static std::pair<Limit, CoreUse> narrowestMisfit(const Demand &D,
                                                 const Cluster &C) {
  const uint32_t Narrow = isFixed(D, C) ? D.Net.Populations[C.leader()].CutAt
                                        : D.narrowest(C.leader());
  const uint32_t Cols = std::min(groupSize(D, C), Narrow);
  CoreUse Use = ownerUse(D, C, Cols);
  const auto &Linears = D.LinearsOf[C.leader()];
  if (auto L = brokenLimit(D.Chip, Use))
    return {*L, Use};
  if (isFixed(D, C) || !canRelay(D, C)) {
    Use += D.tiles(C.leader(), Cols);
    return {brokenLimit(D.Chip, Use).value_or(Limit::UnifiedBytes), Use};
  }
  // What may not leave can be too much already.
  for (uint32_t I : Linears)
    if (D.Stays[I])
      Use += D.tile(I, D.Net.rows(D.Net.Edges[I]), Cols);
  if (auto L = brokenLimit(D.Chip, Use))
    return {*L, Use};
  // Even a relay core for a single row may be too small; else it is the many
  // relays that the owner cannot hear.
  for (uint32_t I : Linears) {
    CoreUse Row = D.relayProgram();
    Row += D.relay(I, Cols);
    Row += D.tile(I, 1, Cols);
    if (auto L = brokenLimit(D.Chip, Row))
      return {*L, Row};
  }
  for (uint64_t Relays = 1;; Relays *= 2) {
    CoreUse Owner = Use;
    Owner += D.relayArrival(uint64_t(Cols) * Relays);
    if (auto L = brokenLimit(D.Chip, Owner))
      return {*L, Owner};
  }
}

static void setLimit(ChipSpec &Chip, Limit L, uint64_t Value) {
  auto Count = static_cast<uint32_t>(std::min<uint64_t>(Value, UINT32_MAX));
  switch (L) {
  case Limit::Neurons:
    Chip.Core.Neurons = Count;
    break;
  case Limit::InputAxons:
    Chip.Core.InputAxons = Count;
    break;
  case Limit::SynapseBytes:
    Chip.Core.SynapseBytes = Bytes(Value);
    break;
  case Limit::StateBytes:
    Chip.Core.StateBytes = Bytes(Value);
    break;
  case Limit::ProgramBytes:
    Chip.Core.ProgramBytes = Bytes(Value);
    break;
  case Limit::AxonBytes:
    Chip.Core.AxonBytes = Bytes(Value);
    break;
  default:
    Chip.Core.UnifiedBytes = Bytes(Value);
    break;
  }
}

/// The longest sequence with which \p C passes; 0 when none helps, or its
/// memory does not depend on that.
static uint32_t longestSequence(const Demand &D, const Cluster &C) {
  auto Grows = [&](uint32_t M) {
    const Population &P = D.Net.Populations[M];
    return P.Held == image::Held::Each || P.Rows != image::RowRule::None;
  };
  const auto &Tiles = D.LinearsOf[C.leader()];
  if (std::none_of(C.Members.begin(), C.Members.end(), Grows) &&
      std::none_of(Tiles.begin(), Tiles.end(),
                   [&](uint32_t I) { return isDynamic(D.Net.Edges[I]); }))
    return 0;
  uint32_t Passes = 0, Above = D.Net.Positions;
  while (Above > Passes + 1) {
    const uint32_t Middle = Passes + (Above - Passes) / 2;
    const Workload Shorter = D.Net.withPositions(Middle);
    Demand Again(Shorter, D.Chip);
    Again.Stays = D.Stays;
    Cluster Copy = C;
    (chooseShape(Again, Copy) ? Passes : Above) = Middle;
  }
  return Passes;
}

/// Ways out besides a larger limit, from what \p C is made of.
static std::string otherWays(const Demand &D, const Cluster &C, Limit Broken) {
  std::string Out;
  if (uint32_t Positions = longestSequence(D, C))
    Out += fmt::format(", or sequences of at most {} tokens (now {})",
                       Positions, D.Net.Positions);
  if (isFixed(D, C))
    Out += fmt::format(", or cores of fewer than the {} neurons that were "
                       "asked for",
                       D.Net.Populations[C.leader()].CutAt);
  for (uint32_t I : D.LinearsOf[C.leader()]) {
    const Edge &E = D.Net.Edges[I];
    if (D.Stays[I])
      Out +=
          fmt::format(", or a delay of at least {} on '{}' (now {}), so that "
                      "its rows may be summed on other cores",
                      E.Delay + 1, E.Name, E.Delay);
    if (E.Kind == EdgeKind::Window &&
        (Broken == Limit::UnifiedBytes || Broken == Limit::SynapseBytes))
      Out += fmt::format(
          ", or a smaller kernel of '{}': weights of fewer bits, or a grouped "
          "convolution (every core of the layer holds all {} bytes of it)",
          E.Name, D.tile(I, D.Net.rows(E), 1).SynapseBytes);
  }
  return Out;
}

Misfit mapping::explainMisfit(const Demand &D, const Cluster &C) {
  auto [Broken, Use] = narrowestMisfit(D, C);
  Misfit Out;
  Out.What = Broken;
  Out.Thing = D.Net.Populations[C.leader()].Name;
  const auto &Linears = D.LinearsOf[C.leader()];
  if (!Linears.empty())
    Out.Thing = D.Net.Edges[Linears.back()].Name;
  Out.Available = available(D.Chip, Broken).value_or(0);
  // The smallest value of the limit at which the cluster passes, or at which
  // another limit is the one in the way.
  auto Passes = [&](uint64_t Value) {
    ChipSpec Wider = D.Chip;
    setLimit(Wider, Broken, Value);
    Demand Again(D, Wider);
    Cluster Copy = C;
    return chooseShape(Again, Copy) ||
           narrowestMisfit(Again, Copy).first != Broken;
  };
  uint64_t Below = Out.Available, Enough = std::max<uint64_t>(1, Below) * 2;
  while (Enough < (uint64_t(1) << 40) && !Passes(Enough)) {
    Below = Enough;
    Enough *= 2;
  }
  while (Enough - Below > 1) {
    uint64_t Middle = Below + (Enough - Below) / 2;
    (Passes(Middle) ? Enough : Below) = Middle;
  }
  Out.Needed = Enough;
  Out.Change =
      fmt::format("{} >= {} (now {})", keyOf(Broken), Enough, Out.Available);
  Out.Change += otherWays(D, C, Broken);
  return Out;
}
