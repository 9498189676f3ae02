//===- compiler/mapping/Demand.cpp ----------------------------------------===//

#include "compiler/mapping/Demand.h"

#include <algorithm>

using namespace synfire;
using namespace synfire::mapping;

static constexpr uint64_t WordBytes = 4; // states, parameters, accumulators

/// Tiles and parameter arrays start at multiples of 16 in a core's memory.
static uint64_t aligned(uint64_t Bytes) { return (Bytes + 15) / 16 * 16; }

std::optional<image::WeightFormat> mapping::storedFormat(const ChipSpec &Chip,
                                                         uint32_t Bits) {
  auto Has = [&](uint32_t Width) {
    const auto &Widths = Chip.Core.WeightBits;
    return std::find(Widths.begin(), Widths.end(), Width) != Widths.end();
  };
  for (image::WeightFormat F :
       {image::WeightFormat::Bit1, image::WeightFormat::Int2,
        image::WeightFormat::Int4, image::WeightFormat::Int8})
    if (image::bitsOf(F) >= Bits && Has(image::bitsOf(F)))
      return F;
  return std::nullopt;
}

uint32_t mapping::rowStride(image::WeightFormat Format, uint32_t Cols,
                            bool Dynamic) {
  const uint64_t Bytes = (uint64_t(Cols) * image::bitsOf(Format) + 7) / 8;
  if (Dynamic || Format == image::WeightFormat::Bit1)
    return Bytes;
  return aligned(Bytes);
}

Demand::Demand(const Workload &Net, const ChipSpec &Chip, double MostWork)
    : Net(Net), Chip(Chip), LinearsOf(Net.Populations.size()),
      OthersOf(Net.Populations.size()), NumBlocks(Net.Populations.size()),
      MostWork(MostWork) {
  for (uint32_t I = 0; I != Net.Edges.size(); ++I) {
    const Edge &E = Net.Edges[I];
    if (E.Kind == EdgeKind::HostOutput)
      continue;
    (hasTiles(E) ? LinearsOf : OthersOf)[E.To].push_back(I);
  }
  // Short linears first: they then lie whole on the owner's core and need no
  // relay.
  for (auto &Linears : LinearsOf)
    std::stable_sort(Linears.begin(), Linears.end(),
                     [&](uint32_t A, uint32_t B) {
                       return Net.rows(Net.Edges[A]) < Net.rows(Net.Edges[B]);
                     });
  uint32_t Slots = 0;
  for (const Population &P : Net.Populations) {
    FirstSlot.push_back(Slots);
    Slots += P.Slots.size();
  }
  reschedule(std::vector<bool>(Net.Edges.size()));
}

Demand::Demand(const Demand &Other, const ChipSpec &Chip)
    : Net(Other.Net), Chip(Chip), LinearsOf(Other.LinearsOf),
      OthersOf(Other.OthersOf), NumBlocks(Other.NumBlocks),
      MostWork(Other.MostWork), FirstSlot(Other.FirstSlot), Times(Other.Times) {
}

uint32_t Demand::narrowest(uint32_t Population) const {
  const auto &P = Net.Populations[Population];
  auto Dynamic = [&](uint32_t I) { return isDynamic(Net.Edges[I]); };
  if (P.Groups != 1 || P.Held != image::Held::No ||
      std::any_of(LinearsOf[Population].begin(), LinearsOf[Population].end(),
                  Dynamic))
    return 1;
  return ColumnGranule;
}

uint32_t mapping::entryBytes(const Population &P, const Slot &S) {
  return P.Held == image::Held::No ? WordBytes : (S.SumBits + 7) / 8;
}

void Demand::reschedule(const std::vector<bool> &Relayed) {
  Times = scheduleEarliest(scheduleProblemOf(Net, Relayed));
}

CoreUse Demand::axons(uint64_t Count) const {
  CoreUse U;
  U.InputAxons = Count;
  U.AxonBytes = Count * Chip.Core.AxonEntryBytes;
  return U;
}

CoreUse Demand::block(uint32_t Population, uint32_t Neurons) const {
  const auto &P = Net.Populations[Population];
  CoreUse U;
  U.Neurons = Neurons;
  U.Work = double(P.Instructions) * Neurons;
  U.StateBytes = WordBytes * P.States * Neurons;
  U.ParameterBytes = aligned(WordBytes * P.Parameters * Neurons);
  for (uint32_t S = 0; S != P.Slots.size(); ++S)
    U.AccumulatorBytes += uint64_t(entryBytes(P, P.Slots[S])) *
                          depth(Population, S) *
                          (P.Slots[S].Uniform ? 1 : Neurons);
  for (uint32_t I : OthersOf[Population]) {
    const Edge &E = Net.Edges[I];
    if (E.Kind == EdgeKind::Direct) {
      U += axons(Neurons);
      U.Work += Net.activity(E) * Neurons;
    } else if (E.Kind == EdgeKind::Reduce) {
      // One event from each block of the groups that are read.
      const bool Uniform = P.Slots[E.Slot].Uniform;
      const uint64_t Groups = Net.reducedGroups(E),
                     Read = Uniform ? 1 : Neurons;
      U += axons((NumBlocks[E.From.Index] * Read + Groups - 1) / Groups);
    } else
      U += axons(1);
  }
  return U;
}

CoreUse Demand::program(uint32_t Population) const {
  CoreUse U;
  U.ProgramBytes = uint64_t(Net.Populations[Population].Instructions) *
                   Chip.Neuron.InstructionBytes;
  return U;
}

CoreUse Demand::relayProgram() const {
  CoreUse U;
  U.ProgramBytes =
      uint64_t(Net.RelayInstructions) * Chip.Neuron.InstructionBytes;
  return U;
}

CoreUse Demand::tile(uint32_t Edge, uint32_t Rows, uint32_t Cols) const {
  // A width that the chip lacks has been reported before any tile is made.
  const auto &E = Net.Edges[Edge];
  auto Format =
      storedFormat(Chip, E.WeightBits).value_or(image::WeightFormat::Int8);
  CoreUse U = axons(Rows);
  U.Work = Net.activity(E) * Rows * Cols;
  const uint64_t Bytes = uint64_t(Rows) * rowStride(Format, Cols, isDynamic(E));
  if (!isDynamic(E)) {
    U.SynapseBytes = aligned(Bytes);
    return U;
  }
  U.DynamicBytes = Net.Steps * Bytes;
  const uint32_t Written = E.Kind == EdgeKind::Keys ? Rows : Cols;
  U += axons(Written);
  U.Work += Written;
  return U;
}

CoreUse Demand::relay(uint32_t Cols) const {
  CoreUse U;
  U.Neurons = Cols;
  U.Work = double(Net.RelayInstructions) * Cols;
  U.AccumulatorBytes = WordBytes * Cols; // read one level after it is written
  return U;
}

CoreUse Demand::relayArrival(uint64_t Cols) const {
  CoreUse U = axons(Cols);
  U.Work = double(Cols);
  return U;
}
