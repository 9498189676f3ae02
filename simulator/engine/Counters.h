//===- simulator/engine/Counters.h - What was counted -----------*- C++ -*-===//
//
// Integer counts of everything that costs something. Energy is count x cost
// and belongs to the report. The counts depend on the image, the chip and the
// tokens alone: not on the fidelity, the mode (except Barrier) or the threads.
//
//   event     one non-zero payload that an output sends; a reduced output sends
//             at most one per token step. A payload that travels as spikes
//             (PayloadKind::Unary, Planes) is as many events
//   copy      an event at one destination of one flow: a core, the host, or a
//             dead end of the route
//   delivery  a copy taken by one axon
//
// Identities, which the tests check:
//   copies = received + dropped + host      per stream
//   deliveries = rows accumulated + direct writes + written + not written
//                                                      over the network
//   synaptic events + skipped = rows accumulated x columns   per connection
// with columns those of the tile, or those of a dynamic tile that are there;
// skipped are weights of zero on a chip that stores none. Of a
// convolution a delivery counts as a row accumulated, and its synaptic events
// are the weights that the event meets within the tile: at a border of the
// source, or of the tile's targets, fewer.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_COUNTERS_H
#define SYNFIRE_SIMULATOR_ENGINE_COUNTERS_H

#include "simulator/engine/FlowWalk.h"
#include "targets/CostTable.h"

#include <array>
#include <cstdint>
#include <vector>

namespace synfire::sim {

/// Counts by action, in the order of targets/CostTable.h:
///   SynapseAccumulate  synapses of rows that a binary or ternary event
///                      selected; zero weights included, unless the chip skips
///                      them (core.skips_zero_weights)
///   SynapseMultiply    the same for graded events
///   SynapseByteRead    bytes of those rows as stored, without padding; of a
///                      convolution, of the part of each row that is met
///   AxonLookup         deliveries
///   DirectWrite        deliveries that add the payload itself to a slot
///   DynamicWrite       values that a delivery stored in a dynamic tile
///   NeuronUpdate       neurons that run, once per token step
///   Instruction*       instructions by class: a uniform one once per block
///                      with a neuron that runs. A reset of a block counts as
///                      a state store (memory) per neuron and state
///   SpikeEmit          events
///   MessageOut         per event and flow: one if the target multicasts, else
///                      one per destination; direct writes within the core are
///                      no messages
///   MessageIn          copies that come to a core as messages
///   HopEastWest, HopNorthSouth  links crossed between routers
///   ChipLinkBit        message bits over links between chips
///   Barrier            ticks
struct ActionCounts {
  std::array<uint64_t, NumActions> Values{};
  uint64_t &operator[](Action A) { return Values[static_cast<unsigned>(A)]; }
  uint64_t operator[](Action A) const {
    return Values[static_cast<unsigned>(A)];
  }
  ActionCounts &operator+=(const ActionCounts &O) {
    for (unsigned A = 0; A < NumActions; ++A)
      Values[A] += O.Values[A];
    return *this;
  }
  bool operator==(const ActionCounts &) const = default;
};

/// Per core. Hops are counted at the core that sent the event; the host's hops
/// and all barriers are in Counters::System.
struct CoreCounts {
  CoreId Core;
  ActionCounts Actions;
  bool operator==(const CoreCounts &) const = default;
};

/// Per linear or matmul (ConnectionRecord).
struct ConnectionCounts {
  uint64_t RowsAccumulated = 0; ///< deliveries to its tiles
  uint64_t Accumulates = 0;     ///< synaptic events of binary, ternary events
  uint64_t Multiplies = 0;      ///< synaptic events of graded events
  uint64_t Skipped = 0;         ///< weights of zero that the chip passed over
  uint64_t BytesRead = 0;       ///< as Action::SynapseByteRead
  /// NeuroBench's operations: products of a non-zero payload and a non-zero
  /// weight. A token step counts as accumulates when every payload that the
  /// connection got in it was -1 or 1 (an empty step too), else as multiplies.
  uint64_t EffectiveAccumulates = 0;
  uint64_t EffectiveMultiplies = 0;
  /// Events that wrote a value into its tiles, and events that came to one and
  /// did not: of padding, or of a row that lies in another tile.
  uint64_t Written = 0, NotWritten = 0;
  /// Rows x columns of the connection, per token step; of a memory with the
  /// rows that are there; of a convolution the pairs that its taps connect.
  uint64_t Dense = 0;
  /// Its rows are selected by tokens, positions or types (an embedding).
  bool FromHost = false;
  bool operator==(const ConnectionCounts &) const = default;
};

/// Per stream (StreamRecord).
struct StreamCounts {
  /// Payloads other than 0 that its neurons emitted, whether anyone listens or
  /// not: the numerator of a firing rate. Payloads that only enter a sum are
  /// not counted.
  uint64_t Emitted = 0;
  uint64_t Events = 0;     ///< sent on at least one flow; the host's likewise
  uint64_t Copies = 0;     ///< events x destinations of the flows they went on
  uint64_t Received = 0;   ///< copies that some axon took
  uint64_t Host = 0;       ///< copies that reached the host
  uint64_t Dropped = 0;    ///< copies that no axon took, or at a dead end
  uint64_t Deliveries = 0; ///< axons that took a copy, summed
  /// What carrying its events took: MessageOut, MessageIn, hops, ChipLinkBit
  /// and DirectWrite and DynamicWrite with their AxonLookup. Over all streams
  /// they sum to the total, but for the look-ups of rows, which connections
  /// count.
  ActionCounts Traffic;
  bool operator==(const StreamCounts &) const = default;
};

/// Per population (PopulationRecord).
struct PopulationCounts {
  uint64_t Updates = 0;  ///< neuron updates
  ActionCounts Programs; ///< updates and instructions
  bool operator==(const PopulationCounts &) const = default;
};

/// Per link that some flow may use.
struct LinkCounts {
  Link Where;
  bool Crossing = false; ///< between chips
  uint64_t Messages = 0;
  uint64_t Bits = 0;
  bool operator==(const LinkCounts &) const = default;
};

/// Per level of blocks.
struct LevelCounts {
  uint64_t Neurons = 0;        ///< neurons of its blocks (static)
  uint64_t Events = 0;         ///< sent by its blocks
  uint64_t Deliveries = 0;     ///< of those events
  uint64_t SynapticEvents = 0; ///< that those events caused
  bool operator==(const LevelCounts &) const = default;
};

struct Counters {
  uint64_t TokenSteps = 0; ///< inner steps of all tokens
  uint64_t Tokens = 0;
  std::vector<uint64_t> Sequences; ///< tokens of each, in order
  std::vector<CoreCounts> Cores;   ///< as in the image, ascending
  ActionCounts System;             ///< what no core does
  std::vector<ConnectionCounts> Connections;
  std::vector<StreamCounts> Streams;
  std::vector<PopulationCounts> Populations;
  std::vector<LinkCounts> Links; ///< ascending by router and port
  std::vector<LevelCounts> Levels;
  /// Sum over cores plus the system.
  ActionCounts total() const;
  bool operator==(const Counters &) const = default;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_COUNTERS_H
