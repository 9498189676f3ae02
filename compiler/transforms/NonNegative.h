//===- compiler/transforms/NonNegative.h - Sign of a value ------*- C++ -*-===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_NONNEGATIVE_H
#define SYNFIRE_COMPILER_TRANSFORMS_NONNEGATIVE_H

#include "mlir/IR/Value.h"

namespace synfire::compiler {

/// True if the structure of a program proves that the f32 value \p V is never
/// below 0 (it may be -0 or NaN): squares, exponentials, roots, rectified
/// values, the inner step, and sums, products, quotients and choices of such.
bool isProvenNonNegative(mlir::Value V);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_NONNEGATIVE_H
