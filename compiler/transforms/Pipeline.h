//===- compiler/transforms/Pipeline.h - The order of passes -----*- C++ -*-===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_PIPELINE_H
#define SYNFIRE_COMPILER_TRANSFORMS_PIPELINE_H

#include "compiler/transforms/Passes.h"

#include "mlir/Pass/PassManager.h"

namespace synfire::compiler {

struct QuantizeOptionsSet {
  unsigned ActivationBits = 8; ///< payloads that linears read, 2 .. 16
  unsigned WeightBits = 8;     ///< 2 .. 8
};

struct SimplifyOptionsSet {
  /// Scales of norms are taken behind linears: fewer levels, coarser events.
  bool DeferScales = false;
};

/// Float -> float: folds, merges, hoists and fuses. Spikes stay the same; only
/// folded norms change the rounding of the currents behind them. \p PM is
/// anchored on a module or on a network.
void addSimplifyPasses(mlir::OpPassManager &PM,
                       const SimplifyOptionsSet &Options = {});

/// Float -> integer; populations have been calibrated
/// (compiler/transforms/Calibration.h). Ends with the check of the boundary.
void addQuantizePasses(mlir::OpPassManager &PM,
                       const QuantizeOptionsSet &Options = {});

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_PIPELINE_H
