//===- targets/arrays/MappedFile.h - A file as memory -----------*- C++ -*-===//
//
// A file mapped for reading. Copies share the mapping, which lives as long as
// the last of them. A file that another process truncates while it is mapped is
// outside what can be guarded against.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_ARRAYS_MAPPEDFILE_H
#define SYNFIRE_TARGETS_ARRAYS_MAPPEDFILE_H

#include "targets/Status.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace synfire {

class MappedFile {
public:
  /// Maps the regular file \p Path. Fails with rule `file-open`.
  static Result<MappedFile> open(const std::string &Path);

  const std::string &path() const { return Path; }
  std::span<const uint8_t> bytes() const { return {Data.get(), Size}; }

private:
  MappedFile() = default;
  std::string Path;
  std::shared_ptr<const uint8_t> Data;
  size_t Size = 0;
};

} // namespace synfire

#endif // SYNFIRE_TARGETS_ARRAYS_MAPPEDFILE_H
