//===- compiler/transforms/WeightExponents.h - w 2^e ------------*- C++ -*-===//
//
// Chips without a multiplier behind their sums scale weights by powers of two:
// a synapse adds w 2^e, one e for the synapses of a projection (Loihi's
// wgtExp; Davies 2018).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_WEIGHTEXPONENTS_H
#define SYNFIRE_COMPILER_TRANSFORMS_WEIGHTEXPONENTS_H

#include "compiler/reference/WeightFile.h"
#include "dialects/spike/Spike.h"
#include "targets/Status.h"

namespace synfire::compiler {

/// Attribute of a linear or convolution: what a code of 1 is worth, as an
/// exponent of 2. `spike-quantize` reads it in place of scales per row.
inline constexpr llvm::StringLiteral WeightExponentAttr =
    "spike.weight_exponent";

/// Gives every real matrix and kernel the least exponent whose codes of \p Bits
/// bits hold its largest weight. Reads every weight once. Fails where the
/// exponents of one population's projections differ by more than a signed
/// number of \p ExponentBits can (`weight-exponents`).
Status chooseWeightExponents(spike::NetworkOp Network, WeightFiles &Files,
                             unsigned Bits, unsigned ExponentBits);

/// The same without weights, for questions of size: 0 everywhere.
void assumeWeightExponents(spike::NetworkOp Network);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_WEIGHTEXPONENTS_H
