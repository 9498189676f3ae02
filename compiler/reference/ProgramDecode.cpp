//===- compiler/reference/ProgramDecode.cpp - From a region to steps ------===//

#include "compiler/reference/Program.h"

#include "dialects/spike/Spike.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

#include <bit>
#include <optional>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using WordOp = Program::WordOp;

static std::optional<WordOp> comparison(arith::CmpFPredicate Predicate) {
  using P = arith::CmpFPredicate;
  switch (Predicate) {
  case P::OEQ:
    return WordOp::EqF;
  case P::UNE:
    return WordOp::NeF;
  case P::OLT:
    return WordOp::LtF;
  case P::OLE:
    return WordOp::LeF;
  case P::OGT:
    return WordOp::GtF;
  case P::OGE:
    return WordOp::GeF;
  default:
    return std::nullopt;
  }
}

static std::optional<WordOp> comparison(arith::CmpIPredicate Predicate) {
  using P = arith::CmpIPredicate;
  switch (Predicate) {
  case P::eq:
    return WordOp::EqI;
  case P::ne:
    return WordOp::NeI;
  case P::slt:
    return WordOp::LtI;
  case P::sle:
    return WordOp::LeI;
  case P::sgt:
    return WordOp::GtI;
  case P::sge:
    return WordOp::GeI;
  default:
    return std::nullopt;
  }
}

static std::optional<WordOp> mulShift(spike::Rounding Rounding) {
  switch (Rounding) {
  case spike::Rounding::Zero:
    return WordOp::MulShiftZero;
  case spike::Rounding::Floor:
    return WordOp::MulShiftFloor;
  case spike::Rounding::Nearest:
    return WordOp::MulShiftNearest;
  }
  return std::nullopt;
}

/// The word operation of \p Op, if there is one.
static std::optional<WordOp> decodeOp(mlir::Operation *Op) {
  using Maybe = std::optional<WordOp>;
  auto Is = [](WordOp O) { return [O](auto) { return Maybe(O); }; };
  Maybe Decoded = llvm::TypeSwitch<mlir::Operation *, Maybe>(Op)
                      .Case<arith::AddFOp>(Is(WordOp::AddF))
                      .Case<arith::SubFOp>(Is(WordOp::SubF))
                      .Case<arith::MulFOp>(Is(WordOp::MulF))
                      .Case<arith::DivFOp>(Is(WordOp::DivF))
                      .Case<arith::NegFOp>(Is(WordOp::NegF))
                      .Case<math::AbsFOp>(Is(WordOp::AbsF))
                      .Case<arith::MinNumFOp>(Is(WordOp::MinF))
                      .Case<arith::MaxNumFOp>(Is(WordOp::MaxF))
                      .Case<math::SqrtOp>(Is(WordOp::Sqrt))
                      .Case<math::RsqrtOp>(Is(WordOp::Rsqrt))
                      .Case<math::ExpOp>(Is(WordOp::Exp))
                      .Case<math::TanhOp>(Is(WordOp::Tanh))
                      .Case<math::ErfOp>(Is(WordOp::Erf))
                      .Case<math::RoundEvenOp>(Is(WordOp::RoundEven))
                      .Case<arith::FPToSIOp>(Is(WordOp::FloatToInt))
                      .Case<arith::SIToFPOp>(Is(WordOp::SignedToFloat))
                      .Case<arith::UIToFPOp>(Is(WordOp::UnsignedToFloat))
                      .Case<arith::ExtUIOp>(Is(WordOp::Copy))
                      .Case<arith::AddIOp>(Is(WordOp::AddI))
                      .Case<arith::SubIOp>(Is(WordOp::SubI))
                      .Case<arith::MulIOp>(Is(WordOp::MulI))
                      .Case<arith::MinSIOp>(Is(WordOp::MinI))
                      .Case<arith::MaxSIOp>(Is(WordOp::MaxI))
                      .Case<arith::ShLIOp>(Is(WordOp::Shl))
                      .Case<arith::ShRSIOp>(Is(WordOp::Shr))
                      .Case<arith::AndIOp>(Is(WordOp::And))
                      .Case<arith::OrIOp>(Is(WordOp::Or))
                      .Case<arith::XOrIOp>(Is(WordOp::Xor))
                      .Case<arith::SelectOp>(Is(WordOp::Select))
                      .Case<spike::MulShiftOp>([](spike::MulShiftOp M) {
                        return mulShift(M.getRounding());
                      })
                      .Case<arith::CmpFOp, arith::CmpIOp>([](auto Cmp) {
                        return comparison(Cmp.getPredicate());
                      })
                      .Default(Maybe());
  if (!Decoded)
    return Decoded;
  // A bit is the word 0 or 1. Arithmetic on bits (where 1 means -1 when signed)
  // would leave those two words, so bits take logic only.
  auto IsBit = [](Type T) { return T.isInteger(1); };
  bool Bits = llvm::any_of(Op->getOperandTypes(), IsBit) ||
              llvm::any_of(Op->getResultTypes(), IsBit);
  switch (*Decoded) {
  case WordOp::AddI:
  case WordOp::SubI:
  case WordOp::MulI:
  case WordOp::MinI:
  case WordOp::MaxI:
  case WordOp::Shl:
  case WordOp::Shr:
  case WordOp::SignedToFloat:
  case WordOp::FloatToInt:
    return Bits ? Maybe() : Decoded;
  case WordOp::LtI:
  case WordOp::LeI:
  case WordOp::GtI:
  case WordOp::GeI:
    return IsBit(Op->getOperand(0).getType()) ? Maybe() : Decoded;
  default:
    return Decoded;
  }
}

Result<Program> Program::decode(Block &Body) {
  Program Out;
  llvm::DenseMap<Value, unsigned> Places;
  Out.NumArguments = Body.getNumArguments();
  for (BlockArgument Arg : Body.getArguments()) {
    Places[Arg] = Arg.getArgNumber();
    Out.Reals.push_back(Arg.getType().isF32());
  }
  for (auto Constant : Body.getOps<arith::ConstantOp>()) {
    Places[Constant] = Out.NumArguments + Out.Constants.size();
    if (auto Float = dyn_cast<FloatAttr>(Constant.getValue()))
      Out.Constants.push_back(
          std::bit_cast<int32_t>(Float.getValue().convertToFloat()));
    else
      Out.Constants.push_back(static_cast<int32_t>(
          cast<IntegerAttr>(Constant.getValue()).getValue().getZExtValue()));
  }
  for (auto Inner : Body.getOps<spike::StepOp>()) {
    if (!Out.InnerStep) {
      Out.InnerStep = Out.Constants.size();
      Out.Constants.push_back(0);
    }
    Places[Inner] = Out.NumArguments + *Out.InnerStep;
  }
  unsigned Next = Out.NumArguments + Out.Constants.size();
  for (mlir::Operation &Op : Body.without_terminator()) {
    if (isa<arith::ConstantOp, spike::StepOp>(Op))
      continue;
    auto Decoded = spike::isProgramOp(Op) ? decodeOp(&Op) : std::nullopt;
    if (!Decoded)
      return Error{Op.getName().getStringRef().str(), "population-4",
                   "this op, or its form on these types, is not in the neuron "
                   "instruction set"};
    Step S{*Decoded, 0, 0, 0};
    if (auto Product = dyn_cast<spike::MulShiftOp>(Op))
      S.Shift = static_cast<unsigned>(Product.getBy());
    unsigned *Operands[] = {&S.A, &S.B, &S.C};
    for (auto [I, Operand] : llvm::enumerate(Op.getOperands()))
      *Operands[I] = Places.lookup(Operand);
    Places[Op.getResult(0)] = Next++;
    Out.Steps.push_back(S);
    Out.Reals.push_back(Op.getResult(0).getType().isF32());
  }
  auto Yield = cast<spike::YieldOp>(Body.getTerminator());
  for (Value Yielded : Yield->getOperands())
    Out.Yields.push_back(Places.lookup(Yielded));
  return Out;
}
