//===- Pipeline.cpp - The order of passes ---------------------------------===//

#include "compiler/transforms/Pipeline.h"

#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace synfire::compiler;
using synfire::spike::NetworkOp;

/// Where passes on a network are added in a pipeline on a module or network.
static OpPassManager &networkOf(OpPassManager &PM) {
  if (PM.getOpAnchorName() == NetworkOp::getOperationName())
    return PM;
  return PM.nest<NetworkOp>();
}

void synfire::compiler::addSimplifyPasses(OpPassManager &PM,
                                          const SimplifyOptionsSet &Options) {
  OpPassManager &N = networkOf(PM);
  // Folds look for single populations, so they come before fusion. Readers
  // first: a folded norm adds its offset in the population behind the linear.
  N.addPass(createInsertReaders());
  N.addPass(createFoldEmbedding());
  N.addPass(createFoldAmplitudes());
  N.addPass(createFoldNorms());
  if (Options.DeferScales)
    N.addPass(createDeferScales());
  N.addPass(createMergePopulations());
  N.addPass(createFusePopulations());
  N.addPass(createHoistParams());
  // Equal arithmetic inside a fused program, equal constants, dead constants.
  N.addPass(mlir::createCSEPass());
}

void synfire::compiler::addQuantizePasses(OpPassManager &PM,
                                          const QuantizeOptionsSet &Options) {
  OpPassManager &N = networkOf(PM);
  QuantizeOptions Q;
  Q.ActivationBits = Options.ActivationBits;
  Q.WeightBits = Options.WeightBits;
  N.addPass(createQuantize(Q));
  N.addPass(mlir::createCSEPass());
  N.addPass(createVerifyQuantized());
}
