//===- models/nir/ImportPlan.h - What is known before building --*- C++ -*-===//
//
// Checks a graph and works out, node by node, what its import needs: which
// edges close a recurrence, how neurons are numbered, how long a Delay waits.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NIR_IMPORTPLAN_H
#define SYNFIRE_MODELS_NIR_IMPORTPLAN_H

#include "models/nir/NirImport.h"
#include "models/nir/PerNeuron.h"

namespace synfire::models {

/// What spike.constant and spike.delay can hold.
constexpr int64_t MostConstants = int64_t(1) << 24;
constexpr int64_t MostDelay = 1023;

/// Elements of a shape.
int64_t countOf(const nir::Shape &S);
/// A shape of two or three axes as channels, height and width; 1d ones have a
/// height of 1.
SpatialShape planesOf(const nir::Shape &S);
/// Places of neurons of shape \p S. Shapes without places, and those that
/// number neurons as such, are all channels.
SpatialShape placesOf(const nir::Shape &S);

struct ImportPlan {
  struct Arrow {
    uint32_t From;
    bool Closes; ///< a recurrence
  };
  // One for each node.
  std::vector<std::vector<Arrow>> Sources;
  std::vector<SpatialShape> Places; ///< how the neurons behind it are numbered
  std::vector<int64_t> Steps;       ///< of a Delay
  std::vector<bool> Relays;         ///< Delays behind what is no population
  /// The Output that is the network's: the first by name.
  uint32_t Output = 0;
  /// The node whose membrane is the output.
  std::optional<uint32_t> Recorded;

  /// Rules `nir-ports`, `nir-layout`, `nir-delay`, `nir-shape`, `nir-option`,
  /// `nir-import`.
  static Result<ImportPlan> of(const nir::Graph &From,
                               const nir::Interpretation &How,
                               const NirOptions &Options);
};

/// A fault of node \p N of \p From.
Error nodeError(const nir::Graph &From, const nir::Node &N,
                std::string_view Rule, std::string_view Why);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NIR_IMPORTPLAN_H
