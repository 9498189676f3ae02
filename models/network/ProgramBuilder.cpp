//===- ProgramBuilder.cpp - Writes neuron programs ------------------------===//

#include "models/network/ProgramBuilder.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
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
