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

/// Writes \p Tensors, elements stored as \p Type (F32 or F16), whole or not at
/// all. The same arguments give the same bytes.
Status writeSafetensors(const std::string &Path,
                        const std::vector<GeneratedTensor> &Tensors,
                        uint64_t Seed, DType Type);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_SAFETENSORSWRITER_H
