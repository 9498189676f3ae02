//===- LinearReaders.cpp - Behind linears ---------------------------------===//

#include "compiler/transforms/LinearReaders.h"

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::LinearOp;
using spike::PopulationOp;

SmallVector<LinearOp> compiler::onlyLinears(Value V) {
  SmallVector<LinearOp> All;
  for (Operation *User : V.getUsers()) {
    auto L = dyn_cast<LinearOp>(User);
    if (!L || L.getOnly() ||
        !cast<ShapedType>(L.getSums().getType()).getElementType().isF32() ||
        !llvm::all_of(L.getSums().getUsers(), llvm::IsaPred<PopulationOp>))
      return {};
    All.push_back(L);
  }
  return All;
}

bool compiler::isOnGrid(LinearOp L) {
  return static_cast<bool>(L.getMatrix().getDefiningOp<spike::GridOp>());
}

void compiler::changeSums(
    LinearOp L,
    function_ref<Value(PopulationEdit &, OpBuilder &, Value)> Change) {
  SmallVector<PopulationOp> Readers;
  for (Operation *User : L.getSums().getUsers())
    if (!llvm::is_contained(Readers, cast<PopulationOp>(User)))
      Readers.push_back(cast<PopulationOp>(User));
  for (PopulationOp Reader : Readers) {
    PopulationEdit Edit(Reader);
    for (auto [I, In] : llvm::enumerate(Reader.getInputs()))
      if (In == L.getSums())
        Edit.decodeInput(I, In, [&](Value Sum) -> Value {
          OpBuilder B = Edit.atStart();
          return Change(Edit, B, Sum);
        });
    Edit.finish();
  }
}
