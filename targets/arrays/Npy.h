//===- targets/arrays/Npy.h - NumPy's .npy arrays ---------------*- C++ -*-===//
//
// Reads and writes .npy (format 1.0 to 3.0): little-endian numbers in C order.
// Source: NumPy Enhancement Proposal 1 and `numpy.lib.format`.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_ARRAYS_NPY_H
#define SYNFIRE_TARGETS_ARRAYS_NPY_H

#include "targets/Status.h"
#include "targets/arrays/StoredTensor.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace synfire {

/// The element type of a C++ type.
template <typename T>
struct DTypeOf;
// clang-format off
template <> struct DTypeOf<float> { static constexpr DType Value = DType::F32; };
template <> struct DTypeOf<double> { static constexpr DType Value = DType::F64; };
template <> struct DTypeOf<int64_t> { static constexpr DType Value = DType::I64; };
template <> struct DTypeOf<int32_t> { static constexpr DType Value = DType::I32; };
template <> struct DTypeOf<int16_t> { static constexpr DType Value = DType::I16; };
template <> struct DTypeOf<int8_t> { static constexpr DType Value = DType::I8; };
template <> struct DTypeOf<uint8_t> { static constexpr DType Value = DType::U8; };
// clang-format on

/// The memory of a run of numbers.
template <typename T>
std::span<const uint8_t> asBytes(std::span<const T> Values) {
  return {reinterpret_cast<const uint8_t *>(Values.data()),
          Values.size_bytes()};
}

/// An array in memory, packed in C order.
struct Array {
  DType Type = DType::F32;
  std::vector<int64_t> Shape;
  std::vector<uint8_t> Data; ///< product of Shape times byteSize(Type) bytes

  int64_t numElements() const {
    return static_cast<int64_t>(Data.size() / byteSize(Type));
  }
  /// The elements; empty unless T is the array's type.
  template <typename T>
  std::span<const T> as() const {
    if (DTypeOf<T>::Value != Type)
      return {};
    return {reinterpret_cast<const T *>(Data.data()), Data.size() / sizeof(T)};
  }
  /// Converted to int64; fails with rule `npy-type` for other than integers.
  Result<std::vector<int64_t>> toIntegers(const std::string &Name) const;

  template <typename T>
  static Array of(std::vector<int64_t> Shape, std::span<const T> Values) {
    std::span<const uint8_t> Bytes = asBytes(Values);
    return {DTypeOf<T>::Value, std::move(Shape), {Bytes.begin(), Bytes.end()}};
  }
};

/// Parses the bytes of a .npy file; \p Name is used in messages. Big-endian,
/// Fortran-ordered, object and structured arrays are refused with rule
/// `npy-format`.
Result<Array> parseNpy(std::span<const uint8_t> Bytes, const std::string &Name);
Result<Array> readNpy(const std::string &Path);

/// The header (1.0) of an array; its size is a multiple of 64.
/// BF16 has no .npy type: rule `npy-type`.
Result<std::string> npyHeader(DType Type, std::span<const int64_t> Shape);
/// Writes the whole file or nothing.
Status writeNpy(const std::string &Path, const Array &A);

} // namespace synfire

#endif // SYNFIRE_TARGETS_ARRAYS_NPY_H
