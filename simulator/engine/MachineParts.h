//===- simulator/engine/MachineParts.h - Inside a machine -------*- C++ -*-===//
//
// Private to Machine.cpp, BlockRunner.cpp and Recording.cpp. Memory of one
// token in flight is a lane: the payloads of every output, the non-zero ones
// once more as a list of events, and their counts. Threads share nothing but
// lanes that an earlier level wrote.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_MACHINEPARTS_H
#define SYNFIRE_SIMULATOR_ENGINE_MACHINEPARTS_H

#include "simulator/engine/Machine.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <optional>

namespace synfire::sim {

/// Sums[i] += Payloads[i], wrapping in 32 bits.
void addPayloads(int32_t *Sums, const int32_t *Payloads, uint32_t Count);

/// Everything that one token step leaves for later levels.
struct Lane {
  std::vector<int32_t> Payloads;
  std::vector<Event> Events;
  std::vector<uint32_t> NonZero;    ///< per output: payloads that are events
  std::vector<PayloadRange> Ranges; ///< per output with an event list
  std::vector<uint32_t> Deliveries; ///< events, per delivery
  std::vector<uint64_t> Effective;  ///< non-zero weights met, per delivery
  /// Payloads behind the sums of reduced outputs; empty unless recorded.
  std::vector<int32_t> Summed;
  Event Token;
};

/// What a thread needs to run one block.
struct Worker {
  std::vector<int32_t> Slots; ///< [lane][word]
  std::vector<BlockMemory::Slot> Views;
  std::vector<int32_t *> Outputs;
  std::vector<int32_t> Reduced; ///< payloads of outputs that are summed
  ProgramRunner::Scratch Scratch;
};

struct Machine::Impl {
  image::Image Img; ///< keeps the mapping alive
  Wiring Plan;
  MachineOptions Options;
  std::vector<float> States;
  std::vector<Lane> Lanes;
  std::vector<Worker> Workers;
  /// Per tile and row: weights that are not 0. Filled when first needed, by the
  /// thread that runs the tile's block.
  std::vector<std::vector<uint32_t>> RowWeights;
  struct LevelPlan {
    std::vector<uint32_t> Bounds; ///< blocks of worker w: [w], [w + 1]
    uint64_t Work = 0;            ///< per token
  };
  std::vector<LevelPlan> Levels;
  std::vector<uint32_t> SpikeWidths; ///< per stream
  std::vector<std::vector<uint32_t>> OutputsOfStream;
  std::vector<uint64_t> SummedPlaces; ///< per output, within Lane::Summed
  bool Streaming = false;
  uint32_t TokenLimit = 0;
  // More threads than processors are allowed, if asked for.
  std::optional<tbb::global_control> Allowed;
  tbb::task_arena Arena;
  ActivityTotals Totals;
  // Scratch of account() and of the sinks.
  std::vector<uint32_t> Sent, FlowEvents, Drops;
  std::vector<uint8_t> OnlyUnit;
  std::vector<uint64_t> Effective;
  std::vector<int32_t> Spikes, LogitSums;

  Impl(const image::Image &Image, Wiring W, const MachineOptions &O);
  void planLevels();
  void planStreams();
  void reset();
  /// The events of a flow's source with indices in \p R.
  std::span<const Event> eventsIn(const Lane &L, uint32_t Output,
                                  IndexRange R) const;
  uint32_t countIn(const Lane &L, uint32_t Output, IndexRange R) const;
  const std::vector<uint32_t> &rowWeights(uint32_t Tile,
                                          const std::byte *Weights);
  void addRows(const DeliveryPlan &D, uint32_t Index, uint32_t NumLanes,
               Worker &W, uint32_t SlotWords);
  void addDirect(const DeliveryPlan &D, uint32_t Index, uint32_t NumLanes,
                 Worker &W, uint32_t SlotWords);
  void runBlock(uint32_t Block, uint32_t NumLanes, Worker &W);
  void finishOutput(uint32_t Output, uint32_t NumNeurons,
                    const int32_t *Emitted, Lane &L);
  void runLevels(uint32_t NumLanes);
  /// Adds the counts of one lane to the totals and hands them to the sink.
  void account(const Lane &L, const ActivitySink &Sink);
  void accountOperations(const Lane &L);
  void gatherLogits(const Lane &L, std::span<float> Logits);
  void gatherSpikes(const Lane &L, const SpikeSink &Sink);
  void gatherOutputs(const Lane &L, const OutputSink &Sink) const;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_MACHINEPARTS_H
