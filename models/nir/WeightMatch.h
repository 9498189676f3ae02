//===- models/nir/WeightMatch.h - A graph beside its checkpoint -*- C++ -*-===//
//
// A NIR graph is often published with the state dict that it was exported from.
// Names differ, so tensors are paired by shape and content: what is bit-equal
// was exported as it is.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NIR_WEIGHTMATCH_H
#define SYNFIRE_MODELS_NIR_WEIGHTMATCH_H

#include "models/checkpoint/Checkpoint.h"
#include "models/nir/NirGraph.h"

namespace synfire::nir {

struct WeightMatch {
  struct Pair {
    std::string Parameter; ///< `fc1.weight`: node and dataset
    std::string Tensor;    ///< of the checkpoint
  };
  std::vector<Pair> Pairs;
  /// Biases of zeros, which exporters add where a layer has none, that no
  /// tensor equals; nor is a tensor of their shape left that is called a bias.
  std::vector<std::string> ZeroBiases;
  /// Other weights and biases of the graph that no tensor equals, and how the
  /// nearest tensor of the same shape differs.
  struct Unlike {
    std::string Parameter;
    Shape Dims;
    std::string Nearest;    ///< empty if no tensor is left that has the shape
    size_t Differences = 0; ///< elements of other bits
    size_t First = 0;       ///< the first of them, in C order
    float Here = 0, There = 0;
    size_t Elements = 0;
  };
  std::vector<Unlike> OnlyGraph;
  /// Tensors of the checkpoint that no weight or bias equals.
  std::vector<std::string> OnlyCheckpoint;
  /// One line each, but for what OnlyGraph has. Ends with a newline.
  std::string describe() const;
  /// Rule `nir-beside`, an error for each of OnlyGraph, which names both.
  Status check(const std::string &GraphFile,
               const std::string &CheckpointFile) const;
};

/// Pairs the weights and biases of dense and convolution nodes with tensors of
/// the same shape whose every element has the same binary32 bits. A tensor is
/// used once.
Result<WeightMatch> matchWeights(const Graph &G,
                                 const checkpoint::Checkpoint &C);

} // namespace synfire::nir

#endif // SYNFIRE_MODELS_NIR_WEIGHTMATCH_H
