//===- compiler/mapping/PartitionFit.cpp - Used and available -------------===//

#include "compiler/mapping/LowerBounds.h"
#include "compiler/mapping/PartitionProblem.h"

#include <fmt/format.h>

#include <algorithm>

using namespace synfire;
using namespace synfire::mapping;

/// What \p Core mostly holds: its largest tile's linear, else its first block.
static std::string nameOf(const Workload &Net, const Mapping &Map,
                          uint32_t Core) {
  const MappedCore &C = Map.Cores[Core];
  uint64_t Most = 0;
  std::string Name;
  for (uint32_t T = C.FirstTile; T != C.FirstTile + C.NumTiles; ++T) {
    const MappedTile &Tile = Map.Tiles[T];
    uint64_t Size = Tile.bytes();
    if (Size <= Most)
      continue;
    Most = Size;
    Name = Net.Edges[Tile.Edge].Name;
  }
  if (Name.empty() && C.NumBlocks != 0 && !Map.Blocks[C.FirstBlock].IsRelay)
    Name = Net.Populations[Map.Blocks[C.FirstBlock].Index].Name;
  return Name;
}

/// Memory of a core: one pool for all, or one per use.
static bool isPool(Limit L) {
  return L == Limit::UnifiedBytes || L == Limit::SynapseBytes ||
         L == Limit::StateBytes || L == Limit::ProgramBytes ||
         L == Limit::AxonBytes;
}

FitReport mapping::fitOf(const Workload &Net, const ChipSpec &Chip,
                         const Mapping &Map) {
  FitReport Out;
  Out.Cores = Map.Cores.size();
  Out.CoresLowerBound = lowerBoundsOf(Net, Chip).Cores;
  auto Fail = [&](Limit L, uint64_t Needed, uint64_t Has, std::string Thing,
                  std::optional<uint32_t> Core) {
    if (Out.Failure)
      return;
    Out.Failure =
        Misfit{L,    Needed,
               Has,  std::move(Thing),
               Core, fmt::format("{} >= {} (now {})", keyOf(L), Needed, Has)};
  };
  for (Limit L : {Limit::Neurons, Limit::InputAxons, Limit::OutputFlows,
                  Limit::UnifiedBytes, Limit::SynapseBytes, Limit::StateBytes,
                  Limit::ProgramBytes, Limit::AxonBytes}) {
    auto Has = available(Chip, L);
    if (!Has)
      continue;
    LimitUse Use{L, 0, *Has, 0, 0};
    for (uint32_t C = 0; C != Map.Cores.size(); ++C) {
      uint64_t Used = Map.Cores[C].Use.used(L);
      Use.Total += Used;
      if (Used > Use.Used) {
        Use.Used = Used;
        Use.Core = C;
      }
    }
    Out.Limits.push_back(Use);
    if (Use.Used > *Has)
      Fail(L, Use.Used, *Has, nameOf(Net, Map, Use.Core), Use.Core);
  }

  for (const MappedCore &C : Map.Cores) {
    Out.DynamicBytes += C.Use.DynamicBytes;
    Out.DynamicBytesOfCore =
        std::max(Out.DynamicBytesOfCore, C.Use.DynamicBytes);
  }

  LimitUse Words{Limit::ProgramWords, 0, Chip.Neuron.ProgramWords, 0, 0};
  LimitUse Sums{Limit::AccumulatorBits, 0, Chip.Core.AccumulatorBits, 0, 0};
  LimitUse Payload{Limit::PayloadBits, 0, Chip.Event.PayloadBits, 0, 0};
  for (const Population &P : Net.Populations) {
    Words.Used = std::max<uint64_t>(Words.Used, P.Instructions);
    for (const Slot &S : P.Slots)
      Sums.Used = std::max<uint64_t>(Sums.Used, S.SumBits);
    for (const Output &O : P.Outputs)
      if (O.Reduced || O.Kind == image::PayloadKind::Signed ||
          O.Kind == image::PayloadKind::Unsigned)
        Payload.Used = std::max<uint64_t>(
            Payload.Used, O.Reduced ? O.ReducedBits : O.PayloadBits);
  }
  for (const Relay &R : Map.Relays)
    Payload.Used = std::max<uint64_t>(Payload.Used, R.PayloadBits);
  // Fixed neurons hold no program, and a spike without payload has no bits:
  // there is nothing to use up.
  for (auto [Use, IsLimited] :
       {std::pair(&Words, Chip.Neuron.Programmable), std::pair(&Sums, true),
        std::pair(&Payload, Chip.Event.PayloadBits != 0)}) {
    if (!IsLimited)
      continue;
    Use->Total = Use->Used;
    Out.Limits.push_back(*Use);
  }

  const uint32_t PerChip = std::max(1u, Chip.System.UsableCores);
  Out.Chips = (Out.Cores + PerChip - 1) / PerChip;
  Out.Limits.push_back(
      {Limit::Chips, Out.Chips, Chip.System.MaxChips, Out.Chips, 0});
  if (Out.Chips > Chip.System.MaxChips) {
    // The first core beyond the system is where it breaks.
    uint32_t Core = Chip.System.MaxChips * PerChip;
    Fail(Limit::Chips, Out.Chips, Chip.System.MaxChips, nameOf(Net, Map, Core),
         Core);
  }
  double Used = 0, Has = 0;
  for (const LimitUse &L : Out.Limits)
    if (isPool(L.What)) {
      Used += double(L.Total);
      Has += double(L.Available) * Out.Cores;
    }
  if (Has > 0)
    Out.FillPercent = 100 * Used / Has;
  return Out;
}
