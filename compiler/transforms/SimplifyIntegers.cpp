//===- SimplifyIntegers.cpp - Fewer integer ops ---------------------------===//

#include "compiler/transforms/SimplifyIntegers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/CSE.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::MulShiftOp;
using spike::Rounding;

namespace {
/// The most that a product is shifted by (mul-shift-1).
constexpr int64_t MostShift = 62;

std::optional<int64_t> constantOf(Value V) {
  APInt C;
  if (!V.getType().isInteger(32) || !matchPattern(V, m_ConstantInt(&C)))
    return std::nullopt;
  return C.getSExtValue();
}

/// The factor 2^n of a product that is no more than a shift; its operand in
/// \p Of.
std::optional<int64_t> powerIn(MulShiftOp Product, Value &Of) {
  for (auto [V, Other] : {std::pair(Product.getRight(), Product.getLeft()),
                          std::pair(Product.getLeft(), Product.getRight())})
    if (auto C = constantOf(V);
        C && *C > 0 && std::has_single_bit(static_cast<uint64_t>(*C))) {
      Of = Other;
      return std::countr_zero(static_cast<uint64_t>(*C));
    }
  return std::nullopt;
}

/// Limits, each the least or the largest of a constant and the one before.
class Limits {
public:
  /// Those through which \p V comes, if nothing else reads what lies between.
  explicit Limits(Value V) : From(V) {
    while (From.hasOneUse() && isa_and_nonnull<arith::MinSIOp, arith::MaxSIOp>(
                                   From.getDefiningOp())) {
      Operation *Op = From.getDefiningOp();
      auto C = constantOf(Op->getOperand(1));
      if (!C)
        break;
      All.push_back({isa<arith::MaxSIOp>(Op), *C});
      From = Op->getOperand(0);
    }
  }
  Value from() const { return From; }

  /// The same limits of \p V after \p Change of each. Fails where one is no
  /// i32 any more.
  template <typename ChangeT>
  Value of(Value V, bool ChangeSides, OpBuilder &B, ChangeT Change) const {
    for (auto [IsLow, Limit] : llvm::reverse(All)) {
      const int64_t C = Change(Limit);
      Value Word = arith::ConstantOp::create(
          B, V.getLoc(), B.getI32IntegerAttr(static_cast<int32_t>(C)));
      V = IsLow != ChangeSides
              ? arith::MaxSIOp::create(B, V.getLoc(), V, Word).getResult()
              : arith::MinSIOp::create(B, V.getLoc(), V, Word).getResult();
    }
    return V;
  }
  bool any(int64_t Limit) const {
    return llvm::any_of(All, [&](auto L) { return L.second == Limit; });
  }

private:
  Value From;
  SmallVector<std::pair<bool, int64_t>> All; ///< is a lower one; last first
};

class Simplifier {
public:
  Simplifier(spike::PopulationOp P, const IntegerRanges &Arguments)
      : P(P), Arguments(Arguments), B(P.getContext()) {}
  void run();

private:
  spike::PopulationOp P;
  const IntegerRanges &Arguments;
  IntegerRanges Ranges;
  OpBuilder B;

  bool walk();
  Value simpler(Operation &Op);
  Value limited(Operation &Op);
  Value dividedOnce(MulShiftOp Op);
  Value withoutShift(MulShiftOp Op);
  Value withoutOpposite(MulShiftOp Op);
  Value product(MulShiftOp Like, Value Left, Value Right, int64_t By) {
    return MulShiftOp::create(B, Like.getLoc(), Like.getType(), Left, Right, By,
                              Like.getRounding());
  }
  void eraseDead();
};
} // namespace

/// \p V / 2^Shift in the way of \p How.
static int64_t divided(int64_t V, int64_t Shift, Rounding How) {
  if (How == Rounding::Nearest)
    V += (int64_t(1) << Shift) >> 1;
  else if (How == Rounding::Zero && V < 0)
    V += (int64_t(1) << Shift) - 1;
  return V >> Shift;
}

/// Limits that the other operand never reaches.
Value Simplifier::limited(Operation &Op) {
  const bool Least = isa<arith::MinSIOp>(Op);
  for (unsigned I : {0u, 1u}) {
    const IntegerRange This = Ranges.of(Op.getOperand(I)),
                       Other = Ranges.of(Op.getOperand(1 - I));
    if (Least ? This.High <= Other.Low : This.Low >= Other.High)
      return Op.getOperand(I);
  }
  return {};
}

/// (a b / 2^k) 2^n / 2^s as one product, limits in between or not.
Value Simplifier::dividedOnce(MulShiftOp Op) {
  Value Of;
  auto Power = powerIn(Op, Of);
  const int64_t By = static_cast<int64_t>(Op.getBy()) - Power.value_or(0);
  if (!Power || By < 0)
    return {};
  if (By == 0)
    return Of;
  const Limits Between(Of);
  auto First = Between.from().getDefiningOp<MulShiftOp>();
  if (!First || !First->hasOneUse())
    return {};
  const auto Before = static_cast<int64_t>(First.getBy());
  const Rounding How = Op.getRounding();
  const bool CutAlike = First.getRounding() == How && How != Rounding::Nearest;
  if (Before + By > MostShift || (Before != 0 && !CutAlike) ||
      !IntegerRanges::fits(
          Ranges.ofProduct(First.getLeft(), First.getRight(), Before)))
    return {};
  return Between.of(product(Op, First.getLeft(), First.getRight(), Before + By),
                    false, B,
                    [&](int64_t Limit) { return divided(Limit, By, How); });
}

/// (a 2^u) b / 2^s without the first shift.
Value Simplifier::withoutShift(MulShiftOp Op) {
  for (unsigned I : {0u, 1u}) {
    auto Shift = Op->getOperand(I).getDefiningOp<arith::ShLIOp>();
    auto Up = Shift ? constantOf(Shift.getRhs()) : std::nullopt;
    if (!Up || *Up < 0 || *Up > static_cast<int64_t>(Op.getBy()) || *Up > 31)
      continue;
    const IntegerRange R = Ranges.of(Shift.getLhs());
    const double Times = std::ldexp(1.0, static_cast<int>(*Up));
    if (!IntegerRanges::fits({R.Low * Times, R.High * Times}))
      continue;
    Value Ops[] = {Op.getLeft(), Op.getRight()};
    Ops[I] = Shift.getLhs();
    return product(Op, Ops[0], Ops[1], static_cast<int64_t>(Op.getBy()) - *Up);
  }
  return {};
}

/// (-x) c / 2^s as x (-c) / 2^s.
Value Simplifier::withoutOpposite(MulShiftOp Op) {
  const auto C = constantOf(Op.getRight());
  if (!C || *C == INT32_MIN || Op.getRounding() != Rounding::Zero)
    return {};
  const Limits Between(Op.getLeft());
  auto Opposite = Between.from().getDefiningOp<arith::SubIOp>();
  if (!Opposite || !Opposite->hasOneUse() ||
      constantOf(Opposite.getLhs()) != 0 || Between.any(INT32_MIN) ||
      Ranges.of(Opposite.getRhs()).Low <= INT32_MIN)
    return {};
  Value Factor = arith::ConstantOp::create(
      B, Op.getLoc(), B.getI32IntegerAttr(static_cast<int32_t>(-*C)));
  return product(Op,
                 Between.of(Opposite.getRhs(), true, B,
                            [](int64_t Limit) { return -Limit; }),
                 Factor, static_cast<int64_t>(Op.getBy()));
}

Value Simplifier::simpler(Operation &Op) {
  return llvm::TypeSwitch<Operation *, Value>(&Op)
      .Case<arith::AddIOp>([](auto Add) {
        return constantOf(Add.getLhs()) == 0   ? Add.getRhs()
               : constantOf(Add.getRhs()) == 0 ? Add.getLhs()
                                               : Value();
      })
      .Case<arith::ShLIOp, arith::ShRSIOp>([](auto Shift) {
        return constantOf(Shift.getRhs()) == 0 ? Shift.getLhs() : Value();
      })
      .Case<arith::MinSIOp, arith::MaxSIOp>(
          [&](auto Limit) { return limited(*Limit); })
      .Case<MulShiftOp>([&](auto Product) {
        Value V = dividedOnce(Product);
        if (!V)
          V = withoutShift(Product);
        return V ? V : withoutOpposite(Product);
      })
      .Default([](Operation *) { return Value(); });
}

void Simplifier::eraseDead() {
  SmallVector<Operation *> All;
  for (Operation &Op : P.getBody().front().without_terminator())
    All.push_back(&Op);
  for (Operation *Op : llvm::reverse(All))
    if (isOpTriviallyDead(Op))
      Op->erase();
}

/// One round; true if anything changed.
bool Simplifier::walk() {
  bool Changed = false;
  Ranges = Arguments;
  IRRewriter Rewriter(P.getContext());
  DominanceInfo Dominance(P);
  eliminateCommonSubExpressions(Rewriter, Dominance, P);
  // What is made stands in front of the op and is met in the next round.
  for (Operation &Op :
       llvm::make_early_inc_range(P.getBody().front().without_terminator())) {
    if (Op.getNumResults() != 1)
      continue;
    B.setInsertionPoint(&Op);
    Value V = Op.getResult(0).getType().isInteger(32) ? simpler(Op) : Value();
    Ranges.add(Op);
    if (!V)
      continue;
    // The same bits, so the same range.
    if (V.getDefiningOp() && V.getDefiningOp()->getNextNode() == &Op)
      Ranges.set(V, Ranges.of(Op.getResult(0)));
    Op.getResult(0).replaceAllUsesWith(V);
    Changed = true;
  }
  eraseDead();
  return Changed;
}

void Simplifier::run() {
  while (walk())
    ;
}

void compiler::simplifyIntegers(spike::PopulationOp P,
                                const IntegerRanges &Arguments) {
  Simplifier(P, Arguments).run();
}
