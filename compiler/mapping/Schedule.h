//===- compiler/mapping/Schedule.h - Levels and depths ----------*- C++ -*-===//
//
// When blocks run within a token step. All blocks of a population share a
// level; a relay is a population of its own. Levels are numbered through over
// the sweeps of a sequence: those of a sweep lie above those of the one before.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_SCHEDULE_H
#define SYNFIRE_COMPILER_MAPPING_SCHEDULE_H

#include "compiler/mapping/Mapping.h"
#include "compiler/mapping/Workload.h"

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace synfire::mapping {

/// One that writes a slot.
struct SlotWriter {
  SlotWriter(uint32_t Node, uint32_t Delay = 0) : Node(Node), Delay(Delay) {}
  uint32_t Node;  ///< ScheduleProblem::HostNode: the host
  uint32_t Delay; ///< token steps that what it sends waits
  auto operator<=>(const SlotWriter &) const = default;
};

/// Who writes one slot of one node.
struct SlotWriters {
  uint32_t Reader = 0;
  std::vector<SlotWriter> Writers;
};

struct Schedule {
  std::vector<uint32_t> Levels; ///< per node
  std::vector<uint32_t> Depths; ///< per slot, >= 1
  uint32_t NumLevels = 0;       ///< 1 + highest level
  /// First level of every sweep that has nodes; at least one entry.
  std::vector<uint32_t> FirstLevels = {0};
};

/// Nodes 0 .. NumNodes-1 and the slots through which they hear each other. The
/// host writes one level before the first level of every sweep.
///
/// Token step t of a node of level l takes place at tick t + l. A writer must
/// therefore lie a level below its reader, less its delay: with enough delay
/// nodes may write to each other in a circle.
struct ScheduleProblem {
  static constexpr uint32_t HostNode = 0xffffffffu;
  uint32_t NumNodes = 0;
  std::vector<SlotWriters> Slots;
  /// Node pairs of which the first must run at an earlier level: what writes a
  /// memory, and what asks it in the same sweep.
  std::vector<std::pair<uint32_t, uint32_t>> Orders;
  std::vector<uint32_t> Sweeps; ///< per node; empty: all 0
  /// Depth of the slots of held nodes, 0 for the others; empty: all 0.
  std::vector<uint32_t> HeldDepths;
  std::vector<std::string> Names = {}; ///< per node, for errors; empty: none

  uint32_t sweepOf(uint32_t Node) const {
    return Sweeps.empty() ? 0 : Sweeps[Node];
  }
  uint32_t heldDepthOf(uint32_t Node) const {
    return HeldDepths.empty() ? 0 : HeldDepths[Node];
  }

  /// The name of \p Node, or its number.
  std::string nameOf(uint32_t Node) const {
    return Names.empty() ? std::to_string(Node) : Names[Node];
  }

  /// Indices out of range (`schedule-index`), circles without delay
  /// (`schedule-cycle`) and circles of more edges than token steps of delay
  /// (`schedule-recurrence`).
  Errors check() const;
  /// Rules `level` (strictly rising along every edge and order, less delays),
  /// `sweep` (the levels of a sweep lie above those of the one before), `depth`
  /// (the most ticks from a write to the read: difference of levels plus delay;
  /// or that of a held node), `size`. The host writes one level before the
  /// first of each sweep.
  std::vector<Violation> verify(const Schedule &Solution) const;
};

/// Earliest levels: longest path from the host. Expects an empty check().
/// Without circles the time is linear.
Schedule scheduleEarliest(const ScheduleProblem &Problem);

/// The problem of a workload: nodes are its populations, then one relay for
/// every edge with Relayed[edge] set. Slots are those of the populations in
/// order, then one per relay. What a relay sums has waited before: it hears
/// with the delay of its edge, and is heard without.
ScheduleProblem scheduleProblemOf(const Workload &Net,
                                  const std::vector<bool> &Relayed);

/// Edges, by index, on a circle of populations: what a relay on one of them
/// adds has to be made up for by delay.
std::vector<bool> recurrentEdges(const Workload &Net);

/// Gives \p Map, of a workload with \p Populations, the earliest levels, and
/// the depths of its slots, from whom its axons hear. Before there are axons a
/// slot of a relayed linear must be taken to hear its source and the relay;
/// often it hears one of them alone. On mistakes (a loop) \p Map stays as it
/// is.
Errors scheduleByAxons(Mapping &Map, uint32_t Populations);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_SCHEDULE_H
