//===- compiler/mapping/PlaceProblem.h - Logical to real cores --*- C++ -*-===//
//
// Give every logical core a core of the system.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_PLACEPROBLEM_H
#define SYNFIRE_COMPILER_MAPPING_PLACEPROBLEM_H

#include "compiler/mapping/Mapping.h"
#include "targets/ChipSpec.h"

#include <cstdint>
#include <vector>

namespace synfire::mapping {

/// A logical core -> CoreId table.
struct Placement {
  std::vector<CoreId> Cores;
  uint32_t NumChips = 0; ///< chips that hold at least one core, from chip 0 on
};

/// The problem. Refers to its mapping and chip; they must outlive it.
struct PlaceProblem {
  const Mapping &Map;
  const ChipSpec &Chip;

  /// `place-too-many-cores` (DoesNotFit) when the system has fewer cores.
  Errors check() const;
  /// Rules `size`, `usable` (a usable core of a chip below MaxChips),
  /// `distinct`, `chips`.
  std::vector<Violation> verify(const Placement &Solution) const;
  /// Expected link crossings per token: events of every flow times the links of
  /// its tree (multicast) or paths (unicast).
  double hopTraffic(const Placement &Solution) const;
};

/// Chip after chip, each filled along a Hilbert curve over its mesh, in logical
/// order, which follows the levels. Expects an empty check().
Placement placeSpaceFilling(const PlaceProblem &Problem);
/// Chip after chip in core order: the plain one, for comparison.
Placement placeRowMajor(const PlaceProblem &Problem);
/// Shuffled by \p Seed over the chips that are needed: for tests.
Placement placeShuffled(const PlaceProblem &Problem, uint64_t Seed);

/// Renumbers the logical cores of \p Map so that they ascend by CoreId and
/// regroups its arrays; \p Where becomes ascending too. Image sections are in
/// this order.
void sortByCoreId(Mapping &Map, Placement &Where);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_PLACEPROBLEM_H
