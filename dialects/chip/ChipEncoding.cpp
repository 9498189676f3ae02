//===- ChipEncoding.cpp - From ops to instructions ------------------------===//

#include "dialects/chip/Chip.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace synfire;
using namespace synfire::chip;
using isa::Opcode;

static std::optional<Opcode> compareFloats(arith::CmpFPredicate P) {
  using Pred = arith::CmpFPredicate;
  switch (P) {
  case Pred::OEQ:
    return Opcode::EqF;
  case Pred::UNE:
    return Opcode::NeF;
  case Pred::OLT:
    return Opcode::LtF;
  case Pred::OLE:
    return Opcode::LeF;
  case Pred::OGT:
    return Opcode::GtF;
  case Pred::OGE:
    return Opcode::GeF;
  default:
    return {};
  }
}

static std::optional<Opcode> compareIntegers(arith::CmpIPredicate P) {
  using Pred = arith::CmpIPredicate;
  switch (P) {
  case Pred::eq:
    return Opcode::EqI;
  case Pred::ne:
    return Opcode::NeI;
  case Pred::slt:
    return Opcode::LtI;
  case Pred::sle:
    return Opcode::LeI;
  case Pred::sgt:
    return Opcode::GtI;
  case Pred::sge:
    return Opcode::GeI;
  default:
    return {};
  }
}

static Opcode productOf(Rounding R) {
  switch (R) {
  case Rounding::Zero:
    return Opcode::MulShiftZero;
  case Rounding::Floor:
    return Opcode::MulShiftFloor;
  case Rounding::Nearest:
    break;
  }
  return Opcode::MulShiftNearest;
}

/// The opcode of an op whose operands all have 32 bits, or are 0 or 1 where
/// that makes no difference.
static std::optional<Opcode> opcodeOf(Operation &Op) {
  using Code = std::optional<Opcode>;
  return llvm::TypeSwitch<Operation *, Code>(&Op)
      .Case<arith::AddFOp>([](auto) { return Opcode::AddF; })
      .Case<arith::SubFOp>([](auto) { return Opcode::SubF; })
      .Case<arith::MulFOp>([](auto) { return Opcode::MulF; })
      .Case<arith::DivFOp>([](auto) { return Opcode::DivF; })
      .Case<arith::NegFOp>([](auto) { return Opcode::NegF; })
      .Case<math::AbsFOp>([](auto) { return Opcode::AbsF; })
      .Case<arith::MinNumFOp>([](auto) { return Opcode::MinF; })
      .Case<arith::MaxNumFOp>([](auto) { return Opcode::MaxF; })
      .Case<math::SqrtOp>([](auto) { return Opcode::SqrtF; })
      .Case<math::RsqrtOp>([](auto) { return Opcode::RsqrtF; })
      .Case<math::ExpOp>([](auto) { return Opcode::ExpF; })
      .Case<math::TanhOp>([](auto) { return Opcode::TanhF; })
      .Case<math::ErfOp>([](auto) { return Opcode::ErfF; })
      .Case<math::RoundEvenOp>([](auto) { return Opcode::RoundEvenF; })
      .Case<arith::FPToSIOp>([](auto) { return Opcode::FloatToInt; })
      .Case<arith::SIToFPOp, arith::UIToFPOp>(
          [](auto) { return Opcode::IntToFloat; })
      .Case<arith::AddIOp>([](auto) { return Opcode::AddI; })
      .Case<arith::SubIOp>([](auto) { return Opcode::SubI; })
      .Case<arith::MulIOp>([](auto) { return Opcode::MulI; })
      .Case<arith::MinSIOp>([](auto) { return Opcode::MinI; })
      .Case<arith::MaxSIOp>([](auto) { return Opcode::MaxI; })
      .Case<arith::ShLIOp>([](auto) { return Opcode::ShlI; })
      .Case<arith::ShRSIOp>([](auto) { return Opcode::ShrI; })
      .Case<arith::AndIOp>([](auto) { return Opcode::AndI; })
      .Case<arith::OrIOp>([](auto) { return Opcode::OrI; })
      .Case<arith::XOrIOp>([](auto) { return Opcode::XorI; })
      .Case<arith::SelectOp>([](auto) { return Opcode::Select; })
      .Case<MulShiftOp>([](auto M) { return productOf(M.getRounding()); })
      .Case<arith::CmpFOp>(
          [](auto C) { return compareFloats(C.getPredicate()); })
      .Case<arith::CmpIOp>(
          [](auto C) { return compareIntegers(C.getPredicate()); })
      .Default([](Operation *) { return Code(); });
}

std::optional<Encoding> synfire::chip::encodingOf(Operation &Op) {
  auto Held = [](Type T) {
    return T.isF32() || T.isInteger(32) || T.isInteger(1);
  };
  if (!llvm::all_of(Op.getOperandTypes(), Held) ||
      !llvm::all_of(Op.getResultTypes(), Held))
    return {};
  if (llvm::isa<arith::ConstantOp>(Op))
    return Encoding{Execution::Constant, Opcode::Constant};
  if (llvm::isa<StepOp>(Op))
    return Encoding{Execution::Constant, Opcode::LoadStep};
  if (llvm::isa<arith::ExtUIOp>(Op))
    return Encoding{Execution::Nothing, Opcode::Constant};
  std::optional<Opcode> Code = opcodeOf(Op);
  if (!Code)
    return {};
  // A bit held as 1 is +1, which is what the unsigned conversion means; a word
  // is signed.
  if (llvm::isa<arith::SIToFPOp>(Op) &&
      !Op.getOperand(0).getType().isInteger(32))
    return {};
  if (llvm::isa<arith::UIToFPOp>(Op) &&
      !Op.getOperand(0).getType().isInteger(1))
    return {};
  if (llvm::isa<arith::FPToSIOp>(Op) &&
      !Op.getResult(0).getType().isInteger(32))
    return {};
  bool OnBits =
      Op.getNumOperands() == 2 && Op.getOperand(0).getType().isInteger(1);
  if (OnBits && !llvm::is_contained({Opcode::AndI, Opcode::OrI, Opcode::XorI,
                                     Opcode::EqI, Opcode::NeI},
                                    *Code))
    return {};
  return Encoding{Execution::Instruction, *Code};
}
