//===- ToFixedPoint.cpp - Programs in integers ----------------------------===//
//
// One walk over each program. Every real number becomes a FixedValue; the float
// ops stay until the end, so that uses can still be looked at.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/ToFixedPoint.h"

#include "compiler/transforms/FixedCode.h"
#include "compiler/transforms/IntegerRanges.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/SimplifyIntegers.h"
#include "compiler/transforms/ValueRanges.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace synfire::compiler {
#define GEN_PASS_DEF_TOFIXEDPOINT
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using arith::CmpFPredicate;
using arith::CmpIPredicate;
using spike::EventsType;
using spike::PopulationOp;

namespace {
class Rewriter {
public:
  Rewriter(PopulationOp P, const NeuronUnit &Neuron)
      : P(P), Neuron(Neuron), Measured(valueRangesOf(P)),
        Code(OpBuilder(P.getContext()), P.getLoc(), Neuron) {}

  void run();

private:
  PopulationOp P;
  const NeuronUnit &Neuron;
  llvm::DenseMap<Value, NumberRange> Measured;
  FixedCode Code;
  llvm::DenseMap<Value, FixedValue> Fixed; ///< of f32
  IntegerRanges Integers;                  ///< of the program before
  IntegerRanges Words; ///< of the arguments of the one after
  SmallVector<Operation *> Replaced;

  /// The largest magnitude that is meant to come: twice the measured one.
  double expected(Value V) const {
    const NumberRange R = Measured.lookup(V);
    return 2 * std::max(std::fabs(R.Low), std::fabs(R.High));
  }
  /// The smallest magnitude of a positive number, half of the measured one.
  double leastExpected(Value V) const {
    const NumberRange R = Measured.lookup(V);
    return R.Low > 0 ? R.Low / 2 : 0;
  }
  /// The fraction that leaves room for \p Largest in \p Bits.
  static int fractionIn(unsigned Bits, double Largest) {
    return FixedCode::fittingFraction({{}, 0, -Largest, Largest}) -
           (32 - static_cast<int>(Bits));
  }

  void readInputs();
  void readParams();
  void readStates();
  void writeStates();
  FixedValue realOf(Operation &Op);
  FixedValue product(Value Left, Value Right, Value Of);
  void rewrite(Operation &Op);

  /// The factor of a product or quotient with a constant that is only rounded:
  /// both become one instruction.
  static std::optional<double> roundedFactor(Operation &Op, Value &Of);
};
} // namespace

/// The constant that \p V is.
static std::optional<double> constantOf(Value V) {
  auto Constant = V.getDefiningOp<arith::ConstantOp>();
  auto Number =
      Constant ? dyn_cast<FloatAttr>(Constant.getValue()) : FloatAttr();
  if (!Number)
    return std::nullopt;
  return Number.getValueAsDouble();
}

std::optional<double> Rewriter::roundedFactor(Operation &Op, Value &Of) {
  if (!llvm::all_of(Op.getUsers(), llvm::IsaPred<math::RoundEvenOp>))
    return std::nullopt;
  for (unsigned I : {1u, 0u}) {
    if (I == 0 && !llvm::isa<arith::MulFOp>(Op))
      break;
    std::optional<double> Factor = constantOf(Op.getOperand(I));
    if (!Factor || *Factor == 0 || !std::isfinite(*Factor))
      continue;
    Of = Op.getOperand(1 - I);
    return llvm::isa<arith::MulFOp>(Op) ? *Factor : 1 / *Factor;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

void Rewriter::readInputs() {
  for (auto [In, Arg] : llvm::zip(P.getInputs(), P.inputArgs())) {
    Integers.set(Arg, rangeOfInput(In));
    Words.set(Arg, rangeOfInput(In));
  }
}

/// The largest signed integer of \p Bits that a binary32 holds, in which params
/// and initial states are written.
static double largestFloat(unsigned Bits) {
  const int Power = static_cast<int>(Bits) - 1;
  return std::ldexp(1.0, Power) - std::ldexp(1.0, std::max(0, Power - 24));
}

/// Params become integers when compiling: rounded mantissas, at most as wide as
/// a state.
void Rewriter::readParams() {
  OpBuilder B(P);
  for (auto [I, Arg] : llvm::enumerate(P.paramArgs())) {
    if (!Arg.getType().isF32())
      continue;
    const NumberRange R = Measured.lookup(Arg);
    const double Largest = std::max(std::fabs(R.Low), std::fabs(R.High));
    const int F = fractionIn(Neuron.StateBits, Largest);
    const double Most = largestFloat(Neuron.StateBits);
    const double Low = R.Low < 0 ? -Most : 0, High = R.High > 0 ? Most : 0;
    auto D = spike::DeriveOp::create(B, P.getLoc(), P.getParams()[I].getType(),
                                     P.getParams()[I]);
    Block &Body = D.getBody().emplaceBlock();
    Value V = Body.addArgument(B.getF32Type(), P.getLoc());
    OpBuilder In = OpBuilder::atBlockEnd(&Body);
    auto Real = [&](double C) {
      return arith::ConstantOp::create(
          In, P.getLoc(), In.getF32FloatAttr(static_cast<float>(C)));
    };
    V = arith::MulFOp::create(In, P.getLoc(), V, Real(std::ldexp(1.0, F)));
    V = math::RoundEvenOp::create(In, P.getLoc(), V);
    V = arith::MaxNumFOp::create(In, P.getLoc(), V, Real(Low));
    V = arith::MinNumFOp::create(In, P.getLoc(), V, Real(High));
    spike::YieldOp::create(In, P.getLoc(), V, mlir::ValueRange{});
    P.getParamsMutable()[I].set(D.getValue());
    Arg.setType(B.getI32Type());
    Fixed[Arg] = {Arg, F, std::ldexp(Low, -F), std::ldexp(High, -F)};
    Words.set(Arg, {Low, High});
  }
}

void Rewriter::readStates() {
  SmallVector<float> Init(P.getInit());
  for (auto [I, Arg] : llvm::enumerate(P.stateArgs())) {
    if (!Arg.getType().isF32())
      continue;
    const double Largest =
        std::max(expected(Arg), expected(P.getYield().getStates()[I]));
    const int F = fractionIn(Neuron.StateBits, Largest);
    const double Most = std::ldexp(1.0, Neuron.StateBits - 1);
    const double MostInit = largestFloat(Neuron.StateBits);
    Init[I] = static_cast<float>(
        std::clamp(std::nearbyint(std::ldexp(static_cast<double>(Init[I]), F)),
                   -MostInit, MostInit));
    Arg.setType(IntegerType::get(P.getContext(), 32));
    Fixed[Arg] = {Arg, F, std::ldexp(-Most, -F), std::ldexp(Most - 1, -F)};
    Words.set(Arg, {-Most, Most - 1});
  }
  P.setInit(Init);
}

void Rewriter::writeStates() {
  spike::YieldOp Yield = P.getYield();
  Code.before(Yield);
  for (auto [I, Arg] : llvm::enumerate(P.stateArgs())) {
    OpOperand &Next = Yield.getStatesMutable()[I];
    if (auto Known = Fixed.find(Next.get()); Known != Fixed.end())
      Next.set(Code.stored(Known->second, Fixed.lookup(Arg).Fraction,
                           Neuron.StateBits));
  }
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

FixedValue Rewriter::product(Value Left, Value Right, Value Of) {
  return Code.multiply(Fixed.lookup(Left), Fixed.lookup(Right), expected(Of));
}

/// Instructions for what \p Op, which makes an f32, computes.
FixedValue Rewriter::realOf(Operation &Op) {
  Value Out = Op.getResult(0);
  auto In = [&](unsigned I) { return Fixed.lookup(Op.getOperand(I)); };
  auto Integer = [&](bool Bit) {
    Value V = Op.getOperand(0);
    const IntegerRange W = Integers.of(V);
    if (Bit) {
      OpBuilder B(&Op);
      V = arith::ExtUIOp::create(B, Op.getLoc(), B.getI32Type(), V);
    }
    return Code.tightened(Code.integer(V, W.Low, W.High), expected(Out));
  };
  return llvm::TypeSwitch<Operation *, FixedValue>(&Op)
      .Case<arith::ConstantOp>([&](auto) {
        // Stands for infinity where it is none: far outside of every register.
        return Code.constant(std::clamp(*constantOf(Out), -1e30, 1e30));
      })
      .Case<arith::AddFOp>(
          [&](auto) { return Code.add(In(0), In(1), expected(Out)); })
      .Case<arith::SubFOp>(
          [&](auto) { return Code.subtract(In(0), In(1), expected(Out)); })
      .Case<arith::MulFOp>(
          [&](auto Mul) { return product(Mul.getLhs(), Mul.getRhs(), Out); })
      .Case<arith::DivFOp>([&](auto Div) {
        return Code.divide(In(0), In(1), leastExpected(Div.getRhs()),
                           Measured.lookup(Div.getRhs()).Low < 0,
                           expected(Out));
      })
      .Case<arith::NegFOp>([&](auto) { return Code.negate(In(0)); })
      .Case<math::AbsFOp>([&](auto) { return Code.absolute(In(0)); })
      .Case<arith::MaxNumFOp>([&](auto) { return Code.largest(In(0), In(1)); })
      .Case<arith::MinNumFOp>([&](auto) { return Code.least(In(0), In(1)); })
      .Case<arith::SelectOp>([&](auto S) {
        return Code.select(S.getCondition(), In(1), In(2), expected(Out));
      })
      .Case<math::ExpOp>(
          [&](auto) { return Code.exponential(In(0), expected(Out)); })
      .Case<math::RsqrtOp>([&](auto R) {
        return Code.reciprocalRoot(In(0), leastExpected(R.getOperand()),
                                   expected(Out));
      })
      .Case<math::SqrtOp>([&](auto) { return Code.root(In(0), expected(Out)); })
      .Case<math::RoundEvenOp>([&](auto R) {
        Value Of = R.getOperand();
        double Factor = 1;
        if (Operation *Def = Of.getDefiningOp();
            Def && llvm::isa<arith::MulFOp, arith::DivFOp>(Def))
          if (auto Rounded = roundedFactor(*Def, Of))
            Factor = *Rounded;
        return Code.nearest(Fixed.lookup(Of), Factor);
      })
      .Case<arith::UIToFPOp>(
          [&](auto C) { return Integer(C.getIn().getType().isInteger(1)); })
      .Default([&](Operation *) { return Integer(false); }); // arith.sitofp
}

static CmpIPredicate integerPredicate(CmpFPredicate How) {
  switch (How) {
  case CmpFPredicate::OEQ:
    return CmpIPredicate::eq;
  case CmpFPredicate::UNE:
    return CmpIPredicate::ne;
  case CmpFPredicate::OLT:
    return CmpIPredicate::slt;
  case CmpFPredicate::OLE:
    return CmpIPredicate::sle;
  case CmpFPredicate::OGT:
    return CmpIPredicate::sgt;
  default: // Programs have these six (population-4).
    return CmpIPredicate::sge;
  }
}

void Rewriter::rewrite(Operation &Op) {
  Value Out = Op.getResult(0);
  Code.before(&Op);
  if (Out.getType().isF32()) {
    Replaced.push_back(&Op);
    Value Of;
    if (llvm::isa<arith::MulFOp, arith::DivFOp>(Op) && !Op.use_empty() &&
        roundedFactor(Op, Of))
      return; // when it is rounded
    Fixed[Out] = realOf(Op);
    return;
  }
  if (auto Cmp = dyn_cast<arith::CmpFOp>(Op)) {
    Out.replaceAllUsesWith(Code.compare(integerPredicate(Cmp.getPredicate()),
                                        Fixed.lookup(Cmp.getLhs()),
                                        Fixed.lookup(Cmp.getRhs())));
    Replaced.push_back(&Op);
    return;
  }
  if (auto Cut = dyn_cast<arith::FPToSIOp>(Op)) {
    FixedValue V = Code.truncated(Fixed.lookup(Cut.getIn()));
    Value Integer = Code.at(V, 0);
    Integers.set(Integer, {V.Low, V.High});
    Out.replaceAllUsesWith(Integer);
    Replaced.push_back(&Op);
    return;
  }
  Integers.add(Op);
}

void Rewriter::run() {
  // Ranges are asked for by value, so before arguments change their types.
  readInputs();
  readParams();
  readStates();
  for (Operation &Op :
       llvm::make_early_inc_range(P.getBody().front().without_terminator()))
    rewrite(Op);
  writeStates();
  for (Operation *Op : llvm::reverse(Replaced))
    Op->erase();
  P->removeAttr(ValueRangesAttr);
  simplifyIntegers(P, Words);
}

Result<FixedCounts> compiler::toFixedPoint(spike::NetworkOp Network,
                                           const NeuronUnit &Neuron) {
  SmallVector<PopulationOp> Real;
  for (auto P : Network.getBody().front().getOps<PopulationOp>()) {
    const SmallVector<Value> Values = realValues(P);
    if (Values.empty())
      continue;
    for (auto [I, Out] : llvm::enumerate(P.getOutputs()))
      if (!llvm::isa<EventsType>(Out.getType()))
        return Error{P.getResultName(I).str(), "fixed-point-1",
                     "is a real value; quantise first (spike-quantize)"};
    if (valueRangesOf(P).empty())
      return Error{P.getResultName(0).str(), "fixed-point-2",
                   fmt::format("its {} real numbers have no measured ranges "
                               "({}); measure them first",
                               Values.size(), ValueRangesAttr.str())};
    for (auto C : P.getBody().front().getOps<arith::ConstantOp>())
      if (std::isnan(constantOf(C).value_or(0)))
        return Error{P.getResultName(0).str(), "fixed-point-3",
                     "its program has a constant that is no number (NaN), "
                     "which integers cannot be"};
    Real.push_back(P);
  }
  FixedCounts Out;
  for (PopulationOp P : Real) {
    auto Length = [&] {
      return static_cast<unsigned>(P.getBody().front().getOperations().size());
    };
    ++Out.Programs;
    Out.Before += Length();
    Rewriter(P, Neuron).run();
    Out.After += Length();
  }
  return Out;
}

namespace {
struct ToFixedPointPass
    : synfire::compiler::impl::ToFixedPointBase<ToFixedPointPass> {
  using ToFixedPointBase::ToFixedPointBase;

  void runOnOperation() override {
    Result<ChipSpec> Spec = ChipSpec::load(this->Target);
    Result<FixedCounts> Done = Spec ? toFixedPoint(getOperation(), Spec->Neuron)
                                    : Result<FixedCounts>(Spec.errors());
    if (!Done) {
      for (const Error &E : Done.errors())
        getOperation().emitError("spike-to-fixed-point: ") << E.format();
      return signalPassFailure();
    }
    NumPrograms += Done->Programs;
    NumBefore += Done->Before;
    NumAfter += Done->After;
  }
};
} // namespace
