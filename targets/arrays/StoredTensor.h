//===- targets/arrays/StoredTensor.h - A tensor that stays in its file
//------===//
//
// Where a tensor's elements lie in a file, and how to read them. Weights are
// never copied whole: importers pass these descriptions on, and whoever needs
// the values (calibration, emission) maps the file and reads rows.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_ARRAYS_STOREDTENSOR_H
#define SYNFIRE_TARGETS_ARRAYS_STOREDTENSOR_H

#include "targets/Status.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace synfire {

/// Element types; all little-endian, Bool is one byte.
enum class DType : uint8_t { F32, F64, F16, BF16, I64, I32, I16, I8, U8, Bool };

/// `f32`, `bf16`, ...
std::string_view name(DType Type);
/// The inverse of name().
std::optional<DType> parseDType(std::string_view Name);
/// Bytes of one element.
unsigned byteSize(DType Type);
bool isFloatingPoint(DType Type);

struct StoredTensor {
  std::string Name;
  DType Type = DType::F32;
  std::vector<int64_t> Shape;   ///< outermost first; empty for a scalar
  std::vector<int64_t> Strides; ///< in elements, >= 0; one per dimension
  uint64_t FileOffset = 0; ///< bytes from the start of the file to element 0

  /// Product of the dimensions.
  int64_t numElements() const;
  /// True if the elements lie one after another in C order.
  bool isContiguous() const;
};

/// `[256, 64]`, as messages print a shape.
std::string formatShape(std::span<const int64_t> Shape);

/// Strides of C order.
std::vector<int64_t> contiguousStrides(std::span<const int64_t> Shape);

/// Checks that every element of \p Tensor lies in the first \p FileSize bytes
/// and that its element count is one that can be held; rule `tensor-bounds`.
Status checkBounds(const StoredTensor &Tensor, uint64_t FileSize);

/// The elements as binary32, in C order, of the bytes of the file. Types wider
/// than binary32 are rounded to nearest. Checks bounds first.
Result<std::vector<float>> readFloats(std::span<const uint8_t> File,
                                      const StoredTensor &Tensor);

/// The same for rows [FirstRow, FirstRow + NumRows) of the first dimension.
Result<std::vector<float>> readFloatRows(std::span<const uint8_t> File,
                                         const StoredTensor &Tensor,
                                         int64_t FirstRow, int64_t NumRows);

/// What one pass over a tensor tells.
struct TensorDigest {
  /// XXH3-64 of the stored elements in C order, as stored (seed 0).
  uint64_t Hash = 0;
  /// C-order index of the first NaN or infinity, if there is one.
  std::optional<int64_t> FirstNonFinite;
};
Result<TensorDigest> digest(std::span<const uint8_t> File,
                            const StoredTensor &Tensor);

} // namespace synfire

#endif // SYNFIRE_TARGETS_ARRAYS_STOREDTENSOR_H
