//===- compiler/transforms/SimplifyIntegers.h - Fewer integer ops -*- C++ -*-=//
//
// What fixed point writes op by op holds detours: a product that is shifted
// again, an opposite that is multiplied, a limit that nothing reaches. The
// programs made here compute the same bits with fewer ops.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_SIMPLIFYINTEGERS_H
#define SYNFIRE_COMPILER_TRANSFORMS_SIMPLIFYINTEGERS_H

#include "compiler/transforms/IntegerRanges.h"
#include "dialects/spike/Spike.h"

namespace synfire::compiler {

/// Simplifies the i32 ops of the program of \p P, whose arguments are within
/// \p Arguments (unknown ones may be anything). Every value that is yielded
/// keeps its bits for all such arguments:
///
/// - equal ops become one, ops that nothing reads go;
/// - x + 0, shifts by 0 and limits that the range of x never reaches are x;
/// - (a b / 2^k) / 2^s becomes a b / 2^(k + s), also if limits lie between,
///   which are divided too: where both are cut the same way, or k = 0, and the
///   first product is proven to fit 32 bits;
/// - (a 2^u) b / 2^s becomes a b / 2^(s - u), u <= s, if a 2^u is proven to
/// fit;
/// - (-x) c / 2^s, c constant, cut toward zero, becomes x (-c) / 2^s, also if
///   limits lie between, which change sides.
void simplifyIntegers(spike::PopulationOp P, const IntegerRanges &Arguments);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_SIMPLIFYINTEGERS_H
