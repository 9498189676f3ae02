//===- simulator/engine/BlockRunner.cpp - The blocks of a level -----------===//
//
// Runs the programs of blocks on what has arrived for them, lists the events
// that they send, and keeps what is for a later sweep.
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

void Machine::Impl::runBlock(uint32_t Block, uint32_t NumLanes, Worker &W) {
  const BlockPlan &B = Plan.Blocks[Block];
  if (B.Holds == image::Held::No) {
    fetch(B.FirstDelivery, B.NumDeliveries, B.NumDynamic, NumLanes, B.SlotWords,
          W);
  } else {
    W.Slots.resize(std::max(W.Slots.size(), size_t(B.SlotWords) * NumLanes));
    for (uint32_t K = 0; K < NumLanes; ++K)
      std::copy_n(
          Kept[Block].begin() +
              (B.Holds == image::Held::Each
                   ? static_cast<ptrdiff_t>(B.SlotWords * lane(K).Place.Index)
                   : 0),
          B.SlotWords, W.Slots.begin() + size_t(B.SlotWords) * K);
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
    Lane &L = lane(K);
    if (B.resets(L.Place.Index))
      resetStates(B);
    Memory.Running = L.Place.running(B.Rows, B.FirstRow, B.NumNeurons);
    Memory.Step = L.Place.Step;
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
      std::fill(W.Outputs[O] + Memory.Running, W.Outputs[O] + B.NumNeurons, 0);
    }
    Memory.Slots = W.Views;
    Memory.Outputs = W.Outputs;
    Plan.Programs[B.Program].run(Memory, W.Scratch, Options.Path);
    for (uint32_t O = 0; O < B.NumOutputs; ++O)
      finishOutput(B.FirstOutput + O, B.NumNeurons, Memory.Running,
                   W.Outputs[O], L);
  }
}

void Machine::Impl::capture(const CapturePlan &C, uint32_t NumLanes,
                            Worker &W) {
  const BlockPlan &B = Plan.Blocks[C.Block];
  fetch(C.FirstDelivery, C.NumDeliveries, C.NumDynamic, NumLanes, B.SlotWords,
        W);
  if (B.Holds == image::Held::No)
    return; // only writes
  for (uint32_t K = 0; K < NumLanes; ++K) {
    const uint64_t Index = lane(K).Place.Index;
    const bool Each = B.Holds == image::Held::Each;
    if (!Each && Index != LastStep)
      continue;
    int32_t *To = Kept[C.Block].data() + (Each ? B.SlotWords * Index : 0);
    const int32_t *From = W.Slots.data() + size_t(B.SlotWords) * K;
    for (uint32_t S = B.FirstSlot; S < B.FirstSlot + B.NumSlots; ++S) {
      const image::SlotRecord &Slot = Img.slots()[S];
      const uint32_t At = Plan.SlotPlaces[S];
      (Slot.Largest ? keepLargest : addPayloads)(To + At, From + At, Slot.Size);
    }
  }
}

void Machine::Impl::finishOutput(uint32_t Output, uint32_t NumNeurons,
                                 uint32_t Running, const int32_t *Emitted,
                                 Lane &L) {
  const OutputPlan &O = Plan.Outputs[Output];
  int32_t *Payloads = L.Payloads.data() + O.Place;
  if (O.Largest)
    *Payloads =
        Running == 0 ? 0 : *std::max_element(Emitted, Emitted + Running);
  else if (O.Reduced)
    *Payloads = sumOf(Emitted, NumNeurons);
  uint32_t Count = O.Indices.Last - O.Indices.First;
  if (O.Counts != SpikeCount::Event) {
    uint32_t Spikes = 0;
    for (uint32_t I = 0; I < Count; ++I)
      Spikes += spikesOf(O.Counts, Payloads[I]);
    L.Spikes[Output] = Spikes;
  }
  if (!O.NeedsEvents) {
    L.NonZero[Output] = countNonZero(Payloads, Count);
    if (O.Counts == SpikeCount::Event)
      L.Spikes[Output] = L.NonZero[Output];
    return;
  }
  Event *Events = L.Events.data() + O.Place;
  uint32_t Found = extractEvents(Payloads, Count, O.Indices.First, Events);
  L.NonZero[Output] = Found;
  if (O.Counts == SpikeCount::Event)
    L.Spikes[Output] = Found;
  L.Ranges[Output] = payloadRange({Events, Found});
}

void Machine::Impl::runShared(
    const SharePlan &S, uint32_t NumLanes,
    const std::function<void(uint32_t Job, Worker &W)> &Job) {
  auto part = [&](uint32_t W) {
    enter();
    for (uint32_t J = S.Bounds[W]; J < S.Bounds[W + 1]; ++J)
      Job(J, Workers[W]);
    leave();
  };
  fork();
  if (Options.Threads > 1 && S.Work * NumLanes >= Options.WorthThreads)
    Arena.execute([&] {
      tbb::parallel_for(0u, Options.Threads, part, tbb::static_partitioner());
    });
  else
    for (uint32_t W = 0; W < Options.Threads; ++W)
      part(W);
  join();
}

void Machine::Impl::runLevels(uint32_t Sweep, uint32_t NumLanes) {
  const SweepPlan &S = Plan.Sweeps[Sweep];
  for (uint32_t L = S.FirstLevel; L < S.FirstLevel + S.NumLevels; ++L)
    runShared(Levels[L], NumLanes, [&](uint32_t Job, Worker &W) {
      runBlock(Plan.Levels[L][Job], NumLanes, W);
    });
  if (!S.Captures.empty())
    runShared(Captures[Sweep], NumLanes, [&](uint32_t Job, Worker &W) {
      capture(S.Captures[Job], NumLanes, W);
    });
}

} // namespace synfire::sim
