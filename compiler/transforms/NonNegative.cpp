//===- NonNegative.cpp - Sign of a value ----------------------------------===//

#include "compiler/transforms/NonNegative.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

/// Programs are short; deeper nesting than this is not followed.
static constexpr unsigned MaxDepth = 32;

static bool isConstantAtLeastZero(Value V) {
  auto Constant = V.getDefiningOp<arith::ConstantOp>();
  auto Attr = Constant ? dyn_cast<FloatAttr>(Constant.getValue()) : FloatAttr();
  return Attr && Attr.getValueAsDouble() >= 0.0;
}

static bool prove(Value V, unsigned Depth) {
  if (Depth == 0)
    return false;
  auto Both = [&](Value L, Value R) {
    return prove(L, Depth - 1) && prove(R, Depth - 1);
  };
  Operation *Def = V.getDefiningOp();
  if (!Def)
    return false;
  return llvm::TypeSwitch<Operation *, bool>(Def)
      .Case<arith::ConstantOp>([&](auto) { return isConstantAtLeastZero(V); })
      .Case<math::ExpOp, math::SqrtOp, math::RsqrtOp, math::AbsFOp,
            arith::UIToFPOp>([](auto) { return true; })
      .Case<arith::MulFOp>([&](auto Op) {
        return Op.getLhs() == Op.getRhs() || Both(Op.getLhs(), Op.getRhs());
      })
      .Case<arith::AddFOp, arith::DivFOp, arith::MinNumFOp>(
          [&](auto Op) { return Both(Op.getLhs(), Op.getRhs()); })
      // A constant is not NaN, so the maximum is never below it; any other
      // operand might be NaN and let the other one through.
      .Case<arith::MaxNumFOp>([&](auto Op) {
        return isConstantAtLeastZero(Op.getLhs()) ||
               isConstantAtLeastZero(Op.getRhs()) ||
               Both(Op.getLhs(), Op.getRhs());
      })
      .Case<arith::SelectOp>(
          [&](auto Op) { return Both(Op.getTrueValue(), Op.getFalseValue()); })
      .Case<math::RoundEvenOp>(
          [&](auto Op) { return prove(Op.getOperand(), Depth - 1); })
      .Default([](Operation *) { return false; });
}

bool synfire::compiler::isProvenNonNegative(Value V) {
  return prove(V, MaxDepth);
}
