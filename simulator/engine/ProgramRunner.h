//===- simulator/engine/ProgramRunner.h - Neuron programs -------*- C++ -*-===//
//
// Runs an encoded neuron program on all neurons of a block. A program is
// decoded once: registers are renamed, so that each value has one place; loads
// become operands that point at the memory itself; values equal for all neurons
// are computed once per block. Then each instruction is one vector loop over a
// chunk of neurons whose registers stay in the first-level cache.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_PROGRAMRUNNER_H
#define SYNFIRE_SIMULATOR_ENGINE_PROGRAMRUNNER_H

#include "simulator/kernel/Accumulate.h"
#include "targets/Image.h"
#include "targets/Isa.h"
#include "targets/Status.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace synfire::sim {

/// Opcodes that compute a register from registers.
// clang-format off: it does not settle on a form of this list.
#define SYNFIRE_COMPUTING_OPCODES(X)                                           \
  X(AddF) X(SubF) X(MulF) X(DivF) X(NegF) X(AbsF) X(MinF) X(MaxF) X(SqrtF)     \
  X(RsqrtF) X(ExpF) X(SigmoidF) X(TanhF) X(RoundEvenF) X(FloatToInt)           \
  X(IntToFloat) X(EqF) X(NeF) X(LtF) X(LeF) X(GtF) X(GeF) X(AddI) X(SubI)      \
  X(MulI) X(MinI) X(MaxI) X(ShlI) X(ShrI) X(AndI) X(OrI) X(XorI) X(EqI)        \
  X(NeI) X(LtI) X(LeI) X(GtI) X(GeI) X(Select) X(ErfF)    \
  X(MulShiftZero) X(MulShiftFloor) X(MulShiftNearest)
// clang-format on

/// Dst[i] = op(A[i], B[i], C[i]) for i < N; Dst overlaps no operand.
using LoopFunction = void (*)(uint32_t *Dst, const uint32_t *A,
                              const uint32_t *B, const uint32_t *C, size_t N);
using LoopTable = std::array<LoopFunction, isa::NumOpcodes>;

namespace detail {
extern const LoopTable LoopsPortable;
#ifdef SYNFIRE_HAVE_AVX2
extern const LoopTable LoopsAvx2;
#endif
} // namespace detail

/// Instructions that one execution of a program stands for.
struct InstructionCounts {
  std::array<uint32_t, isa::NumCostClasses> PerNeuron{};
  std::array<uint32_t, isa::NumCostClasses> PerBlock{}; ///< uniform ones
};

/// What a block gives its program to work on.
struct BlockMemory {
  uint32_t NumNeurons = 0;
  /// Neurons that run, the first ones; at most NumNeurons.
  uint32_t Running = 0;
  uint32_t Step = 0; ///< inner step of the token
  /// One per slot of the program.
  struct Slot {
    const int32_t *Sums = nullptr;
    bool Uniform = false; ///< one sum for the block
  };
  std::span<const Slot> Slots;
  // Words, binary32 or int32 as the program reads them.
  const uint32_t *Params = nullptr; ///< [parameter][neuron]
  uint32_t *States = nullptr;       ///< [state][neuron]
  /// One per output; NumNeurons payloads each. An output that the program does
  /// not emit is left as it is, and so is that of a neuron that does not run.
  std::span<int32_t *const> Outputs;
};

/// A decoded program; immutable, shared by blocks and threads.
class ProgramRunner {
public:
  /// Checks every index of \p Code against \p Record. Fails with BadInput;
  /// \p Name is used in messages.
  static Result<ProgramRunner> decode(const image::ProgramRecord &Record,
                                      std::span<const isa::Instruction> Code,
                                      const std::string &Name);

  /// Memory that run() needs; one per thread, reusable between programs.
  class Scratch {
    friend class ProgramRunner;
    std::vector<uint32_t> Registers;
    std::vector<const uint32_t *> Places;
  };

  /// Executes the program once on every neuron that runs. Stores take effect at
  /// the end.
  void run(const BlockMemory &Block, Scratch &Memory, KernelPath Path) const;

  const InstructionCounts &counts() const { return Counts; }
  /// Slots that a uniform instruction reads: they must be uniform.
  std::span<const uint32_t> uniformSlots() const { return UniformSlots; }
  /// True when a uniform instruction reads a parameter or state, which is the
  /// same for all neurons only in a block of one.
  bool needsSingleNeuron() const { return SingleNeuron; }

private:
  /// An operand or result: an index into the table of places, which holds
  /// registers, slots, parameters, states, one after the other.
  using Place = uint32_t;
  struct Operation {
    isa::Opcode Op;
    bool Spread; ///< uniform: fill the register with the value
    Place Dst, A, B, C;
  };
  struct Transfer {
    uint32_t Index; ///< of the state or the output
    Place Source;
  };

  uint32_t NumRegisters = 0;
  uint32_t NumSlots = 0, NumParams = 0, NumStates = 0;
  std::vector<Operation> OncePerBlock, PerChunk;
  struct ConstantValue {
    Place Dst;
    uint32_t Bits;
  };
  std::vector<ConstantValue> Constants;
  std::vector<Place> Steps; ///< registers that hold the inner step
  std::vector<Transfer> Stores, Emits;
  InstructionCounts Counts;
  std::vector<uint32_t> UniformSlots;
  bool SingleNeuron = false;

  friend struct ProgramDecoder;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_PROGRAMRUNNER_H
