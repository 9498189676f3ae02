//===- models/sanafe/SanaImport.h - SANA-FE -> spike IR ---------*- C++ -*-===//
//
// A network of SANA-FE as populations of integer neurons where its numbers
// allow (multiples of 1/64, decays of n/4096), which gives its spikes bit for
// bit, else of binary32 ones.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SANAFE_SANAIMPORT_H
#define SYNFIRE_MODELS_SANAFE_SANAIMPORT_H

#include "models/sanafe/SanaNet.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace synfire::models {

struct SanaOptions {
  /// Rows of tiles of the chip, which say where tile i lies; 0: neurons are
  /// gathered by core, but not bound to it.
  uint32_t MeshHeight = 0;
};

/// Builds a module with one spike.network @sanafe. A group is a population of
/// its name; where the mapping spreads it over cores, one of the name
/// `group@tile.core` for each, its neurons in their order, with `/1`, `/2`, ...
/// behind it where neurons of a core differ in the cores that they reach or in
/// how they reset. Inputs are the event input `inputs`, in the order of
/// SanaNet::inputs(), and a group of that name is `inputs/0` beside it; a spike
/// of step t is the event of token step t - 1.
///
/// What was rounded is added to the notes of \p Net. Rule `sana-import` for
/// what no program can be made of.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
importSanaNet(mlir::MLIRContext *Context, sanafe::SanaNet &Net,
              const SanaOptions &Options);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SANAFE_SANAIMPORT_H
