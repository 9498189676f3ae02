//===- compiler/transforms/IntegerRanges.h - What integers can be -*- C++ -*-=//
//
// Proven ranges of the integers of a program: what no input can leave.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_INTEGERRANGES_H
#define SYNFIRE_COMPILER_TRANSFORMS_INTEGERRANGES_H

#include "dialects/spike/Spike.h"

#include "llvm/ADT/DenseMap.h"

namespace synfire::compiler {

/// Both ends belong to it; without more, all of an i32.
struct IntegerRange {
  double Low = -2147483648.0, High = 2147483647.0;
};

/// What \p In, which a population reads, can be: payloads by their type, sums
/// by their `sum_bits` or by what is added up.
IntegerRange rangeOfInput(mlir::Value In);

/// Of the i32 and i1 values of a program.
class IntegerRanges {
public:
  void set(mlir::Value V, IntegerRange R) { Ranges[V] = R; }
  IntegerRange of(mlir::Value V) const;
  /// Adds the result of \p Op, from what it reads.
  void add(mlir::Operation &Op) { set(Op.getResult(0), made(Op)); }

  /// What A C / 2^\p By can be before it is cut off to 32 bits, rounded in any
  /// way.
  IntegerRange ofProduct(mlir::Value A, mlir::Value C, uint64_t By) const;
  /// True if \p R needs no more than 32 bits.
  static bool fits(IntegerRange R) {
    const IntegerRange All;
    return R.Low >= All.Low && R.High <= All.High;
  }

private:
  IntegerRange made(mlir::Operation &Op) const;
  llvm::DenseMap<mlir::Value, IntegerRange> Ranges;
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_INTEGERRANGES_H
