//===- targets/Image.h - The chip binary ------------------------*- C++ -*-===//
//
// One file holds everything a chip is told. The compiler writes it, the
// simulator maps it; docs/image.md is the byte-by-byte description.
//
//   header (64 bytes) | section table | sections, each at a multiple of 64
//
// All numbers are little-endian. Sections are arrays of the fixed-size records
// below, raw bytes, or UTF-8 text. The reader trusts nothing: checksums, then
// every offset, size and index is checked before anything is used.
//
// What the records mean, in the order in which a token step meets them:
//
//   A *core* holds neuron *blocks* and synapse *tiles*. A block is a range of
//   one population: its program runs once per token step on each neuron. What
//   arrives for a block is summed in its *slots* (int32 accumulators, one per
//   neuron, or one for the whole block when the slot is uniform). A program
//   emits payloads at its *outputs*; a payload of 0 is no event. An output is
//   sent on *flows*: a flow is one multicast tree (or one unicast path), stored
//   as *hops*: at this router, leave through these ports. At a core that the
//   flow reaches, *axons* say what its events do there: select rows of a tile,
//   which adds payload x weights to a slot, or add the payload itself to a
//   slot, or write the payload into a dynamic tile. A flow without a matching
//   axon at a core it reaches is counted as dropped; that is a fault of the
//   image.
//
//   Sequences. A token takes `Steps` inner steps; a *token step* is one inner
//   step of one token. Blocks belong to a *sweep*: one pass of all token steps
//   of a sequence. A block of a later sweep whose `Held` is not 0 finds in its
//   slots what came for the same token step (or for the last one) in the sweep
//   before; so does a dynamic tile whose writes come from the sweep before.
//   With one sweep tokens may come one at a time, for ever; with more a
//   sequence is run as a whole.
//
//   Dynamic tiles hold what tokens wrote (attention): every token writes one
//   row of a memory, in the plane of each inner step. `Keys` tiles have a
//   column per row of the memory, `Values` tiles a row. They start empty in
//   every sequence. What has not been written does not take part: events select
//   columns that are there, and a block whose `Rows` is not 0 runs its neuron i
//   only if row FirstRow + i is there.
//
//   Convolutions. A tile of a Window connection holds the kernel once and adds
//   to a range of the connection's targets; which weights an event meets
//   follows from the two places (WindowRecord), so that nothing is unrolled.
//
//   Time. An axon with a Delay takes, for the token step at hand, what was sent
//   that many token steps before (nothing, at the begin of a sequence). Only so
//   may blocks send to each other in a circle.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_IMAGE_H
#define SYNFIRE_TARGETS_IMAGE_H

#include "targets/Isa.h"
#include "targets/Status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::image {

inline constexpr char Magic[8] = {'S', 'Y', 'N', 'F', 'I', 'R', 'E', '\n'};
inline constexpr uint32_t FormatVersion = 3;
inline constexpr uint64_t Alignment = 64;
/// "No index" in a record field.
inline constexpr uint32_t None = 0xffffffffu;
/// Most token steps that an axon may wait. Chips are below: Loihi has 62
/// (Davies et al. 2018), sPyNNaker 144 (Rhodes et al. 2018).
inline constexpr uint32_t MaxDelay = 1023;

enum class SectionKind : uint32_t {
  Metadata = 1,     ///< JSON: provenance, vocabulary, calibration, quality
  Target = 2,       ///< YAML: the resolved chip description
  Strings = 3,      ///< zero-terminated UTF-8 names, referred to by offset
  Populations = 4,  ///< PopulationRecord[]
  Connections = 5,  ///< ConnectionRecord[]
  Streams = 6,      ///< StreamRecord[]
  Programs = 7,     ///< ProgramRecord[]
  Instructions = 8, ///< isa::Instruction[]
  StateInit = 9,    ///< words[]: initial values of states, per program
  Cores = 10,       ///< CoreRecord[], ascending by core id
  Blocks = 11,      ///< BlockRecord[], grouped by core
  Slots = 12,       ///< SlotRecord[], grouped by block
  Outputs = 13,     ///< OutputRecord[], grouped by block
  Tiles = 14,       ///< TileRecord[], grouped by core
  Axons = 15,       ///< AxonRecord[], grouped by core, ascending by flow
  Flows = 16,       ///< FlowRecord[], grouped by source
  Hops = 17,        ///< HopRecord[], grouped by flow
  HostScales = 18,  ///< float[]: what one unit of each host output is worth
  CoreMemory = 19,  ///< bytes: parameters and synapses, core after core
  Network = 20,     ///< MLIR bytecode: the quantised spike IR, no weights
  Sequence = 21,    ///< one SequenceRecord
  AxonRows = 22,    ///< uint32[]: rows of axons whose sources are not in a row
  Windows = 23,     ///< WindowRecord[]: shapes of convolutions
};

struct Header {
  char Magic[8];
  uint32_t Version;
  uint32_t NumSections;
  uint64_t FileBytes;
  uint64_t TableChecksum; ///< XXH3-64 of the section table
  uint8_t Reserved[32];   ///< zero
};
static_assert(sizeof(Header) == 64);

struct SectionEntry {
  SectionKind Kind;
  uint32_t RecordBytes; ///< size of one record; 1 for bytes and text
  uint64_t Offset;
  uint64_t Bytes;
  uint64_t Checksum; ///< XXH3-64 of the section's bytes
};
static_assert(sizeof(SectionEntry) == 32);

/// How token steps follow each other.
struct SequenceRecord {
  uint32_t Steps;     ///< inner steps per token, at least 1
  uint32_t Positions; ///< most tokens of a sequence; 0: no limit
  uint32_t Sweeps;    ///< passes over a sequence, at least 1
  uint32_t Reserved;
};
static_assert(sizeof(SequenceRecord) == 16);

/// A population of the network, or a relay that the compiler added to carry
/// partial sums.
struct PopulationRecord {
  uint32_t Name; ///< offset into Strings
  uint32_t NumNeurons;
  uint32_t Program;
  uint32_t IsRelay; ///< 1: added by the compiler, not part of the network
};

/// Stored weights, or a memory that tokens write.
enum class ConnectionKind : uint32_t {
  Linear = 0,
  Keys = 1,   ///< query times memory rows: a sum per row and head
  Values = 2, ///< query over memory rows: a sum per column and head
  Window = 3, ///< a convolution: one kernel for all places
};

/// One linear or matmul of the network: what a tile is a piece of. In a matmul
/// rows are all values of the query and columns all sums, over all heads; head
/// h of the query, one of `Heads` equal ranges, meets head h of the sums only,
/// and head h * KvHeads / Heads of what is written.
struct ConnectionRecord {
  uint32_t Name; ///< offset into Strings
  /// Sources that have synapses, and targets; of a Window connection all of
  /// the window's.
  uint32_t Rows, Cols;
  uint16_t WeightBits;
  uint16_t AccumulateOnly; ///< 1: proven from event kinds; 0: multiplies
  ConnectionKind Kind = ConnectionKind::Linear;
  uint32_t Heads = 1, KvHeads = 1; ///< 1 for a linear
  uint32_t Window = None; ///< WindowRecord of a Window connection, else None
};
static_assert(sizeof(ConnectionRecord) == 32);

/// The shape of a convolution (cross-correlation). Neurons of both sides are
/// numbered columns first, so that a run of neurons is a run of columns:
/// channel c of place (x, y) is neuron (x * Height + y) * Channels + c. Target
/// (x', y', c') hears source (x, y, c) through tap (kx, ky) when x = x' *
/// StrideX - PadX
/// + kx * DilationX, likewise y, and both channels belong to the same of Groups
/// equal groups.
///
/// The kernel has a row per (source channel, kx, ky), number
/// (c * KernelWidth + kx) * KernelHeight + ky, of TargetChannels / Groups
/// weights. With Shared all channels have the same taps, one weight per row and
/// one source channel (pooling); Groups is then the number of channels.
///
/// Sources from SourceWidth * SourceHeight * SourceChannels on meet nothing.
/// Targets may have more columns than the sources can fill.
struct WindowRecord {
  uint32_t SourceChannels, SourceHeight, SourceWidth;
  uint32_t TargetChannels, TargetHeight, TargetWidth;
  uint32_t KernelHeight, KernelWidth;
  uint32_t StrideY = 1, StrideX = 1;
  uint32_t PadY = 0, PadX = 0; ///< before the first place
  uint32_t DilationY = 1, DilationX = 1;
  uint32_t Groups = 1;
  uint32_t Shared = 0;

  /// Rows of the kernel, and weights of one.
  uint64_t rows() const {
    return uint64_t(Shared ? 1 : SourceChannels) * KernelWidth * KernelHeight;
  }
  uint32_t cols() const { return Shared ? 1 : TargetChannels / Groups; }
  uint64_t numSources() const {
    return uint64_t(SourceWidth) * SourceHeight * SourceChannels;
  }
  uint64_t numTargets() const {
    return uint64_t(TargetWidth) * TargetHeight * TargetChannels;
  }
};
static_assert(sizeof(WindowRecord) == 64);

/// How a payload is read: {0,1}, {-1,0,1}, or a number of PayloadBits bits.
/// Unary and Planes are unsigned numbers that travel as binary spikes: payload
/// c as c spikes, or as one spike per set bit. Sums are the same; everything
/// that an event costs is counted once per spike.
enum class PayloadKind : uint16_t {
  Binary = 0,
  Ternary = 1,
  Signed = 2,
  Unsigned = 3,
  Unary = 4,
  Planes = 5,
};

/// The kind of the events that a chip has to carry for payloads of \p Kind.
inline constexpr PayloadKind carriedAs(PayloadKind Kind) {
  return Kind == PayloadKind::Unary || Kind == PayloadKind::Planes
             ? PayloadKind::Binary
             : Kind;
}

/// What the host tells with a stream of its own.
enum class HostRole : uint32_t {
  Token = 0,
  Position = 1, ///< of the token in its sequence
  Type = 2,     ///< of the token (BERT's segment)
  Events = 3,   ///< any events of the stream, given for each token step
};

/// A named stream of events: one result of a population (or the token input).
/// Recorded spike arrays carry this name.
struct StreamRecord {
  uint32_t Name;       ///< offset into Strings
  uint32_t NumNeurons; ///< events are numbered 0 .. NumNeurons-1
  PayloadKind Kind;
  uint16_t PayloadBits;
  uint32_t Population;             ///< None for inputs of the host
  HostRole Role = HostRole::Token; ///< of an input of the host
};
static_assert(sizeof(StreamRecord) == 20);

struct ProgramRecord {
  uint32_t Name; ///< offset into Strings
  uint32_t FirstInstruction, NumInstructions;
  uint32_t FirstStateInit; ///< NumStates words (binary32 or int32) in StateInit
  uint16_t NumSlots, NumParams, NumStates, NumOutputs, NumRegisters;
  uint16_t Reserved;
};
static_assert(sizeof(ProgramRecord) == 28);

struct CoreRecord {
  uint32_t Core; ///< CoreId::Value
  uint32_t FirstBlock, NumBlocks;
  uint32_t FirstTile, NumTiles;
  uint32_t FirstAxon, NumAxons;
  uint32_t Reserved;
  uint64_t MemoryOffset, MemoryBytes; ///< within CoreMemory
  /// Bytes of the core's memory in use, by what they hold; the fit report
  /// compares them with the target.
  uint32_t SynapseBytes, ParameterBytes, StateBytes, AccumulatorBytes,
      ProgramBytes, AxonBytes;
  uint32_t DynamicBytes = 0; ///< dynamic tiles: all planes
  uint32_t Reserved2 = 0;
};
static_assert(sizeof(CoreRecord) == 80);

/// What a held block finds in its slots.
enum class Held : uint8_t {
  No = 0,
  Each = 1, ///< what came for the same token step in the sweep before
  Last = 2, ///< what came for the last token step of the sweep before
};
/// Which rows of the memories must be there for a neuron to run.
enum class RowRule : uint8_t {
  None = 0, ///< neurons that belong to no row: all run
  Seen = 1, ///< rows that tokens have written up to this one
  All = 2,  ///< rows that the whole sequence has written
};

struct BlockRecord {
  uint32_t Population;
  uint32_t FirstNeuron, NumNeurons;
  /// Ascends along the way of the data, over all sweeps; with one sweep the
  /// tick at which token 0 is handled in prefill mode.
  uint32_t Level;
  uint32_t FirstSlot, NumSlots;
  uint32_t FirstOutput, NumOutputs;
  /// Parameters: NumParams arrays of NumNeurons words (binary32 or int32) each,
  /// one after the other, at this offset within the core's memory (a multiple
  /// of 16).
  uint64_t ParamOffset;
  uint16_t Sweep = 0;
  Held Holds = Held::No;
  RowRule Rows = RowRule::None;
  uint32_t FirstRow = 0; ///< memory row of neuron 0, when Rows is not None
  /// Not 0: states return to their initial values before token step t of a
  /// sequence (0, 1, ...) when t mod ResetEvery is ResetAt.
  uint32_t ResetEvery = 0, ResetAt = 0;
};
static_assert(sizeof(BlockRecord) == 56);

struct SlotRecord {
  uint32_t Size;    ///< the block's NumNeurons, or 1: uniform
  uint32_t Uniform; ///< 1: one accumulator for the whole block
  /// Ticks between the first write for a token and the read (delays included),
  /// at least 1: how many tokens' sums are held at once in prefill mode. Of a
  /// held block: the token steps of the longest sequence (1 when only the last
  /// is kept).
  uint32_t Depth;
  uint16_t Largest = 0; ///< 1: the largest of what arrives (at least 0), no sum
  uint16_t EntryBytes = 4; ///< memory of one entry: 4, or 1 .. 4 when held
};
static_assert(sizeof(SlotRecord) == 16);

struct OutputRecord {
  uint32_t Stream;
  /// 1: the block sends a single event, the sum of its neurons' payloads, with
  /// index ReducedIndex (a reduction); 2: the largest of them; 0: each neuron
  /// sends its own payload with its index in the stream.
  uint32_t Reduced;
  uint32_t FirstFlow, NumFlows;
  /// Payload range the sender guarantees: 0 unless Reduced, where it is the
  /// width of the result in bits.
  uint32_t ReducedBits;
  uint32_t ReducedIndex; ///< group of the population that the block lies in
};
static_assert(sizeof(OutputRecord) == 24);

/// Where a flow's events come from.
enum class FlowSource : uint32_t {
  Output = 0, ///< an OutputRecord
  Host = 1,   ///< the host injects tokens: stream = Source
};

struct FlowRecord {
  FlowSource SourceKind;
  uint32_t Source;     ///< index of the OutputRecord, or of the StreamRecord
  uint32_t SourceCore; ///< CoreId::Value, None for the host
  uint32_t FirstHop, NumHops;
  uint32_t HostOutput; ///< 1: the tree ends (also) at the host port
  /// Events of this range of stream indices are carried.
  uint32_t FirstIndex, NumIndices;
};
static_assert(sizeof(FlowRecord) == 32);

/// Ports of a router as bits of HopRecord::Ports.
enum Port : uint16_t {
  North = 1, ///< to the router with the next smaller Y
  East = 2,  ///< next larger X
  South = 4, ///< next larger Y
  West = 8,  ///< next smaller X
  Host = 16, ///< off the system, to the host
};

/// "At Router, an event of this flow leaves through Ports and is delivered to
/// the local cores in Cores." The hops of a flow form a tree; the first hop is
/// at the source core's router (at the host port's router for the host).
struct HopRecord {
  uint32_t Router;
  uint16_t Ports;
  uint16_t Cores; ///< bit i: core i of this router
};

enum class AxonKind : uint32_t {
  Rows = 0,   ///< index i selects row RowOffset + i - FirstIndex of Tile
  Direct = 1, ///< index i adds the payload to Slot at Offset + i - FirstIndex
  /// Index i writes the payload into dynamic tile Target, in the plane of the
  /// inner step: of a Keys tile at row Offset + i - FirstIndex and the column
  /// of the token's memory row, of a Values tile at column Offset + i -
  /// FirstIndex and the row of the token's memory row (when the tile has that
  /// row).
  Write = 2,
  /// Index i is source i of the convolution that tile Target belongs to: every
  /// tap from it to a target of the tile adds payload x weight. Offset is 0.
  Window = 3,
};

/// What events of one flow do at one core. Several axons may share a flow.
struct AxonRecord {
  uint32_t Flow;
  AxonKind Kind;
  uint32_t FirstIndex, NumIndices; ///< the stream indices it takes
  uint32_t Target;                 ///< TileRecord or SlotRecord index (global)
  uint32_t Offset;                 ///< first row of the tile, or place in slot
  /// Of Rows axons: where in AxonRows the rows stand instead, one per index of
  /// the axon; None there means that the source has no row and never fires.
  /// None: rows are consecutive, from Offset on.
  uint32_t Table = None;
  /// Token steps later that the events are taken, at most MaxDelay; 0 of Write
  /// axons and of what selects rows of a dynamic tile.
  uint32_t Delay = 0;
};
static_assert(sizeof(AxonRecord) == 32);

enum class WeightFormat : uint16_t {
  Int8 = 0, ///< signed, row-major source x target, rows RowStride bytes apart
  Bit1 = 1, ///< {0,1}, bit j%8 of byte j/8 of a row
  Int4 = 2, ///< signed, -8 .. 7, column j in bits 4 (j%2) .. of byte j/2
  Int2 = 3, ///< signed, -2 .. 1, column j in bits 2 (j%4) .. of byte j/4
};
/// Bits of one weight.
uint32_t bitsOf(WeightFormat Format);

/// A tile of a Window connection has FirstRow 0, all rows of the kernel,
/// FirstCol and Cols the range of targets that it adds to, and rows as short as
/// they can be (RowStride: their bits rounded up to bytes).
///
/// A dynamic tile (of a Keys or Values connection) has no bytes in the file:
/// WeightOffset is 0 and RowStride the bytes of a row of one plane, at the
/// stored width. Its rows and columns lie within one head of the connection.
struct TileRecord {
  uint32_t Connection;
  /// Sources, numbered within the connection (among those that have synapses,
  /// where an axon has a table).
  uint32_t FirstRow, Rows;
  uint32_t FirstCol, Cols; ///< targets, likewise
  uint32_t Slot;           ///< SlotRecord that the sums go to (global index)
  uint32_t SlotOffset;     ///< where column 0 of the tile lands in the slot
  WeightFormat Format;
  uint16_t Planes;       ///< of a dynamic tile: inner steps; else 0
  uint64_t WeightOffset; ///< within the core's memory, a multiple of 16
  uint32_t RowStride;    ///< bytes; a multiple of 16 unless Bit1 or dynamic
  /// Of a dynamic tile: memory row of its column 0 (Keys) or row 0 (Values).
  uint32_t FirstPosition;
};
static_assert(sizeof(TileRecord) == 48);

/// A checked, read-only view of an image. Records point into the mapping.
class Image {
public:
  /// Maps \p Path and checks everything; all faults of one kind of section are
  /// reported together. Fails with BadInput and `file: section, record: ...`.
  static Result<Image> open(const std::string &Path);
  /// The same for bytes in memory (tests and fuzzing); copies nothing, so the
  /// bytes must be 64-byte aligned and outlive the image.
  static Result<Image> view(std::span<const std::byte> Bytes,
                            const std::string &Name);

  std::string_view metadata() const; ///< JSON text
  std::string_view target() const;   ///< YAML text
  std::span<const std::byte> network() const;
  /// The name at \p Offset of the string section; checked when opened.
  std::string_view string(uint32_t Offset) const;

  std::span<const PopulationRecord> populations() const;
  std::span<const ConnectionRecord> connections() const;
  std::span<const StreamRecord> streams() const;
  std::span<const ProgramRecord> programs() const;
  std::span<const isa::Instruction> instructions() const;
  std::span<const uint32_t> stateInit() const;
  std::span<const CoreRecord> cores() const;
  std::span<const BlockRecord> blocks() const;
  std::span<const SlotRecord> slots() const;
  std::span<const OutputRecord> outputs() const;
  std::span<const TileRecord> tiles() const;
  std::span<const AxonRecord> axons() const;
  std::span<const FlowRecord> flows() const;
  std::span<const HopRecord> hops() const;
  std::span<const float> hostScales() const;
  std::span<const WindowRecord> windows() const;
  const SequenceRecord &sequence() const;
  std::span<const uint32_t> axonRows() const;
  std::span<const std::byte> coreMemory() const;
  /// Size of the file in bytes.
  uint64_t fileBytes() const;

  /// The raw bytes of a section; empty when it is absent.
  std::span<const std::byte> section(SectionKind Kind) const;

private:
  struct Mapping;
  std::shared_ptr<const Mapping> Map;
};

/// Writes an image section by section, so that a large one never has to be in
/// memory: core memory is appended as it is made. The file appears under its
/// final name only when finish() succeeds; otherwise nothing is left behind.
class ImageWriter {
public:
  static Result<ImageWriter> create(const std::string &Path);
  ImageWriter(ImageWriter &&) noexcept;
  ImageWriter &operator=(ImageWriter &&) noexcept;
  ~ImageWriter();

  /// Appends \p Bytes to the section being written; starting another kind ends
  /// the one before. Kinds may come in any order, each in one run.
  Status append(SectionKind Kind, uint32_t RecordBytes,
                std::span<const std::byte> Bytes);
  template <typename Record>
  Status appendRecords(SectionKind Kind, std::span<const Record> Records) {
    return append(Kind, sizeof(Record), std::as_bytes(Records));
  }
  Status appendText(SectionKind Kind, std::string_view Text) {
    return append(Kind, 1, std::as_bytes(std::span(Text)));
  }
  /// Writes the table and the header, syncs, and renames into place.
  Status finish();

private:
  struct Impl;
  explicit ImageWriter(std::unique_ptr<Impl> I);
  std::unique_ptr<Impl> Held;
};

} // namespace synfire::image

#endif // SYNFIRE_TARGETS_IMAGE_H
