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
/// A rotation counts as its readers, populations that read one to one.
enum class Reader {
  Linear,
  Query, ///< the query of a matmul
  Direct,
  Broadcast,
  Reduce,
  Output,
  Written, ///< into the memory of a matmul
  Largest, ///< a reduce that looks for the largest
};
inline constexpr unsigned NumReaders = 8;

/// Suffix of the result's name when the plain name is taken: `.direct`, ...
llvm::StringRef suffixOf(Reader R);

/// How \p Use reads a result of a population.
Reader readerOf(mlir::OpOperand &Use);

/// Payloads wider than this do not fit the memory of a matmul
/// (targets/Image.h): its synapses have at most 8 bits.
inline constexpr unsigned MostWrittenBits = 8;

/// Calibrated magnitudes of a value, both >= 0 and finite.
struct Magnitude {
  float Largest = 0;    ///< absmax
  float Percentile = 0; ///< 99.99th percentile of the magnitude
};

/// Payload `round(value / Scale)`, clamped to what the type holds (symmetric
/// when signed), plus Offset.
struct Payload {
  spike::EventsType Type;
  float Scale = 1;
  int64_t Offset = 0; ///< makes negative codes unsigned; 0 stays "no event"
  int64_t low() const;
  int64_t high() const { return Type.maxPayload() - Offset; }
};

/// What a population that is coded looks like from outside.
struct Coding {
  int64_t Neurons = 1;
  int64_t Terms = 1; ///< most neurons that a reduce adds up
  Magnitude Range;
  bool NonNegative = false; ///< proven
  unsigned ActivationBits = 8;
};

/// Width of payloads of which \p Terms can be added up in 32 bits.
unsigned reduceBits(int64_t Terms);

/// How values that \p R reads travel.
Payload payloadFor(mlir::MLIRContext *Context, Reader R, const Coding &How);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_PAYLOAD_H
