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
/// all that reads their real sums; none otherwise. None either when one reads
/// some sources `only`: the others have to stay 0, so what is sent may not
/// change.
llvm::SmallVector<spike::LinearOp> onlyLinears(mlir::Value V);

/// True if the matrix of \p L is known to lie on a grid, which factors of its
/// columns would take it off.
bool isOnGrid(spike::LinearOp L);

/// Makes every population that reads the sums of \p L go on with what
/// \p Change makes of them, at the start of its program.
void changeSums(spike::LinearOp L,
                llvm::function_ref<mlir::Value(PopulationEdit &,
                                               mlir::OpBuilder &, mlir::Value)>
                    Change);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_LINEARREADERS_H
