//===- LeakyIntegrate.cpp - Recognise leaky integrate-and-fire ------------===//

#include "compiler/transforms/LeakyIntegrate.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace synfire;
using spike::PopulationOp;

static bool isConstantValue(Value V) {
  return static_cast<bool>(V.getDefiningOp<arith::ConstantOp>());
}

/// A weighted sum of arguments and constants; sets \p ReadsState when \p State
/// is among them.
static bool isWeightedSum(PopulationOp P, Value V, Value State,
                          bool &ReadsState) {
  if (V == State)
    return ReadsState = true;
  Operation *Def = V.getDefiningOp();
  if (!Def)
    return true; // an input or a param
  auto IsSum = [&](Value Of) {
    return isWeightedSum(P, Of, State, ReadsState);
  };
  auto IsFixed = [&](Value Of) {
    return isConstantValue(Of) || llvm::is_contained(P.paramArgs(), Of);
  };
  return llvm::TypeSwitch<Operation *, bool>(Def)
      .Case<arith::ConstantOp>([](auto) { return true; })
      .Case<arith::AddFOp, arith::SubFOp>(
          [&](auto Op) { return IsSum(Op.getLhs()) && IsSum(Op.getRhs()); })
      .Case<arith::MulFOp>([&](auto Op) {
        return (IsFixed(Op.getLhs()) && IsSum(Op.getRhs())) ||
               (IsFixed(Op.getRhs()) && IsSum(Op.getLhs()));
      })
      .Case<arith::DivFOp>(
          [&](auto Op) { return IsFixed(Op.getRhs()) && IsSum(Op.getLhs()); })
      .Case<arith::NegFOp>([&](auto Op) { return IsSum(Op.getOperand()); })
      .Case<arith::SIToFPOp, arith::UIToFPOp>(
          [&](auto Op) { return isa<BlockArgument>(Op.getIn()); })
      .Default([](Operation *) { return false; });
}

/// True if \p Next is a constant where \p Fires and \p H elsewhere.
static bool isReset(Value Next, Value Fires, Value H) {
  if (auto Select = Next.getDefiningOp<arith::SelectOp>())
    return Select.getCondition() == Fires &&
           isConstantValue(Select.getTrueValue()) &&
           Select.getFalseValue() == H;
  // h * (1 - s)
  auto Mul = Next.getDefiningOp<arith::MulFOp>();
  if (!Mul || (Mul.getLhs() != H && Mul.getRhs() != H))
    return false;
  Value Other = Mul.getLhs() == H ? Mul.getRhs() : Mul.getLhs();
  auto Sub = Other.getDefiningOp<arith::SubFOp>();
  auto One = Sub ? Sub.getLhs().getDefiningOp<arith::ConstantOp>()
                 : arith::ConstantOp();
  auto Spike =
      Sub ? Sub.getRhs().getDefiningOp<arith::UIToFPOp>() : arith::UIToFPOp();
  return One && Spike && Spike.getIn() == Fires &&
         cast<FloatAttr>(One.getValue()).getValueAsDouble() == 1.0;
}

bool synfire::compiler::isLeakyIntegrateAndFire(PopulationOp P) {
  // Fixed neurons run in every step; those of rows wait for their row.
  if (P.getNumStates() != 1 || P.getOutputs().size() != 1 || P.getRows())
    return false;
  spike::YieldOp Yield = P.getYield();
  Value Fires = Yield.getResults()[0];
  auto Cmp = Fires.getDefiningOp<arith::CmpFOp>();
  if (!Cmp || !isConstantValue(Cmp.getRhs()) ||
      (Cmp.getPredicate() != arith::CmpFPredicate::OGE &&
       Cmp.getPredicate() != arith::CmpFPredicate::OGT))
    return false;
  Value Next = Yield.getStates()[0];
  Value H = Cmp.getLhs();
  if (!isReset(Next, Fires, H)) {
    // The threshold may be subtracted first.
    auto Sub = H.getDefiningOp<arith::SubFOp>();
    if (!Sub || !isConstantValue(Sub.getRhs()))
      return false;
    H = Sub.getLhs();
    if (!isReset(Next, Fires, H))
      return false;
  }
  bool ReadsState = false;
  return isWeightedSum(P, H, P.stateArgs()[0], ReadsState) && ReadsState;
}
