//===- compiler/reference/WeightFile.h - Weights in their files -*- C++ -*-===//
//
// Reads the elements of a `spike.weight`. A model file is mapped read-only and
// shared by all its tensors; a tensor's reach is checked against the file when
// it is opened, its content hash and that every element is a finite binary32
// once, before the first element is read. Nothing is ever held but the map.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_REFERENCE_WEIGHTFILE_H
#define SYNFIRE_COMPILER_REFERENCE_WEIGHTFILE_H

#include "targets/Status.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace synfire::compiler {

/// How an element lies in a file, little-endian.
enum class StoredType : uint8_t { F32, F64, F16, BF16 };

/// Where the elements of a tensor lie; what a `spike.weight` says.
struct WeightPlace {
  std::string Name; ///< of the tensor, for messages
  std::string File;
  uint64_t Offset = 0; ///< byte of element 0
  StoredType Dtype = StoredType::F32;
  uint64_t Hash = 0;            ///< XXH3-64 of the stored elements, row-major
  std::vector<int64_t> Shape;   ///< elements per dimension, at least 1 each
  std::vector<int64_t> Strides; ///< elements; one per dimension, >= 0
  auto operator<=>(const WeightPlace &) const = default;
};

/// A whole file, mapped read-only for as long as the object lives.
class MappedFile {
public:
  static Result<std::shared_ptr<const MappedFile>> open(const std::string &);
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;
  ~MappedFile();

  const uint8_t *data() const { return Data; }
  uint64_t size() const { return Size; }
  /// Gives the memory of bytes [Begin, End) back; they are read again from the
  /// file when touched. Contents do not change.
  void drop(uint64_t Begin, uint64_t End) const;

private:
  MappedFile(const uint8_t *Data, uint64_t Size) : Data(Data), Size(Size) {}
  const uint8_t *Data;
  uint64_t Size;
};

/// The elements of one weight as binary32. A tensor of any rank is read as a
/// matrix: columns are its last dimension, rows all others in row-major order
/// (a vector is one row). Safe to share between threads.
class WeightTensor {
public:
  WeightTensor(std::shared_ptr<const MappedFile> File, WeightPlace Place);

  const WeightPlace &place() const { return Place; }
  int64_t rows() const { return Rows; }
  int64_t cols() const { return Cols; }

  /// Rows [RowBegin, RowEnd) x columns [ColBegin, ColEnd), row-major and dense,
  /// to \p Out. The first read of the tensor verifies it (one pass over it) and
  /// fails on another hash or on a NaN or infinity, which it names.
  Status read(int64_t RowBegin, int64_t RowEnd, int64_t ColBegin,
              int64_t ColEnd, float *Out);
  /// Gives back the memory that reading whole rows made resident.
  void dropRows(int64_t RowBegin, int64_t RowEnd) const;

private:
  Status verify() const;
  uint64_t firstByteOf(int64_t Row) const;
  /// Stored bytes of columns of a row, in order, to \p Out.
  void gather(int64_t Row, int64_t ColBegin, int64_t ColEnd,
              uint8_t *Out) const;

  std::shared_ptr<const MappedFile> File;
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
  std::string Folder;
  std::mutex Mutex;
  std::map<std::string, std::shared_ptr<const MappedFile>> Files;
  std::map<WeightPlace, std::unique_ptr<WeightTensor>> Tensors;
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_REFERENCE_WEIGHTFILE_H
