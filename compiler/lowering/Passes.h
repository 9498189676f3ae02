//===- compiler/lowering/Passes.h - Lowering passes -------------*- C++ -*-===//
//
// Passes.td says what each requires and ensures; Lowering.h has the same steps
// as functions.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_LOWERING_PASSES_H
#define SYNFIRE_COMPILER_LOWERING_PASSES_H

#include "dialects/chip/Chip.h"
#include "dialects/spike/Spike.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <memory>

namespace synfire::compiler {

#define GEN_PASS_DECL
#include "compiler/lowering/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/lowering/Passes.h.inc"

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_LOWERING_PASSES_H
