//===- DecodeProgram.cpp - Instructions to regions ------------------------===//
//
// Registers are untyped, values are not: a value's type follows from the
// instruction that makes it. A constant, a parameter and a state take the type
// that their reader wants.
//
//===----------------------------------------------------------------------===//

#include "compiler/lowering/ProgramEncoding.h"

#include "targets/Maths.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <fmt/format.h>

#include <bit>
#include <map>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using synfire::isa::Instruction;
using synfire::isa::Opcode;

namespace {
class Decoder {
public:
  Decoder(OpBuilder &Outer, const EncodedProgram &Code)
      : B(Outer), Code(Code), Loc(UnknownLoc::get(Outer.getContext())),
        F32(Outer.getF32Type()), I32(Outer.getI32Type()),
        I1(Outer.getI1Type()) {}
  Result<chip::ProgramOp> run(StringRef Name);

private:
  /// What a register holds.
  struct Content {
    Value V;
    std::optional<uint32_t> Constant;
  };

  Value constant(uint32_t Bits, Type T);
  Value read(uint16_t Register, Type T);
  bool isBit(uint16_t Register) const;
  Type typeOfReaders(size_t At, uint16_t Register) const;
  void findTypes();
  Value compute(size_t At);
  Value select(size_t At);
  template <typename OpTy>
  Value binary(const Instruction &I, Type T) {
    Value L = read(I.A, T), R = read(I.B, T);
    return OpTy::create(B, Loc, L, R);
  }
  template <typename OpTy>
  Value unary(const Instruction &I) {
    return OpTy::create(B, Loc, read(I.A, F32));
  }
  Value compare(const Instruction &I, arith::CmpFPredicate P) {
    Value L = read(I.A, F32), R = read(I.B, F32);
    return arith::CmpFOp::create(B, Loc, P, L, R);
  }
  Value compare(const Instruction &I, arith::CmpIPredicate P, bool Bits) {
    Type T = Bits && isBit(I.A) && isBit(I.B) ? I1 : I32;
    Value L = read(I.A, T), R = read(I.B, T);
    return arith::CmpIOp::create(B, Loc, P, L, R);
  }
  Value product(const Instruction &I, chip::Rounding R) {
    Value Left = read(I.A, I32), Right = read(I.B, I32);
    return chip::MulShiftOp::create(B, Loc, I32, Left, Right,
                                    B.getI64IntegerAttr(I.Imm),
                                    chip::RoundingAttr::get(B.getContext(), R));
  }
  template <typename OpTy>
  Value logic(const Instruction &I) {
    return binary<OpTy>(I, isBit(I.A) && isBit(I.B) ? I1 : I32);
  }

  OpBuilder &B;
  const EncodedProgram &Code;
  Location Loc;
  Type F32, I32, I1;
  std::vector<Content> Registers;
  std::map<std::pair<uint32_t, const void *>, Value> Constants;
  /// Of parameters and states; null until a reader tells.
  std::vector<Type> ParamTypes, StateTypes;
  std::string Fault;
};
} // namespace

Value Decoder::constant(uint32_t Bits, Type T) {
  Value &Known = Constants[{Bits, T.getAsOpaquePointer()}];
  if (Known)
    return Known;
  TypedAttr Attr;
  if (T == F32)
    Attr = FloatAttr::get(
        T, llvm::APFloat(llvm::APFloat::IEEEsingle(), llvm::APInt(32, Bits)));
  else
    Attr = IntegerAttr::get(T, llvm::APInt(T.getIntOrFloatBitWidth(), Bits,
                                           false, /*implicitTrunc=*/true));
  return Known = arith::ConstantOp::create(B, Loc, Attr);
}

/// True if the register holds 0 or 1 and is known to.
bool Decoder::isBit(uint16_t Register) const {
  const Content &C = Registers[Register];
  return C.Constant ? *C.Constant <= 1 : C.V.getType() == I1;
}

Value Decoder::read(uint16_t Register, Type T) {
  const Content &C = Registers[Register];
  if (C.Constant)
    return constant(*C.Constant, T);
  Type Has = C.V.getType();
  if (Has == T)
    return C.V;
  if (Has == I1 && T == I32)
    return arith::ExtUIOp::create(B, Loc, I32, C.V);
  if (Has == I32 && T == I1)
    return arith::CmpIOp::create(B, Loc, arith::CmpIPredicate::ne, C.V,
                                 constant(0, I32));
  Fault =
      fmt::format("r{} is read both as a float and as an integer", Register);
  return constant(0, T);
}

/// What the first reader behind \p At takes \p Register for; null when it is
/// only kept in a state of which that is not known, or read by nobody.
Type Decoder::typeOfReaders(size_t At, uint16_t Register) const {
  for (size_t K = At + 1; K < Code.Code.size(); ++K) {
    const Instruction &I = Code.Code[K];
    const uint16_t Fields[] = {I.A, I.B, I.C};
    unsigned Count = isa::info(I.Op).NumOperands;
    for (unsigned F = 0; F < Count; ++F) {
      if (Fields[F] != Register)
        continue;
      if (I.Op == Opcode::Select && F == 0)
        return I1;
      Type Passed = I.Op == Opcode::Select       ? typeOfReaders(K, I.Dst)
                    : I.Op == Opcode::StoreState ? StateTypes[I.Imm]
                                                 : Type();
      if (Passed)
        return Passed;
      if (I.Op == Opcode::Select || I.Op == Opcode::StoreState)
        continue;
      bool Float = I.Op == Opcode::FloatToInt || I.Op == Opcode::ErfF ||
                   (I.Op >= Opcode::AddF && I.Op <= Opcode::RoundEvenF) ||
                   (I.Op >= Opcode::EqF && I.Op <= Opcode::GeF);
      return Float ? F32 : I32;
    }
    if (I.Dst == Register && I.Op != Opcode::Emit && I.Op != Opcode::StoreState)
      break;
  }
  return {};
}

/// What an instruction leaves in its register; null for what passes through.
static Type resultOf(Opcode Op, Type F32, Type I32) {
  switch (Op) {
  case Opcode::Constant:
  case Opcode::LoadParameter:
  case Opcode::LoadState:
  case Opcode::Select:
  case Opcode::StoreState:
  case Opcode::Emit:
    return {};
  case Opcode::IntToFloat:
  case Opcode::ErfF:
    return F32;
  default:
    return Op >= Opcode::AddF && Op <= Opcode::RoundEvenF ? F32 : I32;
  }
}

/// Parameters and states by who reads them, and states by what is stored; until
/// nothing changes, since states are stored in each other. Binary32 if nobody
/// tells.
void Decoder::findTypes() {
  ParamTypes.assign(Code.NumParams, Type());
  StateTypes.assign(Code.Init.size(), Type());
  for (bool Changed = true; Changed;) {
    Changed = false;
    auto Tell = [&](Type &Of, Type T) {
      // A choice by a state or parameter asks whether its word is 0.
      T = T == I1 ? I32 : T;
      Changed |= !Of && T;
      Of = Of ? Of : T;
    };
    std::vector<Type> Holds(Code.NumRegisters);
    for (size_t At = 0; At < Code.Code.size(); ++At) {
      const Instruction &I = Code.Code[At];
      if (I.Op == Opcode::LoadParameter)
        Tell(ParamTypes[I.Imm], typeOfReaders(At, I.Dst));
      else if (I.Op == Opcode::LoadState)
        Tell(StateTypes[I.Imm], typeOfReaders(At, I.Dst));
      else if (I.Op == Opcode::StoreState)
        Tell(StateTypes[I.Imm], Holds[I.A]);
      if (I.Op == Opcode::StoreState || I.Op == Opcode::Emit)
        continue;
      Holds[I.Dst] = I.Op == Opcode::LoadParameter ? ParamTypes[I.Imm]
                     : I.Op == Opcode::LoadState   ? StateTypes[I.Imm]
                     : I.Op == Opcode::Select
                         ? (Holds[I.B] ? Holds[I.B] : Holds[I.C])
                         : resultOf(I.Op, F32, I32);
    }
  }
  for (auto *Types : {&ParamTypes, &StateTypes})
    for (Type &T : *Types)
      T = T ? T : F32;
}

Value Decoder::select(size_t At) {
  const Instruction &I = Code.Code[At];
  const Content &Yes = Registers[I.B], &No = Registers[I.C];
  Type T;
  if (Yes.Constant && No.Constant)
    T = typeOfReaders(At, I.Dst) ? typeOfReaders(At, I.Dst) : I32;
  else if (Yes.Constant || No.Constant) {
    T = Yes.Constant ? No.V.getType() : Yes.V.getType();
    // A word chosen against a bit.
    if (T == I1 && (!isBit(I.B) || !isBit(I.C)))
      T = I32;
  } else
    T = Yes.V.getType() == No.V.getType() ? Yes.V.getType() : I32;
  if (T == I1 && (!isBit(I.B) || !isBit(I.C)))
    T = I32;
  Value Condition = read(I.A, I1), L = read(I.B, T), R = read(I.C, T);
  return arith::SelectOp::create(B, Loc, Condition, L, R);
}

Value Decoder::compute(size_t At) {
  const Instruction &I = Code.Code[At];
  using PF = arith::CmpFPredicate;
  using PI = arith::CmpIPredicate;
  switch (I.Op) {
  case Opcode::AddF:
    return binary<arith::AddFOp>(I, F32);
  case Opcode::SubF:
    return binary<arith::SubFOp>(I, F32);
  case Opcode::MulF:
    return binary<arith::MulFOp>(I, F32);
  case Opcode::DivF:
    return binary<arith::DivFOp>(I, F32);
  case Opcode::MinF:
    return binary<arith::MinNumFOp>(I, F32);
  case Opcode::MaxF:
    return binary<arith::MaxNumFOp>(I, F32);
  case Opcode::NegF:
    return unary<arith::NegFOp>(I);
  case Opcode::AbsF:
    return unary<math::AbsFOp>(I);
  case Opcode::SqrtF:
    return unary<math::SqrtOp>(I);
  case Opcode::RsqrtF:
    return unary<math::RsqrtOp>(I);
  case Opcode::ExpF:
    return unary<math::ExpOp>(I);
  case Opcode::TanhF:
    return unary<math::TanhOp>(I);
  case Opcode::ErfF:
    return unary<math::ErfOp>(I);
  case Opcode::RoundEvenF:
    return unary<math::RoundEvenOp>(I);
  case Opcode::SigmoidF: {
    Value One = constant(std::bit_cast<uint32_t>(1.0f), F32);
    Value Negated = arith::NegFOp::create(B, Loc, read(I.A, F32));
    Value Exp = math::ExpOp::create(B, Loc, Negated);
    Value Sum = arith::AddFOp::create(B, Loc, One, Exp);
    return arith::DivFOp::create(B, Loc, One, Sum);
  }
  case Opcode::FloatToInt:
    return arith::FPToSIOp::create(B, Loc, I32, read(I.A, F32));
  case Opcode::IntToFloat:
    if (!Registers[I.A].Constant && isBit(I.A))
      return arith::UIToFPOp::create(B, Loc, F32, read(I.A, I1));
    return arith::SIToFPOp::create(B, Loc, F32, read(I.A, I32));
  case Opcode::EqF:
    return compare(I, PF::OEQ);
  case Opcode::NeF:
    return compare(I, PF::UNE);
  case Opcode::LtF:
    return compare(I, PF::OLT);
  case Opcode::LeF:
    return compare(I, PF::OLE);
  case Opcode::GtF:
    return compare(I, PF::OGT);
  case Opcode::GeF:
    return compare(I, PF::OGE);
  case Opcode::AddI:
    return binary<arith::AddIOp>(I, I32);
  case Opcode::SubI:
    return binary<arith::SubIOp>(I, I32);
  case Opcode::MulI:
    return binary<arith::MulIOp>(I, I32);
  case Opcode::MinI:
    return binary<arith::MinSIOp>(I, I32);
  case Opcode::MaxI:
    return binary<arith::MaxSIOp>(I, I32);
  case Opcode::ShlI:
    return binary<arith::ShLIOp>(I, I32);
  case Opcode::ShrI:
    return binary<arith::ShRSIOp>(I, I32);
  case Opcode::AndI:
    return logic<arith::AndIOp>(I);
  case Opcode::OrI:
    return logic<arith::OrIOp>(I);
  case Opcode::XorI:
    return logic<arith::XOrIOp>(I);
  case Opcode::EqI:
    return compare(I, PI::eq, true);
  case Opcode::NeI:
    return compare(I, PI::ne, true);
  case Opcode::LtI:
    return compare(I, PI::slt, false);
  case Opcode::LeI:
    return compare(I, PI::sle, false);
  case Opcode::GtI:
    return compare(I, PI::sgt, false);
  case Opcode::GeI:
    return compare(I, PI::sge, false);
  case Opcode::Select:
    return select(At);
  case Opcode::MulShiftZero:
    return product(I, chip::Rounding::Zero);
  case Opcode::MulShiftFloor:
    return product(I, chip::Rounding::Floor);
  case Opcode::MulShiftNearest:
    return product(I, chip::Rounding::Nearest);
  case Opcode::Constant:
  case Opcode::LoadAccumulator:
  case Opcode::LoadParameter:
  case Opcode::LoadState:
  case Opcode::StoreState:
  case Opcode::Emit:
  case Opcode::LoadStep:
    break; // handled by run()
  }
  return {};
}

Result<chip::ProgramOp> Decoder::run(StringRef Name) {
  SmallVector<bool> Uniform(Code.UniformSlots.begin(), Code.UniformSlots.end());
  findTypes();
  SmallVector<float> Init;
  for (size_t I = 0; I < Code.Init.size(); ++I) {
    Init.push_back(StateTypes[I] == I32
                       ? static_cast<float>(static_cast<int32_t>(Code.Init[I]))
                       : std::bit_cast<float>(Code.Init[I]));
    if (StateTypes[I] == I32 &&
        static_cast<uint32_t>(maths::toInt(Init.back())) != Code.Init[I])
      Fault =
          fmt::format("state {} begins at an integer of more than 24 bits", I);
  }
  auto Op = chip::ProgramOp::create(
      B, Loc, B.getStringAttr(Name), B.getDenseBoolArrayAttr(Uniform),
      B.getI64IntegerAttr(Code.NumParams), B.getDenseF32ArrayAttr(Init));
  OpBuilder::InsertionGuard Guard(B);
  Block &Body = Op.getBody().emplaceBlock();
  B.setInsertionPointToEnd(&Body);
  for (bool Bit : Code.BitSlots)
    Body.addArgument(Bit ? I1 : I32, Loc);
  size_t FirstParam = Code.BitSlots.size();
  size_t FirstState = FirstParam + Code.NumParams;
  for (auto *Types : {&ParamTypes, &StateTypes})
    for (Type T : *Types)
      Body.addArgument(T, Loc);

  Registers.resize(Code.NumRegisters);
  SmallVector<Value> Payloads(Code.NumOutputs), States;
  for (size_t I = 0; I < Code.Init.size(); ++I)
    States.push_back(Body.getArgument(FirstState + I));
  for (size_t At = 0; At < Code.Code.size(); ++At) {
    const Instruction &I = Code.Code[At];
    switch (I.Op) {
    case Opcode::Constant:
      Registers[I.Dst] = {Value(), I.Imm};
      break;
    case Opcode::LoadAccumulator:
      Registers[I.Dst] = {Body.getArgument(I.Imm), {}};
      break;
    case Opcode::LoadParameter:
      Registers[I.Dst] = {Body.getArgument(FirstParam + I.Imm), {}};
      break;
    case Opcode::LoadState:
      Registers[I.Dst] = {Body.getArgument(FirstState + I.Imm), {}};
      break;
    case Opcode::LoadStep:
      Registers[I.Dst] = {chip::StepOp::create(B, Loc, I32), {}};
      break;
    case Opcode::StoreState:
      States[I.Imm] = read(I.A, StateTypes[I.Imm]);
      break;
    case Opcode::Emit:
      Payloads[I.Imm] =
          read(I.A, !Registers[I.A].Constant && isBit(I.A) ? I1 : I32);
      break;
    default:
      Registers[I.Dst] = {compute(At), {}};
    }
  }
  chip::YieldOp::create(B, Loc, Payloads, States);
  if (Fault.empty())
    return Op;
  Op.erase();
  return Error{Name.str(), "program-types", Fault};
}

Result<chip::ProgramOp>
synfire::compiler::decodeProgram(OpBuilder &B, StringRef Name,
                                 const EncodedProgram &Code) {
  return Decoder(B, Code).run(Name);
}
