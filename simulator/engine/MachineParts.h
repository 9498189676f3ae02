//===- simulator/engine/MachineParts.h - Inside a machine -------*- C++ -*-===//
//
// Private to Machine.cpp, Fetch.cpp, FetchWindow.cpp, HostEvents.cpp,
// BlockRunner.cpp and Recording.cpp. Memory
// of one token in flight is a lane: the payloads of every output, the non-zero
// ones once more as a list of events, and their counts. Threads share nothing
// but lanes that an earlier level wrote.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_MACHINEPARTS_H
#define SYNFIRE_SIMULATOR_ENGINE_MACHINEPARTS_H

#include "simulator/engine/Machine.h"
#include "simulator/engine/RowWeights.h"
#include "simulator/engine/WindowKernels.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <optional>

namespace synfire::sim {

/// Sums[i] += Payloads[i], wrapping in 32 bits.
void addPayloads(int32_t *Sums, const int32_t *Payloads, uint32_t Count);

/// Slots[i] = max(Slots[i], Payloads[i]).
void keepLargest(int32_t *Slots, const int32_t *Payloads, uint32_t Count);

/// Everything that one token step leaves for later levels.
struct Lane {
  std::vector<int32_t> Payloads;
  std::vector<Event> Events;
  std::vector<uint32_t> NonZero;    ///< per output: payloads that are events
  std::vector<uint32_t> Spikes;     ///< per output: what they count as
  std::vector<PayloadRange> Ranges; ///< per output with an event list
  std::vector<uint32_t> Deliveries; ///< spikes, per delivery
  std::vector<uint64_t> Effective;  ///< non-zero weights met, per delivery
  std::vector<MetCounts> Met; ///< per delivery, when there are convolutions
  /// What the host sends, per Wiring::Givens.
  std::vector<std::vector<Event>> Given;
  std::vector<PayloadRange> GivenRanges;
  /// Payloads behind the sums of reduced outputs; empty unless recorded.
  std::vector<int32_t> Summed;
  /// What else the host sends, by HostRole.
  std::array<Event, 3> Host;
  StepPlace Place;
};

/// What tokens wrote into one dynamic tile.
struct DynamicTile {
  uint32_t Rows = 0, Stride = 0;
  std::vector<int8_t> Values;    ///< [plane][row][column]
  std::vector<uint32_t> NonZero; ///< [plane][row]
};

/// What a thread needs to run one block.
struct Worker {
  std::vector<int32_t> Slots; ///< [lane][word]
  std::vector<BlockMemory::Slot> Views;
  std::vector<int32_t *> Outputs;
  std::vector<int32_t> Reduced; ///< payloads of outputs that are summed
  std::vector<int8_t> Bytes;    ///< rows of a tile, widened
  std::vector<uint8_t> Widened; ///< per row: whether it is
  std::vector<Event> Found;     ///< events with their rows, from a table
  ProgramRunner::Scratch Scratch;
};

struct Machine::Impl {
  image::Image Img; ///< keeps the mapping alive
  Wiring Plan;
  MachineOptions Options;
  std::vector<uint32_t> States; ///< words of either kind
  /// Those of the token steps that go through the levels, and before them those
  /// that delays still need: a ring, if there are delays.
  std::vector<Lane> Lanes;
  size_t FirstLane = 0; ///< of the token steps at hand
  WindowKernels Kernels;
  std::vector<Worker> Workers;
  /// Filled by the thread that runs the tile's block.
  RowWeights NonZero;
  /// Jobs of one kind that may run side by side.
  struct SharePlan {
    std::vector<uint32_t> Bounds; ///< jobs of worker w: [w], [w + 1]
    uint64_t Work = 0;            ///< per token
  };
  std::vector<SharePlan> Levels;    ///< the blocks of each level
  std::vector<SharePlan> Captures;  ///< those of each sweep
  std::vector<DynamicTile> Dynamic; ///< per tile
  /// Per block, if held: its slot memory [token step][word], or [word].
  std::vector<std::vector<int32_t>> Kept;
  // Of the sequence so far.
  uint64_t Position = 0; ///< tokens
  uint32_t RowsSeen = 0;
  uint64_t LastStep = 0; ///< of the sequence as given, when it has sweeps
  std::vector<uint32_t> SpikeWidths, SweepOfStream; ///< per stream
  std::vector<std::vector<uint32_t>> OutputsOfStream;
  std::vector<uint64_t> SummedPlaces; ///< per output, within Lane::Summed
  bool Streaming = false;
  bool ReadsTokens = false;
  uint32_t TokenLimit = 0, TypeLimit = 0;
  // More threads than processors are allowed, if asked for.
  std::optional<tbb::global_control> Allowed;
  tbb::task_arena Arena;
  ActivityTotals Totals;
  // Scratch of account() and of the sinks.
  std::vector<uint32_t> Sent, FlowEvents, Drops, GivenSpikes;
  std::vector<uint8_t> OnlyUnit;
  std::vector<uint64_t> Effective;
  std::vector<int32_t> Spikes, LogitSums;

  Impl(const image::Image &Image, Wiring W, const MachineOptions &O);
  SharePlan share(std::span<const uint64_t> Work) const;
  void planLevels();
  void planStreams();
  void reset();
  /// Token step \p K of those at hand.
  Lane &lane(uint32_t K) { return Lanes[laneAt(K)]; }
  const Lane &lane(uint32_t K) const { return Lanes[laneAt(K)]; }
  size_t laneAt(uint32_t K) const {
    const size_t At = FirstLane + K;
    return At < Lanes.size() ? At : At - Lanes.size();
  }
  /// What delivery \p D takes for the token step of lane \p K: that of a token
  /// step before when it has a delay; null at the begin of a sequence.
  const Lane *senderOf(const DeliveryPlan &D, uint32_t K) const {
    if (D.Delay == 0)
      return &lane(K);
    if (lane(K).Place.Index < D.Delay)
      return nullptr;
    const size_t At = laneAt(K) + Lanes.size() - D.Delay;
    return &Lanes[At < Lanes.size() ? At : At - Lanes.size()];
  }
  void beginSequence();
  void resetStates(const BlockPlan &B);
  Status check(const SequenceInput &Input) const;
  // HostEvents.cpp
  Status checkEvents(const SequenceInput &Input) const;
  void setEvents(Lane &L, const SequenceInput &Input, uint64_t Token) const;
  void beginSweep(uint32_t Sweep, uint64_t TokenSteps);
  void setLane(Lane &L, const SequenceInput &Input, uint64_t TokenStep) const;

  // Fetch.cpp
  /// The events of flow \p F with indices in \p R.
  std::span<const Event> eventsIn(const Lane &L, const FlowPlan &F,
                                  IndexRange R) const;
  /// The range of the payloads of flow \p F.
  PayloadRange rangeOf(const Lane &L, const FlowPlan &F) const;
  /// Spikes of \p Output, and of flow \p F, with indices in \p R.
  uint32_t countIn(const Lane &L, uint32_t Output, IndexRange R) const;
  uint32_t countIn(const Lane &L, const FlowPlan &F, IndexRange R) const;
  /// Adds \p Count deliveries from \p First on, the first \p NumDynamic of
  /// which have to do with dynamic tiles, to the cleared slots of \p W.
  void fetch(uint32_t First, uint32_t Count, uint32_t NumDynamic,
             uint32_t NumLanes, uint32_t SlotWords, Worker &W);
  void addRows(const DeliveryPlan &D, uint32_t Index, uint32_t NumLanes,
               Worker &W, uint32_t SlotWords);
  void addWindow(const DeliveryPlan &D, uint32_t Index, uint32_t NumLanes,
                 Worker &W, uint32_t SlotWords);
  void addDirect(const DeliveryPlan &D, uint32_t Index, uint32_t NumLanes,
                 Worker &W, uint32_t SlotWords);
  void writeDynamic(const DeliveryPlan &D, uint32_t Index, Lane &L);
  void addDynamicRows(const DeliveryPlan &D, uint32_t Index, Lane &L,
                      int32_t *Slots);
  ByteRows widen(const DeliveryPlan &D, const std::byte *Weights,
                 uint32_t NumLanes, Worker &W) const;
  std::span<const Event> lookUp(const DeliveryPlan &D,
                                std::span<const Event> Events,
                                std::vector<Event> &Found) const;

  // BlockRunner.cpp
  void runBlock(uint32_t Block, uint32_t NumLanes, Worker &W);
  void capture(const CapturePlan &C, uint32_t NumLanes, Worker &W);
  void finishOutput(uint32_t Output, uint32_t NumNeurons, uint32_t Running,
                    const int32_t *Emitted, Lane &L);
  /// Calls \p Job for each of the jobs of \p S.
  void runShared(const SharePlan &S, uint32_t NumLanes,
                 const std::function<void(uint32_t Job, Worker &W)> &Job);
  void runLevels(uint32_t Sweep, uint32_t NumLanes);

  // Recording.cpp
  /// Adds the counts of one lane to the totals and hands them to the sink.
  void account(uint32_t K, const ActivitySink &Sink);
  void accountOperations(uint32_t K);
  void gatherLogits(const Lane &L, std::span<float> Logits);
  void gatherSpikes(const Lane &L, const SpikeSink &Sink);
  void gatherOutputs(const Lane &L, const OutputSink &Sink) const;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_MACHINEPARTS_H
