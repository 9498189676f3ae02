//===- models/generate/SafetensorsWriter.h - Writing networks ---*- C++ -*-===//
//
// Streams generated tensors into a .safetensors file; memory does not grow with
// the network.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_GENERATE_SAFETENSORSWRITER_H
#define SYNFIRE_MODELS_GENERATE_SAFETENSORSWRITER_H

#include "models/generate/GeneratedTensor.h"
#include "targets/Status.h"
#include "targets/arrays/StoredTensor.h"

#include <string>

namespace synfire::models {

/// The nearest binary16, ties to even; too large becomes infinity.
uint16_t toHalf(float Value);

/// The type that \p T is stored as where floats are of \p Type: masks are bool.
DType storedType(const GeneratedTensor &T, DType Type);
/// Elements [First, First + Count) of tensor number \p Index as they are
/// stored.
std::vector<uint8_t> storedElements(const GeneratedTensor &T, uint64_t Seed,
                                    uint64_t Index, int64_t First,
                                    int64_t Count, DType Type);

/// Writes \p Tensors, elements stored as \p Type (F32 or F16), whole or not at
/// all. The same arguments give the same bytes.
Status writeSafetensors(const std::string &Path,
                        const std::vector<GeneratedTensor> &Tensors,
                        uint64_t Seed, DType Type);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_SAFETENSORSWRITER_H
