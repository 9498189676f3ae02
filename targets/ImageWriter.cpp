//===- targets/ImageWriter.cpp - Writing the chip binary --------*- C++ -*-===//

#include "targets/Image.h"
#include "targets/ImageCheck.h"

#include <xxhash.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace synfire;
using namespace synfire::image;

namespace {

/// Room for the header and a table of every kind; sections start behind it.
constexpr uint64_t FirstOffset =
    (sizeof(Header) + NumSectionKinds * sizeof(SectionEntry) + Alignment - 1) /
    Alignment * Alignment;
constexpr size_t BufferBytes = 1 << 20;

std::string folderOf(const std::string &Path) {
  size_t Slash = Path.rfind('/');
  return Slash == std::string::npos ? "." : Path.substr(0, Slash + 1);
}

} // namespace

struct ImageWriter::Impl {
  std::string Path;      ///< final name
  std::string Temporary; ///< empty once renamed
  std::FILE *File = nullptr;
  std::vector<char> Buffer;
  uint64_t Position = 0;
  std::vector<SectionEntry> Table;
  XXH3_state_t *Checksum = nullptr;
  bool Failed = false;
  bool Finished = false;

  ~Impl() {
    if (File)
      std::fclose(File);
    if (!Temporary.empty())
      unlink(Temporary.c_str());
    XXH3_freeState(Checksum);
  }

  Error fail(const std::string &Action) {
    int Reason = errno;
    Failed = true;
    return {
        Path, "image-write",
        fmt::format("cannot {} the image: {}", Action, std::strerror(Reason))};
  }
  bool write(std::span<const std::byte> Bytes) {
    Position += Bytes.size();
    // Nothing may come with a null pointer, which fwrite must not see.
    return Bytes.empty() ||
           std::fwrite(Bytes.data(), 1, Bytes.size(), File) == Bytes.size();
  }
  bool padTo(uint64_t Offset) {
    static constexpr std::array<std::byte, FirstOffset> Zeros{};
    return write(std::span(Zeros).first(Offset - Position));
  }
  void endSection() {
    if (!Table.empty())
      Table.back().Checksum = XXH3_64bits_digest(Checksum);
  }
  Status startSection(SectionKind Kind, uint32_t RecordBytes);
};

Status ImageWriter::Impl::startSection(SectionKind Kind, uint32_t RecordBytes) {
  if (RecordBytes == 0 || recordBytesOf(Kind) != RecordBytes)
    return Error{Path, "image-record-size",
                 fmt::format("section {} has records of {} bytes, not {}",
                             sectionName(Kind), recordBytesOf(Kind),
                             RecordBytes),
                 ErrorKind::RunFailed};
  for (const SectionEntry &E : Table)
    if (E.Kind == Kind)
      return Error{
          Path, "image-section-twice",
          fmt::format("section {} is written in two runs", sectionName(Kind)),
          ErrorKind::RunFailed};
  endSection();
  if (!padTo((Position + Alignment - 1) / Alignment * Alignment))
    return fail("write");
  Table.push_back({Kind, RecordBytes, Position, 0, 0});
  XXH3_64bits_reset(Checksum);
  return {};
}

Result<ImageWriter> ImageWriter::create(const std::string &Path) {
  auto I = std::make_unique<Impl>();
  I->Path = Path;
  struct stat Info;
  if (stat(Path.c_str(), &Info) == 0 && !S_ISREG(Info.st_mode))
    return Error{Path, "image-write",
                 "cannot write the image: the name exists and is not a regular "
                 "file"};
  // Beside the final name, so that the rename stays on one file system.
  std::string Name = Path + ".part-XXXXXX";
  int File = mkostemp(Name.data(), O_CLOEXEC);
  if (File < 0)
    return I->fail("create");
  I->Temporary = Name;
  I->File = fdopen(File, "wb");
  if (!I->File) {
    Error E = I->fail("create");
    ::close(File);
    return E;
  }
  I->Buffer.resize(BufferBytes);
  std::setvbuf(I->File, I->Buffer.data(), _IOFBF, I->Buffer.size());
  I->Checksum = XXH3_createState();
  if (!I->padTo(FirstOffset))
    return I->fail("write");
  return ImageWriter(std::move(I));
}

ImageWriter::ImageWriter(std::unique_ptr<Impl> I) : Held(std::move(I)) {}
ImageWriter::ImageWriter(ImageWriter &&) noexcept = default;
ImageWriter &ImageWriter::operator=(ImageWriter &&) noexcept = default;
ImageWriter::~ImageWriter() = default;

Status ImageWriter::append(SectionKind Kind, uint32_t RecordBytes,
                           std::span<const std::byte> Bytes) {
  Impl &I = *Held;
  if (I.Failed || I.Finished)
    return Error{I.Path, "image-write",
                 "the image is already finished, or writing it has failed",
                 ErrorKind::RunFailed};
  if (I.Table.empty() || I.Table.back().Kind != Kind) {
    Status Started = I.startSection(Kind, RecordBytes);
    if (!Started) {
      I.Failed = true;
      return Started;
    }
  }
  if (!I.write(Bytes))
    return I.fail("write");
  I.Table.back().Bytes += Bytes.size();
  XXH3_64bits_update(I.Checksum, Bytes.data(), Bytes.size());
  return {};
}

Status ImageWriter::finish() {
  Impl &I = *Held;
  if (I.Failed || I.Finished)
    return Error{I.Path, "image-write",
                 "the image is already finished, or writing it has failed",
                 ErrorKind::RunFailed};
  I.endSection();
  Header Head{};
  std::memcpy(Head.Magic, Magic, sizeof(Magic));
  Head.Version = FormatVersion;
  Head.NumSections = static_cast<uint32_t>(I.Table.size());
  Head.FileBytes = I.Position;
  size_t TableBytes = I.Table.size() * sizeof(SectionEntry);
  Head.TableChecksum = XXH3_64bits(I.Table.data(), TableBytes);
  if (std::fseek(I.File, 0, SEEK_SET) != 0 ||
      !I.write(std::as_bytes(std::span(&Head, 1))) ||
      !I.write(std::as_bytes(std::span(I.Table))))
    return I.fail("write");
  // mkostemp made it private; the user's mask decides, as for any new file.
  mode_t Mask = umask(0);
  umask(Mask);
  int File = fileno(I.File);
  if (fchmod(File, 0666 & ~Mask) != 0 || std::fflush(I.File) != 0 ||
      fsync(File) != 0)
    return I.fail("write");
  int Closed = std::fclose(I.File);
  I.File = nullptr;
  if (Closed != 0)
    return I.fail("write");
  if (std::rename(I.Temporary.c_str(), I.Path.c_str()) != 0)
    return I.fail("rename");
  I.Temporary.clear();
  I.Finished = true;
  // Make the name itself durable; a folder that cannot be synced is no fault.
  int Folder = ::open(folderOf(I.Path).c_str(), O_RDONLY | O_CLOEXEC);
  if (Folder >= 0) {
    fsync(Folder);
    ::close(Folder);
  }
  return {};
}
