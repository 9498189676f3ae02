//===- simulator/engine/BlockRunner.cpp - The blocks of a level -----------===//
//
// Fetches what routes and axons bring to a block's slots, runs its program, and
// lists the events it sends.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/MachineParts.h"

#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>

#include <algorithm>
#include <atomic>

namespace synfire::sim {
namespace {

using image::None;

// TBB's library is not instrumented, so the thread sanitizer cannot see that
// parallel_for orders the parts of a level after what comes before it and
// before what follows. Said once more with atomics of our own, in that build
// alone, only races within a level remain. Two, so that one part finished
// before another starts is not ordered before it.
#ifdef __SANITIZE_THREAD__
std::atomic<unsigned> Forks, Joins;
void fork() { Forks.fetch_add(1, std::memory_order_release); }
void enter() { Forks.load(std::memory_order_acquire); }
void leave() { Joins.fetch_add(1, std::memory_order_release); }
void join() { Joins.load(std::memory_order_acquire); }
#else
void fork() {}
void enter() {}
void leave() {}
void join() {}
#endif

uint32_t countNonZero(const int32_t *Payloads, uint32_t Count) {
  uint32_t Sum = 0;
  for (uint32_t I = 0; I < Count; ++I)
    Sum += Payloads[I] != 0;
  return Sum;
}

/// Writes the non-zero payloads to \p Events, which has room for all.
uint32_t extractEvents(const int32_t *Payloads, uint32_t Count, uint32_t First,
                       Event *Events) {
  uint32_t Found = 0;
  for (uint32_t I = 0; I < Count; ++I) {
    Events[Found] = {First + I, Payloads[I]};
    Found += Payloads[I] != 0;
  }
  return Found;
}

int32_t sumOf(const int32_t *Payloads, uint32_t Count) {
  uint32_t Sum = 0;
  for (uint32_t I = 0; I < Count; ++I)
    Sum += static_cast<uint32_t>(Payloads[I]);
  return static_cast<int32_t>(Sum);
}

} // namespace

void addPayloads(int32_t *__restrict Sums, const int32_t *__restrict Payloads,
                 uint32_t Count) {
  for (uint32_t I = 0; I < Count; ++I)
    Sums[I] = static_cast<int32_t>(static_cast<uint32_t>(Sums[I]) +
                                   static_cast<uint32_t>(Payloads[I]));
}

std::span<const Event> Machine::Impl::eventsIn(const Lane &L, uint32_t Output,
                                               IndexRange R) const {
  if (Output == None) {
    bool Inside = L.Token.Index >= R.First && L.Token.Index < R.Last;
    return {&L.Token, Inside ? 1u : 0u};
  }
  const OutputPlan &O = Plan.Outputs[Output];
  std::span<const Event> All(L.Events.data() + O.Place, L.NonZero[Output]);
  auto at = [&](uint32_t Index) {
    return std::ranges::lower_bound(All, Index, {}, &Event::Index);
  };
  auto First = R.First <= O.Indices.First ? All.begin() : at(R.First);
  auto Last = R.Last >= O.Indices.Last ? All.end() : at(R.Last);
  return {First, Last};
}

uint32_t Machine::Impl::countIn(const Lane &L, uint32_t Output,
                                IndexRange R) const {
  if (Output != None && R.First <= Plan.Outputs[Output].Indices.First &&
      R.Last >= Plan.Outputs[Output].Indices.Last)
    return L.NonZero[Output];
  return static_cast<uint32_t>(eventsIn(L, Output, R).size());
}

const std::vector<uint32_t> &
Machine::Impl::rowWeights(uint32_t Tile, const std::byte *Weights) {
  std::vector<uint32_t> &Counts = RowWeights[Tile];
  if (!Counts.empty())
    return Counts;
  const image::TileRecord &T = Img.tiles()[Tile];
  Counts.resize(T.Rows);
  for (uint32_t R = 0; R < T.Rows; ++R) {
    auto *Row =
        reinterpret_cast<const uint8_t *>(Weights) + size_t(T.RowStride) * R;
    uint32_t Count = 0;
    if (T.Format == image::WeightFormat::Bit1)
      for (uint32_t J = 0; J < T.Cols; ++J)
        Count += (Row[J / 8] >> (J % 8)) & 1u;
    else
      for (uint32_t J = 0; J < T.Cols; ++J)
        Count += Row[J] != 0;
    Counts[R] = Count;
  }
  return Counts;
}

void Machine::Impl::addRows(const DeliveryPlan &D, uint32_t Index,
                            uint32_t NumLanes, Worker &W, uint32_t SlotWords) {
  const image::TileRecord &T = Img.tiles()[D.Tile];
  const image::CoreRecord &Core = Img.cores()[Plan.Blocks[D.Block].Core];
  const std::byte *Weights =
      Img.coreMemory().data() + Core.MemoryOffset + T.WeightOffset;
  const std::vector<uint32_t> &Counts = rowWeights(D.Tile, Weights);
  const uint32_t Output = Plan.Flows[D.Flow].Output;
  for (uint32_t K = 0; K < NumLanes; ++K) {
    Lane &L = Lanes[K];
    std::span<const Event> Events = eventsIn(L, Output, D.Indices);
    int32_t *Sums = W.Slots.data() + size_t(SlotWords) * K + D.Place;
    if (T.Format == image::WeightFormat::Bit1)
      accumulate(BitRows{Weights, T.RowStride, T.Cols}, Events, D.RowBias,
                 Sums);
    else
      // After the first token of a batch the tile is in the cache.
      accumulate(ByteRows{Weights, T.RowStride, T.Cols, Streaming && K == 0},
                 Events, D.RowBias,
                 Output == None ? PayloadRange::One : L.Ranges[Output], Sums,
                 Options.Path);
    uint64_t Effective = 0;
    for (const Event &E : Events)
      Effective += Counts[E.Index + D.RowBias];
    L.Effective[Index] = Effective;
    L.Deliveries[Index] = static_cast<uint32_t>(Events.size());
  }
}

void Machine::Impl::addDirect(const DeliveryPlan &D, uint32_t Index,
                              uint32_t NumLanes, Worker &W,
                              uint32_t SlotWords) {
  const uint32_t Output = Plan.Flows[D.Flow].Output;
  for (uint32_t K = 0; K < NumLanes; ++K) {
    Lane &L = Lanes[K];
    int32_t *Sums = W.Slots.data() + size_t(SlotWords) * K + D.Place;
    L.Deliveries[Index] = countIn(L, Output, D.Indices);
    if (Output == None) {
      for (const Event &E : eventsIn(L, Output, D.Indices))
        ++Sums[E.Index - D.Indices.First];
      continue;
    }
    const OutputPlan &O = Plan.Outputs[Output];
    addPayloads(
        Sums, L.Payloads.data() + O.Place + (D.Indices.First - O.Indices.First),
        D.Indices.Last - D.Indices.First);
  }
}

void Machine::Impl::runBlock(uint32_t Block, uint32_t NumLanes, Worker &W) {
  const BlockPlan &B = Plan.Blocks[Block];
  W.Slots.assign(size_t(B.SlotWords) * NumLanes, 0);
  for (uint32_t I = 0; I < B.NumDeliveries; ++I) {
    uint32_t Index = B.FirstDelivery + I;
    const DeliveryPlan &D = Plan.Deliveries[Index];
    D.Rows ? addRows(D, Index, NumLanes, W, B.SlotWords)
           : addDirect(D, Index, NumLanes, W, B.SlotWords);
  }
  W.Views.resize(B.NumSlots);
  W.Outputs.resize(B.NumOutputs);
  W.Reduced.resize(
      std::max<size_t>(W.Reduced.size(), size_t(B.NumOutputs) * B.NumNeurons));
  BlockMemory Memory;
  Memory.NumNeurons = B.NumNeurons;
  Memory.Params = B.Params;
  Memory.States = States.data() + B.StatePlace;
  for (uint32_t K = 0; K < NumLanes; ++K) {
    Lane &L = Lanes[K];
    for (uint32_t S = 0; S < B.NumSlots; ++S)
      W.Views[S] = {W.Slots.data() + size_t(B.SlotWords) * K +
                        Plan.SlotPlaces[B.FirstSlot + S],
                    Img.slots()[B.FirstSlot + S].Uniform != 0};
    for (uint32_t O = 0; O < B.NumOutputs; ++O) {
      const OutputPlan &Out = Plan.Outputs[B.FirstOutput + O];
      int32_t *Sum = Options.RecordSpikes
                         ? L.Summed.data() + SummedPlaces[B.FirstOutput + O]
                         : W.Reduced.data() + size_t(O) * B.NumNeurons;
      // An output that the program never emits sends nothing.
      if (Out.Reduced)
        std::fill_n(Sum, B.NumNeurons, 0);
      W.Outputs[O] = Out.Reduced ? Sum : L.Payloads.data() + Out.Place;
    }
    Memory.Slots = W.Views;
    Memory.Outputs = W.Outputs;
    Plan.Programs[B.Program].run(Memory, W.Scratch, Options.Path);
    for (uint32_t O = 0; O < B.NumOutputs; ++O)
      finishOutput(B.FirstOutput + O, B.NumNeurons, W.Outputs[O], L);
  }
}

void Machine::Impl::finishOutput(uint32_t Output, uint32_t NumNeurons,
                                 const int32_t *Emitted, Lane &L) {
  const OutputPlan &O = Plan.Outputs[Output];
  int32_t *Payloads = L.Payloads.data() + O.Place;
  if (O.Reduced)
    *Payloads = sumOf(Emitted, NumNeurons);
  uint32_t Count = O.Indices.Last - O.Indices.First;
  if (!O.NeedsEvents) {
    L.NonZero[Output] = countNonZero(Payloads, Count);
    return;
  }
  Event *Events = L.Events.data() + O.Place;
  uint32_t Found = extractEvents(Payloads, Count, O.Indices.First, Events);
  L.NonZero[Output] = Found;
  L.Ranges[Output] = payloadRange({Events, Found});
}

void Machine::Impl::runLevels(uint32_t NumLanes) {
  for (size_t I = 0; I < Levels.size(); ++I) {
    const std::vector<uint32_t> &Blocks = Plan.Levels[I];
    const LevelPlan &L = Levels[I];
    auto part = [&](uint32_t W) {
      enter();
      for (uint32_t B = L.Bounds[W]; B < L.Bounds[W + 1]; ++B)
        runBlock(Blocks[B], NumLanes, Workers[W]);
      leave();
    };
    fork();
    if (Options.Threads > 1 && L.Work * NumLanes >= Options.WorthThreads)
      Arena.execute([&] {
        tbb::parallel_for(0u, Options.Threads, part, tbb::static_partitioner());
      });
    else
      for (uint32_t W = 0; W < Options.Threads; ++W)
        part(W);
    join();
  }
}

} // namespace synfire::sim
