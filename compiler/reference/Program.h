//===- compiler/reference/Program.h - Evaluate a region ---------*- C++ -*-===//
//
// The program of a population (or of a `spike.derive`), decoded once from its
// region and run over vectors of neurons, with the functions of targets/Maths.h
// and nothing else. Written apart from the simulator's executor on purpose.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_REFERENCE_PROGRAM_H
#define SYNFIRE_COMPILER_REFERENCE_PROGRAM_H

#include "targets/Status.h"

#include "mlir/IR/Block.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace synfire::compiler {

/// The least and the largest number that a value had; of nothing, Low > High.
struct NumberRange {
  double Low = std::numeric_limits<double>::infinity();
  double High = -std::numeric_limits<double>::infinity();

  void widen(const NumberRange &By) {
    Low = std::min(Low, By.Low);
    High = std::max(High, By.High);
  }
};

/// Values are 32-bit words: a float's bits, an integer, or 0 / 1 for i1.
class Program {
public:
  /// Neurons that one call of run() takes at most; the values of so many stay
  /// in the first-level cache.
  static constexpr int64_t MaxNeurons = 128;

  /// Scratch memory of run(); one per thread.
  using Registers = std::vector<int32_t>;

  /// Decodes \p Body, which ends in a `spike.yield`. Fails on an op that is not
  /// in the neuron instruction set.
  static Result<Program> decode(mlir::Block &Body);

  unsigned numArguments() const { return NumArguments; }
  /// Yielded results, then yielded states.
  unsigned numYields() const { return Yields.size(); }

  /// Scratch memory for this program, with its constants in place.
  Registers registers() const;

  /// Makes runs with \p Scratch see \p Inner as the inner step (`spike.step`);
  /// 0 until told.
  void setStep(int32_t Inner, Registers &Scratch) const;

  /// Runs \p Count <= MaxNeurons neurons: Count words per region argument, in
  /// order, and Count words per yield. An output must not be the memory of an
  /// argument.
  void run(std::span<const int32_t *const> Arguments,
           std::span<int32_t *const> Outputs, int64_t Count,
           Registers &Scratch) const;

  /// Arguments, then the results of ops but constants, in program order.
  size_t numValues() const { return NumArguments + Steps.size(); }
  /// Widens \p Ranges, one per value, by what the values of the run() before
  /// were: those of real values (f32). Values beyond +-1e30 are no numbers but
  /// stand for infinity, and do not count.
  void widen(std::span<const int32_t *const> Arguments, int64_t Count,
             const Registers &Scratch, std::span<NumberRange> Ranges) const;

  enum class WordOp : uint8_t {
    AddF,
    SubF,
    MulF,
    DivF,
    NegF,
    AbsF,
    MinF,
    MaxF,
    Sqrt,
    Rsqrt,
    Exp,
    Tanh,
    Erf,
    RoundEven,
    FloatToInt,
    SignedToFloat,
    UnsignedToFloat,
    Copy,
    EqF,
    NeF,
    LtF,
    LeF,
    GtF,
    GeF,
    AddI,
    SubI,
    MulI,
    MinI,
    MaxI,
    Shl,
    Shr,
    And,
    Or,
    Xor,
    EqI,
    NeI,
    LtI,
    LeI,
    GtI,
    GeI,
    Select,
    MulShiftZero,
    MulShiftFloor,
    MulShiftNearest,
  };

private:
  /// Where a value lives: an argument, a constant or an earlier step's result,
  /// numbered in that order.
  struct Step {
    WordOp Op;
    unsigned A, B, C;
    unsigned Shift = 0; ///< of a fixed-point product
  };

  unsigned NumArguments = 0;
  std::vector<int32_t> Constants;
  std::optional<size_t> InnerStep; ///< the constant that setStep() changes
  std::vector<Step> Steps;
  std::vector<bool> Reals; ///< which of the values are f32
  std::vector<unsigned> Yields;
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_REFERENCE_PROGRAM_H
