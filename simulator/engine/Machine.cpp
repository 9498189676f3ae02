//===- simulator/engine/Machine.cpp - Running an image --------------------===//
//
// Memory of one token in flight is a lane: the payloads of every output, the
// non-zero ones once more as a list of events, and their counts. Threads share
// nothing but lanes that an earlier level wrote.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/Machine.h"

#include <fmt/core.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <new>
#include <optional>

namespace synfire::sim {
namespace {

using image::None;

/// Weights beyond this many bytes are not expected in a second-level cache.
constexpr uint64_t CachedWeights = 384 << 10;
/// Payloads and events of all lanes together, at most, in bytes.
constexpr uint64_t LaneBudget = 256 << 20;

void addPayloads(int32_t *__restrict Sums, const int32_t *__restrict Payloads,
                 uint32_t Count) {
  for (uint32_t I = 0; I < Count; ++I)
    Sums[I] = static_cast<int32_t>(static_cast<uint32_t>(Sums[I]) +
                                   static_cast<uint32_t>(Payloads[I]));
}

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

} // namespace

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

  Impl(const image::Image &Image, Wiring W, const MachineOptions &O)
      : Img(Image), Plan(std::move(W)), Options(O),
        Arena(static_cast<int>(std::max(1u, O.Threads))) {
    Options.Threads = std::max(1u, O.Threads);
    if (Options.Threads > 1)
      Allowed.emplace(tbb::global_control::max_allowed_parallelism,
                      Options.Threads);
    uint64_t LaneBytes = Plan.NumPayloads * (sizeof(int32_t) + sizeof(Event)) +
                         Plan.Deliveries.size() * 12 + 1;
    uint64_t Fits = std::max<uint64_t>(1, LaneBudget / LaneBytes);
    Options.Batch =
        static_cast<uint32_t>(std::clamp<uint64_t>(O.Batch, 1, Fits));
    Lanes.resize(Options.Batch);
    for (Lane &L : Lanes) {
      L.Payloads.resize(Plan.NumPayloads);
      L.Events.resize(Plan.NumPayloads);
      L.NonZero.resize(Plan.Outputs.size());
      L.Ranges.resize(Plan.Outputs.size());
      L.Deliveries.resize(Plan.Deliveries.size());
      L.Effective.resize(Plan.Deliveries.size());
    }
    Workers.resize(Options.Threads);
    RowWeights.resize(Img.tiles().size());
    States.resize(Plan.NumStates);
    uint64_t Weights = 0;
    for (const image::TileRecord &T : Img.tiles())
      Weights += uint64_t(T.Rows) * T.RowStride;
    Streaming = Weights > CachedWeights;
    planLevels();
    planStreams();
    reset();
  }

  void planLevels() {
    for (const std::vector<uint32_t> &Blocks : Plan.Levels) {
      LevelPlan L;
      for (uint32_t B : Blocks)
        L.Work += Plan.Blocks[B].Work;
      // Contiguous parts of about equal work.
      L.Bounds.push_back(0);
      uint64_t Done = 0;
      uint32_t Next = 0;
      for (uint32_t W = 1; W < Options.Threads; ++W) {
        uint64_t Goal = L.Work / Options.Threads * W;
        while (Next < Blocks.size() &&
               Done + Plan.Blocks[Blocks[Next]].Work / 2 < Goal)
          Done += Plan.Blocks[Blocks[Next++]].Work;
        L.Bounds.push_back(Next);
      }
      L.Bounds.push_back(static_cast<uint32_t>(Blocks.size()));
      Levels.push_back(std::move(L));
    }
  }

  void planStreams() {
    SpikeWidths.resize(Img.streams().size());
    OutputsOfStream.resize(Img.streams().size());
    std::vector<bool> Whole(Img.streams().size());
    for (const OutputPlan &O : Plan.Outputs)
      Whole[O.Stream] = Whole[O.Stream] || !O.Reduced;
    for (uint32_t I = 0; I < Plan.Outputs.size(); ++I) {
      const OutputPlan &O = Plan.Outputs[I];
      if (O.Reduced && Whole[O.Stream])
        continue;
      const BlockPlan &B = Plan.Blocks[O.Block];
      OutputsOfStream[O.Stream].push_back(I);
      SpikeWidths[O.Stream] =
          std::max(SpikeWidths[O.Stream], B.FirstNeuron + B.NumNeurons);
    }
    TokenLimit = None;
    for (const FlowPlan &F : Plan.Flows)
      if (F.Output == None)
        TokenLimit = std::min(TokenLimit, Img.streams()[F.Stream].NumNeurons);
    if (TokenLimit == None)
      TokenLimit = 0;
    if (!Options.RecordSpikes)
      return;
    uint64_t Summed = 0;
    for (const OutputPlan &O : Plan.Outputs) {
      SummedPlaces.push_back(Summed);
      Summed += O.Reduced ? Plan.Blocks[O.Block].NumNeurons : 0;
    }
    for (Lane &L : Lanes)
      L.Summed.resize(Summed);
  }

  void reset() {
    for (const BlockPlan &B : Plan.Blocks) {
      const image::ProgramRecord &P = Img.programs()[B.Program];
      for (uint32_t S = 0; S < P.NumStates; ++S)
        std::fill_n(States.begin() + B.StatePlace + uint64_t(S) * B.NumNeurons,
                    B.NumNeurons, Img.stateInit()[P.FirstStateInit + S]);
    }
    Totals = {};
    Totals.Outputs.resize(Plan.Outputs.size());
    Totals.Emitted.resize(Plan.Outputs.size());
    Totals.Flows.resize(Plan.Flows.size());
    Totals.Drops.resize(Plan.Arrivals.size());
    Totals.Deliveries.resize(Plan.Deliveries.size());
    Totals.EffectiveAccumulates.resize(Img.connections().size());
    Totals.EffectiveMultiplies.resize(Img.connections().size());
  }

  /// The events of a flow's source with indices in \p R.
  std::span<const Event> eventsIn(const Lane &L, uint32_t Output,
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

  uint32_t countIn(const Lane &L, uint32_t Output, IndexRange R) const {
    if (Output != None && R.First <= Plan.Outputs[Output].Indices.First &&
        R.Last >= Plan.Outputs[Output].Indices.Last)
      return L.NonZero[Output];
    return static_cast<uint32_t>(eventsIn(L, Output, R).size());
  }

  const std::vector<uint32_t> &rowWeights(uint32_t Tile,
                                          const std::byte *Weights) {
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

  void addRows(const DeliveryPlan &D, uint32_t Index, uint32_t NumLanes,
               Worker &W, uint32_t SlotWords) {
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

  void addDirect(const DeliveryPlan &D, uint32_t Index, uint32_t NumLanes,
                 Worker &W, uint32_t SlotWords) {
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
      addPayloads(Sums,
                  L.Payloads.data() + O.Place +
                      (D.Indices.First - O.Indices.First),
                  D.Indices.Last - D.Indices.First);
    }
  }

  void runBlock(uint32_t Block, uint32_t NumLanes, Worker &W) {
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
    W.Reduced.resize(std::max<size_t>(W.Reduced.size(),
                                      size_t(B.NumOutputs) * B.NumNeurons));
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

  void finishOutput(uint32_t Output, uint32_t NumNeurons,
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

  void runLevels(uint32_t NumLanes) {
    for (size_t I = 0; I < Levels.size(); ++I) {
      const std::vector<uint32_t> &Blocks = Plan.Levels[I];
      const LevelPlan &L = Levels[I];
      auto part = [&](uint32_t W) {
        for (uint32_t B = L.Bounds[W]; B < L.Bounds[W + 1]; ++B)
          runBlock(Blocks[B], NumLanes, Workers[W]);
      };
      if (Options.Threads > 1 && L.Work * NumLanes >= Options.WorthThreads)
        Arena.execute([&] {
          tbb::parallel_for(0u, Options.Threads, part,
                            tbb::static_partitioner());
        });
      else
        for (uint32_t W = 0; W < Options.Threads; ++W)
          part(W);
    }
  }

  /// Adds the counts of one lane to the totals and hands them to the sink.
  void account(const Lane &L, const ActivitySink &Sink) {
    ++Totals.TokenSteps;
    Sent.resize(Plan.Outputs.size());
    for (uint32_t O = 0; O < Sent.size(); ++O) {
      const OutputPlan &Out = Plan.Outputs[O];
      Sent[O] = Out.SentWhole ? L.NonZero[O] : 0;
      if (!Out.SentWhole)
        for (IndexRange R : Out.Sent)
          Sent[O] += countIn(L, O, R);
      Totals.Outputs[O] += Sent[O];
      Totals.Emitted[O] += L.NonZero[O];
    }
    FlowEvents.resize(Plan.Flows.size());
    for (uint32_t F = 0; F < FlowEvents.size(); ++F) {
      FlowEvents[F] = countIn(L, Plan.Flows[F].Output, Plan.Flows[F].Indices);
      Totals.Flows[F] += FlowEvents[F];
    }
    Drops.resize(Plan.Arrivals.size());
    for (uint32_t A = 0; A < Drops.size(); ++A) {
      const ArrivalPlan &P = Plan.Arrivals[A];
      Drops[A] = 0;
      for (IndexRange Gap : P.Gaps)
        Drops[A] += countIn(L, Plan.Flows[P.Flow].Output, Gap);
      Totals.Drops[A] += Drops[A];
    }
    accountOperations(L);
    if (Sink)
      Sink({Sent, FlowEvents, Drops, L.Deliveries});
  }

  void accountOperations(const Lane &L) {
    OnlyUnit.assign(Img.connections().size(), 1);
    Effective.assign(Img.connections().size(), 0);
    for (uint32_t I = 0; I < Plan.Deliveries.size(); ++I) {
      const DeliveryPlan &D = Plan.Deliveries[I];
      Totals.Deliveries[I] += L.Deliveries[I];
      if (!D.Rows)
        continue;
      uint32_t Connection = Img.tiles()[D.Tile].Connection;
      Effective[Connection] += L.Effective[I];
      uint32_t Output = Plan.Flows[D.Flow].Output;
      if (Output != None && L.Deliveries[I] != 0 &&
          L.Ranges[Output] > PayloadRange::Unit)
        OnlyUnit[Connection] = 0;
    }
    for (uint32_t C = 0; C < Effective.size(); ++C)
      (OnlyUnit[C] ? Totals.EffectiveAccumulates
                   : Totals.EffectiveMultiplies)[C] += Effective[C];
  }

  void gatherLogits(const Lane &L, std::span<float> Logits) {
    LogitSums.assign(Plan.NumLogits, 0);
    for (const HostPlan &H : Plan.Hosts) {
      const FlowPlan &F = Plan.Flows[H.Flow];
      if (F.Indices.empty())
        continue;
      const OutputPlan &O = Plan.Outputs[F.Output];
      addPayloads(LogitSums.data() + H.FirstLogit + F.Indices.First,
                  L.Payloads.data() + O.Place +
                      (F.Indices.First - O.Indices.First),
                  F.Indices.Last - F.Indices.First);
    }
    for (uint32_t I = 0; I < Plan.NumLogits; ++I)
      Logits[I] = static_cast<float>(LogitSums[I]) * Img.hostScales()[I];
  }

  void gatherSpikes(const Lane &L, const SpikeSink &Sink) {
    for (uint32_t S = 0; S < OutputsOfStream.size(); ++S) {
      if (SpikeWidths[S] == 0)
        continue;
      Spikes.assign(SpikeWidths[S], 0);
      for (uint32_t Output : OutputsOfStream[S]) {
        const OutputPlan &O = Plan.Outputs[Output];
        const BlockPlan &B = Plan.Blocks[O.Block];
        const int32_t *Payloads = O.Reduced
                                      ? L.Summed.data() + SummedPlaces[Output]
                                      : L.Payloads.data() + O.Place;
        std::copy_n(Payloads, B.NumNeurons, Spikes.begin() + B.FirstNeuron);
      }
      Sink(S, Spikes);
    }
  }
};

Machine::Machine(std::unique_ptr<Impl> I) : Held(std::move(I)) {}
Machine::Machine(Machine &&) noexcept = default;
Machine &Machine::operator=(Machine &&) noexcept = default;
Machine::~Machine() = default;

Result<Machine> Machine::create(const image::Image &Image, const ChipSpec &Spec,
                                const MachineOptions &Options) {
  Result<Wiring> Plan = Wiring::build(Image, Spec);
  if (!Plan)
    return Plan.errors();
  try {
    return Machine(std::make_unique<Impl>(Image, std::move(*Plan), Options));
  } catch (const std::bad_alloc &) {
    return Error{"", "out-of-memory",
                 "the machine has too little memory for the network's states "
                 "and payloads",
                 ErrorKind::RunFailed};
  }
}

const Wiring &Machine::wiring() const { return Held->Plan; }
uint32_t Machine::numLogits() const { return Held->Plan.NumLogits; }
uint32_t Machine::numTokens() const { return Held->TokenLimit; }
uint32_t Machine::spikeWidth(uint32_t Stream) const {
  return Held->SpikeWidths[Stream];
}
const ActivityTotals &Machine::totals() const { return Held->Totals; }
void Machine::reset() { Held->reset(); }

Status Machine::run(std::span<const uint32_t> Tokens, std::span<float> Logits,
                    const ActivitySink &Activity, const SpikeSink &Spikes) {
  Impl &I = *Held;
  const uint32_t NumLogits = I.Plan.NumLogits;
  assert((Logits.empty() || Logits.size() == Tokens.size() * NumLogits) &&
         "one row of logits per token");
  for (size_t T = 0; T < Tokens.size(); ++T)
    if (Tokens[T] >= I.TokenLimit)
      return Error{fmt::format("token {}", T), "token-range",
                   fmt::format("token id {} is out of range; the network knows "
                               "ids 0 to {}",
                               Tokens[T], int64_t(I.TokenLimit) - 1),
                   ErrorKind::BadInput};
  for (size_t First = 0; First < Tokens.size(); First += I.Options.Batch) {
    auto NumLanes = static_cast<uint32_t>(
        std::min<size_t>(I.Options.Batch, Tokens.size() - First));
    for (uint32_t K = 0; K < NumLanes; ++K)
      I.Lanes[K].Token = {Tokens[First + K], 1};
    I.runLevels(NumLanes);
    for (uint32_t K = 0; K < NumLanes; ++K) {
      I.account(I.Lanes[K], Activity);
      if (!Logits.empty())
        I.gatherLogits(I.Lanes[K],
                       Logits.subspan((First + K) * NumLogits, NumLogits));
      if (Spikes)
        I.gatherSpikes(I.Lanes[K], Spikes);
    }
  }
  return {};
}

} // namespace synfire::sim
