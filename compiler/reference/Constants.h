//===- compiler/reference/Constants.h - Values of weights -------*- C++ -*-===//
//
// Evaluates the constants of a network (`spike.weight`, `spike.derive`,
// `spike.row_scale`, `spike.quantize`, `spike.apply`, `spike.mask`,
// `spike.grid`, `spike.rotary`, `spike.collapse`, `spike.repeat`) when and
// where they are asked for, by tile: a matrix is never held. Vectors are small
// and cached.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_REFERENCE_CONSTANTS_H
#define SYNFIRE_COMPILER_REFERENCE_CONSTANTS_H

#include "compiler/reference/Program.h"
#include "compiler/reference/WeightFile.h"
#include "dialects/spike/Spike.h"

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace synfire::compiler {

/// A constant of any rank is read as a matrix: columns are its last dimension,
/// rows all others in row-major order (a vector is one row). The network must
/// not change while the object lives. Safe to share between threads.
class Constants {
public:
  explicit Constants(WeightFiles &Files) : Files(Files) {}

  /// All elements of an f32 constant, row-major. For vectors and small
  /// matrices.
  Result<std::vector<float>> floats(mlir::Value Constant);

  /// Rows [RowBegin, RowEnd) x columns [ColBegin, ColEnd) of an f32 constant,
  /// row-major and dense, to \p Out.
  Status floats(mlir::Value Matrix, int64_t RowBegin, int64_t RowEnd,
                int64_t ColBegin, int64_t ColEnd, float *Out);

  /// The same of integer codes: i8 of a `spike.quantize`, or i1 (as 0 and 1).
  Status codes(mlir::Value Matrix, int64_t RowBegin, int64_t RowEnd,
               int64_t ColBegin, int64_t ColEnd, int8_t *Out);

  /// Gives back the memory that reading these rows of a matrix (or of what it
  /// is computed from) made resident. Changes no value.
  void dropRows(mlir::Value Matrix, int64_t RowBegin, int64_t RowEnd);

private:
  using Vector = std::shared_ptr<const std::vector<float>>;

  Result<Vector> cached(mlir::Value Constant);
  Result<std::vector<float>> compute(mlir::Value Constant);
  Result<std::vector<float>> rowScales(spike::RowScaleOp Op);
  Result<std::vector<float>> apply(spike::ApplyOp Op);
  std::vector<float> rotary(spike::RotaryOp Op);
  /// Visits every row of an f32 matrix in order, in one pass over it.
  Status forRows(mlir::Value Matrix,
                 llvm::function_ref<void(const float *)> Visit);
  Result<WeightTensor *> tensorOf(spike::WeightOp Op);
  Result<std::shared_ptr<const Program>> programOf(spike::DeriveOp Op);
  /// A tile of any constant as program words.
  Status words(mlir::Value Constant, int64_t RowBegin, int64_t RowEnd,
               int64_t ColBegin, int64_t ColEnd, int32_t *Out);
  /// The same of a spike.collapse of \p Tensor, as floats.
  Status collapsed(mlir::Value Tensor, int64_t RowBegin, int64_t RowEnd,
                   int64_t ColBegin, int64_t ColEnd, float *Out);
  Status derive(spike::DeriveOp Op, int64_t RowBegin, int64_t RowEnd,
                int64_t ColBegin, int64_t ColEnd, int32_t *Out);

  WeightFiles &Files;
  std::mutex Mutex; ///< guards the maps below, which are only looked up by key
  std::map<mlir::Operation *, WeightTensor *> Tensors;
  std::map<mlir::Operation *, std::shared_ptr<const Program>> Programs;
  std::map<void *, Vector> Vectors;
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_REFERENCE_CONSTANTS_H
