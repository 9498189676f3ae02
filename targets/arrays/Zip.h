//===- targets/arrays/Zip.h - Reading zip archives --------------*- C++ -*-===//
//
// The table of contents of a zip archive (with ZIP64), from memory. Sizes come
// from the central directory only, since torch.save and streaming writers leave
// the local headers empty. Encrypted, overlapping, duplicate or out-of-bounds
// entries and names that climb out (`..`) are refused. Source: PKWARE APPNOTE.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_ARRAYS_ZIP_H
#define SYNFIRE_TARGETS_ARRAYS_ZIP_H

#include "targets/Status.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace synfire {

struct ZipEntry {
  std::string Name;
  uint16_t Method = 0; ///< 0 stored, 8 deflated; others are listed, not read
  uint32_t Crc = 0;    ///< CRC-32 of the uncompressed bytes
  uint64_t CompressedSize = 0;
  uint64_t Size = 0;
  uint64_t DataOffset = 0; ///< bytes from the start of the archive
};

class ZipArchive {
public:
  /// Reads the directory of \p Bytes, which must outlive the archive;
  /// \p FileName is used in messages. Errors have rule `zip-format`.
  static Result<ZipArchive> parse(std::span<const uint8_t> Bytes,
                                  const std::string &FileName);

  /// In the order of the central directory.
  const std::vector<ZipEntry> &entries() const { return Entries; }
  const ZipEntry *find(std::string_view Name) const;
  /// The bytes of \p Entry as they lie in the archive.
  std::span<const uint8_t> raw(const ZipEntry &Entry) const {
    return Bytes.subspan(Entry.DataOffset, Entry.CompressedSize);
  }
  /// The uncompressed bytes of \p Entry, their CRC checked; at most \p Limit.
  Result<std::vector<uint8_t>> read(const ZipEntry &Entry,
                                    uint64_t Limit) const;
  /// Checks the CRC of a stored entry in place; rule `zip-crc`.
  Status checkStored(const ZipEntry &Entry) const;

private:
  std::span<const uint8_t> Bytes;
  std::string FileName;
  std::vector<ZipEntry> Entries;
  std::vector<uint32_t> ByName; ///< indices of Entries, sorted by name
};

} // namespace synfire

#endif // SYNFIRE_TARGETS_ARRAYS_ZIP_H
