//===- compiler/reference/Products.h - Matrix products ----------*- C++ -*-===//
//
// The linears of the interpreter: all token steps times a constant matrix that
// is read once, tile by tile, and never held.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_REFERENCE_PRODUCTS_H
#define SYNFIRE_COMPILER_REFERENCE_PRODUCTS_H

#include "compiler/reference/Constants.h"

#include <span>

namespace synfire::compiler {

/// Out[t, i] = sum over j of Matrix[i, j] * Values[t, j], for \p Count steps t,
/// in binary32. Which sums are rounded together depends on the sizes alone.
Status multiply(Constants &Weights, mlir::Value Matrix, int64_t Count,
                std::span<const float> Values, int64_t Sources,
                std::span<float> Out, int64_t Targets);

/// The same for integer codes: exact, modulo 2^32.
Status multiply(Constants &Weights, mlir::Value Matrix, int64_t Count,
                std::span<const int32_t> Values, int64_t Sources,
                std::span<int32_t> Out, int64_t Targets);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_REFERENCE_PRODUCTS_H
