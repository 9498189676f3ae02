//===- models/nir/NirWrite.h - Networks as NIR files ------------*- C++ -*-===//
//
// Writes graphs in the layout that the Python package `nir` (1.0.6) reads: the
// equations' own constants, in the unit of time that they were read in, so that
// what a step is stays open as it was.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NIR_NIRWRITE_H
#define SYNFIRE_MODELS_NIR_NIRWRITE_H

#include "models/hdf5/Writer.h"
#include "models/nir/NirGraph.h"

namespace synfire::nir {

/// A node as its file will have it: the parameters by their names.
struct NewNode {
  std::string Name;
  Kind K = Kind::Input;
  std::map<std::string, hdf5::NewObject> Parameters;
};

struct NewGraph {
  std::vector<NewNode> Nodes;
  std::vector<std::pair<std::string, std::string>> Edges; ///< source, target
  /// What NIR does not say of the network, a sentence each.
  std::vector<std::string> Notes;

  void port(const std::string &Name, Kind K, const Shape &Dims);
  NewNode &add(const std::string &Name, Kind K);
};

/// \p Data of the shape \p Dims.
hdf5::NewObject array(std::vector<double> Data, Shape Dims);
hdf5::NewObject array(std::vector<float> Data, Shape Dims);
hdf5::NewObject array(Shape Numbers); ///< a list of integers

/// A graph that was read, its subgraphs dissolved, one shape for all parameters
/// of a node. Weights are binary32, as they are run. Rule `nir-export` for a
/// convolution padded otherwise than alike on both sides or `same`; and those
/// of Graph::weights().
Result<NewGraph> rewritten(const Graph &G);

/// Writes the whole file \p Path or nothing. Rules of hdf5::write().
Status write(const NewGraph &G, const std::string &Path);

} // namespace synfire::nir

#endif // SYNFIRE_MODELS_NIR_NIRWRITE_H
