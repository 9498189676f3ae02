//===- simulator/engine/Activity.h - What happened --------------*- C++ -*-===//
//
// Event counts, indexed as the plan of the image (Wiring.h) is. One per token
// step feeds the timing models; their sum is what the counters are made of.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_ACTIVITY_H
#define SYNFIRE_SIMULATOR_ENGINE_ACTIVITY_H

#include "simulator/engine/Counters.h"
#include "simulator/engine/Wiring.h"

#include <span>

namespace synfire::sim {

/// Event counts of one token step; valid during the call that hands it over.
struct TokenActivity {
  std::span<const uint32_t> Outputs;    ///< events sent, per output
  std::span<const uint32_t> Flows;      ///< events, per flow
  std::span<const uint32_t> Drops;      ///< events no axon took, per arrival
  std::span<const uint32_t> Deliveries; ///< events, per delivery
};

/// Sums over the token steps since the last reset.
struct ActivityTotals {
  uint64_t TokenSteps = 0;
  std::vector<uint64_t> Outputs, Flows, Drops, Deliveries;
  /// Per output: payloads other than 0, sent or not (of a reduced one: sums).
  std::vector<uint64_t> Emitted;
  /// Per connection: NeuroBench's effective operations (Counters.h).
  std::vector<uint64_t> EffectiveAccumulates, EffectiveMultiplies;
};

/// Derives every counter. Barrier stays 0: ticks depend on the mode.
Counters countersOf(const ActivityTotals &Totals, const Wiring &Plan,
                    const image::Image &Image);

/// Bytes of a row of a tile as stored, without padding.
uint32_t storedRowBytes(const image::TileRecord &Tile);
/// True when events of \p Stream are added, not multiplied.
bool accumulates(const image::StreamRecord &Stream);
/// The action that an instruction of \p Class is counted as.
Action actionOf(isa::CostClass Class);

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_ACTIVITY_H
