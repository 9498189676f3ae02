//===- targets/ImageCheck.h - The checks behind Image::open -----*- C++ -*-===//
//
// Private to targets/: everything that must hold before a record of an image
// may be used. The checks run in stages, each of which may index what the
// stages before it have found sound; the first stage with faults ends the run.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_IMAGECHECK_H
#define SYNFIRE_TARGETS_IMAGECHECK_H

#include "targets/Image.h"

#include <fmt/format.h>

#include <array>
#include <functional>

namespace synfire::image {

/// Kinds are numbered from 1; element 0 stays empty.
inline constexpr uint32_t NumSectionKinds = 23;
using SectionSpans =
    std::array<std::span<const std::byte>, NumSectionKinds + 1>;

/// The section's name in messages: `tiles`, `core-memory`, ...
std::string_view sectionName(SectionKind Kind);
/// Bytes of one record; 1 for text and raw bytes.
uint32_t recordBytesOf(SectionKind Kind);

template <typename Record>
std::span<const Record> recordsOf(const SectionSpans &Sections,
                                  SectionKind Kind) {
  std::span<const std::byte> Bytes = Sections[static_cast<uint32_t>(Kind)];
  return {reinterpret_cast<const Record *>(Bytes.data()),
          Bytes.size() / sizeof(Record)};
}

/// True when [First, First + Count) lies within [0, Size).
inline bool within(uint64_t First, uint64_t Count, uint64_t Size) {
  return First <= Size && Count <= Size - First;
}

/// The faults of one section, of which the first few are told in full.
class FaultList {
public:
  FaultList(const std::string &File, std::string_view Section)
      : File(File), Section(Section) {}

  /// A fault of record \p Index.
  void add(uint64_t Index, std::string_view Rule, std::string Text) {
    if (++Count <= MaxTold)
      Told.push_back({fmt::format("{}: {}[{}]", File, Section, Index),
                      std::string(Rule), std::move(Text)});
  }
  bool empty() const { return Count == 0; }
  uint64_t count() const { return Count; }
  /// Moves the faults to \p Out, with a last line that counts the untold.
  void moveTo(Errors &Out);

private:
  static constexpr uint64_t MaxTold = 10;
  const std::string &File;
  std::string_view Section;
  uint64_t Count = 0;
  Errors Told;
};

/// What a checking stage looks at: all sections as typed records.
struct Records {
  explicit Records(const SectionSpans &Sections, const std::string &File);

  const std::string &File;
  std::string_view Strings;
  std::span<const PopulationRecord> Populations;
  std::span<const ConnectionRecord> Connections;
  std::span<const StreamRecord> Streams;
  std::span<const ProgramRecord> Programs;
  std::span<const isa::Instruction> Instructions;
  std::span<const uint32_t> StateInit;
  std::span<const CoreRecord> Cores;
  std::span<const BlockRecord> Blocks;
  std::span<const SlotRecord> Slots;
  std::span<const OutputRecord> Outputs;
  std::span<const TileRecord> Tiles;
  std::span<const AxonRecord> Axons;
  std::span<const FlowRecord> Flows;
  std::span<const HopRecord> Hops;
  std::span<const float> HostScales;
  std::span<const std::byte> CoreMemory;
  std::span<const SequenceRecord> Sequence;
  std::span<const uint32_t> AxonRows;
  std::span<const WindowRecord> Windows;
};

/// Takes bytes that were read for their checksum alone: who mapped them may
/// give their pages back.
using ReadOnce = std::function<void(std::span<const std::byte>)>;

/// Header, section table, checksums, padding, text (ImageContainer.cpp).
/// Fills \p Sections. \p Done, if any, is told of the network, which no run
/// reads: piece by piece, so that it is never resident as a whole.
Errors checkContainer(std::span<const std::byte> Bytes, const std::string &File,
                      SectionSpans &Sections, const ReadOnce &Done);
/// Populations, connections, streams and programs (ImageCheckNetwork.cpp).
Errors checkNetwork(const Records &R);
/// Shapes of convolutions, and the connections that have one
/// (ImageCheckWindows.cpp).
void checkWindows(const Records &R, Errors &Out);
void checkWindowOf(const Records &R, const ConnectionRecord &C, uint64_t Index,
                   FaultList &Faults);
/// Cores, blocks, slots, outputs (ImageCheckCores.cpp).
Errors checkCores(const Records &R);
/// Tiles, flows, hops, axons, host scales (ImageCheckTraffic.cpp).
Errors checkTraffic(const Records &R);

/// All stages.
Status checkImage(std::span<const std::byte> Bytes, const std::string &File,
                  SectionSpans &Sections, const ReadOnce &Done = {});

} // namespace synfire::image

#endif // SYNFIRE_TARGETS_IMAGECHECK_H
