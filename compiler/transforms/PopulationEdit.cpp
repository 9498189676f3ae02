//===- PopulationEdit.cpp - Change a population ---------------------------===//

#include "compiler/transforms/PopulationEdit.h"

#include "llvm/ADT/BitVector.h"

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

DenseF32ArrayAttr compiler::rangeOf(spike::PopulationOp P, unsigned I) {
  auto All = P->getAttrOfType<ArrayAttr>(RangesAttr);
  if (!All || I >= All.size())
    return {};
  auto Range = dyn_cast<DenseF32ArrayAttr>(All[I]);
  return Range && Range.size() == 3 ? Range : DenseF32ArrayAttr();
}

PopulationEdit::PopulationEdit(spike::PopulationOp Old)
    : Old(Old), Inputs(Old.getInputs()), Params(Old.getParams()),
      Init(Old.getInit()), NextStates(Old.getYield().getStates()) {
  for (auto [I, Out] : llvm::enumerate(Old.getOutputs()))
    Results.push_back({cast<StringAttr>(Old.getNames()[I]), Out.getType(),
                       Old.getYield().getResults()[I], unsigned(I),
                       rangeOf(Old, I)});
}

BlockArgument PopulationEdit::addInput(Value V) {
  auto *Known = llvm::find(Inputs, V);
  if (Known != Inputs.end())
    return program().getArgument(Known - Inputs.begin());
  Inputs.push_back(V);
  return program().insertArgument(Inputs.size() - 1,
                                  spike::programType(V.getType()), V.getLoc());
}

BlockArgument PopulationEdit::addParam(Value V) {
  auto *Known = llvm::find(Params, V);
  if (Known != Params.end())
    return program().getArgument(Inputs.size() + (Known - Params.begin()));
  Params.push_back(V);
  return program().insertArgument(Inputs.size() + Params.size() - 1,
                                  Float32Type::get(V.getContext()), V.getLoc());
}

BlockArgument PopulationEdit::addState(float Value) {
  Init.push_back(Value);
  BlockArgument Arg =
      program().addArgument(Float32Type::get(Old.getContext()), Old.getLoc());
  NextStates.push_back(Arg);
  return Arg;
}

void PopulationEdit::setNextState(BlockArgument State, Value Next) {
  NextStates[State.getArgNumber() - Inputs.size() - Params.size()] = Next;
}

void PopulationEdit::replaceYielded(Value From, Value To) {
  for (Value &Next : NextStates)
    if (Next == From)
      Next = To;
  for (EditedResult &R : Results)
    if (R.Yielded == From)
      R.Yielded = To;
}

void PopulationEdit::replaceInput(unsigned I, Value Inner) {
  replaceValue(program().getArgument(I), Inner);
}

void PopulationEdit::replaceValue(Value From, Value To) {
  From.replaceAllUsesWith(To);
  replaceYielded(From, To);
}

Value PopulationEdit::valueOf(BlockArgument Arg) const {
  unsigned I = Arg.getArgNumber();
  return I < Inputs.size() ? Inputs[I] : Params[I - Inputs.size()];
}

void PopulationEdit::addAliases(DictionaryAttr Aliases) {
  NamedAttrList All;
  if (auto Own = Old->getAttrOfType<DictionaryAttr>(AliasesAttr))
    All.append(Own.getValue());
  for (NamedAttribute A : Aliases)
    All.set(A.getName(), A.getValue());
  Old->setAttr(AliasesAttr, All.getDictionary(Old.getContext()));
}

void PopulationEdit::decodeInput(unsigned I, Value V,
                                 llvm::function_ref<Value(Value)> Decode) {
  BlockArgument Arg = program().getArgument(I);
  SmallVector<OpOperand *> Uses;
  for (OpOperand &Use : Arg.getUses())
    Uses.push_back(&Use);
  Inputs[I] = V;
  Arg.setType(spike::programType(V.getType()));
  Value Decoded = Decode(Arg);
  for (OpOperand *Use : Uses)
    Use->set(Decoded);
  replaceYielded(Arg, Decoded);
}

void PopulationEdit::dropUnused() {
  llvm::BitVector Unused(program().getNumArguments());
  for (size_t I = 0; I < Inputs.size() + Params.size(); ++I)
    if (program().getArgument(I).use_empty())
      Unused.set(I);
  SmallVector<Value> KeptInputs, KeptParams;
  for (auto [I, V] : llvm::enumerate(Inputs))
    if (!Unused[I])
      KeptInputs.push_back(V);
  for (auto [I, V] : llvm::enumerate(Params))
    if (!Unused[Inputs.size() + I])
      KeptParams.push_back(V);
  program().eraseArguments(Unused);
  Inputs = KeptInputs;
  Params = KeptParams;
}

/// Erases what no longer contributes to the yield.
static void eraseDead(Block &Program) {
  Operation *Before = nullptr;
  for (Operation *Op = Program.getTerminator()->getPrevNode(); Op;
       Op = Before) {
    Before = Op->getPrevNode();
    if (Op->use_empty())
      Op->erase();
  }
}

spike::PopulationOp PopulationEdit::finish(bool EraseOld) {
  auto Yield = cast<spike::YieldOp>(program().getTerminator());
  SmallVector<Value> Yielded;
  SmallVector<Attribute> Names, Ranges;
  SmallVector<Type> Types;
  for (EditedResult &R : Results) {
    Yielded.push_back(R.Yielded);
    Names.push_back(R.Name);
    Types.push_back(R.Type);
  }
  OpBuilder InProgram(Yield);
  spike::YieldOp::create(InProgram, Yield.getLoc(), Yielded, NextStates);
  Yield.erase();
  eraseDead(program());
  dropUnused();

  OpBuilder B(Old);
  auto New = spike::PopulationOp::create(
      B, Old.getLoc(), Types, B.getArrayAttr(Names), Inputs, Params,
      B.getDenseF32ArrayAttr(Init), Old.getRowsAttr(), Old.getHeldAttr(),
      Old.getResetAttr());
  New->setDiscardableAttrs(Old->getDiscardableAttrDictionary());
  bool Calibrated = false;
  for (EditedResult &R : Results) {
    Calibrated |= static_cast<bool>(R.Range);
    Ranges.push_back(R.Range ? R.Range : B.getDenseF32ArrayAttr({}));
  }
  if (Calibrated)
    New->setAttr(RangesAttr, B.getArrayAttr(Ranges));
  else
    New->removeAttr(RangesAttr);
  New.getBody().takeBody(Old.getBody());
  for (auto [I, R] : llvm::enumerate(Results))
    if (R.ReplacesIndex)
      Old.getOutputs()[*R.ReplacesIndex].replaceAllUsesWith(
          New.getOutputs()[I]);
  if (EraseOld)
    Old->erase();
  return New;
}
