//===- targets/arrays/AtomicFile.h - All of a file or none ------*- C++ -*-===//
//
// A file that is written under a temporary name in the same folder and takes
// its final name only when it is complete. Dropping it before commit() removes
// what was written and leaves an older file of that name as it was.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_ARRAYS_ATOMICFILE_H
#define SYNFIRE_TARGETS_ARRAYS_ATOMICFILE_H

#include "targets/Status.h"

#include <cstdint>
#include <span>
#include <string>

namespace synfire {

/// Every failure has rule `file-write` and kind BadInput (an output that cannot
/// be written is a mistake of the caller's).
class AtomicFile {
public:
  static Result<AtomicFile> create(const std::string &Path);
  AtomicFile(AtomicFile &&Other) noexcept;
  AtomicFile &operator=(AtomicFile &&) = delete;
  ~AtomicFile();

  /// Appends.
  Status write(std::span<const uint8_t> Bytes);
  /// Overwrites bytes that were already written.
  Status writeAt(uint64_t Offset, std::span<const uint8_t> Bytes);
  /// Bytes appended so far.
  uint64_t size() const { return Size; }
  /// Gives the file its final name.
  Status commit();

private:
  AtomicFile() = default;
  Error failure(const char *Action) const;
  std::string Path;
  std::string Temporary;
  int Descriptor = -1;
  uint64_t Size = 0;
};

} // namespace synfire

#endif // SYNFIRE_TARGETS_ARRAYS_ATOMICFILE_H
