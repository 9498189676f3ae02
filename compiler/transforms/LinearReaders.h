//===- compiler/transforms/LinearReaders.h - Behind linears -----*- C++ -*-===//
//
// Moving a factor or an offset past a linear: it leaves the population before
// the linear and appears in those behind it.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_LINEARREADERS_H
#define SYNFIRE_COMPILER_TRANSFORMS_LINEARREADERS_H

#include "compiler/transforms/PopulationEdit.h"

namespace synfire::compiler {

/// The linears that read \p V when they are all that does and populations are
/// all that reads their real sums; none otherwise.
llvm::SmallVector<spike::LinearOp> onlyLinears(mlir::Value V);

/// Makes every population that reads the sums of \p L go on with what
/// \p Change makes of them, at the start of its program.
void changeSums(spike::LinearOp L,
                llvm::function_ref<mlir::Value(PopulationEdit &,
                                               mlir::OpBuilder &, mlir::Value)>
                    Change);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_LINEARREADERS_H
