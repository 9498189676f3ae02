//===- ProgramBuilder.cpp - Writes neuron programs ------------------------===//

#include "models/network/ProgramBuilder.h"

#include "dialects/spike/Spike.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <numbers>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

Value ProgramBuilder::constant(float Value) {
  return arith::ConstantOp::create(B, Loc, B.getF32FloatAttr(Value));
}
Value ProgramBuilder::add(Value L, Value R) {
  return arith::AddFOp::create(B, Loc, L, R);
}
Value ProgramBuilder::sub(Value L, Value R) {
  return arith::SubFOp::create(B, Loc, L, R);
}
Value ProgramBuilder::mul(Value L, Value R) {
  return arith::MulFOp::create(B, Loc, L, R);
}
Value ProgramBuilder::div(Value L, Value R) {
  return arith::DivFOp::create(B, Loc, L, R);
}
Value ProgramBuilder::neg(Value V) { return arith::NegFOp::create(B, Loc, V); }
Value ProgramBuilder::max(Value L, Value R) {
  return arith::MaxNumFOp::create(B, Loc, L, R);
}
Value ProgramBuilder::min(Value L, Value R) {
  return arith::MinNumFOp::create(B, Loc, L, R);
}
Value ProgramBuilder::round(Value V) {
  return math::RoundEvenOp::create(B, Loc, V);
}
Value ProgramBuilder::exp(Value V) { return math::ExpOp::create(B, Loc, V); }
Value ProgramBuilder::rsqrt(Value V) {
  return math::RsqrtOp::create(B, Loc, V);
}
Value ProgramBuilder::sigmoid(Value V) {
  Value One = constant(1.0f);
  return div(One, add(One, exp(neg(V))));
}
Value ProgramBuilder::tanh(Value V) { return math::TanhOp::create(B, Loc, V); }
Value ProgramBuilder::erf(Value V) { return math::ErfOp::create(B, Loc, V); }
Value ProgramBuilder::gelu(Value V) {
  Value Erf = erf(div(V, constant(std::numbers::sqrt2_v<float>)));
  return mul(mul(V, constant(0.5f)), add(constant(1.0f), Erf));
}
Value ProgramBuilder::ternary(Value V) {
  Value One = constant(1.0f);
  return toInt(max(min(round(V), One), neg(One)));
}
Value ProgramBuilder::above(Value L, Value R) {
  return arith::CmpFOp::create(B, Loc, arith::CmpFPredicate::OGT, L, R);
}
Value ProgramBuilder::atLeast(Value L, Value R) {
  return arith::CmpFOp::create(B, Loc, arith::CmpFPredicate::OGE, L, R);
}
Value ProgramBuilder::select(Value Condition, Value Yes, Value No) {
  return arith::SelectOp::create(B, Loc, Condition, Yes, No);
}
Value ProgramBuilder::asFloat(Value Bit) {
  return arith::UIToFPOp::create(B, Loc, B.getF32Type(), Bit);
}
Value ProgramBuilder::fromInt(Value V) {
  return arith::SIToFPOp::create(B, Loc, B.getF32Type(), V);
}
Value ProgramBuilder::toInt(Value V) {
  return arith::FPToSIOp::create(B, Loc, B.getI32Type(), V);
}
Value ProgramBuilder::real(Value V) {
  if (V.getType().isF32())
    return V;
  return V.getType().isInteger(1) ? asFloat(V) : fromInt(V);
}

//===----------------------------------------------------------------------===//
// Inner steps
//===----------------------------------------------------------------------===//

Value ProgramBuilder::step() {
  return spike::StepOp::create(B, Loc, B.getI32Type());
}
Value ProgramBuilder::isStep(int64_t Inner) {
  Value Wanted = arith::ConstantOp::create(
      B, Loc, B.getI32IntegerAttr(static_cast<int32_t>(Inner)));
  return arith::CmpIOp::create(B, Loc, arith::CmpIPredicate::eq, step(),
                               Wanted);
}
Value ProgramBuilder::atFirstStep(Value AtFirst, Value Later) {
  return Steps == 1 ? AtFirst : select(isStep(0), AtFirst, Later);
}
Value ProgramBuilder::atLastStep(Value AtLast, Value Before) {
  return Steps == 1 ? AtLast : select(isStep(Steps - 1), AtLast, Before);
}
Value ProgramBuilder::perStep(ArrayRef<float> Values) {
  assert(Values.size() == 1 || static_cast<int64_t>(Values.size()) == Steps);
  Value Chosen = constant(Values.back());
  if (llvm::all_equal(Values))
    return Chosen;
  for (int64_t I = Steps - 2; I >= 0; --I)
    Chosen = select(isStep(I), constant(Values[I]), Chosen);
  return Chosen;
}
