//===- models/checkpoint/Digest.h - Content hash of a tensor ----*- C++ -*-===//

#ifndef SYNFIRE_MODELS_CHECKPOINT_DIGEST_H
#define SYNFIRE_MODELS_CHECKPOINT_DIGEST_H

#include "models/checkpoint/Checkpoint.h"

namespace synfire::checkpoint {

using synfire::TensorDigest;

/// XXH3-64 of a tensor's stored elements in C order, and its first NaN or
/// infinity, in one pass. What is declared has no elements: 0, and finite.
inline Result<TensorDigest> digest(const Checkpoint &C, const Tensor &T) {
  return C.isDeclared() ? TensorDigest() : synfire::digest(C.bytes(), T);
}

} // namespace synfire::checkpoint

#endif // SYNFIRE_MODELS_CHECKPOINT_DIGEST_H
