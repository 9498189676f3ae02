//===- compiler/mapping/Demand.cpp ----------------------------------------===//

#include "compiler/mapping/Demand.h"

#include <algorithm>
#include <utility>

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

uint32_t mapping::tileStride(const Edge &E, image::WeightFormat Format,
                             uint32_t Cols) {
  if (E.Kind == EdgeKind::Window)
    return rowStride(Format, E.Window.cols(), true);
  return rowStride(Format, Cols, isDynamic(E));
}

uint64_t mapping::synapseBytes(const ChipSpec &Chip, const Edge &E,
                               uint64_t Rows, uint32_t Cols) {
  const SynapseStore &Store = Chip.Core.Synapses;
  const bool Kernel = E.Kind == EdgeKind::Window;
  if (Store.WordBits != 0)
    return Store.bytes(!Kernel ? SynapseStore::Kind::Linear
                       : E.Window.StrideX > 1
                           ? SynapseStore::Kind::StridedKernel
                           : SynapseStore::Kind::Kernel,
                       Rows, Kernel ? E.Window.cols() : Cols,
                       narrowestWidth(Chip.Core.WeightBits, E.WeightBits));
  auto Format =
      storedFormat(Chip, E.WeightBits).value_or(image::WeightFormat::Int8);
  return aligned(Rows * tileStride(E, Format, Cols));
}

Demand::Demand(const Workload &Net, const ChipSpec &Chip, double MostWork,
               Hindsight Known)
    : Net(Net), Chip(Chip), LinearsOf(Net.Populations.size()),
      OthersOf(Net.Populations.size()), NumBlocks(Net.Populations.size()),
      Stays(Net.Edges.size()), MostWork(MostWork), Known(std::move(Known)) {
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
      OthersOf(Other.OthersOf), NumBlocks(Other.NumBlocks), Stays(Other.Stays),
      MostWork(Other.MostWork), Known(Other.Known), FirstSlot(Other.FirstSlot),
      Times(Other.Times) {}

uint32_t Demand::narrowest(uint32_t Population) const {
  const auto &P = Net.Populations[Population];
  auto Packed = [&](uint32_t I) {
    return isDynamic(Net.Edges[I]) || Net.Edges[I].Kind == EdgeKind::Window;
  };
  // Rows of the chip's own words are not padded to what the image pads them.
  if (Chip.Core.Synapses.WordBits != 0 || P.Groups != 1 ||
      P.Held != image::Held::No ||
      std::any_of(LinearsOf[Population].begin(), LinearsOf[Population].end(),
                  Packed))
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
      const uint64_t Blocks = std::max(
          NumBlocks[E.From.Index], Hindsight::at(Known.Blocks, E.From.Index));
      U += axons((Blocks * Read + Groups - 1) / Groups);
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
  if (E.Kind == EdgeKind::Window)
    return window(Edge, Cols);
  CoreUse U = axons(Rows);
  U.Work = Net.activity(E) * Rows * Cols;
  if (!isDynamic(E)) {
    U.SynapseBytes = synapseBytes(Chip, E, Rows, Cols);
    return U;
  }
  auto Format =
      storedFormat(Chip, E.WeightBits).value_or(image::WeightFormat::Int8);
  U.DynamicBytes = uint64_t(Net.Steps) * Rows * rowStride(Format, Cols, true);
  const uint32_t Written = E.Kind == EdgeKind::Keys ? Rows : Cols;
  U += axons(Written);
  U.Work += Written;
  return U;
}

CoreUse Demand::window(uint32_t Edge, uint32_t Cols) const {
  const auto &E = Net.Edges[Edge];
  const auto &W = E.Window;
  CoreUse U = axons(std::max(1u, Hindsight::at(Known.WindowAxons, Edge)));
  U.SynapseBytes = synapseBytes(Chip, E, W.rows(), Cols);
  // Taps of one target; at the edges of the source there are fewer.
  const double Taps =
      double(W.KernelHeight) * W.KernelWidth * (W.SourceChannels / W.Groups);
  U.Work = Net.activity(E) * Taps * Cols;
  return U;
}

CoreUse Demand::tiles(uint32_t Population, uint32_t Cols) const {
  CoreUse U;
  for (uint32_t I : LinearsOf[Population])
    U += tile(I, Net.rows(Net.Edges[I]), Cols);
  return U;
}

/// A relay runs as soon as it can: later than a level above what it hears only
/// if its sweep, less the delay, has not begun by then.
uint32_t Demand::relayDepth(uint32_t Edge) const {
  const auto &E = Net.Edges[Edge];
  const auto &To = Net.Populations[E.To];
  const int64_t First =
      Times.FirstLevels[To.Sweep - (To.Held != image::Held::No)];
  const int64_t Write =
      E.From.FromHost ? First - 1 : int64_t(Times.Levels[E.From.Index]);
  const int64_t Depth = std::max<int64_t>(1, First + E.Delay - Write);
  return std::max(static_cast<uint32_t>(Depth),
                  Hindsight::at(Known.RelayDepths, Edge));
}

CoreUse Demand::relay(uint32_t Edge, uint32_t Cols) const {
  CoreUse U;
  U.Neurons = Cols;
  U.Work = double(Net.RelayInstructions) * Cols;
  U.AccumulatorBytes = WordBytes * Cols * relayDepth(Edge);
  return U;
}

CoreUse Demand::relayArrival(uint64_t Cols) const {
  CoreUse U = axons(Cols);
  U.Work = double(Cols);
  return U;
}
