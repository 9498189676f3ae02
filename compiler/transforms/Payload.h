//===- compiler/transforms/Payload.h - How a real value travels -*- C++ -*-===//
//
// The table of docs/architecture.md, "The numeric contract", as code: from who
// reads a value and its calibrated range to payload and scale.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_PAYLOAD_H
#define SYNFIRE_COMPILER_TRANSFORMS_PAYLOAD_H

#include "dialects/spike/Spike.h"

namespace synfire::compiler {

/// Who reads a currents result; the order in which results are laid out.
enum class Reader { Linear, Direct, Broadcast, Reduce, Output };
inline constexpr unsigned NumReaders = 5;

/// Suffix of the result's name when the plain name is taken: `.direct`, ...
llvm::StringRef suffixOf(Reader R);

/// How \p Use reads a result of a population of \p Neurons neurons.
Reader readerOf(mlir::OpOperand &Use, int64_t Neurons);

/// Calibrated magnitudes of a value, both >= 0 and finite.
struct Magnitude {
  float Largest = 0;    ///< absmax
  float Percentile = 0; ///< 99.99th percentile of the magnitude
};

/// Payload `round(value / Scale)`, clamped to what the type holds (symmetric
/// when signed).
struct Payload {
  spike::EventsType Type;
  float Scale = 1;
  int64_t low() const;
  int64_t high() const { return Type.maxPayload(); }
};

Payload payloadFor(mlir::MLIRContext *Context, Reader R, int64_t Neurons,
                   Magnitude M, bool NonNegative, unsigned ActivationBits);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_PAYLOAD_H
