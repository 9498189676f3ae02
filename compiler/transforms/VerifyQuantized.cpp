//===- VerifyQuantized.cpp - Only integers travel -------------------------===//

#include "compiler/transforms/Passes.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_VERIFYQUANTIZED
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;

/// Reports what is wrong with \p Op, if anything.
static LogicalResult verifyInteger(Operation &Op) {
  if (Op.getNumResults() == 0 || spike::isConstant(Op.getResult(0)))
    return success();
  for (OpResult R : Op.getResults()) {
    auto T = dyn_cast<ShapedType>(R.getType());
    if (!T)
      continue;
    auto P = dyn_cast<spike::PopulationOp>(Op);
    if (T.getElementType().isF32())
      return Op.emitOpError("quantized-1: '")
             << (P ? P.getResultName(R.getResultNumber())
                   : Op.getAttrOfType<StringAttr>("name").getValue())
             << "' is real, only integers travel on a chip; run "
                "spike-quantize";
    for (Operation *User : R.getUsers())
      if (!isa<spike::PopulationOp>(User))
        return Op.emitOpError("quantized-2: sums are read by ")
               << User->getName() << ", only populations can";
  }
  return success();
}

namespace {
struct VerifyQuantizedPass
    : synfire::compiler::impl::VerifyQuantizedBase<VerifyQuantizedPass> {
  void runOnOperation() override {
    for (Operation &Op : getOperation().getBody().front())
      if (failed(verifyInteger(Op)))
        signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
