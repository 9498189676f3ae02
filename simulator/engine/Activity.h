//===- simulator/engine/Activity.h - What happened --------------*- C++ -*-===//
//
// Event counts, indexed as the plan of the image (Wiring.h) is. One per token
// step feeds the timing models; their sum is what the counters are made of.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_ACTIVITY_H
#define SYNFIRE_SIMULATOR_ENGINE_ACTIVITY_H

#include "simulator/engine/Counters.h"
#include "simulator/engine/Sequence.h"
#include "simulator/engine/Wiring.h"

#include <span>

namespace synfire::sim {

/// The kernel of a convolution that events of one delivery met. An event that
/// travels as several spikes counts as often.
struct MetCounts {
  uint64_t Synapses = 0; ///< weights, zeros included, within the tile
  uint64_t Rows = 0;     ///< of the kernel, wholly or in part
  uint64_t Bytes = 0;    ///< of those weights as stored
};

/// Spike counts of one token step in one sweep; valid during the call that
/// hands it over. What happens in other sweeps is 0.
struct TokenActivity {
  StepPlace Place;
  std::span<const uint32_t> Outputs;    ///< events sent, per output
  std::span<const uint32_t> Flows;      ///< events, per flow
  std::span<const uint32_t> Drops;      ///< events no axon took, per arrival
  std::span<const uint32_t> Deliveries; ///< events, per delivery
  /// Per delivery, of convolutions; empty when the image has none.
  std::span<const MetCounts> Met = {};
  /// Spikes that the host sends, per Wiring::Givens.
  std::span<const uint32_t> Givens = {};
  /// Per delivery: weights other than 0 that its events met. Needed where
  /// Wiring::SkipsZeroWeights.
  std::span<const uint64_t> NonZero = {};
};

/// What a delivery to or from a dynamic tile, or a convolution, did.
struct DynamicCounts {
  uint64_t Synapses = 0; ///< over the columns that are there, or met
  uint64_t Bytes = 0;    ///< of those as stored
  uint64_t Writes = 0;   ///< values stored
};

/// Sums over the token steps since the last reset.
struct ActivityTotals {
  uint64_t TokenSteps = 0;
  std::vector<uint64_t> SequenceTokens; ///< of each sequence, in order
  std::vector<uint64_t> Outputs, Flows, Drops, Deliveries;
  /// Per output: payloads other than 0, sent or not (of a reduced one: sums).
  std::vector<uint64_t> Emitted;
  std::vector<DynamicCounts> Dynamic; ///< per delivery
  std::vector<uint64_t> NonZero;      ///< per delivery that skips zeros
  /// Per block with a RowRule: neurons that ran, token steps in which any did.
  std::vector<uint64_t> Running, Runs;
  std::vector<uint64_t> Resets; ///< per block
  std::vector<uint64_t> Givens; ///< per Wiring::Givens: spikes sent
  /// Memory rows that are there, summed over token steps.
  uint64_t RowsSeen = 0, RowsAll = 0;
  /// Per connection: NeuroBench's effective operations (Counters.h).
  std::vector<uint64_t> EffectiveAccumulates, EffectiveMultiplies;

  /// All empty, for \p Plan.
  static ActivityTotals zero(const Wiring &Plan, const image::Image &Image);
  /// Everything that follows from \p Token.
  void add(const TokenActivity &Token, const Wiring &Plan);
};

/// Synapses of the columns that an event of \p D selects at \p Place, and
/// their bytes as stored; \p D reads a dynamic tile.
uint32_t dynamicColumns(const DeliveryPlan &D, const Wiring &Plan,
                        const StepPlace &Place);
uint32_t bytesOf(uint32_t Cols, uint32_t Bits);

/// Derives every counter. Barrier stays 0: ticks depend on the mode.
Counters countersOf(const ActivityTotals &Totals, const Wiring &Plan,
                    const image::Image &Image);

/// Bytes of a row of a tile as stored, without padding.
uint32_t storedRowBytes(const image::TileRecord &Tile);
/// The action that an instruction of \p Class is counted as.
Action actionOf(isa::CostClass Class);

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_ACTIVITY_H
