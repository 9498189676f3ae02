//===- DeferScales.cpp - One factor for all, taken behind the linear ------===//

#include "compiler/transforms/LinearReaders.h"
#include "compiler/transforms/Passes.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_DEFERSCALES
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::LinearOp;
using spike::PopulationOp;

/// A factor of \p V that is one input for all neurons of \p P, and the other
/// factor.
static std::optional<std::pair<BlockArgument, Value>>
commonFactor(PopulationOp P, Value V) {
  auto Product = V.getDefiningOp<arith::MulFOp>();
  if (!Product)
    return std::nullopt;
  for (auto [Factor, Rest] : {std::pair(Product.getLhs(), Product.getRhs()),
                              std::pair(Product.getRhs(), Product.getLhs())})
    for (auto [Input, Arg] : llvm::zip(P.getInputs(), P.inputArgs()))
      if (Arg == Factor && spike::sizeOf(Input.getType()) == 1 &&
          P.getNumNeurons() > 1)
        return std::pair(Arg, Rest);
  return std::nullopt;
}

namespace {
struct DeferScalesPass
    : synfire::compiler::impl::DeferScalesBase<DeferScalesPass> {
  void runOnOperation() override {
    while (deferOne())
      ++NumDeferred;
  }

private:
  bool deferOne() {
    for (auto P : getOperation().getBody().front().getOps<PopulationOp>())
      for (unsigned I = 0; I < P.getOutputs().size(); ++I) {
        auto Common = commonFactor(P, P.getYield().getResults()[I]);
        SmallVector<LinearOp> Readers = onlyLinears(P.getOutputs()[I]);
        if (!Common || Readers.empty() || P.getHeld())
          continue; // a held scale belongs to the sweep before
        PopulationEdit Edit(P);
        Value Scale = Edit.valueOf(Common->first);
        Edit.Results[I].Yielded = Common->second;
        Edit.Results[I].Range = {}; // another value now
        Edit.finish();
        for (LinearOp L : Readers)
          changeSums(L, [&](PopulationEdit &Reader, OpBuilder &B, Value Sum) {
            return arith::MulFOp::create(B, L.getLoc(), Sum,
                                         Reader.addInput(Scale))
                .getResult();
          });
        return true;
      }
    return false;
  }
};
} // namespace
