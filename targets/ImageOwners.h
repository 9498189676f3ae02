//===- targets/ImageOwners.h - Who owns which record ------------*- C++ -*-===//
//
// Private to targets/: what the checks of tiles, flows and axons share.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_IMAGEOWNERS_H
#define SYNFIRE_TARGETS_IMAGEOWNERS_H

#include "targets/ImageCheck.h"

#include <algorithm>
#include <vector>

namespace synfire::image {

/// For each record of a grouped section, the index of its owner.
template <typename Owner, typename First, typename Count>
std::vector<uint32_t> ownersOf(std::span<const Owner> Owners, uint64_t Size,
                               First Begin, Count Length) {
  std::vector<uint32_t> Map(Size, None);
  for (uint32_t O = 0; O < Owners.size(); ++O)
    std::fill_n(Map.begin() + Owners[O].*Begin, Owners[O].*Length, O);
  return Map;
}

/// Who owns what, by index.
struct Owners {
  explicit Owners(const Records &R)
      : CoreOfBlock(ownersOf(R.Cores, R.Blocks.size(), &CoreRecord::FirstBlock,
                             &CoreRecord::NumBlocks)),
        CoreOfTile(ownersOf(R.Cores, R.Tiles.size(), &CoreRecord::FirstTile,
                            &CoreRecord::NumTiles)),
        BlockOfSlot(ownersOf(R.Blocks, R.Slots.size(), &BlockRecord::FirstSlot,
                             &BlockRecord::NumSlots)),
        BlockOfOutput(ownersOf(R.Blocks, R.Outputs.size(),
                               &BlockRecord::FirstOutput,
                               &BlockRecord::NumOutputs)) {}

  uint32_t coreOfSlot(uint32_t Slot) const {
    return CoreOfBlock[BlockOfSlot[Slot]];
  }
  uint32_t coreOfOutput(uint32_t Output) const {
    return CoreOfBlock[BlockOfOutput[Output]];
  }

  std::vector<uint32_t> CoreOfBlock, CoreOfTile, BlockOfSlot, BlockOfOutput;
};

/// True of what tokens write; the tile's connection is sound.
inline bool isDynamic(const Records &R, const TileRecord &T) {
  const ConnectionKind Kind = R.Connections[T.Connection].Kind;
  return Kind == ConnectionKind::Keys || Kind == ConnectionKind::Values;
}
/// True of what holds the kernel of a convolution; likewise.
inline bool isWindow(const Records &R, const TileRecord &T) {
  return R.Connections[T.Connection].Kind == ConnectionKind::Window;
}

/// Weights that a row of \p T stores.
inline uint32_t weightsOfRow(const Records &R, const TileRecord &T) {
  return isWindow(R, T) ? R.Windows[R.Connections[T.Connection].Window].cols()
                        : T.Cols;
}

/// Tiles, flows, slots and outputs are sound (ImageCheckAxons.cpp).
void checkAxons(const Records &R, const Owners &Of, Errors &Out);

} // namespace synfire::image

#endif // SYNFIRE_TARGETS_IMAGEOWNERS_H
