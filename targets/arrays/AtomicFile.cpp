//===- targets/arrays/AtomicFile.cpp - All of a file or none --------------===//

#include "targets/arrays/AtomicFile.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace synfire {

Result<AtomicFile> AtomicFile::create(const std::string &Path) {
  AtomicFile File;
  File.Path = Path;
  // Two writers of one name in one process are told apart by the descriptor's
  // exclusive creation, writers in two processes by their ids.
  for (unsigned Try = 0; Try != 100 && File.Descriptor < 0; ++Try) {
    File.Temporary = fmt::format("{}.{}.{}.part", Path, ::getpid(), Try);
    File.Descriptor = ::open(File.Temporary.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (File.Descriptor < 0 && errno != EEXIST)
      break;
  }
  if (File.Descriptor < 0)
    return File.failure("create");
  return File;
}

AtomicFile::AtomicFile(AtomicFile &&Other) noexcept
    : Path(std::move(Other.Path)), Temporary(std::move(Other.Temporary)),
      Descriptor(std::exchange(Other.Descriptor, -1)), Size(Other.Size) {}

AtomicFile::~AtomicFile() {
  if (Descriptor < 0)
    return;
  ::close(Descriptor);
  ::unlink(Temporary.c_str());
}

Error AtomicFile::failure(const char *Action) const {
  return Error{
      Path, "file-write",
      fmt::format("cannot {} the file: {}", Action, std::strerror(errno))};
}

Status AtomicFile::write(std::span<const uint8_t> Bytes) {
  uint64_t Offset = Size;
  Size += Bytes.size();
  return writeAt(Offset, Bytes);
}

Status AtomicFile::writeAt(uint64_t Offset, std::span<const uint8_t> Bytes) {
  while (!Bytes.empty()) {
    ssize_t Written = ::pwrite(Descriptor, Bytes.data(), Bytes.size(),
                               static_cast<off_t>(Offset));
    if (Written < 0 && errno == EINTR)
      continue;
    if (Written <= 0)
      return failure("write");
    Bytes = Bytes.subspan(static_cast<size_t>(Written));
    Offset += static_cast<uint64_t>(Written);
  }
  return {};
}

Status AtomicFile::commit() {
  if (::close(std::exchange(Descriptor, -1)) != 0 ||
      std::rename(Temporary.c_str(), Path.c_str()) != 0) {
    Error Failure = failure("finish");
    ::unlink(Temporary.c_str());
    return Failure;
  }
  return {};
}

} // namespace synfire
