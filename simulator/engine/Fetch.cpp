//===- simulator/engine/Fetch.cpp - What arrives for a block --------------===//
//
// Brings what routes and axons deliver to the slots of a block: rows of tiles,
// payloads themselves, and rows of what tokens wrote.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/MachineParts.h"
#include "simulator/kernel/Unpack.h"

#include <algorithm>

namespace synfire::sim {
namespace {

using image::None;

uint32_t countSpikes(SpikeCount Counts, std::span<const Event> Events) {
  if (Counts == SpikeCount::Event)
    return static_cast<uint32_t>(Events.size());
  uint32_t Sum = 0;
  for (const Event &E : Events)
    Sum += spikesOf(Counts, E.Payload);
  return Sum;
}

} // namespace

void addPayloads(int32_t *__restrict Sums, const int32_t *__restrict Payloads,
                 uint32_t Count) {
  for (uint32_t I = 0; I < Count; ++I)
    Sums[I] = static_cast<int32_t>(static_cast<uint32_t>(Sums[I]) +
                                   static_cast<uint32_t>(Payloads[I]));
}

void keepLargest(int32_t *__restrict Slots, const int32_t *__restrict Payloads,
                 uint32_t Count) {
  for (uint32_t I = 0; I < Count; ++I)
    Slots[I] = std::max(Slots[I], Payloads[I]);
}

std::span<const Event> Machine::Impl::eventsIn(const Lane &L, const FlowPlan &F,
                                               IndexRange R) const {
  auto within = [&](std::span<const Event> All, IndexRange Whole) {
    auto at = [&](uint32_t Index) {
      return std::ranges::lower_bound(All, Index, {}, &Event::Index);
    };
    auto First = R.First <= Whole.First ? All.begin() : at(R.First);
    auto Last = R.Last >= Whole.Last ? All.end() : at(R.Last);
    return std::span<const Event>(First, Last);
  };
  if (F.Given != None)
    return within(L.Given[F.Given],
                  {0, Img.streams()[Plan.Givens[F.Given].Stream].NumNeurons});
  if (F.Output == None) {
    const Event &E = L.Host[static_cast<unsigned>(F.Role)];
    bool Inside = E.Index >= R.First && E.Index < R.Last;
    return {&E, Inside ? 1u : 0u};
  }
  const OutputPlan &O = Plan.Outputs[F.Output];
  std::span<const Event> All(L.Events.data() + O.Place, L.NonZero[F.Output]);
  return within(All, O.Indices);
}

PayloadRange Machine::Impl::rangeOf(const Lane &L, const FlowPlan &F) const {
  if (F.Given != None)
    return L.GivenRanges[F.Given];
  return F.Output == None ? PayloadRange::One : L.Ranges[F.Output];
}

uint32_t Machine::Impl::countIn(const Lane &L, const FlowPlan &F,
                                IndexRange R) const {
  if (F.Output == None)
    return countSpikes(F.Counts, eventsIn(L, F, R));
  const OutputPlan &O = Plan.Outputs[F.Output];
  if (R.First <= O.Indices.First && R.Last >= O.Indices.Last)
    return L.Spikes[F.Output];
  return countSpikes(O.Counts, eventsIn(L, F, R));
}

uint32_t Machine::Impl::countIn(const Lane &L, uint32_t Output,
                                IndexRange R) const {
  FlowPlan F;
  F.Output = Output;
  F.Counts = Plan.Outputs[Output].Counts;
  return countIn(L, F, R);
}

std::span<const Event> Machine::Impl::lookUp(const DeliveryPlan &D,
                                             std::span<const Event> Events,
                                             std::vector<Event> &Found) const {
  Found.clear();
  for (const Event &E : Events)
    if (uint32_t Row = Img.axonRows()[E.Index + D.TableBias]; Row != None)
      Found.push_back({Row, E.Payload});
  return Found;
}

/// Widens the rows that some lane's events select, once for all lanes.
ByteRows Machine::Impl::widen(const DeliveryPlan &D, const std::byte *Weights,
                              uint32_t NumLanes, Worker &W) const {
  const image::TileRecord &T = Img.tiles()[D.Tile];
  const uint32_t Stride = (T.Cols + 15) / 16 * 16;
  W.Bytes.resize(std::max(W.Bytes.size(), size_t(Stride) * T.Rows));
  W.Widened.assign(T.Rows, 0);
  const FlowPlan &F = Plan.Flows[D.Flow];
  for (uint32_t K = 0; K < NumLanes; ++K) {
    const Lane *From = senderOf(D, K);
    if (!From)
      continue;
    for (const Event &E : eventsIn(*From, F, D.Indices)) {
      const uint32_t Row = D.HasTable ? Img.axonRows()[E.Index + D.TableBias]
                                      : E.Index + D.RowBias;
      if (Row == None || W.Widened[Row])
        continue;
      W.Widened[Row] = 1;
      unpackRow(image::bitsOf(T.Format), Weights + size_t(T.RowStride) * Row,
                T.Cols, W.Bytes.data() + size_t(Stride) * Row, Options.Path);
    }
  }
  return {reinterpret_cast<const std::byte *>(W.Bytes.data()), Stride, T.Cols,
          false};
}

void Machine::Impl::addRows(const DeliveryPlan &D, uint32_t Index,
                            uint32_t NumLanes, Worker &W, uint32_t SlotWords) {
  const image::TileRecord &T = Img.tiles()[D.Tile];
  const image::CoreRecord &Core = Img.cores()[Plan.Blocks[D.Block].Core];
  const std::byte *Weights =
      Img.coreMemory().data() + Core.MemoryOffset + T.WeightOffset;
  const std::vector<uint32_t> &Counts = NonZero.of(D);
  const FlowPlan &F = Plan.Flows[D.Flow];
  const uint32_t Bias = D.HasTable ? 0 : D.RowBias;
  ByteRows Rows{Weights, T.RowStride, T.Cols, Streaming};
  if (T.Format == image::WeightFormat::Int4 ||
      T.Format == image::WeightFormat::Int2)
    Rows = widen(D, Weights, NumLanes, W);
  for (uint32_t K = 0; K < NumLanes; ++K) {
    Lane &L = lane(K);
    const Lane *From = senderOf(D, K);
    L.Effective[Index] = L.Deliveries[Index] = 0;
    if (!From)
      continue;
    std::span<const Event> Events = eventsIn(*From, F, D.Indices);
    if (D.HasTable)
      Events = lookUp(D, Events, W.Found);
    int32_t *Sums = W.Slots.data() + size_t(SlotWords) * K + D.Place;
    if (T.Format == image::WeightFormat::Bit1)
      accumulate(BitRows{Weights, T.RowStride, T.Cols}, Events, Bias, Sums);
    else
      accumulate(Rows, Events, Bias, rangeOf(*From, F), Sums, Options.Path);
    // After the first token of a batch the tile is in the cache.
    Rows.Streaming = false;
    uint64_t Effective = 0;
    if (F.Counts == SpikeCount::Event)
      for (const Event &E : Events)
        Effective += Counts[E.Index + Bias];
    else
      for (const Event &E : Events)
        Effective +=
            uint64_t(Counts[E.Index + Bias]) * spikesOf(F.Counts, E.Payload);
    L.Effective[Index] = Effective;
    L.Deliveries[Index] = countSpikes(F.Counts, Events);
  }
}

void Machine::Impl::addDirect(const DeliveryPlan &D, uint32_t Index,
                              uint32_t NumLanes, Worker &W,
                              uint32_t SlotWords) {
  const FlowPlan &F = Plan.Flows[D.Flow];
  for (uint32_t K = 0; K < NumLanes; ++K) {
    Lane &L = lane(K);
    const Lane *From = senderOf(D, K);
    L.Deliveries[Index] = 0;
    if (!From)
      continue;
    int32_t *Sums = W.Slots.data() + size_t(SlotWords) * K + D.Place;
    L.Deliveries[Index] = countIn(*From, F, D.Indices);
    if (F.Output == None) {
      for (const Event &E : eventsIn(*From, F, D.Indices))
        (D.Largest ? keepLargest : addPayloads)(
            Sums + (E.Index - D.Indices.First), &E.Payload, 1);
      continue;
    }
    const OutputPlan &O = Plan.Outputs[F.Output];
    (D.Largest ? keepLargest : addPayloads)(
        Sums,
        From->Payloads.data() + O.Place + (D.Indices.First - O.Indices.First),
        D.Indices.Last - D.Indices.First);
  }
}

void Machine::Impl::writeDynamic(const DeliveryPlan &D, uint32_t Index,
                                 Lane &L) {
  const FlowPlan &F = Plan.Flows[D.Flow];
  const DynamicShape &Shape = Plan.Dynamic[D.Tile];
  L.Deliveries[Index] = countIn(L, F, D.Indices);
  if (!L.Place.writes(Shape.FirstPosition, Shape.Positions))
    return;
  DynamicTile &T = Dynamic[D.Tile];
  const uint32_t Position = L.Place.RowsSeen - 1 - Shape.FirstPosition;
  const size_t Plane = size_t(L.Place.Step) * T.Rows;
  const unsigned Unused = 8 - Shape.Bits;
  for (const Event &E : eventsIn(L, F, D.Indices)) {
    const uint32_t Place = E.Index + D.RowBias;
    const size_t Row = Plane + (Shape.Keys ? Place : Position);
    int8_t &Value = T.Values[Row * T.Stride + (Shape.Keys ? Position : Place)];
    T.NonZero[Row] -= Value != 0;
    // What the memory's width holds of it.
    Value = static_cast<int8_t>(
        static_cast<int8_t>(static_cast<uint32_t>(E.Payload) << Unused) >>
        Unused);
    T.NonZero[Row] += Value != 0;
  }
}

void Machine::Impl::addDynamicRows(const DeliveryPlan &D, uint32_t Index,
                                   Lane &L, int32_t *Slots) {
  const FlowPlan &F = Plan.Flows[D.Flow];
  const OutputPlan &O = Plan.Outputs[F.Output];
  const DynamicTile &T = Dynamic[D.Tile];
  const size_t Plane = size_t(L.Place.Step) * T.Rows;
  std::span<const Event> Events = eventsIn(L, F, D.Indices);
  L.Deliveries[Index] = countIn(L, F, D.Indices);
  accumulate(
      ByteRows{reinterpret_cast<const std::byte *>(T.Values.data()) +
                   Plane * T.Stride,
               T.Stride, Plan.Dynamic[D.Tile].columns(L.Place.rows(D.Limit)),
               false},
      Events, D.RowBias, L.Ranges[F.Output], Slots + D.Place, Options.Path);
  uint64_t Effective = 0;
  // Columns of later tokens have not been written yet (fetch).
  for (const Event &E : Events)
    Effective += uint64_t(T.NonZero[Plane + uint32_t(E.Index + D.RowBias)]) *
                 spikesOf(O.Counts, E.Payload);
  L.Effective[Index] = Effective;
}

void Machine::Impl::fetch(uint32_t First, uint32_t Count, uint32_t NumDynamic,
                          uint32_t NumLanes, uint32_t SlotWords, Worker &W) {
  W.Slots.assign(size_t(SlotWords) * NumLanes, 0);
  // Token step after token step: what one reads, those before it have written
  // and those after it have not.
  for (uint32_t K = 0; K < NumLanes && NumDynamic != 0; ++K)
    for (uint32_t I = First; I < First + NumDynamic; ++I) {
      const DeliveryPlan &D = Plan.Deliveries[I];
      if (D.Write)
        writeDynamic(D, I, lane(K));
      else
        addDynamicRows(D, I, lane(K), W.Slots.data() + size_t(SlotWords) * K);
    }
  for (uint32_t I = First + NumDynamic; I < First + Count; ++I) {
    const DeliveryPlan &D = Plan.Deliveries[I];
    if (D.Window)
      addWindow(D, I, NumLanes, W, SlotWords);
    else if (D.Rows)
      addRows(D, I, NumLanes, W, SlotWords);
    else
      addDirect(D, I, NumLanes, W, SlotWords);
  }
}

} // namespace synfire::sim
