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
  /// \p Steps is how many inner steps a token of the network takes.
  ProgramBuilder(mlir::OpBuilder &B, mlir::Location Loc, int64_t Steps = 1)
      : B(B), Loc(Loc), Steps(Steps) {}

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
  mlir::Value tanh(mlir::Value V);
  mlir::Value erf(mlir::Value V);
  /// V/2 (1 + erf(V / sqrt 2)), the exact form.
  mlir::Value gelu(mlir::Value V);
  /// max(V, 0)
  mlir::Value relu(mlir::Value V) { return max(V, constant(0.0f)); }
  /// The nearest of -1, 0, 1 to V, ties to even, as an i32 payload.
  mlir::Value ternary(mlir::Value V);
  /// L >= R, as i1; false for NaN.
  mlir::Value atLeast(mlir::Value L, mlir::Value R);
  mlir::Value select(mlir::Value Condition, mlir::Value Yes, mlir::Value No);
  /// L > R, as i1; false for NaN.
  mlir::Value above(mlir::Value L, mlir::Value R);
  /// An i1 as 0.0 or 1.0.
  mlir::Value asFloat(mlir::Value Bit);
  /// An i32 as the nearest float.
  mlir::Value fromInt(mlir::Value V);
  /// A float without its fraction, as i32; saturates.
  mlir::Value toInt(mlir::Value V);
  /// What a program reads, as a float: f32 as it is, i1 and i32 converted.
  mlir::Value real(mlir::Value V);

  /// The inner step of the token, an i32.
  mlir::Value step();
  /// Whether the inner step is \p Inner, as i1.
  mlir::Value isStep(int64_t Inner);
  /// \p AtFirst in the first inner step of a token, else \p Later: a state
  /// that begins anew with each token. \p AtFirst when there is one step only.
  mlir::Value atFirstStep(mlir::Value AtFirst, mlir::Value Later);
  /// \p AtLast in the last inner step of a token, else \p Before. \p AtLast
  /// when there is one step only.
  mlir::Value atLastStep(mlir::Value AtLast, mlir::Value Before);
  /// A constant that may differ from inner step to inner step: \p Values has
  /// one element per step, or one for all.
  mlir::Value perStep(llvm::ArrayRef<float> Values);

private:
  mlir::OpBuilder &B;
  mlir::Location Loc;
  int64_t Steps;
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NETWORK_PROGRAMBUILDER_H
