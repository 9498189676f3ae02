//===- targets/arrays/Zip.cpp - Reading zip archives ----------------------===//

#include "targets/arrays/Zip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

namespace synfire {

namespace {

constexpr uint32_t LocalMagic = 0x04034b50;
constexpr uint32_t CentralMagic = 0x02014b50;
constexpr uint32_t EndMagic = 0x06054b50;
constexpr uint32_t End64Magic = 0x06064b50;
constexpr uint32_t Locator64Magic = 0x07064b50;
constexpr uint64_t LocalSize = 30, CentralSize = 46, EndSize = 22,
                   End64Size = 56, Locator64Size = 20;
constexpr uint64_t MaxComment = 65535;

/// Little-endian numbers at places that the caller has checked.
class Fields {
public:
  explicit Fields(std::span<const uint8_t> Bytes) : Bytes(Bytes) {}
  bool has(uint64_t At, uint64_t Size) const {
    return At <= Bytes.size() && Size <= Bytes.size() - At;
  }
  uint16_t u16(uint64_t At) const { return load<uint16_t>(At); }
  uint32_t u32(uint64_t At) const { return load<uint32_t>(At); }
  uint64_t u64(uint64_t At) const { return load<uint64_t>(At); }

private:
  template <typename T>
  T load(uint64_t At) const {
    T Value;
    std::memcpy(&Value, Bytes.data() + At, sizeof(T));
    return Value;
  }
  std::span<const uint8_t> Bytes;
};

struct Directory {
  uint64_t Offset = 0;
  uint64_t Size = 0;
  uint64_t Count = 0;
};

Error bad(const std::string &File, uint64_t At, const std::string &Text) {
  return Error{File, "zip-format",
               fmt::format("at byte {}: {}; the archive is damaged, save it "
                           "again",
                           At, Text)};
}

Result<Directory> findDirectory(std::span<const uint8_t> Bytes,
                                const std::string &File) {
  Fields F(Bytes);
  if (Bytes.size() < EndSize)
    return bad(File, Bytes.size(), "too short for a zip archive");
  uint64_t Lowest = Bytes.size() - EndSize;
  Lowest = Lowest > MaxComment ? Lowest - MaxComment : 0;
  std::optional<uint64_t> End;
  for (uint64_t At = Bytes.size() - EndSize + 1; At-- != Lowest;)
    if (F.u32(At) == EndMagic &&
        At + EndSize + F.u16(At + 20) == Bytes.size()) {
      End = At;
      break;
    }
  if (!End)
    return bad(File, Bytes.size(),
               "no end-of-directory record (a truncated zip archive)");
  Directory D{F.u32(*End + 16), F.u32(*End + 12), F.u16(*End + 10)};
  uint64_t Limit = *End;
  if (F.u16(*End + 4) != F.u16(*End + 6) || F.u16(*End + 8) != D.Count)
    return bad(File, *End, "archives in several parts are not read");
  if (*End >= Locator64Size && F.u32(*End - Locator64Size) == Locator64Magic) {
    uint64_t At = F.u64(*End - Locator64Size + 8);
    if (!F.has(At, End64Size) || F.u32(At) != End64Magic)
      return bad(File, *End - Locator64Size,
                 "no ZIP64 record where it should be");
    D = {F.u64(At + 48), F.u64(At + 40), F.u64(At + 32)};
    Limit = At;
  }
  if (D.Offset > Limit || D.Size > Limit - D.Offset ||
      D.Count > D.Size / CentralSize)
    return bad(File, *End,
               fmt::format("a directory of {} entries in {} bytes from byte {} "
                           "does not fit the file",
                           D.Count, D.Size, D.Offset));
  return D;
}

/// Replaces saturated 32-bit fields by those of the ZIP64 extra field.
bool readZip64(const Fields &F, uint64_t Extra, uint64_t ExtraSize,
               ZipEntry &Entry, uint64_t &LocalOffset) {
  bool WantSize = Entry.Size == UINT32_MAX;
  bool WantCompressed = Entry.CompressedSize == UINT32_MAX;
  bool WantOffset = LocalOffset == UINT32_MAX;
  if (!WantSize && !WantCompressed && !WantOffset)
    return true;
  uint64_t End = Extra + ExtraSize;
  while (Extra + 4 <= End) {
    uint64_t Field = Extra + 4, Size = F.u16(Extra + 2);
    if (Size > End - Field)
      return false;
    if (F.u16(Extra) != 1) {
      Extra = Field + Size;
      continue;
    }
    uint64_t Needed = 8 * (WantSize + WantCompressed + WantOffset);
    if (Size < Needed)
      return false;
    for (auto [Want, To] : {std::pair{WantSize, &Entry.Size},
                            std::pair{WantCompressed, &Entry.CompressedSize},
                            std::pair{WantOffset, &LocalOffset}})
      if (Want) {
        *To = F.u64(Field);
        Field += 8;
      }
    return true;
  }
  return false;
}

/// True for names that could leave the archive's own folder.
bool climbsOut(std::string_view Name) {
  if (Name.empty() || Name.front() == '/' ||
      Name.find('\0') != std::string_view::npos)
    return true;
  while (!Name.empty()) {
    size_t Slash = Name.find_first_of("/\\");
    if (Name.substr(0, Slash) == "..")
      return true;
    Name.remove_prefix(Slash == std::string_view::npos ? Name.size()
                                                       : Slash + 1);
  }
  return false;
}

} // namespace

Result<ZipArchive> ZipArchive::parse(std::span<const uint8_t> Bytes,
                                     const std::string &FileName) {
  Result<Directory> D = findDirectory(Bytes, FileName);
  if (!D)
    return D.errors();
  ZipArchive Archive;
  Archive.Bytes = Bytes;
  Archive.FileName = FileName;
  Fields F(Bytes);
  // Bytes each entry occupies, to find overlaps.
  std::vector<std::pair<uint64_t, uint64_t>> Extents;
  uint64_t At = D->Offset, End = D->Offset + D->Size;
  for (uint64_t I = 0; I != D->Count; ++I) {
    if (End - At < CentralSize || F.u32(At) != CentralMagic)
      return bad(FileName, At, "no directory entry where it should be");
    uint64_t NameSize = F.u16(At + 28), ExtraSize = F.u16(At + 30);
    uint64_t Total = CentralSize + NameSize + ExtraSize + F.u16(At + 32);
    if (Total > End - At)
      return bad(FileName, At, "directory entry longer than the directory");
    ZipEntry Entry;
    Entry.Name.assign(reinterpret_cast<const char *>(Bytes.data()) + At +
                          CentralSize,
                      NameSize);
    Entry.Method = F.u16(At + 10);
    Entry.Crc = F.u32(At + 16);
    Entry.CompressedSize = F.u32(At + 20);
    Entry.Size = F.u32(At + 24);
    uint64_t Local = F.u32(At + 42);
    if (climbsOut(Entry.Name))
      return bad(
          FileName, At,
          fmt::format("entry name '{}' leads outside the archive", Entry.Name));
    if (F.u16(At + 8) & 1)
      return bad(FileName, At,
                 fmt::format("entry '{}' is encrypted", Entry.Name));
    if (!readZip64(F, At + CentralSize + NameSize, ExtraSize, Entry, Local))
      return bad(
          FileName, At,
          fmt::format("entry '{}' has a broken ZIP64 field", Entry.Name));
    if (Local > D->Offset || D->Offset - Local < LocalSize ||
        F.u32(Local) != LocalMagic)
      return bad(FileName, At,
                 fmt::format("no local header of entry '{}' at byte {}",
                             Entry.Name, Local));
    Entry.DataOffset =
        Local + LocalSize + F.u16(Local + 26) + F.u16(Local + 28);
    if (Entry.DataOffset > D->Offset ||
        Entry.CompressedSize > D->Offset - Entry.DataOffset)
      return bad(FileName, At,
                 fmt::format("entry '{}' of {} bytes from byte {} runs past "
                             "the data, which ends at byte {}",
                             Entry.Name, Entry.CompressedSize, Entry.DataOffset,
                             D->Offset));
    if (NameSize != F.u16(Local + 26) ||
        std::memcmp(Bytes.data() + Local + LocalSize, Entry.Name.data(),
                    NameSize) != 0)
      return bad(FileName, Local,
                 fmt::format("local header and directory name entry '{}' "
                             "differently",
                             Entry.Name));
    if (Entry.Method == 0 && Entry.Size != Entry.CompressedSize)
      return bad(FileName, At,
                 fmt::format("stored entry '{}' has two sizes, {} and {}",
                             Entry.Name, Entry.CompressedSize, Entry.Size));
    Extents.emplace_back(Local, Entry.DataOffset + Entry.CompressedSize);
    Archive.Entries.push_back(std::move(Entry));
    At += Total;
  }
  std::sort(Extents.begin(), Extents.end());
  for (size_t I = 1; I < Extents.size(); ++I)
    if (Extents[I].first < Extents[I - 1].second)
      return bad(FileName, Extents[I].first, "two entries overlap");
  std::vector<uint32_t> &ByName = Archive.ByName;
  ByName.resize(Archive.Entries.size());
  std::iota(ByName.begin(), ByName.end(), 0);
  auto nameOf = [&](uint32_t I) -> std::string_view {
    return Archive.Entries[I].Name;
  };
  std::ranges::sort(ByName, {}, nameOf);
  if (auto Twice = std::ranges::adjacent_find(ByName, {}, nameOf);
      Twice != ByName.end())
    return bad(FileName, D->Offset,
               fmt::format("two entries '{}'", nameOf(*Twice)));
  return Archive;
}

const ZipEntry *ZipArchive::find(std::string_view Name) const {
  auto nameOf = [&](uint32_t I) -> std::string_view { return Entries[I].Name; };
  auto It = std::ranges::lower_bound(ByName, Name, {}, nameOf);
  return It == ByName.end() || nameOf(*It) != Name ? nullptr : &Entries[*It];
}

Status ZipArchive::checkStored(const ZipEntry &Entry) const {
  std::span<const uint8_t> Data = raw(Entry);
  if (Entry.Method != 0)
    return bad(FileName, Entry.DataOffset,
               fmt::format("entry '{}' is compressed", Entry.Name));
  uint32_t Crc = static_cast<uint32_t>(crc32_z(0, Data.data(), Data.size()));
  if (Crc != Entry.Crc)
    return Error{FileName, "zip-crc",
                 fmt::format("entry '{}' (bytes {} to {}) has checksum "
                             "{:08x}, the directory says {:08x}: the file is "
                             "damaged, copy it again",
                             Entry.Name, Entry.DataOffset,
                             Entry.DataOffset + Entry.Size, Crc, Entry.Crc)};
  return {};
}

Result<std::vector<uint8_t>> ZipArchive::read(const ZipEntry &Entry,
                                              uint64_t Limit) const {
  if (Entry.Size > Limit)
    return bad(FileName, Entry.DataOffset,
               fmt::format("entry '{}' has {} bytes, more than the {} that are "
                           "read",
                           Entry.Name, Entry.Size, Limit));
  std::span<const uint8_t> Data = raw(Entry);
  if (Entry.Method == 0) {
    if (Status S = checkStored(Entry); !S)
      return S.errors();
    return std::vector<uint8_t>(Data.begin(), Data.end());
  }
  if (Entry.Method != 8)
    return bad(FileName, Entry.DataOffset,
               fmt::format("entry '{}' is compressed by method {}; only stored "
                           "(0) and deflated (8) are read",
                           Entry.Name, Entry.Method));
  // Deflate shrinks at most 1032 to 1: a larger claim is refused before any
  // memory is taken.
  if (Entry.Size / 1100 > Data.size() + 1)
    return bad(FileName, Entry.DataOffset,
               fmt::format("entry '{}' cannot unpack from {} to {} bytes",
                           Entry.Name, Data.size(), Entry.Size));
  std::vector<uint8_t> Out(Entry.Size);
  z_stream Stream{};
  if (inflateInit2(&Stream, -MAX_WBITS) != Z_OK)
    return bad(FileName, Entry.DataOffset, "zlib cannot start");
  uint64_t In = 0, Done = 0;
  int Code = Z_OK;
  while (Code == Z_OK) {
    constexpr uint64_t Step = uint64_t(1) << 30;
    uint64_t Feed = std::min<uint64_t>(Step, Data.size() - In);
    uint64_t Room = std::min<uint64_t>(Step, Out.size() - Done);
    Stream.next_in = const_cast<Bytef *>(Data.data() + In);
    Stream.avail_in = static_cast<uInt>(Feed);
    // zlib refuses a null output even when there is nothing to write.
    Bytef Nothing;
    Stream.next_out = Out.empty() ? &Nothing : Out.data() + Done;
    Stream.avail_out = static_cast<uInt>(Room);
    Code = inflate(&Stream, Z_NO_FLUSH);
    In += Feed - Stream.avail_in;
    Done += Room - Stream.avail_out;
  }
  inflateEnd(&Stream);
  if (Code != Z_STREAM_END || Done != Out.size() ||
      crc32_z(0, Out.data(), Out.size()) != Entry.Crc)
    return Error{FileName, "zip-crc",
                 fmt::format("entry '{}' at byte {} does not unpack to the {} "
                             "bytes and checksum that the directory says: the "
                             "file is damaged, copy it again",
                             Entry.Name, Entry.DataOffset, Entry.Size)};
  return Out;
}

} // namespace synfire
