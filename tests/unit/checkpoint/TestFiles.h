//===- tests/unit/checkpoint/TestFiles.h - Files made by hand ---*- C++ -*-===//
//
// Zip archives and pickles written byte by byte, so that a test can write wrong
// ones.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_CHECKPOINT_TESTFILES_H
#define SYNFIRE_TESTS_UNIT_CHECKPOINT_TESTFILES_H

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace synfire::testfiles {

/// \p Value as \p Size little-endian bytes.
std::string littleEndian(uint64_t Value, int Size);

struct ZipMember {
  std::string Name;
  std::string Data;
  uint16_t Flags = 0;
  uint16_t Method = 0;
  uint32_t CrcError = 0;        ///< exclusive-or on the right checksum
  int64_t LocalOffsetError = 0; ///< added to the directory's offset
  std::string LocalName = Name; ///< name in the local header
};
/// A zip archive with every member stored.
std::string zip(const std::vector<ZipMember> &Members);

// Pickle instructions.
std::string text(const std::string &S);      ///< BINUNICODE
std::string number(int32_t N);               ///< BININT
std::string tuple(const std::string &Items); ///< MARK items TUPLE
std::string global(const std::string &Module, const std::string &Name);
/// _rebuild_tensor_v2 of a FloatStorage.
std::string tensor(const std::string &Key, int32_t NumStored, int32_t Offset,
                   const std::vector<int32_t> &Shape,
                   const std::vector<int32_t> &Strides);
/// EMPTY_DICT MARK items SETITEMS.
std::string dict(const std::string &Items);

/// A .pth of \p Object (pickle instructions without PROTO and STOP) whose
/// storage "0" holds the float32 0, 1, ... \p NumStored - 1.
std::string pth(const std::string &Object, int NumStored);

/// A folder that is removed at the end of the test.
class Folder {
public:
  Folder();
  ~Folder();
  Folder(const Folder &) = delete;
  /// Path of a new file with these bytes.
  std::string write(const std::string &Name, const std::string &Bytes) const;
  std::string path(const std::string &Name) const {
    return (Root / Name).string();
  }
  /// Names of the files in it, sorted.
  std::vector<std::string> list() const;

private:
  std::filesystem::path Root;
};

std::string readFile(const std::string &Path);

} // namespace synfire::testfiles

#endif // SYNFIRE_TESTS_UNIT_CHECKPOINT_TESTFILES_H
