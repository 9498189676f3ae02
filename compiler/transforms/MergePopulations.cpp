//===- MergePopulations.cpp - Populations that compute the same -----------===//

#include "compiler/transforms/Passes.h"
#include "compiler/transforms/PopulationEdit.h"
#include "dialects/spike/Wishes.h"

#include "mlir/IR/OperationSupport.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_MERGEPOPULATIONS
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::PopulationOp;

/// True if two constants hold the same elements: the same expression over the
/// same weights. Weights are the same when their stored elements are, by hash:
/// checkpoints store a number that two populations share once for each.
static bool areEqualConstants(Value A, Value B) {
  if (A == B)
    return true;
  Operation *L = A.getDefiningOp(), *R = B.getDefiningOp();
  if (A.getType() != B.getType() || L->getName() != R->getName())
    return false;
  auto One = dyn_cast<spike::WeightOp>(L), Two = dyn_cast<spike::WeightOp>(R);
  if (One)
    return One.getHash() == Two.getHash() && One.getDtype() == Two.getDtype();
  return L->getAttrDictionary() == R->getAttrDictionary() &&
         L->getPropertiesAsAttribute() == R->getPropertiesAsAttribute() &&
         llvm::equal(L->getOperands(), R->getOperands(), areEqualConstants) &&
         llvm::equal(L->getRegions(), R->getRegions(),
                     [](Region &One, Region &Two) {
                       return OperationEquivalence::isRegionEquivalentTo(
                           &One, &Two, OperationEquivalence::IgnoreLocations);
                     });
}

static bool computeTheSame(PopulationOp A, PopulationOp B) {
  // Bits, not numbers: -0 and 0 are different initial states.
  return A.getInputs() == B.getInputs() && A.getInitAttr() == B.getInitAttr() &&
         A->getResultTypes() == B->getResultTypes() &&
         A.getRows() == B.getRows() && A.getHeld() == B.getHeld() &&
         A.getReset() == B.getReset() &&
         A->getAttr(spike::OnCoreAttr) == B->getAttr(spike::OnCoreAttr) &&
         llvm::equal(A.getParams(), B.getParams(), areEqualConstants) &&
         OperationEquivalence::isRegionEquivalentTo(
             &A.getBody(), &B.getBody(), OperationEquivalence::IgnoreLocations);
}

/// Makes \p Kept stand for \p Gone and erases it.
static void merge(PopulationOp Kept, PopulationOp Gone) {
  NamedAttrList Aliases;
  for (PopulationOp P : {Kept, Gone})
    if (auto Known = P->getAttrOfType<DictionaryAttr>(AliasesAttr))
      for (NamedAttribute A : Known) {
        // What Gone stood for, Kept does now.
        Attribute Target = A.getValue();
        for (unsigned I = 0; I < Gone.getNames().size(); ++I)
          if (Gone.getNames()[I] == Target)
            Target = Kept.getNames()[I];
        Aliases.set(A.getName(), Target);
      }
  for (unsigned I = 0; I < Gone.getNames().size(); ++I)
    Aliases.set(Gone.getResultName(I), Kept.getNames()[I]);
  Kept->setAttr(AliasesAttr, Aliases.getDictionary(Kept.getContext()));
  Gone.getOutputs().replaceAllUsesWith(Kept.getOutputs());
  Gone.erase();
}

namespace {
struct MergePopulationsPass
    : synfire::compiler::impl::MergePopulationsBase<MergePopulationsPass> {
  void runOnOperation() override {
    // In network order, so that populations behind merged ones are seen to
    // have equal inputs.
    SmallVector<PopulationOp> Seen;
    for (auto P : llvm::make_early_inc_range(
             getOperation().getBody().front().getOps<PopulationOp>())) {
      auto *Twin = llvm::find_if(
          Seen, [&](PopulationOp Other) { return computeTheSame(Other, P); });
      if (Twin == Seen.end()) {
        Seen.push_back(P);
        continue;
      }
      merge(*Twin, P);
      ++NumMerged;
    }
  }
};
} // namespace
