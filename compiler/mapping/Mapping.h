//===- compiler/mapping/Mapping.h - Where everything goes -------*- C++ -*-===//
//
// The result of partitioning: blocks, tiles, relays, flows and axons on
// *logical* cores 0 .. NumCores-1. The arrays mirror the records of
// targets/Image.h, with the same grouping and the same meaning of indices, so
// that emission is a copy; only core numbers become CoreIds by placement
// (PlaceProblem.h) and flows get their hops by routing (RouteProblem.h).
//
// A *relay* is a population that the compiler adds: tiles whose rows do not fit
// the owner's core sum into a relay block elsewhere, which sends one signed
// event per column into the owner's slot. A linear has at most one relay
// population; its blocks number their neurons one after the other, and the
// axons of the owner bring every neuron to its column.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_MAPPING_H
#define SYNFIRE_COMPILER_MAPPING_MAPPING_H

#include "compiler/mapping/FitReport.h"
#include "targets/Image.h"

#include <cstdint>
#include <vector>

namespace synfire::mapping {

/// The relay population of one linear: reads its only slot, emits it on its
/// only output as Signed, PayloadBits wide.
struct Relay {
  uint32_t Edge = 0; ///< the linear, index into Workload::Edges
  uint32_t Neurons = 0;
  uint32_t PayloadBits = 32;
};

/// A range of one population on one core (image::BlockRecord).
struct MappedBlock {
  bool IsRelay = false;
  uint32_t Index = 0; ///< population of the workload, or Mapping::Relays
  uint32_t FirstNeuron = 0, NumNeurons = 0;
  uint32_t Core = 0;
  uint32_t Level = 0;
  /// One MappedSlot per slot of the population, in its order; relays have one.
  uint32_t FirstSlot = 0, NumSlots = 0;
  /// One MappedOutput per output of the population; relays have one.
  uint32_t FirstOutput = 0, NumOutputs = 0;
  uint32_t Sweep = 0;
  image::Held Holds = image::Held::No;
  image::RowRule Rows = image::RowRule::None;
  uint32_t FirstRow = 0;
  uint32_t ResetEvery = 0, ResetAt = 0; ///< of the population
};

/// image::SlotRecord.
struct MappedSlot {
  uint32_t Size = 0; ///< neurons of the block, or 1 when uniform
  bool Uniform = false;
  uint32_t Depth = 1;
  bool Largest = false;
  uint32_t EntryBytes = 4;

  uint64_t bytes() const { return uint64_t(Size) * Depth * EntryBytes; }
};

/// image::OutputRecord; its flows are consecutive, ascending by FirstIndex.
struct MappedOutput {
  uint32_t Block = 0;  ///< index into Mapping::Blocks
  uint32_t Output = 0; ///< index into the population's outputs; 0 for relays
  bool Reduced = false;
  uint32_t FirstFlow = 0, NumFlows = 0;
  bool Largest = false;
  uint32_t ReducedIndex = 0; ///< group, when Reduced
};

/// image::TileRecord; weight offsets are the emitter's. One of a Window edge
/// has all rows of the kernel, and its columns are targets.
struct MappedTile {
  uint32_t Edge = 0; ///< an edge that has tiles, index into Workload::Edges
  uint32_t Core = 0;
  uint32_t FirstRow = 0, Rows = 0;
  uint32_t FirstCol = 0, Cols = 0;
  uint32_t Slot = 0; ///< index into Mapping::Slots
  uint32_t SlotOffset = 0;
  image::WeightFormat Format = image::WeightFormat::Int8;
  uint32_t RowStride = 0; ///< bytes
  uint32_t Planes = 0;    ///< of a dynamic tile; else 0
  uint32_t FirstPosition = 0;

  bool isDynamic() const { return Planes != 0; }
  /// Of weights, or of all planes.
  uint64_t bytes() const {
    return uint64_t(isDynamic() ? Planes : 1) * Rows * RowStride;
  }
};

/// image::FlowRecord with its destinations. Every event that it carries is
/// wanted at every destination.
struct MappedFlow {
  image::FlowSource SourceKind = image::FlowSource::Output;
  uint32_t Source = 0; ///< index into Mapping::Outputs, or the host input
  uint32_t SourceCore = image::None; ///< logical core; None for the host
  /// Stream indices; ReducedIndex and 1 for a reduced output.
  uint32_t FirstIndex = 0, NumIndices = 0;
  bool HostOutput = false;            ///< also goes to the host
  std::vector<uint32_t> Destinations; ///< logical cores, ascending
  double EventsPerToken = 0;          ///< expected
};

/// image::AxonRecord.
struct MappedAxon {
  uint32_t Flow = 0; ///< index into Mapping::Flows
  image::AxonKind Kind = image::AxonKind::Direct;
  uint32_t FirstIndex = 0, NumIndices = 0;
  /// Index into Mapping::Tiles (Rows, Write, Window) or Slots (Direct).
  uint32_t Target = 0;
  /// First row within the tile, or place in the slot; of a write its first row
  /// (Keys) or column (Values). 0 with a table.
  uint32_t Offset = 0;
  uint32_t Table = image::None; ///< index into Mapping::Tables
  uint32_t Delay = 0;           ///< token steps, of the edge
};

/// image::CoreRecord.
struct MappedCore {
  uint32_t FirstBlock = 0, NumBlocks = 0;
  uint32_t FirstTile = 0, NumTiles = 0;
  uint32_t FirstAxon = 0, NumAxons = 0;
  CoreUse Use;
};

struct Mapping {
  uint32_t Steps = 1, Positions = 0, Sweeps = 1; ///< image::SequenceRecord
  std::vector<MappedCore> Cores;
  std::vector<Relay> Relays;         ///< ascending by edge
  std::vector<MappedBlock> Blocks;   ///< grouped by core
  std::vector<MappedSlot> Slots;     ///< grouped by block
  std::vector<MappedOutput> Outputs; ///< grouped by block
  std::vector<MappedTile> Tiles;     ///< grouped by core
  std::vector<MappedAxon> Axons;     ///< grouped by core, ascending by flow
  /// Grouped by source: those of outputs in the order of Outputs, then those of
  /// the host inputs.
  std::vector<MappedFlow> Flows;
  /// Rows that the indices of an axon select (image::AxonRecord::Table), None
  /// where there is none. Axons of several tiles share a table.
  std::vector<std::vector<uint32_t>> Tables;
  /// Level of every population of the workload, and of every relay.
  std::vector<uint32_t> PopulationLevels, RelayLevels;
  /// Number of levels, D.
  uint32_t NumLevels = 0;

  /// Table entries that \p A takes: its indices that select or are something;
  /// one for a Window, which computes where its indices lead (assumed: nobody
  /// publishes what such an axon takes on Loihi 2, but its PilotNet benchmark
  /// lists one or two input axons for each core of a convolution).
  uint64_t entriesOf(const MappedAxon &A) const;
  /// Distinct (flow, index) pairs that the axons of \p C take, and Window
  /// axons, which count as one pair each; they must ascend by flow.
  uint64_t indicesHeardBy(const MappedCore &C) const;
};

/// A broken rule, as the verify() functions return them; an empty list is
/// success.
struct Violation {
  const char *Rule;
  std::string Text;
};

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_MAPPING_H
