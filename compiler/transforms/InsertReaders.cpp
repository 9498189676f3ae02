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
      B.getDenseF32ArrayAttr({}), /*rows=*/nullptr, /*held=*/nullptr,
      /*reset=*/nullptr);
  Block &Body = P.getBody().emplaceBlock();
  Value Arg = Body.addArgument(B.getF32Type(), Loc);
  OpBuilder In = OpBuilder::atBlockEnd(&Body);
  spike::YieldOp::create(In, Loc, Arg, ValueRange{});
  return P.getOutputs().front();
}

/// True for a population that gets one sum per neuron, or one for all neurons
/// of a reduce's value. Sums that groups of neurons share are handed on by
/// neurons of their own.
static bool readsNeuronByNeuron(OpOperand &Use) {
  auto P = dyn_cast<spike::PopulationOp>(Use.getOwner());
  int64_t Size = spike::sizeOf(Use.get().getType());
  return P && (Size == P.getNumNeurons() ||
               (Size == 1 && Use.get().getDefiningOp<spike::ReduceOp>()));
}

namespace {
struct InsertReadersPass
    : synfire::compiler::impl::InsertReadersBase<InsertReadersPass> {
  void runOnOperation() override {
    for (Operation &Op :
         llvm::make_early_inc_range(getOperation().getBody().front())) {
      if (!isa<spike::LinearOp, spike::ConvOp, spike::PoolOp, spike::EmbedOp,
               spike::MatmulOp, spike::ReduceOp>(Op))
        continue;
      Value Sums = Op.getResult(0);
      if (!cast<ShapedType>(Sums.getType()).getElementType().isF32())
        continue;
      SmallVector<OpOperand *> Direct;
      for (OpOperand &Use : Sums.getUses())
        if (!readsNeuronByNeuron(Use))
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
