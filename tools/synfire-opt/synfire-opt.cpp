//===- synfire-opt.cpp - Runs passes on text ------------------------------===//

#include "compiler/lowering/Passes.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/Pipeline.h"
#include "dialects/chip/Chip.h"
#include "dialects/spike/Spike.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int Argc, char **Argv) {
  mlir::DialectRegistry Registry;
  Registry.insert<synfire::spike::SpikeDialect, mlir::arith::ArithDialect,
                  mlir::math::MathDialect, synfire::chip::ChipDialect>();
  synfire::compiler::registerSpikeTransformsPasses();
  synfire::compiler::registerLoweringPasses();
  mlir::registerCSEPass();
  mlir::PassPipelineRegistration<> Simplify(
      "spike-simplify", "Everything that keeps the float network's meaning",
      [](mlir::OpPassManager &PM) {
        synfire::compiler::addSimplifyPasses(PM);
      });
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      Argc, Argv, "Synfire: runs passes on spike and chip IR\n", Registry));
}
