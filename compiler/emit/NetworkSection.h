//===- compiler/emit/NetworkSection.h - The network in an image -*- C++ -*-===//
//
// The quantised spike IR as MLIR bytecode, without locations and weights: with
// the model file it lets R2 be run from the image alone.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_EMIT_NETWORKSECTION_H
#define SYNFIRE_COMPILER_EMIT_NETWORKSECTION_H

#include "dialects/spike/Spike.h"
#include "targets/Image.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>

namespace synfire::compiler {

/// A module with a copy of \p Network only; equal networks give equal bytes.
Result<std::string> networkBytes(spike::NetworkOp Network);

/// Parses and verifies the network of an image; fails on damaged bytecode.
/// \p Context must allow the spike, arith and math dialects to be loaded.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
readNetwork(const image::Image &From, mlir::MLIRContext *Context);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_EMIT_NETWORKSECTION_H
