//===- NonNegative.cpp - Sign of a value ----------------------------------===//

#include "compiler/transforms/NonNegative.h"

#include "dialects/spike/Spike.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

/// Programs are short; deeper nesting than this is not followed.
static constexpr unsigned MaxDepth = 32;

static bool isConstantAtLeast(Value V, double Bound) {
  auto Constant = V.getDefiningOp<arith::ConstantOp>();
  auto Attr = Constant ? dyn_cast<FloatAttr>(Constant.getValue()) : FloatAttr();
  return Attr && Attr.getValueAsDouble() >= Bound;
}
static bool isConstantAtLeastZero(Value V) { return isConstantAtLeast(V, 0); }

namespace {
/// Asks of each value once, however often it is read.
class Prover {
public:
  bool prove(Value V, unsigned Depth);

private:
  bool isCount(Value V, unsigned Depth);
  bool ask(Value V, unsigned Depth);
  llvm::DenseMap<Value, bool> Known; ///< of reals and integers
};
} // namespace

bool Prover::prove(Value V, unsigned Depth) {
  if (Depth == 0)
    return false;
  if (auto Found = Known.find(V); Found != Known.end())
    return Found->second;
  const bool Is = V.getType().isF32() ? ask(V, Depth) : isCount(V, Depth);
  Known[V] = Is;
  return Is;
}

/// True for an integer that is never below 0: the inner step, a bit, a count.
bool Prover::isCount(Value V, unsigned Depth) {
  Operation *Def = V.getDefiningOp();
  if (!Def)
    return false;
  if (auto Constant = dyn_cast<arith::ConstantOp>(Def)) {
    auto Number = dyn_cast<IntegerAttr>(Constant.getValue());
    return Number && Number.getValue().isNonNegative();
  }
  if (auto Select = dyn_cast<arith::SelectOp>(Def))
    return prove(Select.getTrueValue(), Depth - 1) &&
           prove(Select.getFalseValue(), Depth - 1);
  return isa<synfire::spike::StepOp, arith::ExtUIOp>(Def);
}

bool Prover::ask(Value V, unsigned Depth) {
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
      .Case<arith::AddFOp>([&](auto Op) {
        // erf and tanh lie within -1 .. 1.
        auto Within = [](Value V) {
          return V.getDefiningOp<math::ErfOp>() ||
                 V.getDefiningOp<math::TanhOp>();
        };
        return Both(Op.getLhs(), Op.getRhs()) ||
               (Within(Op.getLhs()) && isConstantAtLeast(Op.getRhs(), 1)) ||
               (Within(Op.getRhs()) && isConstantAtLeast(Op.getLhs(), 1));
      })
      .Case<arith::DivFOp, arith::MinNumFOp>(
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
      // Odd functions that keep the sign.
      .Case<math::RoundEvenOp, math::ErfOp, math::TanhOp>(
          [&](auto Op) { return prove(Op.getOperand(), Depth - 1); })
      .Case<arith::SIToFPOp>(
          [&](auto Op) { return prove(Op.getIn(), Depth - 1); })
      .Default([](Operation *) { return false; });
}

bool synfire::compiler::isProvenNonNegative(Value V) {
  return Prover().prove(V, MaxDepth);
}
