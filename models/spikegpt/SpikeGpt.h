//===- models/spikegpt/SpikeGpt.h - SpikeGPT -> spike IR --------*- C++ -*-===//
//
// Imports a SpikeGPT checkpoint (Zhu et al., arXiv 2302.13939; the state_dict
// of the public code). One token is one token step. The training form is the
// network that was trained and is the reference; the public run form, which
// differs from it, is kept only to reproduce what that code prints.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SPIKEGPT_SPIKEGPT_H
#define SYNFIRE_MODELS_SPIKEGPT_SPIKEGPT_H

#include "models/checkpoint/Checkpoint.h"
#include "models/network/TensorNames.h"
#include "targets/Status.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace synfire::models {

enum class SpikeGptForm {
  Training, ///< model.py: the semantics that was trained
  /// model_run.py: raw embedding unless V = 77, and the residual halved after
  /// every sixth block. Interpreted (R1) only.
  PublicRun,
};

/// Reads the shape off the tensors and checks every name and shape; reports
/// all missing, unknown and misshapen tensors at once.
Result<NetworkShape> inferSpikeGptShape(const checkpoint::Checkpoint &From);

/// Builds a module with one spike.network @spikegpt. Populations are named as
/// in the public code: `emb`, `blocks.L.lif1`, `blocks.L.lif2`.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
importSpikeGpt(mlir::MLIRContext *Context, const checkpoint::Checkpoint &From,
               SpikeGptForm Form = SpikeGptForm::Training);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKEGPT_SPIKEGPT_H
