//===- compiler/mapping/Demand.h - What a piece needs -----------*- C++ -*-===//
//
// Memory and axons that a block, a tile or a relay adds to a core. The one
// place where the solver turns sizes into bytes.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_DEMAND_H
#define SYNFIRE_COMPILER_MAPPING_DEMAND_H

#include "compiler/mapping/FitReport.h"
#include "compiler/mapping/Hindsight.h"
#include "compiler/mapping/Schedule.h"
#include "compiler/mapping/Workload.h"
#include "targets/ChipSpec.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace synfire::mapping {

/// Columns of a tile come in multiples of this when memory is what cores are
/// short of: no row of 8-bit weights is padded (image::TileRecord::RowStride).
inline constexpr uint32_t ColumnGranule = 16;

/// The narrowest width of the chip that holds weights of \p Bits; nothing when
/// it has none that the image can hold (1, 2, 4 and 8).
std::optional<image::WeightFormat> storedFormat(const ChipSpec &Chip,
                                                uint32_t Bits);
/// Bytes from one row of a tile to the next: weights are padded to 16 bytes
/// unless they are bits, what events write is not.
uint32_t rowStride(image::WeightFormat Format, uint32_t Cols, bool Dynamic);
/// The same for a tile of \p E with \p Cols targets; the rows of a kernel are
/// as long as it has target channels, and not padded.
uint32_t tileStride(const Edge &E, image::WeightFormat Format, uint32_t Cols);

/// What the chip's memory takes for a tile of \p Rows and \p Cols of \p E, a
/// linear or a window: of a window the kernel, whatever its targets.
uint64_t synapseBytes(const ChipSpec &Chip, const Edge &E, uint64_t Rows,
                      uint32_t Cols);

/// Memory of one entry of a slot: held sums are kept as narrow as they are.
uint32_t entryBytes(const Population &P, const Slot &S);

/// Refers to network and chip; they must outlive it.
class Demand {
public:
  /// No core gets more than \p MostWork (CoreUse::Work). Needs are at least
  /// those that are \p Known from other mappings of the network.
  Demand(const Workload &Net, const ChipSpec &Chip, double MostWork = INFINITY,
         Hindsight Known = {});
  /// The same state on another chip.
  Demand(const Demand &Other, const ChipSpec &Chip);

  const Workload &Net;
  const ChipSpec &Chip;
  /// Edges into each population: those with tiles (linears and matmuls), and
  /// the others.
  std::vector<std::vector<uint32_t>> LinearsOf, OthersOf;
  /// Blocks of each population that exist so far: what a reduction hears.
  std::vector<uint32_t> NumBlocks;
  /// Edges whose rows must all be with the neurons that they reach: relays have
  /// no level on the circle that the edge is on.
  std::vector<bool> Stays;

  /// Takes depths from the schedule of \p Relayed edges.
  void reschedule(const std::vector<bool> &Relayed);
  const Schedule &schedule() const { return Times; }
  uint32_t depth(uint32_t Population, uint32_t Slot) const {
    const uint32_t I = FirstSlot[Population] + Slot;
    return std::max(Times.Depths[I], Hindsight::at(Known.Depths, I));
  }

  /// \p Neurons neurons of a population, without its program and tiles.
  CoreUse block(uint32_t Population, uint32_t Neurons) const;
  CoreUse program(uint32_t Population) const;
  CoreUse relayProgram() const;
  /// \p Rows of an edge for \p Cols targets. Of a Window they are all rows of
  /// the kernel, which takes the same memory for any number of targets, and
  /// one axon entry for each flow that it hears.
  CoreUse tile(uint32_t Edge, uint32_t Rows, uint32_t Cols) const;
  /// All rows of all tiles into \p Cols neurons of \p Population.
  CoreUse tiles(uint32_t Population, uint32_t Cols) const;
  /// A relay of \p Edge.
  CoreUse relay(uint32_t Edge, uint32_t Cols) const;
  /// What the owner pays to hear a relay.
  CoreUse relayArrival(uint64_t Cols) const;

  bool holds(const CoreUse &Use) const { return !brokenLimit(Chip, Use); }
  bool fits(const CoreUse &Use) const {
    return Use.Work <= MostWork && holds(Use);
  }
  /// True when work is what cores are short of, not memory.
  bool isSpread() const { return MostWork < INFINITY; }
  /// Columns of the narrowest tiles of \p Population: it may be cut anywhere
  /// where memory goes by sequence length or kernel, not by padded rows.
  uint32_t narrowest(uint32_t Population) const;
  /// Columns of its tiles come in multiples of this.
  uint32_t columnGranule(uint32_t Population) const {
    return isSpread() ? 1 : narrowest(Population);
  }

private:
  double MostWork;
  Hindsight Known;
  CoreUse axons(uint64_t Count) const;
  CoreUse window(uint32_t Edge, uint32_t Cols) const;
  uint32_t relayDepth(uint32_t Edge) const;

  std::vector<uint32_t> FirstSlot;
  Schedule Times;
};

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_DEMAND_H
