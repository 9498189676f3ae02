//===- models/network/ProgramBuilder.h - Writes neuron programs -*- C++ -*-===//
//
// A thin vocabulary over `arith` and `math` for the regions of populations, so
// that an importer reads like the equations it implements. All values are
// scalars of one neuron.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NETWORK_PROGRAMBUILDER_H
#define SYNFIRE_MODELS_NETWORK_PROGRAMBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

namespace synfire::models {

class ProgramBuilder {
public:
  ProgramBuilder(mlir::OpBuilder &B, mlir::Location Loc) : B(B), Loc(Loc) {}

  mlir::Value constant(float Value);
  mlir::Value add(mlir::Value L, mlir::Value R);
  mlir::Value sub(mlir::Value L, mlir::Value R);
  mlir::Value mul(mlir::Value L, mlir::Value R);
  mlir::Value div(mlir::Value L, mlir::Value R);
  mlir::Value neg(mlir::Value V);
  /// The larger one; of a number and NaN the number.
  mlir::Value max(mlir::Value L, mlir::Value R);
  /// The smaller one; of a number and NaN the number.
  mlir::Value min(mlir::Value L, mlir::Value R);
  /// The nearest integer, ties to even.
  mlir::Value round(mlir::Value V);
  mlir::Value exp(mlir::Value V);
  mlir::Value rsqrt(mlir::Value V);
  /// 1 / (1 + e^-V)
  mlir::Value sigmoid(mlir::Value V);
  /// V * sigmoid(V)
  mlir::Value silu(mlir::Value V) { return mul(V, sigmoid(V)); }
  /// L >= R, as i1; false for NaN.
  mlir::Value atLeast(mlir::Value L, mlir::Value R);
  mlir::Value select(mlir::Value Condition, mlir::Value Yes, mlir::Value No);
  /// An i1 as 0.0 or 1.0.
  mlir::Value asFloat(mlir::Value Bit);
  /// An i32 as the nearest float.
  mlir::Value fromInt(mlir::Value V);
  /// A float without its fraction, as i32; saturates.
  mlir::Value toInt(mlir::Value V);

private:
  mlir::OpBuilder &B;
  mlir::Location Loc;
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NETWORK_PROGRAMBUILDER_H
