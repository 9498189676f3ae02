//===- tests/unit/nir/Hdf5Writer.h - HDF5 files for tests -------*- C++ -*-===//
//
// Writes files by the HDF5 library, so that our reader is tested against the
// format's own implementation.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_NIR_HDF5WRITER_H
#define SYNFIRE_TESTS_UNIT_NIR_HDF5WRITER_H

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <vector>

namespace synfire::testfiles {

/// How datasets of numbers are stored.
struct Storage {
  bool Compact = false;
  std::vector<hsize_t> Chunk = {}; ///< chunked if not empty
  bool Shuffle = false, Fletcher = false;
  int Gzip = -1;           ///< level; -1 is off
  int OptionalFilter = -1; ///< id of a filter that is named but not applied
  hid_t Type = -1;         ///< in the file; -1 is the type of the values
};

class Hdf5Writer {
public:
  /// \p Latest: in the newest form of the format that the library knows.
  explicit Hdf5Writer(const std::string &Path, bool Latest = false);
  ~Hdf5Writer() { close(); }
  Hdf5Writer(const Hdf5Writer &) = delete;
  void close();

  /// Groups on the way to \p Name are made.
  void text(const std::string &Name, const std::string &Value);
  void texts(const std::string &Name, const std::vector<std::string> &Values,
             std::vector<hsize_t> Shape);
  /// Padded to \p Size bytes by zeros, or spaces.
  void fixedText(const std::string &Name, const std::string &Value, size_t Size,
                 bool Spaces = false);
  void floats(const std::string &Name, std::vector<hsize_t> Shape,
              const std::vector<float> &Values, const Storage &How = {});
  void doubles(const std::string &Name, std::vector<hsize_t> Shape,
               const std::vector<double> &Values, const Storage &How = {});
  void integers(const std::string &Name, std::vector<hsize_t> Shape,
                const std::vector<int64_t> &Values, const Storage &How = {});
  /// A dataset of which nothing is written.
  void declare(const std::string &Name, std::vector<hsize_t> Shape,
               const Storage &How = {});
  void group(const std::string &Name);
  void attribute(const std::string &Owner, const std::string &Name,
                 const std::string &Value);
  void attribute(const std::string &Owner, const std::string &Name,
                 double Value);

  hid_t file() const { return File; }

private:
  void numbers(const std::string &Name, const std::vector<hsize_t> &Shape,
               hid_t Type, const void *Data, const Storage &How);
  hid_t File, MakeGroups, VariableText;
};

} // namespace synfire::testfiles

#endif // SYNFIRE_TESTS_UNIT_NIR_HDF5WRITER_H
