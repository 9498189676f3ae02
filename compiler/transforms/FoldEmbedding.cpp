//===- FoldEmbedding.cpp - A threshold folded into a table ----------------===//

#include "compiler/transforms/Passes.h"
#include "compiler/transforms/PopulationEdit.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_FOLDEMBEDDING
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::EmbedOp;
using spike::PopulationOp;

/// The population that turns \p E into bits and is all that reads it, or null.
static PopulationOp foldableReader(EmbedOp E) {
  auto Table = cast<ShapedType>(E.getTable().getType());
  if (!Table.getElementType().isF32() || !E.getSums().hasOneUse())
    return {};
  auto P = dyn_cast<PopulationOp>(*E.getSums().user_begin());
  if (!P || P.getInputs().size() != 1 || !P.getParams().empty() ||
      P.getNumStates() != 0 || P.getOutputs().size() != 1 ||
      P.getNumNeurons() != spike::sizeOf(E.getSums().getType()) ||
      P.getRows() || P.getHeld() ||
      !P.getBody().front().getOps<spike::StepOp>().empty())
    return {}; // not a function of the table alone
  auto Events = dyn_cast<spike::EventsType>(P.getOutputs()[0].getType());
  if (!Events || Events.getKind() != spike::EventKind::Binary)
    return {};
  return P;
}

static void fold(EmbedOp E, PopulationOp P) {
  OpBuilder B(E);
  Location Loc = E.getLoc();
  auto Shape = cast<ShapedType>(E.getTable().getType()).getShape();
  // The program moves into the derive; the population gets a new one.
  auto Bits = spike::DeriveOp::create(
      B, Loc, RankedTensorType::get(Shape, B.getI1Type()), E.getTable());
  Bits.getBody().takeBody(P.getBody());
  auto Sums = EmbedOp::create(
      B, Loc,
      RankedTensorType::get(cast<ShapedType>(E.getSums().getType()).getShape(),
                            B.getI32Type()),
      E.getName(), E.getTokens(), Bits.getValue());
  Sums->setDiscardableAttrs(E->getDiscardableAttrDictionary());

  Block &Body = P.getBody().emplaceBlock();
  Value Sum = Body.addArgument(B.getI32Type(), P.getLoc());
  OpBuilder In = OpBuilder::atBlockEnd(&Body);
  Value Zero =
      arith::ConstantOp::create(In, P.getLoc(), In.getI32IntegerAttr(0));
  Value Fires = arith::CmpIOp::create(In, P.getLoc(), arith::CmpIPredicate::ne,
                                      Sum, Zero);
  spike::YieldOp::create(In, P.getLoc(), Fires, ValueRange{});
  P.getInputsMutable()[0].set(Sums.getSums());
  E.erase();
}

namespace {
struct FoldEmbeddingPass
    : synfire::compiler::impl::FoldEmbeddingBase<FoldEmbeddingPass> {
  void runOnOperation() override {
    for (auto E : llvm::make_early_inc_range(
             getOperation().getBody().front().getOps<EmbedOp>()))
      if (PopulationOp P = foldableReader(E)) {
        fold(E, P);
        ++NumFolded;
      }
  }
};
} // namespace
