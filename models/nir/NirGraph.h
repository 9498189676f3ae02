//===- models/nir/NirGraph.h - Networks in NIR files ------------*- C++ -*-===//
//
// Reads graph files of the Neuromorphic Intermediate Representation (Pedersen
// et al., Nature Communications 2024; neuroir.org): nodes, edges and parameters
// as plain structures, subgraphs dissolved, every shape worked out anew. What
// the format leaves open (the length of a step, the reset) is not decided here
// but in Interpretation.h.
//
// Faults of files in circulation are met with an Error that names node and
// edge, or mended and told in a Note where only one reading is possible:
//
// | fault | what is done |
// |---|---|
// | an edge names a node that is not there | the one sibling whose name
//   differs only by digits at its end is taken; else `nir-edge` |
// | an edge that stands twice | once |
// | a subgraph's Input or Output of another shape | it computes nothing: the
//   source's shape holds |
// | an Input or Output whose shape differs by axes of one | the other side's |
// | no Input before a root, no Output behind a leaf | `input_<name>`,
//   `output_<name>`, as the reference does |
// | neuron parameters of one element before a larger source | broadcast |
// | unknown datasets, no version | left out; taken as the current format |
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NIR_NIRGRAPH_H
#define SYNFIRE_MODELS_NIR_NIRGRAPH_H

#include "models/hdf5/Hdf5.h"

#include <variant>

namespace synfire::nir {

using Shape = std::vector<int64_t>; ///< outermost first; no batch, no time

constexpr size_t MaxEdges = size_t(1) << 20;
/// Elements of one node's input or output.
constexpr int64_t MaxNodeElements = int64_t(1) << 28;

enum class Kind : uint8_t {
  Input,
  Output,
  Affine,
  Linear,
  Scale,
  Conv1d,
  Conv2d,
  SumPool2d,
  AvgPool2d,
  Flatten,
  Delay,
  Threshold,
  I,
  IF,
  LI,
  LIF,
  CubaLI,
  CubaLIF
};
/// As files write it: `CubaLIF`.
std::string_view name(Kind K);
/// The inverse. `NIRGraph` is no kind: subgraphs are dissolved.
std::optional<Kind> parseKind(std::string_view Name);
/// True for those with a membrane: I, IF, LI, LIF, CubaLI, CubaLIF.
bool isNeuron(Kind K);
/// True for IF, LIF and CubaLIF.
bool isSpiking(Kind K);

/// Numbers of a parameter; all are finite.
struct Values {
  Shape Dims;
  std::vector<double> Data;
  /// Element \p I; an only element stands for all.
  double at(size_t I) const { return Data.size() == 1 ? Data[0] : Data[I]; }
  bool empty() const { return Data.empty(); }
};

/// A weight array, which stays in the file; see Graph::weights.
struct Weights {
  std::string Dataset; ///< HDF5 path
  Shape Dims;
  std::optional<StoredTensor> Stored; ///< if its bytes lie there as they are
};

/// Input, Output.
struct Port {
  Shape Declared;
};
/// Affine, Linear: y = W x + b, W [.., out, in], b [out] or none.
struct Dense {
  Weights W;
  Values Bias;
};
/// Scale (factors), Delay (seconds), Threshold: element by element.
struct Elementwise {
  Values By;
};
/// Conv1d, Conv2d: cross-correlation as in PyTorch. One entry per axis.
struct Convolution {
  Weights W; ///< [out channels, in channels / groups, kernel...]
  Values Bias;
  Shape Stride, Dilation;
  Shape PadBefore, PadAfter; ///< `same` and `valid` worked out
  int64_t Groups = 1;
  std::optional<Shape> InputSize; ///< without channels, if the file says it
};
/// SumPool2d, AvgPool2d (sum / kernel area, padding counted). One per axis.
struct Pooling {
  Shape Kernel, Stride, Padding;
};
/// Flatten: axes First to Last (both counted from 0) become one.
struct Flattening {
  int64_t First = 0;
  int64_t Last = -1; ///< negative counts from the end; resolved with the shape
  std::optional<Shape> InputType;
};
/// I, IF, LI, LIF, CubaLI, CubaLIF. Empty what a kind does not have; v_reset
/// and w_in are there with their defaults 0 and 1. Units are the file's:
/// seconds, or steps.
struct Neuron {
  Values Tau; ///< of the membrane: tau or tau_mem
  Values TauSyn, R, VLeak, VThreshold, VReset, WIn;
};

struct Node {
  std::string Name; ///< `lif1.w_rec`; nodes of subgraphs as `outer.inner`
  std::string Path; ///< HDF5 group; empty if it was inserted
  Kind K = Kind::Input;
  Shape In, Out;
  std::variant<Port, Dense, Elementwise, Convolution, Pooling, Flattening,
               Neuron>
      Is;
};

/// Indices of nodes. What arrives at a node over several edges is added.
struct Edge {
  uint32_t From = 0, To = 0;
  auto operator<=>(const Edge &) const = default;
};

/// What was mended, left out or assumed.
struct Note {
  std::string Where, Rule, Text;
  /// `where: note: text [rule]`
  std::string format() const;
};

struct Graph {
  /// Reads the file \p Path.
  static Result<Graph> read(const std::string &Path);
  /// The same for bytes that stay alive as long as the graph.
  static Result<Graph> parse(std::span<const uint8_t> Bytes,
                             const std::string &Name);

  std::string Version; ///< of the package that wrote it; may be empty
  std::vector<Node> Nodes;
  std::vector<Edge> Edges; ///< sorted, each once
  std::vector<Note> Notes;
  /// Sources before targets, but for the edges that close a recurrence.
  std::vector<uint32_t> Order;
  /// Nodes that reach themselves: each set is strongly connected and sorted.
  std::vector<std::vector<uint32_t>> Recurrences;

  const hdf5::File &file() const { return File; }
  const Node *find(std::string_view NodeName) const;
  /// Elements in C order as binary32; rule `nir-value` unless all are finite.
  Result<std::vector<float>> weights(const Weights &W) const;

private:
  explicit Graph(hdf5::File F) : File(std::move(F)) {}
  static Result<Graph> build(hdf5::File F);
  hdf5::File File;
};

} // namespace synfire::nir

#endif // SYNFIRE_MODELS_NIR_NIRGRAPH_H
