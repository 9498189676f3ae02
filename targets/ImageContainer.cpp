//===- targets/ImageContainer.cpp - Header and section table ----*- C++ -*-===//

#include "targets/ImageCheck.h"
#include "targets/Utf8.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <memory>

using namespace synfire;
using namespace synfire::image;

namespace {

struct KindInfo {
  std::string_view Name;
  uint32_t RecordBytes;
};

constexpr KindInfo Kinds[NumSectionKinds + 1] = {
    {"", 0},
    {"metadata", 1},
    {"target", 1},
    {"strings", 1},
    {"populations", sizeof(PopulationRecord)},
    {"connections", sizeof(ConnectionRecord)},
    {"streams", sizeof(StreamRecord)},
    {"programs", sizeof(ProgramRecord)},
    {"instructions", sizeof(isa::Instruction)},
    {"state-init", sizeof(uint32_t)},
    {"cores", sizeof(CoreRecord)},
    {"blocks", sizeof(BlockRecord)},
    {"slots", sizeof(SlotRecord)},
    {"outputs", sizeof(OutputRecord)},
    {"tiles", sizeof(TileRecord)},
    {"axons", sizeof(AxonRecord)},
    {"flows", sizeof(FlowRecord)},
    {"hops", sizeof(HopRecord)},
    {"host-scales", sizeof(float)},
    {"core-memory", 1},
    {"network", 1},
    {"sequence", sizeof(SequenceRecord)},
    {"axon-rows", sizeof(uint32_t)},
    {"windows", sizeof(WindowRecord)},
};

bool isKnown(SectionKind Kind) {
  auto Number = static_cast<uint32_t>(Kind);
  return Number >= 1 && Number <= NumSectionKinds;
}

bool isText(SectionKind Kind) {
  return Kind == SectionKind::Metadata || Kind == SectionKind::Target ||
         Kind == SectionKind::Strings;
}

/// The entry by itself: what it is and where it lies.
void checkEntry(const SectionEntry &E, uint64_t Index, uint64_t DataStart,
                uint64_t FileBytes, FaultList &Faults) {
  auto Number = static_cast<uint32_t>(E.Kind);
  if (!isKnown(E.Kind))
    return Faults.add(Index, "image-section-kind",
                      fmt::format("section kind {} is unknown; known are 1 to "
                                  "{}",
                                  Number, NumSectionKinds));
  KindInfo Info = Kinds[Number];
  if (E.RecordBytes != Info.RecordBytes)
    Faults.add(Index, "image-record-size",
               fmt::format("{}: records of {} bytes, not {}", Info.Name,
                           E.RecordBytes, Info.RecordBytes));
  if (E.Offset % Alignment != 0)
    Faults.add(Index, "image-alignment",
               fmt::format("{}: offset {} is not a multiple of {}", Info.Name,
                           E.Offset, Alignment));
  if (E.Offset < DataStart || !within(E.Offset, E.Bytes, FileBytes))
    return Faults.add(
        Index, "image-section-bounds",
        fmt::format("{}: {} bytes at offset {} do not lie between "
                    "the section table (ends at {}) and the end "
                    "of the file ({})",
                    Info.Name, E.Bytes, E.Offset, DataStart, FileBytes));
  if (E.Bytes % Info.RecordBytes != 0)
    Faults.add(
        Index, "image-record-size",
        fmt::format("{}: {} bytes are no whole number of {}-byte records",
                    Info.Name, E.Bytes, Info.RecordBytes));
  // Indices are 32 bits wide and `None` is none of them.
  if (Info.RecordBytes > 1 && E.Bytes / Info.RecordBytes >= None)
    Faults.add(Index, "image-record-count",
               fmt::format("{}: {} records are more than 32 bits number",
                           Info.Name, E.Bytes / Info.RecordBytes));
}

/// The entries together: no kind twice, no overlap, nothing but zeros between.
void checkLayout(std::span<const SectionEntry> Table,
                 std::span<const std::byte> Bytes, uint64_t DataStart,
                 FaultList &Faults) {
  std::vector<uint32_t> Order(Table.size());
  for (uint32_t I = 0; I < Order.size(); ++I)
    Order[I] = I;
  std::ranges::sort(Order, [&](uint32_t A, uint32_t B) {
    return std::tuple(Table[A].Offset, Table[A].Bytes, A) <
           std::tuple(Table[B].Offset, Table[B].Bytes, B);
  });
  bool Seen[NumSectionKinds + 1] = {};
  for (uint32_t I = 0; I < Table.size(); ++I) {
    auto Number = static_cast<uint32_t>(Table[I].Kind);
    if (Seen[Number])
      Faults.add(I, "image-section-twice",
                 fmt::format("{}: this kind of section occurs twice",
                             Kinds[Number].Name));
    Seen[Number] = true;
  }
  uint64_t End = DataStart;
  auto CheckGap = [&](uint64_t Index, uint64_t From, uint64_t To) {
    for (uint64_t At = From; At < To; ++At)
      if (Bytes[At] != std::byte(0))
        return Faults.add(Index, "image-padding",
                          fmt::format("byte {} belongs to no section and is "
                                      "not zero",
                                      At));
  };
  for (uint32_t I : Order) {
    if (Table[I].Offset < End)
      Faults.add(I, "image-section-overlap",
                 fmt::format("{}: offset {} lies within another section that "
                             "ends at {}",
                             sectionName(Table[I].Kind), Table[I].Offset, End));
    else
      CheckGap(I, End, Table[I].Offset);
    End = std::max(End, Table[I].Offset + Table[I].Bytes);
  }
  CheckGap(Table.size(), End, Bytes.size());
}

/// The checksum of \p Bytes; \p Done is told of each piece.
uint64_t checksumInPieces(std::span<const std::byte> Bytes,
                          const ReadOnce &Done) {
  constexpr size_t Piece = 1 << 16;
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> State(
      XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(State.get());
  for (size_t At = 0; At < Bytes.size(); At += Piece) {
    auto Read = Bytes.subspan(At, std::min(Piece, Bytes.size() - At));
    XXH3_64bits_update(State.get(), Read.data(), Read.size());
    Done(Read);
  }
  return XXH3_64bits_digest(State.get());
}

void checkContents(const SectionEntry &E, uint64_t Index,
                   std::span<const std::byte> Bytes, FaultList &Faults,
                   const ReadOnce &Done) {
  const uint64_t Checksum = E.Kind == SectionKind::Network && Done
                                ? checksumInPieces(Bytes, Done)
                                : XXH3_64bits(Bytes.data(), Bytes.size());
  if (Checksum != E.Checksum)
    return Faults.add(Index, "image-checksum",
                      fmt::format("{}: the bytes do not match their checksum; "
                                  "the file is damaged",
                                  sectionName(E.Kind)));
  if (!isText(E.Kind))
    return;
  std::string_view Text(reinterpret_cast<const char *>(Bytes.data()),
                        Bytes.size());
  if (std::optional<size_t> Bad = findInvalidUtf8(Text))
    Faults.add(
        Index, "image-utf8",
        fmt::format("{}: byte {} is not UTF-8", sectionName(E.Kind), *Bad));
  if (E.Kind == SectionKind::Strings && !Text.empty() && Text.back() != '\0')
    Faults.add(Index, "image-string",
               "strings: the last string is not terminated");
}

} // namespace

std::string_view image::sectionName(SectionKind Kind) {
  return isKnown(Kind) ? Kinds[static_cast<uint32_t>(Kind)].Name : "unknown";
}

uint32_t image::recordBytesOf(SectionKind Kind) {
  return isKnown(Kind) ? Kinds[static_cast<uint32_t>(Kind)].RecordBytes : 0;
}

Errors image::checkContainer(std::span<const std::byte> Bytes,
                             const std::string &File, SectionSpans &Sections,
                             const ReadOnce &Done) {
  auto Refuse = [&](std::string_view Rule, std::string Text) {
    return Errors{{File, std::string(Rule), std::move(Text)}};
  };
  if (Bytes.size() < sizeof(Header))
    return Refuse(
        "image-size",
        fmt::format("{} bytes are too few for an image's header of {}",
                    Bytes.size(), sizeof(Header)));
  Header Head;
  std::memcpy(&Head, Bytes.data(), sizeof(Head));
  if (std::memcmp(Head.Magic, Magic, sizeof(Magic)) != 0)
    return Refuse("image-magic", "this is not a Synfire image");
  if (Head.Version != FormatVersion)
    return Refuse("image-version",
                  fmt::format("format version {}, but this program reads {}; "
                              "compile the model again",
                              Head.Version, FormatVersion));
  if (Head.FileBytes != Bytes.size())
    return Refuse(
        "image-size",
        fmt::format("the header says {} bytes, the file has {}; it is "
                    "truncated or has grown",
                    Head.FileBytes, Bytes.size()));
  for (uint8_t Byte : Head.Reserved)
    if (Byte != 0)
      return Refuse("image-reserved", "a reserved byte of the header is not 0");
  uint64_t TableBytes = uint64_t(Head.NumSections) * sizeof(SectionEntry);
  if (Head.NumSections > NumSectionKinds ||
      !within(sizeof(Header), TableBytes, Bytes.size()))
    return Refuse(
        "image-section-bounds",
        fmt::format("a table of {} sections; at most {} fit the "
                    "format and {} the file",
                    Head.NumSections, NumSectionKinds,
                    (Bytes.size() - sizeof(Header)) / sizeof(SectionEntry)));
  if (XXH3_64bits(Bytes.data() + sizeof(Header), TableBytes) !=
      Head.TableChecksum)
    return Refuse("image-checksum", "the section table does not match its "
                                    "checksum; the file is damaged");

  std::vector<SectionEntry> Table(Head.NumSections);
  if (!Table.empty())
    std::memcpy(Table.data(), Bytes.data() + sizeof(Header), TableBytes);
  uint64_t DataStart = sizeof(Header) + TableBytes;
  Errors Found;
  FaultList Faults(File, "sections");
  for (uint64_t I = 0; I < Table.size(); ++I)
    checkEntry(Table[I], I, DataStart, Bytes.size(), Faults);
  if (Faults.empty())
    checkLayout(Table, Bytes, DataStart, Faults);
  if (Faults.empty())
    for (uint64_t I = 0; I < Table.size(); ++I)
      checkContents(Table[I], I, Bytes.subspan(Table[I].Offset, Table[I].Bytes),
                    Faults, Done);
  Faults.moveTo(Found);
  if (Found.empty())
    for (const SectionEntry &E : Table)
      Sections[static_cast<uint32_t>(E.Kind)] =
          Bytes.subspan(E.Offset, E.Bytes);
  return Found;
}
