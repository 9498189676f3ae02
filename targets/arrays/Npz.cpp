//===- targets/arrays/Npz.cpp - NumPy's .npz archives ---------------------===//

#include "targets/arrays/Npz.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>

namespace synfire {

namespace {

/// Largest member that is read: more than any output of a run.
constexpr uint64_t MaxMemberBytes = uint64_t(1) << 36;
/// The earliest date of the zip format, 1980-01-01.
constexpr uint16_t ZipDate = 1 << 5 | 1;
/// Version 4.5: the first with ZIP64.
constexpr uint16_t ZipVersion = 45;
constexpr size_t DeflateBuffer = 1 << 18;

/// Little-endian record under construction.
class Record {
public:
  Record &u16(uint64_t V) { return put(V, 2); }
  Record &u32(uint64_t V) { return put(V, 4); }
  Record &u64(uint64_t V) { return put(V, 8); }
  Record &text(const std::string &Text) {
    Bytes.insert(Bytes.end(), Text.begin(), Text.end());
    return *this;
  }
  std::span<const uint8_t> bytes() const { return Bytes; }

private:
  Record &put(uint64_t V, int Size) {
    for (int I = 0; I != Size; ++I)
      Bytes.push_back(static_cast<uint8_t>(V >> (8 * I)));
    return *this;
  }
  std::vector<uint8_t> Bytes;
};

struct Member {
  std::string Name;
  uint64_t Offset = 0;
  uint64_t Size = 0;       ///< uncompressed, header included
  uint64_t Compressed = 0; ///< as written
  uint32_t Crc = 0;
};

/// Local header with a ZIP64 field, so that its size never depends on the data.
Record localHeader(const Member &M, uint16_t Method) {
  Record R;
  R.u32(0x04034b50).u16(ZipVersion).u16(0).u16(Method).u16(0).u16(ZipDate);
  R.u32(M.Crc).u32(UINT32_MAX).u32(UINT32_MAX).u16(M.Name.size()).u16(20);
  R.text(M.Name).u16(1).u16(16).u64(M.Size).u64(M.Compressed);
  return R;
}

Record centralEntry(const Member &M, uint16_t Method) {
  Record R;
  R.u32(0x02014b50).u16(ZipVersion).u16(ZipVersion).u16(0).u16(Method);
  R.u16(0).u16(ZipDate).u32(M.Crc).u32(UINT32_MAX).u32(UINT32_MAX);
  R.u16(M.Name.size()).u16(28).u16(0).u16(0).u16(0).u32(0).u32(UINT32_MAX);
  R.text(M.Name).u16(1).u16(24).u64(M.Size).u64(M.Compressed).u64(M.Offset);
  return R;
}

} // namespace

Result<NpzReader> NpzReader::open(const std::string &Path) {
  Result<MappedFile> File = MappedFile::open(Path);
  if (!File)
    return File.errors();
  Result<ZipArchive> Archive = ZipArchive::parse(File->bytes(), Path);
  if (!Archive)
    return Archive.errors();
  return NpzReader(std::move(*File), std::move(*Archive));
}

std::vector<std::string> NpzReader::names() const {
  std::vector<std::string> Names;
  for (const ZipEntry &E : Archive.entries())
    if (E.Name.ends_with(".npy"))
      Names.push_back(E.Name.substr(0, E.Name.size() - 4));
  return Names;
}

bool NpzReader::contains(const std::string &Name) const {
  return Archive.find(Name + ".npy") != nullptr;
}

Result<Array> NpzReader::read(const std::string &Name) const {
  const ZipEntry *Entry = Archive.find(Name + ".npy");
  if (!Entry)
    return Error{File.path(), "npz-member",
                 fmt::format("has no array '{}'", Name)};
  Result<std::vector<uint8_t>> Bytes = Archive.read(*Entry, MaxMemberBytes);
  if (!Bytes)
    return Bytes.errors();
  return parseNpy(*Bytes, fmt::format("{}: {}", File.path(), Name));
}

struct NpzWriter::State {
  State(AtomicFile File, Mode M, std::string Path)
      : File(std::move(File)), Method(M == Mode::Stored ? 0 : 8),
        Path(std::move(Path)) {}
  ~State() {
    if (Compressing)
      deflateEnd(&Stream);
  }

  /// Feeds \p Bytes to the member, through zlib when it is deflated.
  Status feed(std::span<const uint8_t> Bytes, int Flush);

  AtomicFile File;
  uint16_t Method;
  std::string Path;
  std::vector<Member> Members;
  std::optional<uint64_t> Remaining; ///< bytes the open member still lacks
  z_stream Stream{};
  bool Compressing = false;
};

Status NpzWriter::State::feed(std::span<const uint8_t> Bytes, int Flush) {
  Member &M = Members.back();
  // zlib takes a null pointer for a request to start over.
  if (!Bytes.empty())
    M.Crc = static_cast<uint32_t>(crc32_z(M.Crc, Bytes.data(), Bytes.size()));
  if (Method == 0) {
    M.Compressed += Bytes.size();
    return File.write(Bytes);
  }
  std::array<uint8_t, DeflateBuffer> Buffer;
  do {
    size_t Piece = std::min<size_t>(Bytes.size(), 1 << 30);
    bool Last = Piece == Bytes.size();
    Stream.next_in = const_cast<Bytef *>(Bytes.data());
    Stream.avail_in = static_cast<uInt>(Piece);
    Bytes = Bytes.subspan(Piece);
    do {
      Stream.next_out = Buffer.data();
      Stream.avail_out = static_cast<uInt>(Buffer.size());
      deflate(&Stream, Last ? Flush : Z_NO_FLUSH);
      size_t Written = Buffer.size() - Stream.avail_out;
      M.Compressed += Written;
      if (Status S = File.write({Buffer.data(), Written}); !S)
        return S;
    } while (Stream.avail_out == 0);
  } while (!Bytes.empty());
  return {};
}

NpzWriter::NpzWriter(std::unique_ptr<State> S) : S(std::move(S)) {}
NpzWriter::NpzWriter(NpzWriter &&) noexcept = default;
NpzWriter::~NpzWriter() = default;

Result<NpzWriter> NpzWriter::create(const std::string &Path, Mode M) {
  Result<AtomicFile> File = AtomicFile::create(Path);
  if (!File)
    return File.errors();
  return NpzWriter(std::make_unique<State>(std::move(*File), M, Path));
}

Status NpzWriter::begin(const std::string &Name, DType Type,
                        std::span<const int64_t> Shape) {
  if (Status E = endMember(); !E)
    return E;
  Result<std::string> Header = npyHeader(Type, Shape);
  if (!Header)
    return Header.errors();
  Member M;
  M.Name = Name + ".npy";
  if (M.Name.size() > UINT16_MAX ||
      std::any_of(S->Members.begin(), S->Members.end(),
                  [&](const Member &O) { return O.Name == M.Name; }))
    return Error{S->Path, "npz-member",
                 fmt::format("array '{}' is written twice, or its name is "
                             "longer than 65531 bytes",
                             Name)};
  M.Offset = S->File.size();
  uint64_t Elements = byteSize(Type);
  for (int64_t D : Shape)
    Elements *= static_cast<uint64_t>(D);
  M.Size = Header->size() + Elements;
  S->Members.push_back(M);
  S->Remaining = Elements;
  if (S->Method == 8) {
    S->Stream = {};
    // Level 1: spikes are mostly zeros, a higher level costs time for little.
    if (deflateInit2(&S->Stream, 1, Z_DEFLATED, -MAX_WBITS, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      return Error{S->Path, "file-write", "zlib cannot start"};
    S->Compressing = true;
  }
  if (Status E = S->File.write(localHeader(M, S->Method).bytes()); !E)
    return E;
  return S->feed(asBytes(std::span<const char>(*Header)), Z_NO_FLUSH);
}

Status NpzWriter::append(std::span<const uint8_t> Bytes) {
  if (!S->Remaining || Bytes.size() > *S->Remaining)
    return Error{S->Path, "npz-member",
                 fmt::format("{} bytes too many for the array's shape",
                             Bytes.size() - S->Remaining.value_or(0))};
  *S->Remaining -= Bytes.size();
  return S->feed(Bytes, Z_NO_FLUSH);
}

Status NpzWriter::add(const std::string &Name, const Array &A) {
  if (Status E = begin(Name, A.Type, A.Shape); !E)
    return E;
  return append(std::span<const uint8_t>(A.Data));
}

Status NpzWriter::endMember() {
  if (!S->Remaining)
    return {};
  Member &M = S->Members.back();
  if (*S->Remaining != 0)
    return Error{S->Path, "npz-member",
                 fmt::format("array '{}' lacks {} bytes of its shape", M.Name,
                             *S->Remaining)};
  S->Remaining.reset();
  if (S->Method == 8) {
    Status E = S->feed({}, Z_FINISH);
    deflateEnd(&S->Stream);
    S->Compressing = false;
    if (!E)
      return E;
  }
  return S->File.writeAt(M.Offset, localHeader(M, S->Method).bytes());
}

Status NpzWriter::finish() {
  if (Status E = endMember(); !E)
    return E;
  uint64_t Directory = S->File.size();
  for (const Member &M : S->Members)
    if (Status E = S->File.write(centralEntry(M, S->Method).bytes()); !E)
      return E;
  uint64_t End = S->File.size(), Count = S->Members.size();
  Record R;
  R.u32(0x06064b50).u64(44).u16(ZipVersion).u16(ZipVersion).u32(0).u32(0);
  R.u64(Count).u64(Count).u64(End - Directory).u64(Directory);
  R.u32(0x07064b50).u32(0).u64(End).u32(1);
  R.u32(0x06054b50).u16(0).u16(0).u16(UINT16_MAX).u16(UINT16_MAX);
  R.u32(UINT32_MAX).u32(UINT32_MAX).u16(0);
  if (Status E = S->File.write(R.bytes()); !E)
    return E;
  return S->File.commit();
}

} // namespace synfire
