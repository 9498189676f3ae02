//===- models/nir/NirSteps.h - From a file to a graph, step by step -------===//

#ifndef SYNFIRE_MODELS_NIR_NIRSTEPS_H
#define SYNFIRE_MODELS_NIR_NIRSTEPS_H

#include "models/nir/NirGraph.h"

namespace synfire::nir {

/// An Input or Output of a subgraph that was dissolved.
struct DissolvedPort {
  std::string Name, Path;
  Shape Declared;
  std::vector<uint32_t> Sources;
};

/// 1. One node of a file with its parameters; rule `nir-type`, `nir-param`,
/// `nir-value`. \p Group is not a NIRGraph.
Result<Node> readNode(const hdf5::File &File, const hdf5::Object &Group,
                      std::string Name, std::vector<Note> &Notes);
/// The name of the primitive that \p Group says it is.
Result<std::string> readType(const hdf5::File &File, const hdf5::Object &Group);

/// 2. All nodes and edges below \p Root; rules `nir-edge`, `nir-graph`.
Status flatten(const hdf5::File &File, const hdf5::Object &Root, Graph &G,
               std::vector<DissolvedPort> &Ports);

/// 3. Every In and Out; rule `nir-shape`.
Status inferShapes(const std::string &FileName,
                   const std::vector<DissolvedPort> &Ports, Graph &G);

/// 4. Order and Recurrences; a cycle without a neuron or Delay is refused with
/// rule `nir-cycle`.
Status findRecurrences(const std::string &FileName, Graph &G);

/// `'name'`, escaped.
std::string quoted(std::string_view Name);
/// A chain of names: `'a' -> 'b'`.
std::string edgeText(const Graph &G, Edge E);

} // namespace synfire::nir

#endif // SYNFIRE_MODELS_NIR_NIRSTEPS_H
