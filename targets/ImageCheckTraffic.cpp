//===- targets/ImageCheckTraffic.cpp - Tiles and flows ----------*- C++ -*-===//

#include "targets/ImageOwners.h"

#include <algorithm>
#include <cmath>

using namespace synfire;
using namespace synfire::image;

namespace {

/// \p Cols: weights of a row.
bool isPaddingZero(const TileRecord &T, uint32_t Cols,
                   std::span<const std::byte> Memory) {
  const uint64_t Bits = uint64_t(Cols) * bitsOf(T.Format);
  for (uint64_t Row = 0; Row < T.Rows; ++Row) {
    std::span<const std::byte> Bytes =
        Memory.subspan(T.WeightOffset + Row * T.RowStride, T.RowStride);
    const uint64_t Used = (Bits + 7) / 8;
    const unsigned Tail = Bits % 8;
    if (Tail != 0 && std::to_integer<unsigned>(Bytes[Used - 1]) >> Tail != 0)
      return false;
    for (std::byte Byte : Bytes.subspan(Used))
      if (Byte != std::byte(0))
        return false;
  }
  return true;
}

/// A tile that tokens write: one head, a plane per inner step.
void checkDynamic(const Records &R, const Owners &Of, const TileRecord &T,
                  uint64_t Index, FaultList &Faults) {
  const ConnectionRecord &C = R.Connections[T.Connection];
  const uint32_t Rows = C.Rows / C.Heads, Cols = C.Cols / C.Heads;
  const uint32_t Head = T.FirstCol / Cols;
  const bool Keys = C.Kind == ConnectionKind::Keys;
  if (T.FirstRow / Rows != Head || (T.FirstRow + T.Rows - 1) / Rows != Head ||
      (T.FirstCol + T.Cols - 1) / Cols != Head)
    Faults.add(Index, "image-dynamic",
               fmt::format("rows {} and columns {} on are not of one head",
                           T.FirstRow, T.FirstCol));
  if (uint32_t Due = Keys ? T.FirstCol % Cols : T.FirstRow % Rows;
      T.FirstPosition != Due)
    Faults.add(Index, "image-dynamic",
               fmt::format("begins with memory row {}, must with {}",
                           T.FirstPosition, Due));
  if (T.Planes != R.Sequence.front().Steps || T.WeightOffset != 0 ||
      T.RowStride != (uint64_t(T.Cols) * bitsOf(T.Format) + 7) / 8)
    Faults.add(
        Index, "image-dynamic",
        fmt::format("{} planes of rows of {} bytes at {}; it has a plane "
                    "per step, packed rows, and no bytes in the file",
                    T.Planes, T.RowStride, T.WeightOffset));
  // Which columns are there is what the block of the sums says.
  const BlockRecord &B = R.Blocks[Of.BlockOfSlot[T.Slot]];
  if (Keys && (B.Rows == RowRule::None ||
               uint64_t(B.FirstRow) + T.SlotOffset != T.FirstPosition))
    Faults.add(Index, "image-dynamic",
               "its sums do not go to a block of the same memory rows");
}

void checkWeights(const Records &R, const Owners &Of, const TileRecord &T,
                  const CoreRecord &Core, uint64_t Index, FaultList &Faults) {
  if (T.Format > WeightFormat::Int2)
    return Faults.add(Index, "image-tile",
                      fmt::format("weight format {} is unknown",
                                  static_cast<unsigned>(T.Format)));
  const bool Bit = T.Format == WeightFormat::Bit1, Window = isWindow(R, T);
  const uint32_t WeightBits = R.Connections[T.Connection].WeightBits;
  if (bitsOf(T.Format) < WeightBits || (Bit && isDynamic(R, T)))
    Faults.add(Index, "image-tile",
               fmt::format("{}-bit weights of a connection of {} bits",
                           bitsOf(T.Format), WeightBits));
  if (isDynamic(R, T))
    return checkDynamic(R, Of, T, Index, Faults);
  if (T.Planes != 0 || T.FirstPosition != 0)
    Faults.add(Index, "image-reserved",
               "Planes or FirstPosition of stored weights is not 0");
  const uint32_t Cols = weightsOfRow(R, T);
  uint64_t RowBytes = (uint64_t(Cols) * bitsOf(T.Format) + 7) / 8;
  if (Window ? T.RowStride != RowBytes
             : T.RowStride < RowBytes || (!Bit && T.RowStride % 16 != 0))
    return Faults.add(Index, "image-tile",
                      fmt::format("rows of {} bytes lie {} bytes apart{}",
                                  RowBytes, T.RowStride,
                                  Window ? "; a kernel has no gaps"
                                  : Bit  ? ""
                                         : "; a multiple of 16 is needed"));
  uint64_t Total = uint64_t(T.Rows) * T.RowStride;
  if (T.WeightOffset % 16 != 0 ||
      !within(T.WeightOffset, Total, Core.MemoryBytes))
    return Faults.add(Index, "image-core-memory",
                      fmt::format("{} bytes of weights at {} are not at a "
                                  "multiple of 16 within the {} bytes of core "
                                  "{}",
                                  Total, T.WeightOffset, Core.MemoryBytes,
                                  Core.Core));
  // Kernels read whole vectors: what pads a row must add nothing.
  if (!isPaddingZero(T, Cols,
                     R.CoreMemory.subspan(Core.MemoryOffset, Core.MemoryBytes)))
    Faults.add(Index, "image-padding",
               "the bytes that pad its rows are not all zero");
}

/// The memory that dynamic tiles need is what their core claims.
void checkDynamicBytes(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "cores");
  for (uint64_t I = 0; I < R.Cores.size(); ++I) {
    unsigned __int128 Bytes = 0;
    for (const TileRecord &T :
         R.Tiles.subspan(R.Cores[I].FirstTile, R.Cores[I].NumTiles))
      if (T.Planes != 0)
        Bytes +=
            static_cast<unsigned __int128>(T.Planes) * T.Rows * T.RowStride;
    if (Bytes != R.Cores[I].DynamicBytes)
      Faults.add(I, "image-core-use",
                 fmt::format("its dynamic tiles do not have the {} bytes that "
                             "it claims",
                             R.Cores[I].DynamicBytes));
  }
  Faults.moveTo(Out);
}

void checkTiles(const Records &R, const Owners &Of, Errors &Out) {
  FaultList Faults(R.File, "tiles");
  for (uint64_t I = 0; I < R.Tiles.size(); ++I) {
    const TileRecord &T = R.Tiles[I];
    if (T.Connection >= R.Connections.size() || T.Slot >= R.Slots.size()) {
      Faults.add(I, "image-index",
                 fmt::format("connection {} of {}, slot {} of {}", T.Connection,
                             R.Connections.size(), T.Slot, R.Slots.size()));
      continue;
    }
    const ConnectionRecord &C = R.Connections[T.Connection];
    const uint64_t Before = Faults.count();
    if (isWindow(R, T)) {
      const uint64_t Rows = R.Windows[C.Window].rows();
      if (T.FirstRow != 0 || T.Rows != Rows)
        Faults.add(
            I, "image-tile",
            fmt::format("rows {}..{}, but a tile of connection {} has all "
                        "{} of its kernel",
                        T.FirstRow, uint64_t(T.FirstRow) + T.Rows, T.Connection,
                        Rows));
    } else if (T.Rows < 1 || !within(T.FirstRow, T.Rows, C.Rows))
      Faults.add(I, "image-tile",
                 fmt::format("rows {}..{} exceed the {} of connection {}",
                             T.FirstRow, uint64_t(T.FirstRow) + T.Rows, C.Rows,
                             T.Connection));
    if (T.Cols < 1 || !within(T.FirstCol, T.Cols, C.Cols))
      Faults.add(I, "image-tile",
                 fmt::format("columns {}..{} exceed the {} of connection {}",
                             T.FirstCol, uint64_t(T.FirstCol) + T.Cols, C.Cols,
                             T.Connection));
    if (Of.coreOfSlot(T.Slot) != Of.CoreOfTile[I])
      Faults.add(I, "image-other-core",
                 fmt::format("slot {} is on another core", T.Slot));
    if (!within(T.SlotOffset, T.Cols, R.Slots[T.Slot].Size))
      Faults.add(I, "image-tile",
                 fmt::format("columns land at {}..{} of slot {}, whose size is "
                             "{}",
                             T.SlotOffset, uint64_t(T.SlotOffset) + T.Cols,
                             T.Slot, R.Slots[T.Slot].Size));
    if (R.Slots[T.Slot].Largest)
      Faults.add(
          I, "image-largest",
          fmt::format("adds to slot {}, which keeps the largest", T.Slot));
    if (Faults.count() == Before)
      checkWeights(R, Of, T, R.Cores[Of.CoreOfTile[I]], I, Faults);
  }
  Faults.moveTo(Out);
}

/// First and end of the index range that a flow's source can send.
std::pair<uint32_t, uint32_t> indicesOf(const Records &R, const FlowRecord &F) {
  if (F.SourceKind == FlowSource::Host)
    return {0, R.Streams[F.Source].NumNeurons};
  const OutputRecord &O = R.Outputs[F.Source];
  if (O.Reduced)
    return {O.ReducedIndex, O.ReducedIndex + 1};
  return {0, R.Streams[O.Stream].NumNeurons};
}

bool checkFlowSource(const Records &R, const Owners &Of, const FlowRecord &F,
                     uint64_t Index, FaultList &Faults) {
  switch (F.SourceKind) {
  case FlowSource::Output: {
    if (F.Source >= R.Outputs.size()) {
      Faults.add(Index, "image-index",
                 fmt::format("output {} of {}", F.Source, R.Outputs.size()));
      return false;
    }
    const OutputRecord &O = R.Outputs[F.Source];
    if (Index < O.FirstFlow || Index - O.FirstFlow >= O.NumFlows)
      Faults.add(Index, "image-index",
                 fmt::format("output {} does not list this flow", F.Source));
    uint32_t Core = R.Cores[Of.coreOfOutput(F.Source)].Core;
    if (F.SourceCore != Core)
      Faults.add(Index, "image-other-core",
                 fmt::format("source core {}, but output {} is on core {}",
                             F.SourceCore, F.Source, Core));
    return true;
  }
  case FlowSource::Host:
    if (F.Source >= R.Streams.size() ||
        R.Streams[F.Source].Population != None || F.SourceCore != None) {
      Faults.add(Index, "image-index",
                 fmt::format("a host flow needs a stream without population "
                             "(got {}) and no source core",
                             F.Source));
      return false;
    }
    return true;
  }
  Faults.add(Index, "image-flow",
             fmt::format("source kind {} is unknown",
                         static_cast<uint32_t>(F.SourceKind)));
  return false;
}

void checkFlows(const Records &R, const Owners &Of, Errors &Out) {
  FaultList Faults(R.File, "flows");
  uint64_t NextHop = 0;
  for (uint64_t I = 0; I < R.Flows.size(); ++I) {
    const FlowRecord &F = R.Flows[I];
    if (checkFlowSource(R, Of, F, I, Faults)) {
      const auto [First, End] = indicesOf(R, F);
      if (F.NumIndices < 1 || F.FirstIndex < First ||
          !within(F.FirstIndex, F.NumIndices, End))
        Faults.add(I, "image-flow",
                   fmt::format("indices {}..{}, but its source sends {}..{}",
                               F.FirstIndex,
                               uint64_t(F.FirstIndex) + F.NumIndices, First,
                               End));
    }
    if (F.HostOutput > 1)
      Faults.add(I, "image-flag",
                 fmt::format("HostOutput is {}, not 0 or 1", F.HostOutput));
    if (F.NumHops < 1 || F.FirstHop != NextHop ||
        !within(F.FirstHop, F.NumHops, R.Hops.size())) {
      Faults.add(I, "image-index",
                 fmt::format("hops {}..{} are none, do not follow on the flow "
                             "before (ends at {}) or exceed the {} stored",
                             F.FirstHop, uint64_t(F.FirstHop) + F.NumHops,
                             NextHop, R.Hops.size()));
      break;
    }
    NextHop += F.NumHops;
    uint64_t HostPorts = 0;
    for (const HopRecord &H : R.Hops.subspan(F.FirstHop, F.NumHops))
      HostPorts += (H.Ports & Port::Host) != 0;
    if (HostPorts != F.HostOutput)
      Faults.add(
          I, "image-flow",
          fmt::format("HostOutput is {}, but {} of its hops leave at the "
                      "host port",
                      F.HostOutput, HostPorts));
  }
  if (Faults.empty() && NextHop != R.Hops.size())
    Faults.add(
        R.Flows.size(), "image-index",
        fmt::format("{} hops belong to no flow", R.Hops.size() - NextHop));
  Faults.moveTo(Out);

  FaultList OutputFaults(R.File, "outputs");
  for (uint64_t O = 0; O < R.Outputs.size(); ++O)
    for (uint64_t I = R.Outputs[O].FirstFlow;
         I < uint64_t(R.Outputs[O].FirstFlow) + R.Outputs[O].NumFlows; ++I)
      if (R.Flows[I].SourceKind != FlowSource::Output ||
          R.Flows[I].Source != O) {
        OutputFaults.add(O, "image-index",
                         fmt::format("flow {} has another source", I));
        break;
      }
  OutputFaults.moveTo(Out);

  FaultList HopFaults(R.File, "hops");
  constexpr unsigned AllPorts =
      Port::North | Port::East | Port::South | Port::West | Port::Host;
  for (uint64_t I = 0; I < R.Hops.size(); ++I)
    if ((R.Hops[I].Ports & ~AllPorts) != 0 ||
        (R.Hops[I].Ports == 0 && R.Hops[I].Cores == 0))
      HopFaults.add(I, "image-hop",
                    fmt::format("ports {:#x}, cores {:#x}: an unknown port, or "
                                "the event goes nowhere",
                                R.Hops[I].Ports, R.Hops[I].Cores));
  HopFaults.moveTo(Out);
}

/// One scale per value that the host receives: the streams with a host flow,
/// in order of their number, each with as many values as it has neurons.
void checkHostScales(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "host-scales");
  std::vector<bool> Sent(R.Streams.size());
  for (const FlowRecord &F : R.Flows)
    if (F.HostOutput && F.SourceKind == FlowSource::Output)
      Sent[R.Outputs[F.Source].Stream] = true;
  uint64_t Values = 0;
  for (uint64_t S = 0; S < Sent.size(); ++S)
    Values += Sent[S] ? R.Streams[S].NumNeurons : 0;
  if (Values != R.HostScales.size())
    Faults.add(R.HostScales.size(), "image-host-scales",
               fmt::format("{} scales, but {} values go to the host",
                           R.HostScales.size(), Values));
  for (uint64_t I = 0; I < R.HostScales.size(); ++I)
    if (!std::isfinite(R.HostScales[I]))
      Faults.add(I, "image-host-scales", "the scale is not a finite number");
  Faults.moveTo(Out);
}

} // namespace

Errors image::checkTraffic(const Records &R) {
  Errors Out;
  Owners Of(R);
  checkTiles(R, Of, Out);
  checkDynamicBytes(R, Out);
  checkFlows(R, Of, Out);
  // Axons look at tiles, flows and outputs; those must be sound first.
  if (!Out.empty())
    return Out;
  checkAxons(R, Of, Out);
  checkHostScales(R, Out);
  return Out;
}
