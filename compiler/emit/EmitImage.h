//===- compiler/emit/EmitImage.h - Chip IR to image -------------*- C++ -*-===//
//
// Writes the image of a module that compileToChip has finished: the records are
// a copy of the chip.system, the core memory is read from the model file tile
// by tile while it is written. Same module, same bytes, for any number of
// threads.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_EMIT_EMITIMAGE_H
#define SYNFIRE_COMPILER_EMIT_EMITIMAGE_H

#include "compiler/reference/WeightFile.h"
#include "targets/ChipSpec.h"
#include "targets/Status.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace synfire::compiler {

struct ImageMetadata {
  std::string Json; ///< the Metadata section, as it is
};

/// Fails when the system is not laid out or made for another chip, when weights
/// cannot be read, and when \p Path cannot be written; nothing is left behind
/// then.
Status emitImage(mlir::ModuleOp Module, const ChipSpec &Chip,
                 WeightFiles &Files, const ImageMetadata &Metadata,
                 const std::string &Path);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_EMIT_EMITIMAGE_H
