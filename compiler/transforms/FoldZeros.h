//===- compiler/transforms/FoldZeros.h - Zero points of weights -*- C++ -*-===//
//
// A matrix of asymmetric codes holds scale * (q - zero), q unsigned, one zero
// per row (`spike.grid` with zeros). q - zero needs one bit more than q. But
//
//   sum of (q - zero) x = sum of (q - h) x + (h - zero) * (sum of x)
//
// with h = 2^(bits-1), and q - h has the bits of q. All are integers, so both
// sides are equal; modulo 2^32 as well, whence only the whole has to fit an
// accumulator. The sum of x is one number for all targets.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_FOLDZEROS_H
#define SYNFIRE_COMPILER_TRANSFORMS_FOLDZEROS_H

#include "dialects/spike/Spike.h"

#include <optional>

namespace synfire::compiler {

/// Bits of the codes q - zero of \p Grid, which has zeros; none if no synapse
/// holds them.
std::optional<int64_t> bitsWithoutFold(spike::GridOp Grid);

/// Whether the zeros of \p L, whose matrix is \p Grid and whose payloads come
/// from \p Events, are to leave the matrix: the sources are a population's (so
/// that they can be added up), and a row of codes without zeros, stored in 2, 4
/// or 8 bits each, saves more than the word for h - zero that its target gets.
/// Codes of 8 bits have no other form.
bool foldsZeros(spike::LinearOp L, spike::GridOp Grid, mlir::Value Events);

/// h - zero of each row of \p Grid.
mlir::Value offsetsOf(mlir::OpBuilder &B, mlir::Location Loc,
                      spike::GridOp Grid);

/// \p Sum of a linear on q - h, as it is with q - zero; stands in a program,
/// which reads \p Total, the sum of the payloads, and the param \p Offset.
mlir::Value withZeros(mlir::OpBuilder &B, mlir::Location Loc, mlir::Value Sum,
                      mlir::Value Total, mlir::Value Offset);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_FOLDZEROS_H
