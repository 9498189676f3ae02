//===- compiler/lowering/ProgramEncoding.h - Regions to code ----*- C++ -*-===//
//
// Encodes a program's region as instructions, and back. Encoding is canonical:
// encode(decode(encode(R))) == encode(R), so an image and the chip IR read from
// it hold the same code.
//
// Only what payloads and states need is encoded. Slots, params, states,
// constants and the inner step are loaded once, where they are first used.
// Registers are given out by linear scan, those of uniform values after those
// of the others, so that a register holds either kind throughout; a result
// never takes the register of an operand. A state that is yielded unchanged is
// not stored.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_LOWERING_PROGRAMENCODING_H
#define SYNFIRE_COMPILER_LOWERING_PROGRAMENCODING_H

#include "dialects/chip/Chip.h"
#include "targets/Isa.h"
#include "targets/Status.h"

#include <span>
#include <string>
#include <vector>

namespace synfire::compiler {

/// What stands behind one region argument.
struct ProgramArgument {
  isa::Opcode Load = isa::Opcode::LoadAccumulator; ///< or Parameter, State
  uint32_t Index = 0;                              ///< of the slot, ...
};

/// A region to be encoded.
struct ProgramRegion {
  std::vector<ProgramArgument> Arguments; ///< per region argument
  std::vector<bool> UniformSlots;         ///< per slot
  mlir::Block *Body = nullptr;
  std::vector<mlir::Value> Payloads, States; ///< what it yields
};

/// Code with everything that tells two programs apart.
struct EncodedProgram {
  std::vector<isa::Instruction> Code;
  std::vector<bool> UniformSlots;
  std::vector<bool> BitSlots; ///< the slot is seen as i1
  std::vector<uint32_t> Init; ///< per state: bits of a float or an integer
  uint32_t NumParams = 0, NumOutputs = 0, NumRegisters = 0;

  /// Equal for equal programs only.
  std::string key() const;
};

/// The words that \p States, with initial values \p Init, begin at.
std::vector<uint32_t> initialWords(mlir::Block::BlockArgListType States,
                                   llvm::ArrayRef<float> Init);

/// Fails on an op without an instruction (rule `program-encode`).
Result<EncodedProgram> encodeProgram(const ProgramRegion &Region);
/// The same for a chip.program.
Result<EncodedProgram> encodeProgram(chip::ProgramOp Op);

/// Creates @\p Name at the builder's place. Parameters and states are
/// integers where the code reads them so. Fails when a register is read as
/// float and as integer both (no region does that).
Result<chip::ProgramOp> decodeProgram(mlir::OpBuilder &B, llvm::StringRef Name,
                                      const EncodedProgram &Code);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_LOWERING_PROGRAMENCODING_H
