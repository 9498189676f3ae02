//===- dialects/chip/Chip.h - The chip dialect ------------------*- C++ -*-===//
//
// What a chip is told. Everything is defined in ChipDialect.td and ChipOps.td.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_DIALECTS_CHIP_CHIP_H
#define SYNFIRE_DIALECTS_CHIP_CHIP_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "targets/Isa.h"

#include <optional>

#include "dialects/chip/ChipDialect.h.inc"
#include "dialects/chip/ChipEnums.h.inc"

namespace synfire::image {
struct WindowRecord;
} // namespace synfire::image

namespace synfire::chip {
class YieldOp;
} // namespace synfire::chip

#define GET_OP_CLASSES
#include "dialects/chip/ChipOps.h.inc"

namespace synfire::chip {

/// How an op of a program is executed.
enum class Execution {
  Instruction, ///< by the opcode
  Constant,    ///< loaded where it is used: the inner step, too
  Nothing,     ///< the result has the bits of the operand (i1 -> i32)
};

struct Encoding {
  Execution How = Execution::Nothing;
  isa::Opcode Op = isa::Opcode::Constant; ///< for Instruction
};

/// The encoding of \p Op; nothing when no instruction computes it. Values of
/// type i1 are held as 0 or 1, so integer ops on i1 are limited to those that
/// stay right on 0 and 1: and, or, xor, eq, ne, select, widening.
std::optional<Encoding> encodingOf(mlir::Operation &Op);

/// The convolution of a connection with a window.
image::WindowRecord windowOf(ConnectionOp Op);
/// The 16 numbers of a window attribute.
llvm::SmallVector<int64_t> numbersOf(const image::WindowRecord &W);

} // namespace synfire::chip

#endif // SYNFIRE_DIALECTS_CHIP_CHIP_H
