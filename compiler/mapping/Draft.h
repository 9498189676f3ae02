//===- compiler/mapping/Draft.h - A mapping being made ----------*- C++ -*-===//
//
// Blocks and tiles as the solver decides them, in any order; assemble() groups
// and numbers them and derives flows and axons.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_DRAFT_H
#define SYNFIRE_COMPILER_MAPPING_DRAFT_H

#include "compiler/mapping/Demand.h"
#include "compiler/mapping/Mapping.h"

#include <cstdint>
#include <vector>

namespace synfire::mapping {

struct DraftBlock {
  bool IsRelay = false;
  uint32_t Index = 0; ///< population; the linear for a relay
  /// Neurons of the population; columns of the linear for a relay.
  uint32_t First = 0, Count = 0;
  uint32_t Core = 0;
  uint32_t Owner = 0; ///< relays: the draft block that hears it
};

/// Rows of a linear for all neurons of one draft block, on the block's core.
struct DraftTile {
  uint32_t Edge = 0;
  uint32_t FirstRow = 0, Rows = 0;
  uint32_t Block = 0;
};

struct Draft {
  uint32_t NumCores = 0;
  std::vector<DraftBlock> Blocks;
  std::vector<DraftTile> Tiles;
};

/// The finished mapping. Its levels and depths are exact, and may differ from
/// those that \p D foresaw.
Mapping assemble(const Demand &D, const Draft &Plan);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_DRAFT_H
