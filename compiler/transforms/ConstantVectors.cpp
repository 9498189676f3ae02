//===- ConstantVectors.cpp - Derived constants ----------------------------===//

#include "compiler/transforms/ConstantVectors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace synfire;

/// A derive of \p Type over \p Inputs whose element is what \p Element makes.
static Value
derive(OpBuilder &B, Location Loc, Type Type, ValueRange Inputs,
       llvm::function_ref<Value(OpBuilder &, ValueRange)> Element) {
  auto D = spike::DeriveOp::create(B, Loc, Type, Inputs);
  Block &Body = D.getBody().emplaceBlock();
  for (size_t I = 0; I < Inputs.size(); ++I)
    Body.addArgument(B.getF32Type(), Loc);
  OpBuilder In = OpBuilder::atBlockEnd(&Body);
  spike::YieldOp::create(In, Loc, Element(In, Body.getArguments()),
                         ValueRange{});
  return D.getValue();
}

static Value real(OpBuilder &B, Location Loc, float V) {
  return arith::ConstantOp::create(B, Loc, B.getF32FloatAttr(V));
}

bool compiler::isParamOrConstant(spike::PopulationOp P, Value V) {
  return V.getDefiningOp<arith::ConstantOp>() ||
         llvm::is_contained(P.paramArgs(), V);
}

Value compiler::constantVector(OpBuilder &B, Location Loc, int64_t N, float V) {
  return derive(B, Loc, RankedTensorType::get({N}, B.getF32Type()), {},
                [&](OpBuilder &In, ValueRange) { return real(In, Loc, V); });
}

Value compiler::constantOf(OpBuilder &B, Location Loc,
                           const PopulationEdit &Edit, Value V, int64_t N) {
  if (auto Constant = V.getDefiningOp<arith::ConstantOp>())
    return constantVector(
        B, Loc, N,
        cast<FloatAttr>(Constant.getValue()).getValue().convertToFloat());
  Value Param = Edit.valueOf(cast<BlockArgument>(V));
  if (spike::sizeOf(Param.getType()) == N)
    return Param;
  return derive(B, Loc, RankedTensorType::get({N}, B.getF32Type()), Param,
                [](OpBuilder &, ValueRange Args) { return Args[0]; });
}

Value compiler::scaledVector(OpBuilder &B, Location Loc, Value Vector,
                             float Factor) {
  if (Factor == 1.0f)
    return Vector;
  return derive(B, Loc, Vector.getType(), Vector,
                [&](OpBuilder &In, ValueRange Args) -> Value {
                  return arith::MulFOp::create(In, Loc, Args[0],
                                               real(In, Loc, Factor));
                });
}

Value compiler::differenceVector(OpBuilder &B, Location Loc, float From,
                                 Value Vector) {
  return derive(B, Loc, Vector.getType(), Vector,
                [&](OpBuilder &In, ValueRange Args) -> Value {
                  return arith::SubFOp::create(In, Loc, real(In, Loc, From),
                                               Args[0]);
                });
}

Value compiler::scaleColumns(OpBuilder &B, Location Loc, Value Matrix,
                             Value Factors) {
  return derive(B, Loc, Matrix.getType(), {Matrix, Factors},
                [&](OpBuilder &In, ValueRange Args) -> Value {
                  return arith::MulFOp::create(In, Loc, Args[0], Args[1]);
                });
}
