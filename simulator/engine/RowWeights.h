//===- simulator/engine/RowWeights.h - Synapses of a row --------*- C++ -*-===//
//
// How many weights of a tile's row are not 0: what a chip stores that keeps no
// synapse for a zero, and what NeuroBench counts.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_ROWWEIGHTS_H
#define SYNFIRE_SIMULATOR_ENGINE_ROWWEIGHTS_H

#include "simulator/engine/Wiring.h"

namespace synfire::sim {

/// Counts the rows of a tile when they are first asked for. Different tiles may
/// be asked for by different threads. \p Image and \p Plan must outlive it.
class RowWeights {
public:
  RowWeights(const image::Image &Image, const Wiring &Plan)
      : Image(Image), Plan(Plan), Counts(Image.tiles().size()) {}
  /// Per row of the tile of \p D, which selects rows of a tile that events do
  /// not write.
  const std::vector<uint32_t> &of(const DeliveryPlan &D);
  /// Of the row that index \p Index of the stream selects; 0 if it has none.
  uint32_t of(const DeliveryPlan &D, uint32_t Index);

private:
  const image::Image &Image;
  const Wiring &Plan;
  std::vector<std::vector<uint32_t>> Counts; ///< per tile
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_ROWWEIGHTS_H
