//===- compiler/reference/WeightFile.h - Weights in their files -*- C++ -*-===//
//
// Reads the elements of a `spike.weight`. A model file is mapped read-only and
// shared by all its tensors; a tensor's reach is checked against the file when
// it is opened, and once, before its first element is read, that its content
// hash is the one it was imported with and that every element is finite.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_REFERENCE_WEIGHTFILE_H
#define SYNFIRE_COMPILER_REFERENCE_WEIGHTFILE_H

#include "targets/Status.h"
#include "targets/arrays/MappedFile.h"
#include "targets/arrays/StoredTensor.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace synfire::compiler {

/// What a `spike.weight` says: where the elements lie, and their hash.
struct WeightPlace {
  std::string File;
  StoredTensor Tensor;
  uint64_t Hash = 0; ///< XXH3-64 of the stored elements, row-major
};

/// The elements of one weight as binary32. A tensor of any rank is read as a
/// matrix: columns are its last dimension, rows all others in row-major order
/// (a vector is one row). Safe to share between threads.
class WeightTensor {
public:
  /// \p Place lies inside \p File.
  WeightTensor(MappedFile File, WeightPlace Place);

  int64_t rows() const { return Rows; }
  int64_t cols() const { return Cols; }

  /// Rows [RowBegin, RowEnd) x columns [ColBegin, ColEnd), row-major and dense,
  /// to \p Out. The first read of the tensor verifies it (one pass over it) and
  /// fails on another hash (rule `weight-hash`) or on a NaN or infinity, which
  /// it names (rule `weight-finite`).
  Status read(int64_t RowBegin, int64_t RowEnd, int64_t ColBegin,
              int64_t ColEnd, float *Out);
  /// Gives back the memory that reading these rows made resident, if they lie
  /// side by side in the file. Reading them again brings it back.
  void dropRows(int64_t RowBegin, int64_t RowEnd) const;

private:
  Status verify() const;
  Error notFinite(int64_t Element) const;

  MappedFile File;
  WeightPlace Place;
  int64_t Rows = 1;
  int64_t Cols = 1;
  std::once_flag Once;
  Status Verified;
};

/// The model files of a run, each mapped once, each tensor verified once. Safe
/// to share between threads.
class WeightFiles {
public:
  /// Relative file names are taken from \p Folder (empty: the working folder).
  explicit WeightFiles(std::string Folder = "") : Folder(std::move(Folder)) {}

  /// The tensor at \p Place; fails when the file cannot be mapped or an element
  /// would lie outside of it. It lives as long as this object.
  Result<WeightTensor *> open(const WeightPlace &Place);

private:
  using Key = std::tuple<std::string, uint64_t, DType, uint64_t,
                         std::vector<int64_t>, std::vector<int64_t>>;
  std::string Folder;
  std::mutex Mutex;
  std::map<std::string, MappedFile> Files;
  std::map<Key, std::unique_ptr<WeightTensor>> Tensors;
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_REFERENCE_WEIGHTFILE_H
