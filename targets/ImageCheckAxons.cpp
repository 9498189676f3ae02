//===- targets/ImageCheckAxons.cpp - What events do at cores ----*- C++ -*-===//

#include "targets/ImageOwners.h"

#include <map>

using namespace synfire;
using namespace synfire::image;

namespace {

/// Axons of one image, each of which may look at what it names.
class AxonCheck {
public:
  AxonCheck(const Records &R, const Owners &Of)
      : R(R), Of(Of), Faults(R.File, "axons"),
        Memory(R.Tiles.size(), {0, None}), Longest(R.Slots.size(), 0) {}
  void run(Errors &Out);

private:
  void check(uint32_t Core, uint64_t Index);
  void checkTable(const AxonRecord &A, uint64_t Index);
  void checkOrder(const AxonRecord &A, uint64_t Index);
  void checkDelay(const AxonRecord &A, uint64_t Index);
  void checkDepths(Errors &Out) const;
  void checkWrite(const AxonRecord &A, uint64_t Index);
  void checkQuery(const AxonRecord &A, uint64_t Index);
  void checkLargest(const AxonRecord &A, uint64_t Index);

  bool ofHost(const AxonRecord &A) const {
    return R.Flows[A.Flow].SourceKind == FlowSource::Host;
  }
  /// Of an output.
  const BlockRecord &sender(const AxonRecord &A) const {
    return R.Blocks[Of.BlockOfOutput[R.Flows[A.Flow].Source]];
  }
  const StreamRecord &stream(const AxonRecord &A) const {
    const FlowRecord &F = R.Flows[A.Flow];
    return R.Streams[ofHost(A) ? F.Source : R.Outputs[F.Source].Stream];
  }
  /// The slot that an axon's sums concern, and its block.
  uint32_t slotOf(const AxonRecord &A) const {
    return A.Kind == AxonKind::Direct ? A.Target : R.Tiles[A.Target].Slot;
  }
  const BlockRecord &reader(const AxonRecord &A) const {
    return R.Blocks[Of.BlockOfSlot[slotOf(A)]];
  }
  /// The sweep in which what reaches \p B is sent.
  static uint32_t sweepBefore(const BlockRecord &B) {
    return B.Sweep - (B.Holds != Held::No);
  }

  const Records &R;
  const Owners &Of;
  FaultList Faults;
  /// Per dynamic tile: 1 + the last level that writes it, and the first that
  /// asks it, in one sweep.
  std::vector<std::pair<uint32_t, uint32_t>> Memory;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> MostRow; ///< of tables
  std::vector<uint32_t> Longest; ///< per slot: the longest delay to it
};

/// Rows of a table are rows of the tile.
void AxonCheck::checkTable(const AxonRecord &A, uint64_t Index) {
  if (A.Kind != AxonKind::Rows || A.Offset != 0 ||
      isDynamic(R, R.Tiles[A.Target]) ||
      !within(A.Table, A.NumIndices, R.AxonRows.size()))
    return Faults.add(Index, "image-table",
                      fmt::format("a table at {} of {} entries; it needs one "
                                  "for each of {} indices, stored weights, and "
                                  "offset 0",
                                  A.Table, R.AxonRows.size(), A.NumIndices));
  auto [It, New] = MostRow.try_emplace({A.Table, A.NumIndices}, 0);
  if (New)
    for (uint32_t Row : R.AxonRows.subspan(A.Table, A.NumIndices))
      if (Row != None)
        It->second = std::max(It->second, Row);
  if (It->second >= R.Tiles[A.Target].Rows)
    Faults.add(Index, "image-table",
               fmt::format("selects row {} of {}", It->second,
                           R.Tiles[A.Target].Rows));
}

/// What is read comes from an earlier level of the sweep that is read, or from
/// an earlier token step.
void AxonCheck::checkOrder(const AxonRecord &A, uint64_t Index) {
  const BlockRecord &From = sender(A), &To = reader(A);
  if (uint64_t(To.Level) + A.Delay <= From.Level)
    Faults.add(Index, "image-level",
               fmt::format("delivers from a block of level {} to one of level "
                           "{} after {} token steps; the reader must be later",
                           From.Level, To.Level, A.Delay));
  if (From.Sweep != sweepBefore(To))
    Faults.add(
        Index, "image-sweep",
        fmt::format("delivers from a block of sweep {} to one that reads "
                    "sweep {}",
                    From.Sweep, sweepBefore(To)));
}

void AxonCheck::checkDelay(const AxonRecord &A, uint64_t Index) {
  if (A.Delay == 0)
    return;
  const bool Memory =
      A.Kind != AxonKind::Direct && isDynamic(R, R.Tiles[A.Target]);
  if (Memory || A.Delay > MaxDelay)
    return Faults.add(
        Index, "image-delay",
        fmt::format("waits {} token steps; at most {}, and what writes or "
                    "selects rows of a dynamic tile does not wait",
                    A.Delay, MaxDelay));
  uint32_t &Most = Longest[slotOf(A)];
  Most = std::max(Most, A.Delay);
}

/// The earliest write is the host's, at tick 0, or as many ticks before as it
/// waits.
void AxonCheck::checkDepths(Errors &Out) const {
  FaultList Slots(R.File, "slots");
  for (uint64_t S = 0; S < R.Slots.size(); ++S) {
    const BlockRecord &B = R.Blocks[Of.BlockOfSlot[S]];
    const uint64_t Most = uint64_t(B.Level) + 1 + Longest[S];
    if (B.Holds == Held::No && R.Slots[S].Depth > Most)
      Slots.add(S, "image-slot",
                fmt::format("depth {}, not 1 to {} for a block of level {} and "
                            "delays of up to {}",
                            R.Slots[S].Depth, Most, B.Level, Longest[S]));
  }
  Slots.moveTo(Out);
}

void AxonCheck::checkWrite(const AxonRecord &A, uint64_t Index) {
  const TileRecord &T = R.Tiles[A.Target];
  if (!isDynamic(R, T) || ofHost(A) ||
      R.Outputs[R.Flows[A.Flow].Source].Reduced)
    return Faults.add(Index, "image-write",
                      "only what neurons send is written, and only to a "
                      "dynamic tile");
  const StreamRecord &S = stream(A);
  const uint32_t Width = S.Kind == PayloadKind::Binary    ? 2
                         : S.Kind == PayloadKind::Ternary ? 2
                         : S.Kind == PayloadKind::Signed  ? S.PayloadBits
                                                          : S.PayloadBits + 1;
  if (Width > bitsOf(T.Format))
    Faults.add(Index, "image-write",
               fmt::format("payloads of {} bits do not fit synapses of {}",
                           Width, bitsOf(T.Format)));
  const uint32_t Asked = sweepBefore(reader(A)), Sweep = sender(A).Sweep;
  if (Sweep != Asked && Sweep + 1 != Asked)
    Faults.add(Index, "image-sweep",
               fmt::format("writes in sweep {} what is asked in sweep {}",
                           Sweep, Asked));
  uint32_t &Last = Memory[A.Target].first;
  Last = std::max(Last, sender(A).Level + 1);
}

/// What selects rows of a dynamic tile.
void AxonCheck::checkQuery(const AxonRecord &A, uint64_t Index) {
  const TileRecord &T = R.Tiles[A.Target];
  if (ofHost(A) || R.Outputs[R.Flows[A.Flow].Source].Reduced)
    return Faults.add(Index, "image-dynamic",
                      "only what neurons send selects rows of a dynamic tile");
  uint32_t &First = Memory[A.Target].second;
  First = std::min(First, sender(A).Level);
  const BlockRecord &From = sender(A);
  if (R.Connections[T.Connection].Kind == ConnectionKind::Values &&
      (From.Rows == RowRule::None || A.FirstIndex < From.FirstNeuron ||
       uint64_t(From.FirstRow) + A.FirstIndex - From.FirstNeuron !=
           uint64_t(T.FirstPosition) + A.Offset))
    Faults.add(Index, "image-dynamic",
               "selects memory rows by neurons that do not belong to them");
}

void AxonCheck::checkLargest(const AxonRecord &A, uint64_t Index) {
  const PayloadKind Kind = stream(A).Kind;
  if (Kind == PayloadKind::Signed || Kind == PayloadKind::Ternary ||
      (!ofHost(A) && R.Outputs[R.Flows[A.Flow].Source].Reduced == 1))
    Faults.add(Index, "image-largest",
               fmt::format("brings sums, or payloads that may be negative, to "
                           "slot {}, which keeps the largest",
                           A.Target));
}

void AxonCheck::check(uint32_t Core, uint64_t Index) {
  const AxonRecord &A = R.Axons[Index];
  if (A.Kind > AxonKind::Window)
    return Faults.add(
        Index, "image-axon",
        fmt::format("kind {} is unknown", static_cast<uint32_t>(A.Kind)));
  const bool Tile = A.Kind != AxonKind::Direct;
  uint64_t Targets = Tile ? R.Tiles.size() : R.Slots.size();
  if (A.Flow >= R.Flows.size() || A.Target >= Targets)
    return Faults.add(Index, "image-index",
                      fmt::format("flow {} of {}, {} {} of {}", A.Flow,
                                  R.Flows.size(), Tile ? "tile" : "slot",
                                  A.Target, Targets));
  const FlowRecord &F = R.Flows[A.Flow];
  if (A.NumIndices < 1 || A.FirstIndex < F.FirstIndex ||
      !within(A.FirstIndex - F.FirstIndex, A.NumIndices, F.NumIndices))
    Faults.add(Index, "image-axon",
               fmt::format("indices {}..{} are not among {}..{} of flow {}",
                           A.FirstIndex, uint64_t(A.FirstIndex) + A.NumIndices,
                           F.FirstIndex, uint64_t(F.FirstIndex) + F.NumIndices,
                           A.Flow));
  uint32_t TargetCore =
      Tile ? Of.CoreOfTile[A.Target] : Of.coreOfSlot(A.Target);
  if (TargetCore != Core)
    return Faults.add(Index, "image-other-core",
                      fmt::format("{} {} is on another core",
                                  Tile ? "tile" : "slot", A.Target));
  if (Tile && (A.Kind == AxonKind::Window) != isWindow(R, R.Tiles[A.Target]))
    return Faults.add(
        Index, "image-axon",
        fmt::format("kind {} does not go with tile {}: sources of "
                    "convolutions, and nothing else, go to tiles "
                    "that hold a kernel",
                    static_cast<uint32_t>(A.Kind), A.Target));
  checkDelay(A, Index);
  const bool Columns = A.Kind == AxonKind::Write &&
                       R.Connections[R.Tiles[A.Target].Connection].Kind ==
                           ConnectionKind::Values;
  uint64_t Size = !Tile     ? R.Slots[A.Target].Size
                  : Columns ? R.Tiles[A.Target].Cols
                            : R.Tiles[A.Target].Rows;
  if (A.Table != None)
    checkTable(A, Index);
  else if (A.Kind == AxonKind::Window) {
    if (A.Offset != 0)
      Faults.add(Index, "image-axon",
                 fmt::format("offset {}; sources of a convolution are numbered "
                             "as their stream",
                             A.Offset));
  } else if (!within(A.Offset, A.NumIndices, Size))
    Faults.add(Index, "image-axon",
               fmt::format("{}..{} exceed the {} {} of {} {}", A.Offset,
                           uint64_t(A.Offset) + A.NumIndices, Size,
                           Columns ? "columns"
                           : Tile  ? "rows"
                                   : "places",
                           Tile ? "tile" : "slot", A.Target));
  if (A.Kind == AxonKind::Write)
    return checkWrite(A, Index);
  if (!ofHost(A))
    checkOrder(A, Index);
  if (A.Kind == AxonKind::Direct && R.Slots[A.Target].Largest)
    checkLargest(A, Index);
  if (A.Kind == AxonKind::Rows && isDynamic(R, R.Tiles[A.Target]))
    checkQuery(A, Index);
}

void AxonCheck::run(Errors &Out) {
  for (uint32_t Core = 0; Core < R.Cores.size(); ++Core) {
    uint64_t First = R.Cores[Core].FirstAxon;
    for (uint64_t I = First; I < First + R.Cores[Core].NumAxons; ++I) {
      if (I > First && R.Axons[I].Flow < R.Axons[I - 1].Flow)
        Faults.add(I, "image-order",
                   fmt::format("flow {} comes after flow {}", R.Axons[I].Flow,
                               R.Axons[I - 1].Flow));
      check(Core, I);
    }
  }
  Faults.moveTo(Out);
  checkDepths(Out);
  FaultList TileFaults(R.File, "tiles");
  for (uint64_t T = 0; T < Memory.size(); ++T)
    if (Memory[T].first > Memory[T].second)
      TileFaults.add(
          T, "image-level",
          fmt::format("is written at level {} and asked at level {}; "
                      "it must be written before",
                      Memory[T].first - 1, Memory[T].second));
  TileFaults.moveTo(Out);
}

} // namespace

void image::checkAxons(const Records &R, const Owners &Of, Errors &Out) {
  AxonCheck(R, Of).run(Out);
}
