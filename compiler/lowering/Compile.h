//===- compiler/lowering/Compile.h - Quantised network to chip --*- C++ -*-===//

#ifndef SYNFIRE_COMPILER_LOWERING_COMPILE_H
#define SYNFIRE_COMPILER_LOWERING_COMPILE_H

#include "compiler/lowering/Lowering.h"

namespace synfire::compiler {

struct MappingOptions {
  Placing Placement = Placing::SpaceFilling;
  uint64_t Seed = 0; ///< of Placing::Shuffled
  /// Chips whose cores share the work evenly; none: cores are filled.
  std::optional<uint32_t> SpreadOver;
};

/// All steps of the lowering on \p Module, which holds a quantised network,
/// with a check after each. The report says how the network fills the chip; if
/// it does not fit (FitReport::fits), the module stays as it was.
Result<mapping::FitReport> compileToChip(mlir::ModuleOp Module,
                                         const ChipSpec &Chip,
                                         const MappingOptions &Options = {});

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_LOWERING_COMPILE_H
