//===- compiler/mapping/Hindsight.h - What a mapping needed -----*- C++ -*-===//
//
// Some needs of a core are known only when everything has its place: how many
// blocks a convolution or a reduction hears that a circle puts after it, and
// the exact levels. Where the foreseen ones were too few, the mapping is made
// again with those that it turned out to have.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_HINDSIGHT_H
#define SYNFIRE_COMPILER_MAPPING_HINDSIGHT_H

#include "compiler/mapping/Mapping.h"
#include "compiler/mapping/Workload.h"

#include <cstdint>
#include <vector>

namespace synfire::mapping {

/// The most that any mapping so far needed; 0 where none did, and no entries
/// before the first.
struct Hindsight {
  std::vector<uint32_t> WindowAxons; ///< per edge: of one tile
  std::vector<uint32_t> Blocks;      ///< per population
  std::vector<uint32_t> Depths; ///< per slot, those of populations in order
  std::vector<uint32_t> RelayDepths; ///< per edge

  /// Takes over what \p Map, of \p Net, needs. False when all that was known.
  bool learn(const Workload &Net, const Mapping &Map);
  /// The same of a mapping that ended halfway, with \p Placed blocks of each
  /// population.
  bool learn(const std::vector<uint32_t> &Placed);

  /// Entry \p I of \p Of, 0 before the first mapping.
  static uint32_t at(const std::vector<uint32_t> &Of, uint32_t I) {
    return Of.empty() ? 0 : Of[I];
  }
};

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_HINDSIGHT_H
