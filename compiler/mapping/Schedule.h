//===- compiler/mapping/Schedule.h - Levels and depths ----------*- C++ -*-===//
//
// When blocks run within a token step. All blocks of a population share a
// level; a relay is a population of its own.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_SCHEDULE_H
#define SYNFIRE_COMPILER_MAPPING_SCHEDULE_H

#include "compiler/mapping/Mapping.h"
#include "compiler/mapping/Workload.h"

#include <cstdint>
#include <vector>

namespace synfire::mapping {

/// Who writes one slot of one node.
struct SlotWriters {
  uint32_t Reader = 0;
  std::vector<uint32_t> Writers; ///< nodes; ScheduleProblem::HostNode: the host
};

struct Schedule {
  std::vector<uint32_t> Levels; ///< per node
  std::vector<uint32_t> Depths; ///< per slot, >= 1
  uint32_t NumLevels = 0;       ///< 1 + highest level
};

/// Nodes 0 .. NumNodes-1 and the slots through which they hear each other. The
/// host writes one level before level 0.
struct ScheduleProblem {
  static constexpr uint32_t HostNode = 0xffffffffu;
  uint32_t NumNodes = 0;
  std::vector<SlotWriters> Slots;

  /// Indices out of range, and cycles (`schedule-cycle`).
  Errors check() const;
  /// Rules `level` (strictly rising along every edge), `depth` (read level
  /// minus earliest write level), `size`.
  std::vector<Violation> verify(const Schedule &Solution) const;
};

/// Earliest levels: longest path from the host. Expects an empty check().
Schedule scheduleEarliest(const ScheduleProblem &Problem);

/// The problem of a workload: nodes are its populations, then one relay for
/// every edge with Relayed[edge] set. Slots are those of the populations in
/// order, then one per relay.
ScheduleProblem scheduleProblemOf(const Workload &Net,
                                  const std::vector<bool> &Relayed);

/// Gives \p Map, of a workload with \p Populations, the earliest levels, and
/// the depths of its slots, from whom its axons hear. Before there are axons a
/// slot of a relayed linear must be taken to hear its source and the relay;
/// often it hears one of them alone. On mistakes (a loop) \p Map stays as it
/// is.
Errors scheduleByAxons(Mapping &Map, uint32_t Populations);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_SCHEDULE_H
