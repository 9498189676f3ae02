//===- simulator/replay/TraceLayout.cpp - Where spikes are kept -----------===//

#include "simulator/replay/TraceLayout.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

namespace synfire::sim {
namespace {

/// Gathers what is hashed, in an order that does not depend on cores.
class Digest {
public:
  Digest() : State(XXH3_createState()) { XXH3_64bits_reset(State); }
  ~Digest() { XXH3_freeState(State); }
  Digest(const Digest &) = delete;
  Digest &operator=(const Digest &) = delete;
  void bytes(const void *Data, size_t Size) {
    XXH3_64bits_update(State, Data, Size);
  }
  void text(std::string_view Text) {
    number(Text.size());
    bytes(Text.data(), Text.size());
  }
  void number(uint64_t N) { bytes(&N, sizeof(N)); }
  uint64_t value() const { return XXH3_64bits_digest(State); }

private:
  XXH3_state_t *State;
};

/// Block indices by population and first neuron.
std::vector<uint32_t> blockOrder(const image::Image &Image) {
  std::vector<uint32_t> Order(Image.blocks().size());
  std::iota(Order.begin(), Order.end(), 0u);
  std::sort(Order.begin(), Order.end(), [&](uint32_t A, uint32_t B) {
    const image::BlockRecord &L = Image.blocks()[A], &R = Image.blocks()[B];
    return std::tie(L.Population, L.FirstNeuron, A) <
           std::tie(R.Population, R.FirstNeuron, B);
  });
  return Order;
}

/// Bits that hold the spikes of one neuron of a stream.
uint32_t bitsFor(SpikeCount Counts, uint32_t PayloadBits) {
  switch (Counts) {
  case SpikeCount::Event:
    break;
  case SpikeCount::Bits:
    return 8;
  case SpikeCount::Payload:
    return PayloadBits <= 8 ? 8 : PayloadBits <= 16 ? 16 : 32;
  }
  return 1;
}

} // namespace

uint64_t partitionHash(const image::Image &Image) {
  Digest D;
  D.bytes(Image.network().data(), Image.network().size());
  for (const image::PopulationRecord &P : Image.populations()) {
    D.text(Image.string(P.Name));
    D.number(P.NumNeurons);
    D.number(P.IsRelay);
  }
  const std::vector<uint32_t> Order = blockOrder(Image);
  std::vector<uint32_t> Rank(Order.size()), BlockOfSlot(Image.slots().size());
  for (uint32_t I = 0; I < Order.size(); ++I)
    Rank[Order[I]] = I;
  for (uint32_t B : Order) {
    const image::BlockRecord &R = Image.blocks()[B];
    for (uint64_t N : {R.Population, R.FirstNeuron, R.NumNeurons, R.NumOutputs})
      D.number(N);
    for (const image::OutputRecord &O :
         Image.outputs().subspan(R.FirstOutput, R.NumOutputs))
      for (uint64_t N : {O.Stream, O.Reduced, O.ReducedBits})
        D.number(N);
    for (uint32_t S = R.FirstSlot; S < R.FirstSlot + R.NumSlots; ++S)
      BlockOfSlot[S] = B;
  }
  using Piece = std::array<uint64_t, 7>;
  std::vector<Piece> Pieces;
  for (const image::TileRecord &T : Image.tiles()) {
    const uint32_t B = BlockOfSlot[T.Slot];
    Pieces.push_back({T.Connection, T.FirstRow, T.Rows, T.FirstCol, T.Cols,
                      Rank[B], T.Slot - Image.blocks()[B].FirstSlot});
  }
  std::sort(Pieces.begin(), Pieces.end());
  D.bytes(Pieces.data(), Pieces.size() * sizeof(Piece));
  return D.value();
}

uint64_t SpikeField::word(const uint8_t *Record, uint32_t I,
                          uint32_t Take) const {
  static_assert(std::endian::native == std::endian::little);
  uint64_t Word = 0;
  std::memcpy(&Word, Record + FirstByte + I / 8, (I % 8 + Take + 7) / 8);
  Word >>= I % 8;
  return Take < 64 ? Word & ((uint64_t(1) << Take) - 1) : Word;
}

uint32_t SpikeField::number(const uint8_t *Record, uint32_t I) const {
  uint32_t Value = 0;
  std::memcpy(&Value, Record + FirstByte + uint64_t(I) * (Bits / 8), Bits / 8);
  return Value;
}

void SpikeField::set(uint8_t *Record, uint32_t I, uint32_t Spikes) const {
  if (Bits == 1)
    Record[FirstByte + I / 8] |= static_cast<uint8_t>((Spikes != 0) << (I % 8));
  else
    std::memcpy(Record + FirstByte + uint64_t(I) * (Bits / 8), &Spikes,
                Bits / 8);
}

uint64_t SpikeField::count(const uint8_t *Record, uint32_t First,
                           uint32_t Last) const {
  uint64_t Sum = 0;
  if (Bits != 1) {
    for (uint32_t I = First; I < Last; ++I)
      Sum += number(Record, I);
    return Sum;
  }
  for (uint32_t I = First; I < Last;) {
    const uint32_t Take = std::min(Last - I, 64 - I % 8);
    Sum += static_cast<uint32_t>(std::popcount(word(Record, I, Take)));
    I += Take;
  }
  return Sum;
}

TraceLayout::TraceLayout(const image::Image &Image, const Wiring &Plan)
    : Outputs(Plan.Outputs.size()), Streams(Image.streams().size()),
      Bytes(Plan.Sweeps.size()) {
  uint64_t Given = 0;
  for (uint32_t I = 0; I < Streams.size(); ++I) {
    const image::StreamRecord &S = Image.streams()[I];
    if (S.Population != image::None || S.Role != image::HostRole::Events)
      continue;
    Streams[I] = {Given, S.NumNeurons,
                  bitsFor(spikeCountOf(S.Kind), S.PayloadBits)};
    Given += Streams[I].bytes();
  }
  std::ranges::fill(Bytes, Given);
  for (uint32_t B : blockOrder(Image)) {
    const BlockPlan &Of = Plan.Blocks[B];
    for (uint32_t O = Of.FirstOutput; O < Of.FirstOutput + Of.NumOutputs; ++O) {
      const OutputPlan &Out = Plan.Outputs[O];
      Outputs[O] = {
          Bytes[Of.Sweep], Out.Indices.Last - Out.Indices.First,
          bitsFor(Out.Counts, Image.streams()[Out.Stream].PayloadBits)};
      Bytes[Of.Sweep] += Outputs[O].bytes();
    }
  }
}

} // namespace synfire::sim
