//===- InsertReaders.cpp - A population behind every sum ------------------===//

#include "compiler/transforms/Passes.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_INSERTREADERS
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;

/// The identity on \p Sums, placed behind what defines them.
static Value identityOf(Value Sums, StringRef Name) {
  Location Loc = Sums.getLoc();
  OpBuilder B(Sums.getContext());
  B.setInsertionPointAfterValue(Sums);
  auto P = spike::PopulationOp::create(
      B, Loc, Sums.getType(), B.getStrArrayAttr(Name), Sums, ValueRange{},
      B.getDenseF32ArrayAttr({}), /*rows=*/nullptr, /*held=*/nullptr);
  Block &Body = P.getBody().emplaceBlock();
  Value Arg = Body.addArgument(B.getF32Type(), Loc);
  OpBuilder In = OpBuilder::atBlockEnd(&Body);
  spike::YieldOp::create(In, Loc, Arg, ValueRange{});
  return P.getOutputs().front();
}

namespace {
struct InsertReadersPass
    : synfire::compiler::impl::InsertReadersBase<InsertReadersPass> {
  void runOnOperation() override {
    for (Operation &Op :
         llvm::make_early_inc_range(getOperation().getBody().front())) {
      if (!isa<spike::LinearOp, spike::EmbedOp, spike::ReduceOp>(Op))
        continue;
      Value Sums = Op.getResult(0);
      if (!cast<ShapedType>(Sums.getType()).getElementType().isF32())
        continue;
      SmallVector<OpOperand *> Direct;
      for (OpOperand &Use : Sums.getUses())
        if (!isa<spike::PopulationOp>(Use.getOwner()))
          Direct.push_back(&Use);
      if (Direct.empty())
        continue;
      Value Out = identityOf(
          Sums,
          (Op.getAttrOfType<StringAttr>("name").getValue() + ".out").str());
      for (OpOperand *Use : Direct)
        Use->set(Out);
      ++NumInserted;
    }
  }
};
} // namespace
