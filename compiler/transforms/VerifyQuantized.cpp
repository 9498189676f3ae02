//===- VerifyQuantized.cpp - Only integers travel -------------------------===//

#include "compiler/transforms/Passes.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_VERIFYQUANTIZED
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;

/// The name of result \p I of \p Op; a rotation has that of what it rotates.
static StringRef nameOf(Operation &Op, unsigned I) {
  if (auto P = dyn_cast<spike::PopulationOp>(Op))
    return P.getResultName(I);
  if (auto R = dyn_cast<spike::RotateOp>(Op)) {
    auto Rotated = cast<OpResult>(R.getValues());
    return nameOf(*Rotated.getOwner(), Rotated.getResultNumber());
  }
  return Op.getAttrOfType<StringAttr>("name").getValue();
}

/// Reports what is wrong with \p Op, if anything.
static LogicalResult verifyInteger(Operation &Op) {
  if (Op.getNumResults() == 0 || spike::isConstant(Op.getResult(0)))
    return success();
  for (OpResult R : Op.getResults()) {
    auto T = dyn_cast<ShapedType>(R.getType());
    if (!T)
      continue;
    if (T.getElementType().isF32())
      return Op.emitOpError("quantized-1: '")
             << nameOf(Op, R.getResultNumber())
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
