//===- models/matmulfree/MatMulFree.h - MatMul-free LM to IR ----*- C++ -*-===//
//
// Imports a checkpoint of the MatMul-free language model (Zhu et al., arXiv
// 2406.02528; the state_dict of the public code, equations as released):
// ternary matrices, a diagonal recurrence, no attention. It is the largest
// language model that was run on Loihi 2 (Abreu et al., arXiv 2503.18002).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_MATMULFREE_MATMULFREE_H
#define SYNFIRE_MODELS_MATMULFREE_MATMULFREE_H

#include "models/network/TensorNames.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace synfire::models {

/// True when \p From has the tensor names of this model.
bool looksLikeMatMulFree(const checkpoint::Checkpoint &From);

/// Reads the shape off the tensors and checks every name and shape; reports
/// all missing, unknown and misshapen tensors at once.
Result<NetworkShape> inferMatMulFreeShape(const checkpoint::Checkpoint &From);

/// Builds a module with one spike.network @matmulfree. What each linear reads
/// is a value of its own (`layers.N.attn.o_proj.in`); quantisation makes it the
/// 8-bit activation, with a scale fixed at calibration.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
importMatMulFree(mlir::MLIRContext *Context,
                 const checkpoint::Checkpoint &From);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_MATMULFREE_MATMULFREE_H
