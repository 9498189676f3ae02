//===- simulator/replay/ActivityTrace.cpp - Who sent, and when ------------===//

#include "simulator/replay/ActivityTrace.h"
#include "targets/arrays/Npz.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <algorithm>
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

Error badTrace(const std::string &Path, std::string Text) {
  return {Path, "trace-format", std::move(Text), ErrorKind::BadInput};
}

std::vector<int64_t> asSigned(const std::vector<uint64_t> &Values) {
  return {Values.begin(), Values.end()};
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

Status checkReplayable(const image::Image &Image) {
  const image::SequenceRecord &Of = Image.sequence();
  bool Plain = Of.Steps <= 1 && Of.Sweeps <= 1 && Of.Positions == 0;
  for (const image::StreamRecord &S : Image.streams())
    Plain &= spikeCountOf(S.Kind) == SpikeCount::Event &&
             S.Role != image::HostRole::Events;
  for (const image::ConnectionRecord &C : Image.connections())
    Plain &= C.Kind != image::ConnectionKind::Window;
  for (const image::AxonRecord &A : Image.axons())
    Plain &= A.Delay == 0;
  if (Plain)
    return {};
  return Error{"", "trace-network",
               "activity is recorded of networks with one inner step, one "
               "sweep, no limit of positions, no unary or bit-plane events, no "
               "convolutions, no delays and no events from the host other than "
               "tokens; run this image at every point instead",
               ErrorKind::BadInput};
}

TraceLayout::TraceLayout(const image::Image &Image, const Wiring &Plan)
    : First(Plan.Outputs.size()) {
  for (uint32_t B : blockOrder(Image)) {
    const BlockPlan &Of = Plan.Blocks[B];
    for (uint32_t O = Of.FirstOutput; O < Of.FirstOutput + Of.NumOutputs; ++O) {
      const IndexRange R = Plan.Outputs[O].Indices;
      First[O] = Bytes * 8;
      Bytes += (R.Last - R.First + 7) / 8;
    }
  }
}

TraceRecorder::TraceRecorder(const image::Image &Image, const Wiring &Plan)
    : Layout(Image, Plan), Current(Layout.bytesPerToken()) {
  Trace.Partition = partitionHash(Image);
  Trace.BytesPerToken = Layout.bytesPerToken();
}

void TraceRecorder::add(uint32_t Output, std::span<const int32_t> Payloads) {
  uint8_t *Bytes = Current.data() + Layout.firstBit(Output) / 8;
  for (size_t I = 0; I < Payloads.size(); ++I)
    Bytes[I / 8] |= static_cast<uint8_t>((Payloads[I] != 0) << (I % 8));
}

void TraceRecorder::endToken(uint32_t Token) {
  Trace.Tokens.push_back(Token);
  Trace.Bits.insert(Trace.Bits.end(), Current.begin(), Current.end());
  std::fill(Current.begin(), Current.end(), 0);
}

ActivityTrace TraceRecorder::finish(const ActivityTotals &Totals) {
  Trace.EffectiveAccumulates = Totals.EffectiveAccumulates;
  Trace.EffectiveMultiplies = Totals.EffectiveMultiplies;
  return std::move(Trace);
}

Status ActivityTrace::save(const std::string &Path) const {
  auto File = NpzWriter::create(Path, NpzWriter::Mode::Deflated);
  if (!File)
    return File.errors();
  const auto Connections = static_cast<int64_t>(EffectiveAccumulates.size());
  const std::vector<int64_t> Accumulates = asSigned(EffectiveAccumulates),
                             Multiplies = asSigned(EffectiveMultiplies);
  const auto Hash = static_cast<int64_t>(Partition);
  const auto NumTokens = static_cast<int64_t>(Tokens.size());
  const std::vector<int64_t> Ids(Tokens.begin(), Tokens.end());
  for (Status S :
       {File->add("partition", {1}, std::span(&Hash, 1)),
        File->add("tokens", {NumTokens}, std::span<const int64_t>(Ids)),
        File->add("bits", {NumTokens, static_cast<int64_t>(BytesPerToken)},
                  std::span<const uint8_t>(Bits)),
        File->add("effective_accumulates", {Connections},
                  std::span<const int64_t>(Accumulates)),
        File->add("effective_multiplies", {Connections},
                  std::span<const int64_t>(Multiplies))})
    if (!S)
      return S;
  return File->finish();
}

Result<ActivityTrace> ActivityTrace::load(const std::string &Path) {
  auto File = NpzReader::open(Path);
  if (!File)
    return File.errors();
  auto Hash = File->read("partition"), Bits = File->read("bits"),
       Ids = File->read("tokens"),
       Accumulates = File->read("effective_accumulates"),
       Multiplies = File->read("effective_multiplies");
  for (const auto *Member : {&Hash, &Bits, &Ids, &Accumulates, &Multiplies})
    if (!*Member)
      return Member->errors();
  auto Counts = [&](const Result<Array> &A) {
    auto Values = A->as<int64_t>();
    return std::vector<uint64_t>(Values.begin(), Values.end());
  };
  if (Hash->as<int64_t>().size() != 1 || Bits->Shape.size() != 2 ||
      Bits->Type != DType::U8 || Ids->Type != DType::I64 ||
      Ids->as<int64_t>().size() != static_cast<size_t>(Bits->Shape[0]) ||
      Accumulates->Type != DType::I64 || Multiplies->Type != DType::I64 ||
      Accumulates->Shape != Multiplies->Shape)
    return badTrace(Path, "not an activity trace: it needs `partition` int64 "
                          "[1], `tokens` int64 [T], `bits` uint8 [T, B] and "
                          "two int64 arrays of operations, one per connection");
  ActivityTrace Out;
  Out.Partition = static_cast<uint64_t>(Hash->as<int64_t>()[0]);
  for (int64_t Id : Ids->as<int64_t>())
    Out.Tokens.push_back(static_cast<uint32_t>(Id));
  Out.BytesPerToken = static_cast<uint64_t>(Bits->Shape[1]);
  Out.Bits = std::move(Bits->Data);
  Out.EffectiveAccumulates = Counts(Accumulates);
  Out.EffectiveMultiplies = Counts(Multiplies);
  return Out;
}

} // namespace synfire::sim
