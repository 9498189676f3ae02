//===- compiler/transforms/Passes.h - spike -> spike passes -----*- C++ -*-===//
//
// Passes.td says what each requires and ensures; Pipeline.h has their order.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_PASSES_H
#define SYNFIRE_COMPILER_TRANSFORMS_PASSES_H

#include "dialects/spike/Spike.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/Pass.h"

namespace synfire::compiler {

#define GEN_PASS_DECL
#include "compiler/transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/transforms/Passes.h.inc"

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_PASSES_H
