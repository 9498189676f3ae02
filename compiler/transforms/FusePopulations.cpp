//===- FusePopulations.cpp - Merge element-wise neighbours ----------------===//

#include "compiler/transforms/Passes.h"
#include "compiler/transforms/PopulationEdit.h"

#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/IR/IRMapping.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_FUSEPOPULATIONS
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::PopulationOp;

/// True if a way leads from \p From to \p To other than a direct edge.
static bool hasIndirectPath(Operation *From, Operation *To) {
  llvm::SmallPtrSet<Operation *, 16> Seen;
  SmallVector<Operation *> Work;
  for (Operation *User : From->getUsers())
    if (User != To && Seen.insert(User).second)
      Work.push_back(User);
  while (!Work.empty()) {
    Operation *Op = Work.pop_back_val();
    for (Operation *User : Op->getUsers()) {
      if (User == To)
        return true;
      if (Seen.insert(User).second)
        Work.push_back(User);
    }
  }
  return false;
}

/// The first producer, in operand order, that can become part of \p C: equal
/// sizes mean that C reads it one to one. A held population reads the sweep
/// before, so what it reads cannot run with it, nor it with what reads it; and
/// populations of rows run when their row is there, others always. Programs of
/// integer states stay by themselves, as do those that are reset otherwise.
static PopulationOp fusibleProducer(PopulationOp C) {
  if (C.getHeld())
    return {};
  auto isInteger = [](BlockArgument A) { return !A.getType().isF32(); };
  for (Value In : C.getInputs()) {
    auto P = In.getDefiningOp<PopulationOp>();
    if (P && P.getNumNeurons() == C.getNumNeurons() && !P.getHeld() &&
        P.getRows() == C.getRows() && P.getReset() == C.getReset() &&
        llvm::none_of(P.paramArgs(), isInteger) &&
        llvm::none_of(P.stateArgs(), isInteger) && !hasIndirectPath(P, C))
      return P;
  }
  return {};
}

/// Events that a recording shows, whoever reads them.
static bool isObservable(Type T) {
  auto Events = dyn_cast<spike::EventsType>(T);
  return Events && Events.isAccumulateOnly();
}

static PopulationOp fuse(PopulationOp P, PopulationOp C) {
  PopulationEdit Edit(C);
  Block &Producer = P.getBody().front();
  IRMapping Map;
  for (auto [In, Arg] : llvm::zip(P.getInputs(), P.inputArgs()))
    Map.map(Arg, Edit.addInput(In));
  for (auto [Param, Arg] : llvm::zip(P.getParams(), P.paramArgs()))
    Map.map(Arg, Edit.addParam(Param));
  SmallVector<BlockArgument> States;
  for (auto [Init, Arg] : llvm::zip(P.getInit(), P.stateArgs())) {
    States.push_back(Edit.addState(Init));
    Map.map(Arg, States.back());
  }
  OpBuilder B = Edit.atStart();
  for (Operation &Op : Producer.without_terminator())
    B.clone(Op, Map);
  spike::YieldOp Yield = P.getYield();
  for (auto [State, Next] : llvm::zip(States, Yield.getStates()))
    Edit.setNextState(State, Map.lookup(Next));

  // C's own arguments of P's results become P's values.
  std::vector<EditedResult> Kept;
  SmallVector<unsigned> KeptIndices;
  for (auto [I, Out] : llvm::enumerate(P.getOutputs())) {
    Value Inner = Map.lookup(Yield.getResults()[I]);
    for (auto [J, In] : llvm::enumerate(C.getInputs()))
      if (In == Out)
        Edit.replaceInput(J, Inner);
    bool ReadElsewhere =
        llvm::any_of(Out.getUsers(), [&](Operation *U) { return U != C; });
    if (!ReadElsewhere && !isObservable(Out.getType()))
      continue;
    KeptIndices.push_back(I);
    Kept.push_back({cast<StringAttr>(P.getNames()[I]), Out.getType(), Inner,
                    std::nullopt, rangeOf(P, I)});
  }
  Edit.Results.insert(Edit.Results.begin(), Kept.begin(), Kept.end());
  if (auto Aliases = P->getAttrOfType<DictionaryAttr>(AliasesAttr))
    Edit.addAliases(Aliases);

  PopulationOp Fused = Edit.finish();
  for (auto [I, Index] : llvm::enumerate(KeptIndices))
    P.getOutputs()[Index].replaceAllUsesWith(Fused.getOutputs()[I]);
  P.erase();
  return Fused;
}

namespace {
struct FusePopulationsPass
    : synfire::compiler::impl::FusePopulationsBase<FusePopulationsPass> {
  void runOnOperation() override {
    Block &Body = getOperation().getBody().front();
    // A consumer is tried again after each fusion, so the order of the list is
    // all that decides; ops move only when the block is sorted at the end of a
    // fusion.
    auto FuseOne = [&]() {
      for (auto C : Body.getOps<PopulationOp>())
        if (PopulationOp P = fusibleProducer(C)) {
          fuse(P, C);
          // Readers of P that stood before C now follow the fused population.
          // A delay may read what stands later.
          sortTopologically(&Body, [](Value, Operation *Op) {
            return isa<spike::DelayOp>(Op);
          });
          ++NumFused;
          return true;
        }
      return false;
    };
    while (FuseOne())
      ;
  }
};
} // namespace
