//===- models/network/Attention.h - Softmax attention in spikes -*- C++ -*-===//
//
// Attention as every model here has it: memories that tokens write
// (spike.matmul), and softmax as populations around them.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NETWORK_ATTENTION_H
#define SYNFIRE_MODELS_NETWORK_ATTENTION_H

#include "models/network/NetworkBuilder.h"

#include <string>
#include <vector>

namespace synfire::models {

/// softmax(Scale * Q K^T) V, head by head, then times ContextScale.
struct Attention {
  std::string Name; ///< before the names of all ops, without a dot at its end
  int64_t Heads = 1;
  int64_t KvHeads = 1; ///< divides Heads; each serves Heads / KvHeads of them
  int64_t Positions = 1;
  bool Causal = false;
  /// One factor, or one per inner step (the amplitudes of keys or values that
  /// are spikes belong in here).
  std::vector<float> Scale = {1.0f};
  std::vector<float> ContextScale = {1.0f};
  struct Product {
    mlir::Value Query;   ///< Heads * d values
    mlir::Value Written; ///< KvHeads * d values of each token
  };
  /// Q K^T is the sum of these.
  llvm::SmallVector<Product> Keys;
  /// V: KvHeads * d values of each token; one memory, or two of which
  /// SecondValues (a mask of Heads * d) takes the second where it is 1.
  llvm::SmallVector<mlir::Value> Values;
  mlir::Value SecondValues;
  bool WithNegative = false; ///< also give the context negated
};

/// The context, Heads * d currents, and `Name.context.neg` if asked for. Emits
/// the matmuls `Name.qk` and `Name.pv`, the populations `Name.scores`, `.max`,
/// `.weights` (and `.weights_sum`, the same for a reduce), `.norm` (0 where no
/// row is there) and `.context`. Dividing by the sum of the weights after the
/// product is exact but for rounding and saves a level.
mlir::ResultRange attention(NetworkBuilder &N, const Attention &A);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NETWORK_ATTENTION_H
