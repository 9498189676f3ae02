//===- SpikePopulation.cpp - Populations and their programs ---------------===//

#include "dialects/spike/Spike.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace synfire::spike;

/// The ops of the neuron instruction set (targets/Isa.h) by MLIR name.
bool synfire::spike::isProgramOp(Operation &Op) {
  if (!isa<arith::ConstantOp, arith::AddFOp, arith::SubFOp, arith::MulFOp,
           arith::DivFOp, arith::NegFOp, arith::MaxNumFOp, arith::MinNumFOp,
           arith::CmpFOp, arith::SelectOp, arith::SIToFPOp, arith::UIToFPOp,
           arith::FPToSIOp, arith::ExtUIOp, arith::AddIOp, arith::SubIOp,
           arith::MulIOp, arith::MaxSIOp, arith::MinSIOp, arith::CmpIOp,
           arith::ShLIOp, arith::ShRSIOp, arith::AndIOp, arith::OrIOp,
           arith::XOrIOp, math::ExpOp, math::SqrtOp, math::RsqrtOp,
           math::TanhOp, math::ErfOp, math::AbsFOp, math::RoundEvenOp, StepOp,
           MulShiftOp>(Op))
    return false;
  auto Allowed = [](Type T) {
    return T.isF32() || T.isInteger(32) || T.isInteger(1);
  };
  if (!llvm::all_of(Op.getOperandTypes(), Allowed) ||
      !llvm::all_of(Op.getResultTypes(), Allowed))
    return false;
  // Bits know logic only; numbers and bits convert in one way each.
  bool OnBits = Op.getNumOperands() && Op.getOperand(0).getType().isInteger(1);
  if (isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::MaxSIOp,
          arith::MinSIOp, arith::ShLIOp, arith::ShRSIOp, arith::SIToFPOp>(Op) &&
      OnBits)
    return false;
  if (isa<arith::UIToFPOp>(Op) && !OnBits)
    return false;
  if (isa<arith::FPToSIOp>(Op) && !Op.getResult(0).getType().isInteger(32))
    return false;
  // A fixed instruction per comparison; the unordered and trivial ones are not
  // in the set (their negation is).
  if (auto Cmp = dyn_cast<arith::CmpFOp>(Op)) {
    using P = arith::CmpFPredicate;
    return llvm::is_contained({P::OEQ, P::UNE, P::OLT, P::OLE, P::OGT, P::OGE},
                              Cmp.getPredicate());
  }
  if (auto Cmp = dyn_cast<arith::CmpIOp>(Op)) {
    using P = arith::CmpIPredicate;
    if (OnBits)
      return Cmp.getPredicate() == P::eq || Cmp.getPredicate() == P::ne;
    return llvm::is_contained({P::eq, P::ne, P::slt, P::sle, P::sgt, P::sge},
                              Cmp.getPredicate());
  }
  return true;
}

int64_t PopulationOp::getNumNeurons() {
  return sizeOf(getOutputs().front().getType());
}

StringRef PopulationOp::getResultName(unsigned I) {
  return cast<StringAttr>(getNames()[I]).getValue();
}

Block::BlockArgListType PopulationOp::inputArgs() {
  return getBody().front().getArguments().take_front(getInputs().size());
}
Block::BlockArgListType PopulationOp::paramArgs() {
  return getBody().front().getArguments().slice(getInputs().size(),
                                                getParams().size());
}
Block::BlockArgListType PopulationOp::stateArgs() {
  return getBody().front().getArguments().take_back(getInit().size());
}
YieldOp PopulationOp::getYield() {
  return cast<YieldOp>(getBody().front().getTerminator());
}

LogicalResult PopulationOp::verify() {
  if (getOutputs().empty() || getNames().size() != getOutputs().size())
    return emitOpError("population-1: ") << getNames().size() << " names for "
                                         << getOutputs().size() << " results";
  int64_t N = getNumNeurons();
  for (Value Out : getOutputs())
    if (sizeOf(Out.getType()) != N)
      return emitOpError("population-1: results have ")
             << N << " and " << sizeOf(Out.getType()) << " neurons";
  for (Value In : getInputs())
    if (int64_t Size = sizeOf(In.getType()); N % Size != 0)
      return emitOpError("population-2: an input has size ")
             << Size << ", must divide " << N;
  for (Value Param : getParams()) {
    if (!isConstant(Param))
      return emitOpError("population-2: a param is not a constant");
    if (int64_t Size = sizeOf(Param.getType()); Size != N && Size != 1)
      return emitOpError("population-2: a param has size ")
             << Size << ", must be " << N << " or 1";
  }

  auto Positions = cast<NetworkOp>((*this)->getParentOp()).getPositions();
  if (getRows() && (!Positions || N % *Positions != 0))
    return emitOpError("population-6: ")
           << N << " neurons are no multiple of the network's positions";
  if (getHeld() && getInputs().empty())
    return emitOpError("population-7: a held population needs an input");

  Block &Body = getBody().front();
  size_t Expected = getInputs().size() + getParams().size() + getInit().size();
  if (Body.getNumArguments() != Expected)
    return emitOpError("population-3: the region has ")
           << Body.getNumArguments() << " arguments, inputs, params and states "
           << "are " << Expected;
  for (auto [In, Arg] : llvm::zip(getInputs(), inputArgs()))
    if (Arg.getType() != programType(In.getType()))
      return emitOpError("population-3: ")
             << In.getType() << " is seen as " << programType(In.getType())
             << ", the region takes " << Arg.getType();
  for (BlockArgument Arg : paramArgs())
    if (!Arg.getType().isF32() && !Arg.getType().isInteger(32))
      return emitOpError("population-3: params are f32 or i32");
  for (auto [Arg, Init] : llvm::zip(stateArgs(), getInit())) {
    if (!Arg.getType().isF32() && !Arg.getType().isInteger(32))
      return emitOpError(
          "population-5: states are f32 or i32, one per init value");
    if (Arg.getType().isInteger(32) &&
        (Init != std::trunc(Init) || std::abs(Init) >= 0x1p31f))
      return emitOpError("population-9: ")
             << Init << " is no integer of 32 bits, an i32 state begins at one";
  }
  if (auto Reset = getReset();
      Reset && (Reset->size() != 2 || (*Reset)[0] > INT32_MAX ||
                (*Reset)[1] < 0 || (*Reset)[1] >= (*Reset)[0]))
    return emitOpError(
        "population-8: reset is [every, at] with 0 <= at < every");
  auto Yield = dyn_cast<YieldOp>(Body.getTerminator());
  if (!Yield || Yield.getResults().size() != getOutputs().size() ||
      Yield.getStates().size() != getInit().size())
    return emitOpError("population-3: the region must yield ")
           << getOutputs().size() << " results and " << getInit().size()
           << " states";
  for (auto [Arg, Next] : llvm::zip(stateArgs(), Yield.getStates()))
    if (Arg.getType() != Next.getType())
      return emitOpError("population-5: a state is ")
             << Arg.getType() << ", the region yields " << Next.getType();
  for (auto [Out, Y] : llvm::zip(getOutputs(), Yield.getResults())) {
    auto Tensor = dyn_cast<ShapedType>(Out.getType());
    if (Tensor && !Tensor.getElementType().isF32())
      return emitOpError("population-3: a result is events or f32 currents");
    if (Y.getType() != programType(Out.getType()))
      return emitOpError("population-3: ")
             << Out.getType() << " needs " << programType(Out.getType())
             << ", the region yields " << Y.getType();
  }
  for (Operation &Op : Body.without_terminator())
    if (!isProgramOp(Op))
      return Op.emitOpError("population-4: not in the neuron instruction set");
  return success();
}
