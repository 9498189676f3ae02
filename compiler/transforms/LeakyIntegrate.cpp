//===- LeakyIntegrate.cpp - Recognise leaky integrate-and-fire ------------===//

#include "compiler/transforms/LeakyIntegrate.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace synfire;
using spike::PopulationOp;

static bool isConstantValue(Value V) {
  return static_cast<bool>(V.getDefiningOp<arith::ConstantOp>());
}

/// What \p V is a clamped or shifted form of: of a saturating register, of
/// another fraction.
static Value unclamped(Value V) {
  for (Operation *Def = V.getDefiningOp();
       Def &&
       isa<arith::MaxSIOp, arith::MinSIOp, arith::ShLIOp, arith::ShRSIOp,
           spike::MulShiftOp>(Def) &&
       isConstantValue(Def->getOperand(1));
       Def = V.getDefiningOp())
    V = Def->getOperand(0);
  return V;
}

namespace {
/// A weighted sum of arguments and constants, in real numbers or integers.
struct WeightedSum {
  PopulationOp P;
  llvm::SmallPtrSet<Value, 2> States = {}; ///< among what was added up

  bool isFixed(Value V) {
    return isConstantValue(V) || llvm::is_contained(P.paramArgs(), V);
  }
  /// Each value once, however often it is read.
  bool holds(Value Sum) {
    llvm::SmallPtrSet<Value, 16> Seen;
    SmallVector<Value> Open = {Sum};
    while (!Open.empty()) {
      Value V = Open.pop_back_val();
      if (!Seen.insert(V).second)
        continue;
      Operation *Def = V.getDefiningOp();
      if (!Def) { // an input, a param or a state
        if (llvm::is_contained(P.stateArgs(), V))
          States.insert(V);
      } else if (isa<arith::AddFOp, arith::SubFOp, arith::AddIOp,
                     arith::SubIOp>(Def)) {
        Open.append({Def->getOperand(0), Def->getOperand(1)});
      } else if (isa<arith::MulFOp, arith::MulIOp, spike::MulShiftOp>(Def)) {
        const unsigned Weight = isFixed(Def->getOperand(0)) ? 0 : 1;
        if (!isFixed(Def->getOperand(Weight)))
          return false;
        Open.push_back(Def->getOperand(1 - Weight));
      } else if (isa<arith::DivFOp, arith::ShLIOp, arith::ShRSIOp,
                     arith::MaxSIOp, arith::MinSIOp>(Def)) {
        if (!isFixed(Def->getOperand(1)))
          return false;
        Open.push_back(Def->getOperand(0));
      } else if (isa<arith::NegFOp>(Def)) {
        Open.push_back(Def->getOperand(0));
      } else if (isa<arith::SIToFPOp, arith::UIToFPOp, arith::ExtUIOp>(Def)) {
        if (!isa<BlockArgument>(Def->getOperand(0)))
          return false;
      } else if (!isa<arith::ConstantOp>(Def)) {
        return false;
      }
    }
    return true;
  }
};
} // namespace

/// True if \p Next is a constant where \p Fires and \p H elsewhere.
static bool isReset(Value Next, Value Fires, Value H) {
  Next = unclamped(Next);
  if (auto Select = Next.getDefiningOp<arith::SelectOp>())
    return Select.getCondition() == Fires &&
           isConstantValue(Select.getTrueValue()) &&
           unclamped(Select.getFalseValue()) == H;
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

/// What is compared with a constant, by at least or above.
static Value comparedWithConstant(Value Fires) {
  Operation *Def = Fires.getDefiningOp();
  if (!Def || Def->getNumOperands() != 2 ||
      !isConstantValue(Def->getOperand(1)))
    return {};
  if (auto Cmp = dyn_cast<arith::CmpFOp>(Def))
    if (Cmp.getPredicate() != arith::CmpFPredicate::OGE &&
        Cmp.getPredicate() != arith::CmpFPredicate::OGT)
      return {};
  if (auto Cmp = dyn_cast<arith::CmpIOp>(Def))
    if (Cmp.getPredicate() != arith::CmpIPredicate::sge &&
        Cmp.getPredicate() != arith::CmpIPredicate::sgt)
      return {};
  return isa<arith::CmpFOp, arith::CmpIOp>(Def) ? Def->getOperand(0) : Value();
}

bool synfire::compiler::isLeakyIntegrateAndFire(PopulationOp P) {
  // Fixed neurons run in every step; those of rows wait for their row.
  if (P.getNumStates() < 1 || P.getNumStates() > 2 ||
      P.getOutputs().size() != 1 || P.getRows())
    return false;
  spike::YieldOp Yield = P.getYield();
  Value Fires = Yield.getResults()[0];
  const Value Compared = comparedWithConstant(Fires);
  if (!Compared)
    return false;
  // The potential is the state that a spike resets.
  Value Potential, Sum;
  for (auto [Arg, Next] : llvm::zip(P.stateArgs(), Yield.getStates())) {
    for (Value H : {Compared, unclamped(Compared)})
      if (isReset(Next, Fires, H)) {
        Potential = Arg;
        Sum = H;
      }
    // The threshold may be subtracted first.
    if (auto Sub = Compared.getDefiningOp<arith::SubFOp>();
        Sub && isConstantValue(Sub.getRhs()) &&
        isReset(Next, Fires, Sub.getLhs())) {
      Potential = Arg;
      Sum = Sub.getLhs();
    }
  }
  WeightedSum H{P};
  if (!Potential || !H.holds(Sum) || !H.States.contains(Potential))
    return false;
  // Another state is a current: it decays and adds up, whoever spikes.
  for (auto [Arg, Next] : llvm::zip(P.stateArgs(), Yield.getStates())) {
    WeightedSum Current{P};
    if (Arg != Potential &&
        (!Current.holds(Next) || Current.States.contains(Potential)))
      return false;
  }
  return true;
}
