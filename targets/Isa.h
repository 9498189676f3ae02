//===- targets/Isa.h - The instruction set of a neuron ----------*- C++ -*-===//
//
// A neuron program is a straight line of register instructions that every
// neuron of a block executes once per token step. Registers hold 32 bits, read
// as binary32 or as a two's complement integer according to the instruction;
// a comparison leaves 0 or 1. There are no branches: `Select` chooses.
//
// Programs read four kinds of things, all addressed by an index in `Imm`:
//   accumulator  the integer sum of the events that arrived since the last
//                execution (cleared when the program has run)
//   parameter    one constant per neuron (binary32 or integer)
//   state        one value per neuron, kept from token step to token step
//   constant     the bits in `Imm` itself
//   step         the inner step of the token, 0 .. steps - 1 (uniform)
// and write states and outputs. An output is the integer payload of an event;
// payload 0 sends nothing.
//
// An instruction whose operands are equal for all neurons of the block
// (constants, accumulators of uniform slots, and what follows from them) is
// marked `Uniform`: it is executed, and charged, once per block.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_ISA_H
#define SYNFIRE_TARGETS_ISA_H

#include <cstdint>
#include <string>
#include <string_view>

namespace synfire::isa {

/// What an instruction costs; one cost row of a target per class
/// (`instruction_move`, `instruction_add`, ...).
enum class CostClass : uint8_t {
  Move,        ///< constants and copies
  Memory,      ///< accumulator, parameter and state loads, state stores
  Add,         ///< add, subtract, negate, min, max, absolute value
  Multiply,    ///< multiply
  Divide,      ///< divide, square root, reciprocal square root
  Exponential, ///< exp, sigmoid, tanh, erf
  Logic,       ///< comparisons, selects, shifts, bit operations
  Convert,     ///< float to integer and back, rounding
  Emit,        ///< hand a payload to the output unit
};
inline constexpr unsigned NumCostClasses = 9;

/// X(name, mnemonic, cost class, number of register operands)
#define SYNFIRE_ISA_OPCODES(X)                                                 \
  X(Constant, "const", Move, 0)                                                \
  X(LoadAccumulator, "ldacc", Memory, 0)                                       \
  X(LoadParameter, "ldpar", Memory, 0)                                         \
  X(LoadState, "ldst", Memory, 0)                                              \
  X(StoreState, "stst", Memory, 1)                                             \
  X(Emit, "emit", Emit, 1)                                                     \
  X(AddF, "addf", Add, 2)                                                      \
  X(SubF, "subf", Add, 2)                                                      \
  X(MulF, "mulf", Multiply, 2)                                                 \
  X(DivF, "divf", Divide, 2)                                                   \
  X(NegF, "negf", Add, 1)                                                      \
  X(AbsF, "absf", Add, 1)                                                      \
  X(MinF, "minf", Add, 2)                                                      \
  X(MaxF, "maxf", Add, 2)                                                      \
  X(SqrtF, "sqrtf", Divide, 1)                                                 \
  X(RsqrtF, "rsqrtf", Divide, 1)                                               \
  X(ExpF, "expf", Exponential, 1)                                              \
  X(SigmoidF, "sigmoidf", Exponential, 1)                                      \
  X(TanhF, "tanhf", Exponential, 1)                                            \
  X(RoundEvenF, "roundf", Convert, 1)                                          \
  X(FloatToInt, "ftoi", Convert, 1)                                            \
  X(IntToFloat, "itof", Convert, 1)                                            \
  X(EqF, "eqf", Logic, 2)                                                      \
  X(NeF, "nef", Logic, 2)                                                      \
  X(LtF, "ltf", Logic, 2)                                                      \
  X(LeF, "lef", Logic, 2)                                                      \
  X(GtF, "gtf", Logic, 2)                                                      \
  X(GeF, "gef", Logic, 2)                                                      \
  X(AddI, "addi", Add, 2)                                                      \
  X(SubI, "subi", Add, 2)                                                      \
  X(MulI, "muli", Multiply, 2)                                                 \
  X(MinI, "mini", Add, 2)                                                      \
  X(MaxI, "maxi", Add, 2)                                                      \
  X(ShlI, "shli", Logic, 2)                                                    \
  X(ShrI, "shri", Logic, 2)                                                    \
  X(AndI, "andi", Logic, 2)                                                    \
  X(OrI, "ori", Logic, 2)                                                      \
  X(XorI, "xori", Logic, 2)                                                    \
  X(EqI, "eqi", Logic, 2)                                                      \
  X(NeI, "nei", Logic, 2)                                                      \
  X(LtI, "lti", Logic, 2)                                                      \
  X(LeI, "lei", Logic, 2)                                                      \
  X(GtI, "gti", Logic, 2)                                                      \
  X(GeI, "gei", Logic, 2)                                                      \
  X(Select, "select", Logic, 3)                                                \
  X(ErfF, "erff", Exponential, 1)                                              \
  X(LoadStep, "ldstep", Memory, 0)                                             \
  X(MulShiftZero, "mulsz", Multiply, 2)                                        \
  X(MulShiftFloor, "mulsf", Multiply, 2)                                       \
  X(MulShiftNearest, "mulsn", Multiply, 2)

enum class Opcode : uint8_t {
#define SYNFIRE_X(Name, Mnemonic, Class, Arity) Name,
  SYNFIRE_ISA_OPCODES(SYNFIRE_X)
#undef SYNFIRE_X
};

struct OpcodeInfo {
  std::string_view Mnemonic;
  CostClass Class;
  uint8_t NumOperands; ///< registers read, in A, B, C order
};

inline constexpr OpcodeInfo OpcodeTable[] = {
#define SYNFIRE_X(Name, Mnemonic, Class, Arity)                                \
  {Mnemonic, CostClass::Class, Arity},
    SYNFIRE_ISA_OPCODES(SYNFIRE_X)
#undef SYNFIRE_X
};
inline constexpr unsigned NumOpcodes =
    sizeof(OpcodeTable) / sizeof(OpcodeTable[0]);

inline constexpr const OpcodeInfo &info(Opcode Op) {
  return OpcodeTable[static_cast<unsigned>(Op)];
}

/// True of the opcodes whose Imm is a shift.
inline constexpr bool isMulShift(Opcode Op) {
  return Op == Opcode::MulShiftZero || Op == Opcode::MulShiftFloor ||
         Op == Opcode::MulShiftNearest;
}
/// The largest of such shifts: a product of two int32 has 63 bits.
inline constexpr unsigned MaxShift = 62;

/// `move`, `memory`, ...: the name used in targets, counters and reports.
std::string_view costClassName(CostClass Class);

/// One instruction, as stored in an image (16 bytes, little-endian).
///
/// Semantics, with r[] the registers: Constant r[Dst] = Imm; LoadStep r[Dst] =
/// the inner step as an integer; other Load* r[Dst] = thing[Imm]; StoreState
/// state[Imm] = r[A]; Emit output[Imm] = r[A]; Select r[Dst] = r[A] != 0 ? r[B]
/// : r[C]; everything else r[Dst] = op(r[A], r[B]) with the functions of
/// targets/Maths.h. MulShift* r[Dst] = r[A] * r[B] / 2^Imm, the product exact
/// in 64 bits, rounded toward zero, down, or to the nearest (halves up), the
/// low 32 bits kept; Imm is 0 .. 62: how fixed-point decays and gains are
/// written (`r3 = mulsf r1, r2, 6` in a listing). ShlI and ShrI (arithmetic)
/// use the low five bits of the second operand. Ordered float comparisons are
/// false, and NeF is true, when an operand is NaN. Stores take effect after the
/// last instruction: a later LoadState of the same step reads the old value.
struct Instruction {
  Opcode Op = Opcode::Constant;
  uint8_t Uniform = 0; ///< 1: executed once per block
  uint16_t Dst = 0;
  uint16_t A = 0;
  uint16_t B = 0;
  uint16_t C = 0;
  uint16_t Reserved = 0; ///< must be 0
  uint32_t Imm = 0;
};
static_assert(sizeof(Instruction) == 16);

/// One line of text such as `u r3 = addf r1, r2` or `output[0] = emit r4`; `u`
/// marks a uniform instruction. A constant is shown as its bits, then as an
/// integer if smaller than 2^24, else as a float (with a point or an exponent)
/// if that is normal. Total: an invalid opcode gives its number.
std::string disassemble(const Instruction &I);

} // namespace synfire::isa

#endif // SYNFIRE_TARGETS_ISA_H
