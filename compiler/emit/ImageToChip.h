//===- compiler/emit/ImageToChip.h - Image back to chip IR ------*- C++ -*-===//
//
// The chip.system that an image was made from, but for what an image does not
// hold: the expected `rate` of flows. Weights and parameters stay in the image.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_EMIT_IMAGETOCHIP_H
#define SYNFIRE_COMPILER_EMIT_IMAGETOCHIP_H

#include "dialects/chip/Chip.h"
#include "targets/ChipSpec.h"
#include "targets/Image.h"

#include "mlir/IR/BuiltinOps.h"

namespace synfire::compiler {

/// Appends the system of \p From to \p Module; its context must have the chip,
/// arith and math dialects loaded. \p Chip is the image's target. Fails on an
/// image that this compiler cannot have made: blocks of one population that
/// disagree, places outside the chip, code that no region gives.
Result<chip::SystemOp> imageToChip(const image::Image &From,
                                   const ChipSpec &Chip, mlir::ModuleOp Module);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_EMIT_IMAGETOCHIP_H
