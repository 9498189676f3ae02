//===- compiler/transforms/ValueRanges.h - What programs compute -*- C++ -*-==//
//
// The ranges of all real numbers inside programs, measured, which is what
// choosing fixed-point fractions takes.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_VALUERANGES_H
#define SYNFIRE_COMPILER_TRANSFORMS_VALUERANGES_H

#include "compiler/reference/Program.h"
#include "compiler/transforms/Calibration.h"

#include "llvm/ADT/DenseMap.h"

namespace synfire::compiler {

/// Attribute of a population whose program computes with real numbers: least
/// and largest of each, `[low, high, low, high, ...]`, in the order of
/// realValues().
inline constexpr llvm::StringLiteral ValueRangesAttr = "spike.value_ranges";

/// The real numbers (f32) of a program: arguments, then results of ops but
/// constants, in order.
llvm::SmallVector<mlir::Value> realValues(spike::PopulationOp P);

/// Writes tanh and erf with exponentials, quotients and polynomials, which
/// integers can compute; the same values within 2e-7.
unsigned expandFunctions(spike::NetworkOp Network);

/// Runs \p Network on \p Sequences from reset state and leaves ValueRangesAttr
/// on every population with real numbers. Numbers that were never finite (or
/// beyond 1e30) get [0, 0]. Fails when there are no sequences or a run fails.
Status measureValueRanges(spike::NetworkOp Network,
                          std::span<const CalibrationSequence> Sequences,
                          WeightFiles &Files);

/// Leaves a made-up range, 0.5 to 2, on every real number in place of
/// measureValueRanges(): for questions of size only, as assumeRanges().
/// Programs are some shifts and limits longer or shorter than with measured
/// ranges.
void assumeValueRanges(spike::NetworkOp Network);

/// The measured ranges of \p P by value; empty without the attribute or when
/// it does not belong to the program.
llvm::DenseMap<mlir::Value, NumberRange> valueRangesOf(spike::PopulationOp P);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_VALUERANGES_H
