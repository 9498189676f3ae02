//===- models/hdf5/Writer.h - Writing HDF5 files ----------------*- C++ -*-===//
//
// Writes the oldest form of the format, which every reader has: superblock 0,
// groups as symbol tables, contiguous data, strings of variable length. Nothing
// is compressed and there are no attributes.
//
// Source: HDF5 File Format Specification, version 3.0.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_HDF5_WRITER_H
#define SYNFIRE_MODELS_HDF5_WRITER_H

#include "targets/Status.h"

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace synfire::hdf5 {

/// A group of objects by name, or a dataset: an array in C order of binary32,
/// binary64, int64 or UTF-8 text.
struct NewObject {
  std::map<std::string, NewObject> Members; ///< of a group
  std::variant<std::monostate, std::vector<float>, std::vector<double>,
               std::vector<int64_t>, std::vector<std::string>>
      Values;                 ///< of a dataset
  std::vector<int64_t> Shape; ///< outermost first; empty for a scalar

  bool isGroup() const {
    return std::holds_alternative<std::monostate>(Values);
  }
  static NewObject text(std::string Value) {
    return {{}, std::vector<std::string>{std::move(Value)}, {}};
  }
  static NewObject integer(int64_t Value) {
    return {{}, std::vector<int64_t>{Value}, {}};
  }
};

/// The bytes of a file with the members of \p Root. Rules `hdf5-name` for a
/// name that is empty, a dot, or has a slash or a zero byte, `hdf5-size` for
/// values that are not as many as the shape says and for more objects or texts
/// than File reads.
Result<std::vector<uint8_t>> encode(const NewObject &Root);

/// Writes the whole file \p Path or nothing.
Status write(const NewObject &Root, const std::string &Path);

} // namespace synfire::hdf5

#endif // SYNFIRE_MODELS_HDF5_WRITER_H
