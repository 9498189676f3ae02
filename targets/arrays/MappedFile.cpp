//===- targets/arrays/MappedFile.cpp - A file as memory -------------------===//

#include "targets/arrays/MappedFile.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace synfire {

Result<MappedFile> MappedFile::open(const std::string &Path) {
  auto fail = [&](const std::string &Reason) {
    return Error{Path, "file-open", fmt::format("cannot read: {}", Reason)};
  };
  int Descriptor = ::open(Path.c_str(), O_RDONLY | O_CLOEXEC);
  if (Descriptor < 0)
    return fail(std::strerror(errno));
  MappedFile File;
  File.Path = Path;
  struct stat Info;
  if (::fstat(Descriptor, &Info) != 0 || !S_ISREG(Info.st_mode)) {
    ::close(Descriptor);
    return fail("not a regular file");
  }
  File.Size = static_cast<size_t>(Info.st_size);
  if (File.Size != 0) {
    void *Map =
        ::mmap(nullptr, File.Size, PROT_READ, MAP_SHARED, Descriptor, 0);
    if (Map == MAP_FAILED) {
      std::string Reason = std::strerror(errno);
      ::close(Descriptor);
      return fail(Reason);
    }
    size_t Size = File.Size;
    File.Data = std::shared_ptr<const uint8_t>(
        static_cast<const uint8_t *>(Map), [Size](const uint8_t *Bytes) {
          ::munmap(const_cast<uint8_t *>(Bytes), Size);
        });
  }
  ::close(Descriptor);
  return File;
}

} // namespace synfire
