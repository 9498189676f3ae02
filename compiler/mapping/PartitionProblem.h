//===- compiler/mapping/PartitionProblem.h - Cut and group ------*- C++ -*-===//
//
// Cut populations into blocks and linears into tiles, and group them on logical
// cores so that no limit of the chip is exceeded.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_PARTITIONPROBLEM_H
#define SYNFIRE_COMPILER_MAPPING_PARTITIONPROBLEM_H

#include "compiler/mapping/Mapping.h"
#include "compiler/mapping/Workload.h"
#include "targets/ChipSpec.h"

#include <cmath>

namespace synfire::mapping {

/// The problem. Refers to its network and chip; they must outlive it.
struct PartitionProblem {
  const Workload &Net;
  const ChipSpec &Chip;
  /// Most that one core may have of CoreUse::Work; a wish, which verify() does
  /// not ask for.
  double MostWork = INFINITY;
  /// Another mapping of the network; populations whose linears have no relays
  /// there get none if that fits, since a relay is a level more.
  const Mapping *Like = nullptr;

  /// Mistakes of the network (Workload::check). What the chip cannot do is no
  /// mistake of the input: it is a FitReport with a Failure.
  Errors check() const { return Net.check(); }

  /// Rules: `block-cover`, `tile-cover`, `slot`, `output`, `limit`, `flow`,
  /// `axon`, `level`, `depth`, `relay`, `grouping`; for sequences `group` (a
  /// block crosses one), `sweep`, `rows`, `memory` (a dynamic tile), `write`;
  /// `own-core` (Population::OwnCores).
  /// Recounts everything from the records, sharing no code with the solver.
  std::vector<Violation> verify(const Mapping &Solution) const;
};

/// A mapping and how it fills the chip. Map is meaningful only if Fit.fits().
struct Partition {
  Mapping Map;
  FitReport Fit;
};

/// Analytic tiles (columns first, rows when that costs fewer messages or when
/// columns alone do not fit), grouped in topological order. Deterministic;
/// time and memory grow with cores and flows, not with synapses. Expects an
/// empty check().
Partition partitionAnalytically(const PartitionProblem &Problem);

/// The same, with the work of each token spread evenly over the usable cores of
/// \p Chips chips (0: as many as are needed anyway): shorter ticks for more
/// cores. The least MostWork that these cores allow without a further level is
/// searched, so it costs some ten partitions. Fails when \p Chips are too few.
Partition partitionSpread(const PartitionProblem &Problem, uint32_t Chips);

/// The table of \p Map on \p Chip.
FitReport fitOf(const Workload &Net, const ChipSpec &Chip, const Mapping &Map);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_PARTITIONPROBLEM_H
