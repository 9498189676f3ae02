//===- simulator/engine/FetchWindow.cpp - What convolutions bring ---------===//
//
// One walk over the events adds what they bring and counts what they meet, or
// only counts (a replay has no sums). Events of one place come one after the
// other, since channels are numbered last: they meet the same targets through
// rows of their own, so that each run of targets is visited once for all of
// them.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/MachineParts.h"
#include "simulator/engine/WindowKernels.h"

#include <algorithm>

namespace synfire::sim {
namespace {

/// Rows are added in the way for many from this number on
/// (tests/bench/WindowBench.cpp).
constexpr size_t ManyRows = 24;
/// Runs as short as this are added weight by weight.
constexpr uint32_t ShortRun = 4;

/// Weights \p First to \p Last of a channel's.
struct Piece {
  uint32_t First, Last;
};

/// \p Adds: to \p Sums; else they are not looked at.
template <bool Adds>
class WindowWalker {
public:
  WindowWalker(const WindowPlan &P, const WindowKernel &K, SpikeCount Counts,
               PayloadRange Range, KernelPath Path, int32_t *Sums)
      : P(P), K(K), Counts(Counts), Range(Range), Path(Path), Sums(Sums),
        RowBytes((P.Cols * P.Bits + 7) / 8) {}

  /// Everything that \p Events, by ascending index, bring to the tile.
  void walk(std::span<const Event> Events);

  WindowCounts Found;

private:
  /// All taps of a column of targets for one event, when rows are short.
  void addShort(const Event &E, uint32_t Base, uint32_t KX,
                const AxisTaps::Run &InY, uint64_t Target);
  void addPlace(uint32_t X, uint32_t Y, std::span<const Event> Events);
  /// Of channels from index \p Base on, through taps in place \p KX: the rows
  /// from \p KY on, \p Rows of them, to the targets from \p Target on.
  void addRun(std::span<const Event> Events, uint32_t Base, uint32_t KX,
              uint32_t KY, uint32_t Rows, uint64_t Target);
  void addPiece(std::span<const Event> Events, uint32_t Base, uint32_t KX,
                const Piece &Of, int32_t *To);
  /// Counts \p Rows whole rows from \p KY on, and any piece.
  void countRows(std::span<const Event> Events, uint32_t Base, uint32_t KX,
                 uint32_t KY, uint32_t Rows);
  void count(std::span<const Event> Events, uint32_t Base, uint32_t KX,
             const Piece &Of);
  uint32_t spikesOf(const Event &E) const {
    return Counts == SpikeCount::Event ? 1 : sim::spikesOf(Counts, E.Payload);
  }
  /// Of the kernel, through taps in place \p KX.
  size_t channelOf(const Event &E, uint32_t Base, uint32_t KX) const {
    return size_t(KX) * P.KernelChannels + (P.Shared ? 0 : E.Index - Base);
  }
  uint32_t nonZeroIn(size_t Channel, const Piece &Of) const;

  const WindowPlan &P;
  const WindowKernel &K;
  SpikeCount Counts;
  PayloadRange Range;
  KernelPath Path;
  int32_t *Sums;
  uint32_t RowBytes;
};

template <bool Adds>
uint32_t WindowWalker<Adds>::nonZeroIn(size_t Channel, const Piece &Of) const {
  const uint32_t *Before =
      K.NonZero.data() + Channel * (P.KernelHeight + size_t(1));
  // Whole rows by their counts; what is cut off at either end one by one.
  const uint32_t First = Of.First / P.Cols, Last = (Of.Last - 1) / P.Cols + 1;
  uint32_t Sum = Before[Last] - Before[First];
  const int8_t *Weights = K.Weights.data() + Channel * K.Stride;
  for (uint32_t J = First * P.Cols; J < Of.First; ++J)
    Sum -= Weights[J] != 0;
  for (uint32_t J = Of.Last; J < Last * P.Cols; ++J)
    Sum -= Weights[J] != 0;
  return Sum;
}

template <bool Adds>
void WindowWalker<Adds>::countRows(std::span<const Event> Events, uint32_t Base,
                                   uint32_t KX, uint32_t KY, uint32_t Rows) {
  const size_t Width = P.KernelHeight + size_t(1);
  uint64_t Spikes = 0;
  for (const Event &E : Events) {
    const uint32_t N = spikesOf(E);
    const uint32_t *Before =
        K.NonZero.data() + channelOf(E, Base, KX) * Width + KY;
    Found.NonZero += uint64_t(N) * (Before[Rows] - Before[0]);
    Spikes += N;
  }
  Found.Met.Rows += Spikes * Rows;
  Found.Met.Synapses += Spikes * Rows * P.Cols;
  Found.Met.Bytes += Spikes * Rows * RowBytes;
}

template <bool Adds>
void WindowWalker<Adds>::count(std::span<const Event> Events, uint32_t Base,
                               uint32_t KX, const Piece &Of) {
  const uint32_t First = Of.First / P.Cols, Last = (Of.Last - 1) / P.Cols + 1;
  const uint32_t Bits = P.Bits;
  // Bytes of the rows, but for those cut off in front and behind.
  const uint32_t Front = (Of.First - First * P.Cols) * Bits / 8;
  const uint32_t Behind =
      RowBytes - ((Of.Last - (Last - 1) * P.Cols) * Bits + 7) / 8;
  const uint32_t Bytes = (Last - First) * RowBytes - Front - Behind;
  uint64_t Spikes = 0;
  for (const Event &E : Events) {
    const uint32_t N = spikesOf(E);
    Found.NonZero += uint64_t(N) * nonZeroIn(channelOf(E, Base, KX), Of);
    Spikes += N;
  }
  Found.Met.Synapses += Spikes * (Of.Last - Of.First);
  Found.Met.Rows += Spikes * (Last - First);
  Found.Met.Bytes += Spikes * Bytes;
}

template <bool Adds>
void WindowWalker<Adds>::addPiece(std::span<const Event> Events, uint32_t Base,
                                  uint32_t KX, const Piece &Of, int32_t *To) {
  const uint32_t Cols = Of.Last - Of.First;
  const int8_t *Weights =
      K.Weights.data() + size_t(KX) * P.KernelChannels * K.Stride + Of.First;
  if (Cols <= ShortRun) {
    for (const Event &E : Events) {
      const int8_t *Row =
          Weights + (P.Shared ? 0 : size_t(K.Stride) * (E.Index - Base));
      for (uint32_t J = 0; J < Cols; ++J)
        To[J] = static_cast<int32_t>(static_cast<uint32_t>(To[J]) +
                                     static_cast<uint32_t>(E.Payload) *
                                         static_cast<uint32_t>(Row[J]));
    }
    return;
  }
  const ByteRows Matrix{reinterpret_cast<const std::byte *>(Weights), K.Stride,
                        Cols, false};
  if (Events.size() < ManyRows)
    accumulateFew(Matrix, Events, 0u - Base, Range, To, Path);
  else
    accumulate(Matrix, Events, 0u - Base, Range, To, Path);
}

template <bool Adds>
void WindowWalker<Adds>::addRun(std::span<const Event> Events, uint32_t Base,
                                uint32_t KX, uint32_t KY, uint32_t Rows,
                                uint64_t Target) {
  const uint64_t First = std::max<uint64_t>(Target, P.First);
  const uint64_t Last =
      std::min<uint64_t>(Target + uint64_t(Rows) * P.Cols, P.Last);
  if (First >= Last)
    return;
  const auto Skip = static_cast<uint32_t>(First - Target);
  Piece Of{KY * P.Cols + Skip, 0};
  Of.Last = Of.First + static_cast<uint32_t>(Last - First);
  if constexpr (Adds)
    addPiece(Events, Base, KX, Of, Sums + (First - P.First));
  if (Of.Last - Of.First == Rows * P.Cols)
    countRows(Events, Base, KX, KY, Rows);
  else
    count(Events, Base, KX, Of);
}

template <bool Adds>
void WindowWalker<Adds>::addShort(const Event &E, uint32_t Base, uint32_t KX,
                                  const AxisTaps::Run &InY, uint64_t Target) {
  const uint64_t Step = uint64_t(P.Y.step()) * P.TargetChannels;
  if (Target < P.First || Target + (InY.Count - 1) * Step + P.Cols > P.Last) {
    for (uint32_t J = 0; J < InY.Count; ++J)
      addRun({&E, 1}, Base, KX, InY.Place + J, 1, Target + J * Step);
    return;
  }
  if constexpr (Adds) {
    const int8_t *Row = K.Weights.data() + channelOf(E, Base, KX) * K.Stride +
                        size_t(InY.Place) * P.Cols;
    int32_t *To = Sums + (Target - P.First);
    for (uint32_t J = 0; J < InY.Count; ++J, To += Step, Row += P.Cols)
      for (uint32_t I = 0; I < P.Cols; ++I)
        To[I] = static_cast<int32_t>(static_cast<uint32_t>(To[I]) +
                                     static_cast<uint32_t>(E.Payload) *
                                         static_cast<uint32_t>(Row[I]));
  }
  countRows({&E, 1}, Base, KX, InY.Place, InY.Count);
}

template <bool Adds>
void WindowWalker<Adds>::addPlace(uint32_t X, uint32_t Y,
                                  std::span<const Event> Events) {
  const AxisTaps::Run InX = P.X.of(X), InY = P.Y.of(Y);
  if (InX.Count == 0 || InY.Count == 0)
    return;
  const uint32_t Base = X * P.ColumnSources + Y * P.SourceChannels;
  const uint32_t OfGroup = P.SourceChannels / P.Groups;
  for (uint32_t I = 0; I < InX.Count; ++I) {
    const uint64_t Column =
        (InX.Target + uint64_t(I) * P.X.step()) * P.TargetHeight;
    const uint32_t KX = InX.Place + I;
    if (P.InRuns) {
      addRun(Events, Base, KX, InY.Place, InY.Count,
             (Column + InY.Target) * P.TargetChannels);
      continue;
    }
    if (P.Cols <= ShortRun) {
      for (const Event &E : Events)
        addShort(E, Base, KX, InY,
                 (Column + InY.Target) * P.TargetChannels +
                     uint64_t((E.Index - Base) / OfGroup) * P.Cols);
      continue;
    }
    for (size_t Next = 0; Next < Events.size();) {
      // Channels of one group go to the same targets.
      const uint32_t Group = (Events[Next].Index - Base) / OfGroup;
      const uint32_t End = Base + (Group + 1) * OfGroup;
      const size_t From = Next;
      while (Next < Events.size() && Events[Next].Index < End)
        ++Next;
      for (uint32_t J = 0; J < InY.Count; ++J)
        addRun(Events.subspan(From, Next - From), Base, KX, InY.Place + J, 1,
               (Column + InY.Target + uint64_t(J) * P.Y.step()) *
                       P.TargetChannels +
                   uint64_t(Group) * P.Cols);
    }
  }
}

template <bool Adds>
void WindowWalker<Adds>::walk(std::span<const Event> Events) {
  uint32_t X = 0;
  uint64_t ColumnEnd = 0;
  for (size_t Next = 0; Next < Events.size();) {
    const uint32_t Index = Events[Next].Index;
    if (Index >= ColumnEnd) {
      X = Index / P.ColumnSources;
      ColumnEnd = (uint64_t(X) + 1) * P.ColumnSources;
    }
    const uint32_t Y = (Index - X * P.ColumnSources) / P.SourceChannels;
    const uint64_t End =
        uint64_t(X) * P.ColumnSources + (uint64_t(Y) + 1) * P.SourceChannels;
    const size_t From = Next;
    while (Next < Events.size() && Events[Next].Index < End)
      ++Next;
    addPlace(X, Y, Events.subspan(From, Next - From));
  }
}

} // namespace

IndexRange reachOf(const DeliveryPlan &D, const WindowPlan &P) {
  return intersect(
      D.Indices, {P.X.first() * P.ColumnSources, P.X.last() * P.ColumnSources});
}

WindowCounts countWindow(const WindowPlan &P, const WindowKernel &K,
                         SpikeCount Counts, std::span<const Event> Events) {
  WindowWalker<false> Walker(P, K, Counts, PayloadRange::Unit,
                             KernelPath::Portable, nullptr);
  Walker.walk(Events);
  return Walker.Found;
}

void Machine::Impl::addWindow(const DeliveryPlan &D, uint32_t Index,
                              uint32_t NumLanes, Worker &W,
                              uint32_t SlotWords) {
  const WindowPlan &P = Plan.Windows[D.Tile];
  const FlowPlan &F = Plan.Flows[D.Flow];
  // Of all that comes only these columns reach the tile.
  const IndexRange Reach = reachOf(D, P);
  for (uint32_t K = 0; K < NumLanes; ++K) {
    Lane &L = lane(K);
    const Lane *From = senderOf(D, K);
    L.Deliveries[Index] = 0;
    L.Effective[Index] = 0;
    L.Met[Index] = {};
    if (!From)
      continue;
    L.Deliveries[Index] = countIn(*From, F, D.Indices);
    if (Reach.empty())
      continue;
    WindowWalker<true> Walker(P, Kernels.of(D.Tile), F.Counts,
                              rangeOf(*From, F), Options.Path,
                              W.Slots.data() + size_t(SlotWords) * K + D.Place);
    Walker.walk(eventsIn(*From, F, Reach));
    L.Met[Index] = Walker.Found.Met;
    L.Effective[Index] = Walker.Found.NonZero;
  }
}

} // namespace synfire::sim
