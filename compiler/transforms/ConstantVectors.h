//===- compiler/transforms/ConstantVectors.h - Derived constants -*- C++ -*-==//
//
// Constant expressions that passes put in place of what a program computed.
// Nothing is evaluated here: all stay `spike.derive` on weights.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_CONSTANTVECTORS_H
#define SYNFIRE_COMPILER_TRANSFORMS_CONSTANTVECTORS_H

#include "compiler/transforms/PopulationEdit.h"
#include "dialects/spike/Spike.h"

namespace synfire::compiler {

/// True for a param or an f32 constant of the program of \p P.
bool isParamOrConstant(spike::PopulationOp P, mlir::Value V);

/// N elements that are all \p V.
mlir::Value constantVector(mlir::OpBuilder &B, mlir::Location Loc, int64_t N,
                           float V);

/// \p V, for which isParamOrConstant() holds, as a vector of \p N elements.
mlir::Value constantOf(mlir::OpBuilder &B, mlir::Location Loc,
                       const PopulationEdit &Edit, mlir::Value V, int64_t N);

/// \p Vector with every element times \p Factor; itself when that is 1.
mlir::Value scaledVector(mlir::OpBuilder &B, mlir::Location Loc,
                         mlir::Value Vector, float Factor);

/// \p From less each element of \p Vector.
mlir::Value differenceVector(mlir::OpBuilder &B, mlir::Location Loc, float From,
                             mlir::Value Vector);

/// \p Matrix [rows, columns] with column j times element j of \p Factors.
mlir::Value scaleColumns(mlir::OpBuilder &B, mlir::Location Loc,
                         mlir::Value Matrix, mlir::Value Factors);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_CONSTANTVECTORS_H
