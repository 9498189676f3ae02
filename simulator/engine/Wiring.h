//===- simulator/engine/Wiring.h - What reaches what ------------*- C++ -*-===//
//
// The plan of an image that is made once, when it is loaded: every flow walked,
// every axon that a flow really reaches bound to the block whose slot it adds
// to, and everything that a counter needs per event. Running a token step then
// follows arrays.
//
// A delivery is one axon reached by its flow. Deliveries are grouped by the
// block that they add to, since a block fetches what arrived for it (pull):
// each block then writes only its own memory, and blocks of a level can run on
// any thread. A dynamic tile belongs to the block that its sums go to.
//
// A delivery happens in the sweep of the block that sends. What is for a block
// of a later sweep (a held block, or a dynamic tile that is read there) is
// captured: fetched at the end of that sweep's token step and kept.
//
// A delivery with a delay takes what was sent some token steps before: the
// payloads of past token steps are kept for it. How many token steps may go
// through a level at once follows from those whose sender is not of an earlier
// level than their reader.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_WIRING_H
#define SYNFIRE_SIMULATOR_ENGINE_WIRING_H

#include "simulator/engine/FlowWalk.h"
#include "simulator/engine/ProgramRunner.h"
#include "simulator/engine/WindowPlan.h"
#include "targets/ChipSpec.h"
#include "targets/Image.h"

#include <algorithm>
#include <vector>

namespace synfire::sim {

/// A range of stream indices, [First, Last).
struct IndexRange {
  uint32_t First = 0, Last = 0;
  bool empty() const { return First >= Last; }
};
inline IndexRange intersect(IndexRange A, IndexRange B) {
  uint32_t First = A.First > B.First ? A.First : B.First;
  uint32_t Last = A.Last < B.Last ? A.Last : B.Last;
  return {First, Last < First ? First : Last};
}

/// How many spikes a payload that is not 0 counts as.
enum class SpikeCount : uint8_t {
  Event,   ///< 1
  Payload, ///< PayloadKind::Unary
  Bits,    ///< PayloadKind::Planes: bits that are set
};
SpikeCount spikeCountOf(image::PayloadKind Kind);
uint32_t spikesOf(SpikeCount Counts, int32_t Payload);
/// True when events of this kind are added, not multiplied.
bool accumulates(image::PayloadKind Kind);

/// The disjoint union of \p Ranges, ascending.
std::vector<IndexRange> unite(std::vector<IndexRange> Ranges);

/// What a block sends: one array of payloads per token step.
struct OutputPlan {
  uint32_t Block = 0;
  uint32_t Stream = 0;
  bool Reduced = false;
  bool Largest = false; ///< of a reduced one: the largest payload, no sum
  /// Spikes that a payload travels as are counted one by one.
  SpikeCount Counts = SpikeCount::Event;
  IndexRange Indices; ///< stream indices of the payloads
  uint64_t Place = 0; ///< of the payloads in a lane (Machine)
  bool NeedsEvents =
      false;              ///< some reader takes rows, or a part of the indices
  bool SentWhole = false; ///< every index is in the range of some flow
  std::vector<IndexRange> Sent; ///< disjoint, ascending: indices on some flow
};

struct FlowPlan {
  uint32_t Output = image::None; ///< None: the host
  uint32_t Stream = 0;
  uint32_t Core = image::None; ///< index of the source core, None: the host
  uint32_t Level = 0;          ///< of the source block; 0 for the host
  image::HostRole Role = image::HostRole::Token; ///< of a host flow
  /// Of a host flow with the role Events: index into Wiring::Givens.
  uint32_t Given = image::None;
  SpikeCount Counts = SpikeCount::Event; ///< of its events
  /// In which its events are sent, ascending: that of the source block; of the
  /// host, every one in which somebody reads them.
  std::vector<uint32_t> Sweeps;
  IndexRange Indices;
  std::vector<uint32_t> Links; ///< indices into Wiring::Links
  uint32_t FirstArrival = 0, NumArrivals = 0;
  uint32_t DeadEnds = 0;
  bool ReachesHost = false;
  /// Messages that leave the source core per event: destinations other than
  /// direct writes within the core; at most 1 where the target multicasts.
  uint32_t MessagesOut = 0;
  uint32_t MessageBits = 0; ///< header and payload
  Nanoseconds Latency;
};

/// A core that a flow reaches.
struct ArrivalPlan {
  uint32_t Flow = 0;
  uint32_t Core = image::None; ///< index; None: the image leaves it empty
  bool IsMessage = false;      ///< false: direct writes within the core
  /// Indices of the flow that no axon takes; they are dropped.
  std::vector<IndexRange> Gaps;
};

struct DeliveryPlan {
  uint32_t Axon = 0;
  uint32_t Flow = 0;
  uint32_t Arrival = 0;
  uint32_t Block = 0;   ///< that the sums go to
  IndexRange Indices;   ///< carried by the flow, taken by the axon, produced
  bool Rows = false;    ///< selects rows of Tile
  bool Window = false;  ///< a convolution by Tile
  bool Write = false;   ///< writes into dynamic tile Tile
  bool Largest = false; ///< direct: into a slot that keeps the largest
  uint32_t Delay = 0;   ///< token steps before, of what it takes
  /// Rows, Window: events are added, not multiplied.
  bool Adds = false;
  /// True when events meet weights, in one of those ways; what is neither that
  /// nor a Write adds the payload itself.
  bool weighs() const { return Rows || Window; }
  /// Rows of a dynamic tile: which of its memory's rows take part; else None.
  image::RowRule Limit = image::RowRule::None;
  uint32_t Sweep = 0; ///< in which it happens
  uint32_t Tile = image::None;
  /// Rows: what to add to an index to get the row (wraps around). Write: to get
  /// the row (Keys) or the column (Values). Direct: unused.
  uint32_t RowBias = 0;
  /// Rows whose rows stand in Image::axonRows(): where that of index 0 would
  /// (wraps around); RowBias is unused.
  bool HasTable = false;
  uint32_t TableBias = 0;
  /// Where column 0 (rows) or Indices.First (direct) lands in the block's
  /// slot memory.
  uint32_t Place = 0;
};

/// The part of a dynamic tile that is there.
struct DynamicShape {
  bool Keys = false;          ///< else values
  uint32_t FirstPosition = 0; ///< memory row of its column or row 0
  uint32_t Positions = 0;     ///< memory rows that it has room for
  uint32_t Bits = 8;          ///< of a stored value
  uint32_t Cols = 0;
  /// Columns that an event selects when \p Rows memory rows are there.
  uint32_t columns(uint32_t Rows) const {
    if (!Keys)
      return Cols;
    return Rows <= FirstPosition ? 0
                                 : std::min(Positions, Rows - FirstPosition);
  }
};

struct BlockPlan {
  uint32_t Core = 0; ///< index into Image::cores()
  uint32_t Population = 0, Program = 0, Level = 0;
  uint32_t FirstNeuron = 0, NumNeurons = 0;
  uint32_t FirstSlot = 0, NumSlots = 0;
  uint32_t FirstOutput = 0, NumOutputs = 0;
  uint32_t Sweep = 0;
  image::Held Holds = image::Held::No;
  image::RowRule Rows = image::RowRule::None;
  uint32_t FirstRow = 0;
  uint32_t ResetEvery = 0, ResetAt = 0;
  bool resets(uint64_t TokenStep) const {
    return ResetEvery != 0 && TokenStep % ResetEvery == ResetAt;
  }
  /// Deliveries that it fetches when it runs; none of a held block.
  uint32_t FirstDelivery = 0, NumDeliveries = 0;
  /// The first of them that have to do with dynamic tiles, writes before rows.
  uint32_t NumDynamic = 0;
  uint32_t SlotWords = 0;           ///< size of the slot memory
  uint64_t StatePlace = 0;          ///< of the first state
  const uint32_t *Params = nullptr; ///< words of either kind
  uint64_t Work = 0;                ///< estimate, in synaptic events
};

/// The work of \p D on tile \p T, in synaptic events, if every index had an
/// event.
uint64_t workOf(const DeliveryPlan &D, const class Wiring &Plan,
                const image::TileRecord &T);

/// Deliveries of one sweep for a block of a later one.
struct CapturePlan {
  uint32_t Block = 0;
  uint32_t FirstDelivery = 0, NumDeliveries = 0, NumDynamic = 0;
  uint64_t Work = 0; ///< estimate, in synaptic events
};

/// One pass over a sequence.
struct SweepPlan {
  uint32_t FirstLevel = 0, NumLevels = 0;
  std::vector<CapturePlan> Captures;
  // What happens in it, ascending.
  std::vector<uint32_t> Outputs, Flows, Arrivals, Deliveries;
  std::vector<uint32_t> RowBlocks; ///< blocks of which not all neurons may run
  std::vector<uint32_t> ResetBlocks; ///< blocks whose states return at times
  std::vector<uint32_t> Givens;      ///< streams of events that the host sends
};

/// A stream of the host with the role Events.
struct GivenPlan {
  uint32_t Stream = 0;
  SpikeCount Counts = SpikeCount::Event;
  std::vector<IndexRange> Sent; ///< disjoint, ascending: indices on some flow
};

struct LinkPlan {
  Link Where;
  bool Crossing = false;
};

/// Where a flow's events become outputs of the network.
struct HostPlan {
  uint32_t Flow = 0;
  uint32_t FirstLogit = 0; ///< of index 0 of the flow's stream
  uint32_t Sweep = 0;
};

/// The plan of one image on one chip. Refers to the image's memory.
class Wiring {
public:
  /// Fails with BadInput when the image names what the chip does not have, or
  /// a program is not sound.
  static Result<Wiring> build(const image::Image &Image, const ChipSpec &Spec);

  std::vector<ProgramRunner> Programs;
  std::vector<BlockPlan> Blocks;
  std::vector<uint32_t> SlotPlaces; ///< per slot: first word in slot memory
  std::vector<OutputPlan> Outputs;
  std::vector<FlowPlan> Flows;
  std::vector<ArrivalPlan> Arrivals;
  std::vector<DeliveryPlan> Deliveries;
  std::vector<LinkPlan> Links; ///< ascending
  std::vector<HostPlan> Hosts;
  /// Blocks of each level, in image order.
  std::vector<std::vector<uint32_t>> Levels;
  std::vector<SweepPlan> Sweeps;
  uint32_t Steps = 1;     ///< inner steps of a token
  uint32_t Positions = 0; ///< most tokens of a sequence; 0: no limit
  /// Per tile; of the dynamic ones.
  std::vector<DynamicShape> Dynamic;
  bool isDynamic(uint32_t Tile) const { return Dynamic[Tile].Positions != 0; }
  /// The chip stores no synapse where a weight is 0. What tokens write is
  /// stored whatever it is.
  bool SkipsZeroWeights = false;
  bool skipsZeros(const DeliveryPlan &D) const {
    return SkipsZeroWeights && D.weighs() && !isDynamic(D.Tile);
  }
  std::vector<WindowPlan> Windows; ///< per tile; empty of others
  /// Per connection, of a convolution with tiles: products of a token step in
  /// which every source has an event.
  std::vector<uint64_t> DenseProducts;
  std::vector<GivenPlan> Givens;
  uint32_t LongestDelay = 0;
  /// Token steps that may go through a level at once.
  uint32_t MostAtOnce = 0xffffffffu;
  uint32_t NumLogits = 0;
  uint64_t NumPayloads = 0; ///< words of a lane
  uint64_t NumStates = 0;   ///< words of all states
  /// Static facts of the system.
  uint32_t NumChips = 0;     ///< 1 + highest chip with a core in use
  uint32_t RoutersInUse = 0; ///< on the fullest chip

private:
  /// Puts deliveries in the order in which blocks fetch them and finds what
  /// happens in which sweep. Everything else is planned.
  Status planSweeps(const image::Image &Image);
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_WIRING_H
