//===- targets/ImageCheckTraffic.cpp - Tiles, flows, axons ------*- C++ -*-===//

#include "targets/ImageCheck.h"

#include <algorithm>
#include <cmath>

using namespace synfire;
using namespace synfire::image;

namespace {

/// For each record of a grouped section, the index of its owner.
template <typename Owner, typename First, typename Count>
std::vector<uint32_t> ownersOf(std::span<const Owner> Owners, uint64_t Size,
                               First Begin, Count Length) {
  std::vector<uint32_t> Map(Size, None);
  for (uint32_t O = 0; O < Owners.size(); ++O)
    std::fill_n(Map.begin() + Owners[O].*Begin, Owners[O].*Length, O);
  return Map;
}

/// Who owns what, by index.
struct Owners {
  explicit Owners(const Records &R)
      : CoreOfBlock(ownersOf(R.Cores, R.Blocks.size(), &CoreRecord::FirstBlock,
                             &CoreRecord::NumBlocks)),
        CoreOfTile(ownersOf(R.Cores, R.Tiles.size(), &CoreRecord::FirstTile,
                            &CoreRecord::NumTiles)),
        BlockOfSlot(ownersOf(R.Blocks, R.Slots.size(), &BlockRecord::FirstSlot,
                             &BlockRecord::NumSlots)),
        BlockOfOutput(ownersOf(R.Blocks, R.Outputs.size(),
                               &BlockRecord::FirstOutput,
                               &BlockRecord::NumOutputs)) {}

  uint32_t coreOfSlot(uint32_t Slot) const {
    return CoreOfBlock[BlockOfSlot[Slot]];
  }
  uint32_t coreOfOutput(uint32_t Output) const {
    return CoreOfBlock[BlockOfOutput[Output]];
  }

  std::vector<uint32_t> CoreOfBlock, CoreOfTile, BlockOfSlot, BlockOfOutput;
};

bool isPaddingZero(const TileRecord &T, std::span<const std::byte> Memory) {
  for (uint64_t Row = 0; Row < T.Rows; ++Row) {
    std::span<const std::byte> Bytes =
        Memory.subspan(T.WeightOffset + Row * T.RowStride, T.RowStride);
    uint64_t Used = T.Cols;
    if (T.Format == WeightFormat::Bit1) {
      Used = (uint64_t(T.Cols) + 7) / 8;
      unsigned Tail = T.Cols % 8;
      if (Tail != 0 && std::to_integer<unsigned>(Bytes[Used - 1]) >> Tail != 0)
        return false;
    }
    for (std::byte Byte : Bytes.subspan(Used))
      if (Byte != std::byte(0))
        return false;
  }
  return true;
}

void checkWeights(const Records &R, const TileRecord &T, const CoreRecord &Core,
                  uint64_t Index, FaultList &Faults) {
  if (T.Format > WeightFormat::Bit1)
    return Faults.add(Index, "image-tile",
                      fmt::format("weight format {} is unknown",
                                  static_cast<unsigned>(T.Format)));
  bool Bit = T.Format == WeightFormat::Bit1;
  if (Bit && R.Connections[T.Connection].WeightBits != 1)
    Faults.add(Index, "image-tile",
               fmt::format("1-bit weights of a connection of {} bits",
                           R.Connections[T.Connection].WeightBits));
  uint64_t RowBytes = Bit ? (uint64_t(T.Cols) + 7) / 8 : T.Cols;
  if (T.RowStride < RowBytes || (!Bit && T.RowStride % 16 != 0))
    return Faults.add(Index, "image-tile",
                      fmt::format("rows of {} bytes lie {} bytes apart{}",
                                  RowBytes, T.RowStride,
                                  Bit ? "" : "; a multiple of 16 is needed"));
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
  if (!isPaddingZero(T,
                     R.CoreMemory.subspan(Core.MemoryOffset, Core.MemoryBytes)))
    Faults.add(Index, "image-padding",
               "the bytes that pad its rows are not all zero");
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
    if (T.Rows < 1 || !within(T.FirstRow, T.Rows, C.Rows))
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
    checkWeights(R, T, R.Cores[Of.CoreOfTile[I]], I, Faults);
  }
  Faults.moveTo(Out);
}

/// Length of the index range that a flow's source can send.
uint32_t indicesOf(const Records &R, const FlowRecord &F) {
  if (F.SourceKind == FlowSource::Host)
    return R.Streams[F.Source].NumNeurons;
  const OutputRecord &O = R.Outputs[F.Source];
  return O.Reduced ? 1 : R.Streams[O.Stream].NumNeurons;
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
    if (checkFlowSource(R, Of, F, I, Faults) &&
        (F.NumIndices < 1 ||
         !within(F.FirstIndex, F.NumIndices, indicesOf(R, F))))
      Faults.add(
          I, "image-flow",
          fmt::format("indices {}..{}, but its source sends {}", F.FirstIndex,
                      uint64_t(F.FirstIndex) + F.NumIndices, indicesOf(R, F)));
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

/// Slot that an axon adds to; its own record and target are sound.
uint32_t slotOf(const Records &R, const AxonRecord &A) {
  return A.Kind == AxonKind::Rows ? R.Tiles[A.Target].Slot : A.Target;
}

void checkAxon(const Records &R, const Owners &Of, uint32_t Core,
               uint64_t Index, FaultList &Faults) {
  const AxonRecord &A = R.Axons[Index];
  if (A.Kind > AxonKind::Direct)
    return Faults.add(
        Index, "image-axon",
        fmt::format("kind {} is unknown", static_cast<uint32_t>(A.Kind)));
  bool Rows = A.Kind == AxonKind::Rows;
  uint64_t Targets = Rows ? R.Tiles.size() : R.Slots.size();
  if (A.Flow >= R.Flows.size() || A.Target >= Targets)
    return Faults.add(Index, "image-index",
                      fmt::format("flow {} of {}, {} {} of {}", A.Flow,
                                  R.Flows.size(), Rows ? "tile" : "slot",
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
      Rows ? Of.CoreOfTile[A.Target] : Of.coreOfSlot(A.Target);
  if (TargetCore != Core)
    return Faults.add(Index, "image-other-core",
                      fmt::format("{} {} is on another core",
                                  Rows ? "tile" : "slot", A.Target));
  uint64_t Size = Rows ? R.Tiles[A.Target].Rows : R.Slots[A.Target].Size;
  if (!within(A.Offset, A.NumIndices, Size))
    Faults.add(Index, "image-axon",
               fmt::format("{}..{} exceed the {} {} of {} {}", A.Offset,
                           uint64_t(A.Offset) + A.NumIndices, Size,
                           Rows ? "rows" : "places", Rows ? "tile" : "slot",
                           A.Target));
  if (F.SourceKind == FlowSource::Host)
    return;
  const BlockRecord &From = R.Blocks[Of.BlockOfOutput[F.Source]];
  const BlockRecord &To = R.Blocks[Of.BlockOfSlot[slotOf(R, A)]];
  if (To.Level <= From.Level)
    Faults.add(Index, "image-level",
               fmt::format("delivers from a block of level {} to one of level "
                           "{}; the reader must be later",
                           From.Level, To.Level));
}

void checkAxons(const Records &R, const Owners &Of, Errors &Out) {
  FaultList Faults(R.File, "axons");
  for (uint32_t Core = 0; Core < R.Cores.size(); ++Core) {
    uint64_t First = R.Cores[Core].FirstAxon;
    for (uint64_t I = First; I < First + R.Cores[Core].NumAxons; ++I) {
      if (I > First && R.Axons[I].Flow < R.Axons[I - 1].Flow)
        Faults.add(I, "image-order",
                   fmt::format("flow {} comes after flow {}", R.Axons[I].Flow,
                               R.Axons[I - 1].Flow));
      checkAxon(R, Of, Core, I, Faults);
    }
  }
  Faults.moveTo(Out);
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
  checkFlows(R, Of, Out);
  // Axons look at tiles, flows and outputs; those must be sound first.
  if (!Out.empty())
    return Out;
  checkAxons(R, Of, Out);
  checkHostScales(R, Out);
  return Out;
}
