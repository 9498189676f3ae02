//===- targets/Image.cpp - Opening the chip binary --------------*- C++ -*-===//

#include "targets/Image.h"

#include "targets/ImageCheck.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace synfire;
using namespace synfire::image;

/// The bytes and where each section lies in them.
struct Image::Mapping {
  std::span<const std::byte> Bytes;
  SectionSpans Sections;
  void *Mapped = nullptr; ///< to unmap; null for borrowed bytes

  ~Mapping() {
    if (Mapped)
      munmap(Mapped, Bytes.size());
  }
};

static Error cannotRead(const std::string &Path, std::string Why) {
  return Error{Path, "image-file", "cannot read the image: " + std::move(Why)};
}

/// Gives back the pages that lie wholly within \p Bytes of a file that is
/// mapped for reading; whoever reads them again gets them from the file.
static void releasePages(std::span<const std::byte> Bytes) {
  const auto Page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto At = reinterpret_cast<uintptr_t>(Bytes.data());
  const uintptr_t First = (At + Page - 1) / Page * Page,
                  End = (At + Bytes.size()) / Page * Page;
  if (First < End)
    madvise(reinterpret_cast<void *>(First), End - First, MADV_DONTNEED);
}

Result<Image> Image::open(const std::string &Path) {
  // O_NONBLOCK: a named pipe must not make us wait before we can refuse it.
  int File = ::open(Path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (File < 0)
    return cannotRead(Path, std::strerror(errno));
  struct stat Info;
  bool Regular = fstat(File, &Info) == 0 && S_ISREG(Info.st_mode);
  if (!Regular || Info.st_size == 0) {
    ::close(File);
    return cannotRead(Path, Regular ? "the file is empty"
                                    : "it is not a regular file");
  }
  auto Map = std::make_shared<Mapping>();
  auto Size = static_cast<size_t>(Info.st_size);
  void *Mapped = mmap(nullptr, Size, PROT_READ, MAP_PRIVATE, File, 0);
  int MapError = errno;
  ::close(File);
  if (Mapped == MAP_FAILED)
    return cannotRead(Path, std::strerror(MapError));
  Map->Mapped = Mapped;
  Map->Bytes = {static_cast<const std::byte *>(Mapped), Size};

  Image Opened;
  Status Sound = checkImage(Map->Bytes, Path, Map->Sections, releasePages);
  if (!Sound)
    return Sound.errors();
  Opened.Map = std::move(Map);
  return Opened;
}

Result<Image> Image::view(std::span<const std::byte> Bytes,
                          const std::string &Name) {
  if (reinterpret_cast<uintptr_t>(Bytes.data()) % Alignment != 0)
    return Error{Name, "image-alignment",
                 fmt::format("the bytes in memory do not start at a multiple "
                             "of {}",
                             Alignment)};
  auto Map = std::make_shared<Mapping>();
  Map->Bytes = Bytes;
  Image Viewed;
  Status Sound = checkImage(Map->Bytes, Name, Map->Sections);
  if (!Sound)
    return Sound.errors();
  Viewed.Map = std::move(Map);
  return Viewed;
}

std::span<const std::byte> Image::section(SectionKind Kind) const {
  return Map->Sections[static_cast<uint32_t>(Kind)];
}

static std::string_view asText(std::span<const std::byte> Bytes) {
  return {reinterpret_cast<const char *>(Bytes.data()), Bytes.size()};
}

std::string_view Image::metadata() const {
  return asText(section(SectionKind::Metadata));
}
std::string_view Image::target() const {
  return asText(section(SectionKind::Target));
}
std::span<const std::byte> Image::network() const {
  return section(SectionKind::Network);
}
std::string_view Image::string(uint32_t Offset) const {
  // The section is known to end with a zero.
  return asText(section(SectionKind::Strings)).data() + Offset;
}

#define SYNFIRE_RECORDS(Name, Record, Kind)                                    \
  std::span<const Record> Image::Name() const {                                \
    return recordsOf<Record>(Map->Sections, SectionKind::Kind);                \
  }
SYNFIRE_RECORDS(populations, PopulationRecord, Populations)
SYNFIRE_RECORDS(connections, ConnectionRecord, Connections)
SYNFIRE_RECORDS(streams, StreamRecord, Streams)
SYNFIRE_RECORDS(programs, ProgramRecord, Programs)
SYNFIRE_RECORDS(instructions, isa::Instruction, Instructions)
SYNFIRE_RECORDS(stateInit, uint32_t, StateInit)
SYNFIRE_RECORDS(cores, CoreRecord, Cores)
SYNFIRE_RECORDS(blocks, BlockRecord, Blocks)
SYNFIRE_RECORDS(slots, SlotRecord, Slots)
SYNFIRE_RECORDS(outputs, OutputRecord, Outputs)
SYNFIRE_RECORDS(tiles, TileRecord, Tiles)
SYNFIRE_RECORDS(axons, AxonRecord, Axons)
SYNFIRE_RECORDS(flows, FlowRecord, Flows)
SYNFIRE_RECORDS(hops, HopRecord, Hops)
SYNFIRE_RECORDS(hostScales, float, HostScales)
SYNFIRE_RECORDS(axonRows, uint32_t, AxonRows)
SYNFIRE_RECORDS(windows, WindowRecord, Windows)
#undef SYNFIRE_RECORDS

const SequenceRecord &Image::sequence() const {
  return recordsOf<SequenceRecord>(Map->Sections, SectionKind::Sequence)
      .front();
}

uint32_t image::bitsOf(WeightFormat Format) {
  switch (Format) {
  case WeightFormat::Int8:
    return 8;
  case WeightFormat::Bit1:
    return 1;
  case WeightFormat::Int4:
    return 4;
  case WeightFormat::Int2:
    return 2;
  }
  return 0;
}

std::span<const std::byte> Image::coreMemory() const {
  return section(SectionKind::CoreMemory);
}
uint64_t Image::fileBytes() const { return Map->Bytes.size(); }
