//===- models/nir/NirImport.h - NIR -> spike IR -----------------*- C++ -*-===//
//
// A NIR graph as a network of populations that run one step of Interpretation.h
// in every token step. Edges are instant, but those that close a recurrence
// (RecurrentDelay) and those out of a Delay.
//
// | node | becomes |
// |---|---|
// | Input | spike.input of the role events, numbered columns first |
// | Affine, Linear, Conv1d, Conv2d | spike.linear, spike.conv for each source;
//   the bias is added by who reads |
// | SumPool2d, AvgPool2d | spike.pool; 1/area is a factor of who reads |
// | Flatten | the columns of the matrix behind it, in the order of places |
// | Scale | a factor of who reads |
// | Delay | spike.delay of a population's results |
// | Threshold, neurons | a population of the node's name |
//
// Weights, factors and biases act on what one population gives. Where another
// linear node comes next, a population `NODE.in` stands between that hands sums
// on: exactly, as graded events, if they are sums of events; else as currents.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NIR_NIRIMPORT_H
#define SYNFIRE_MODELS_NIR_NIRIMPORT_H

#include "models/nir/Interpretation.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace synfire::models {

struct NirOptions {
  /// 1: the input is spikes. 2 to 32: signed payloads of that many bits, each
  /// worth InputScale.
  unsigned InputBits = 1;
  double InputScale = 1;
  /// The output is the membrane `NAME.v` of the neurons before it, after a
  /// reset, and not their spikes.
  bool RecordMembrane = false;
};

/// Builds a module with one spike.network @nir. Spiking nodes give binary
/// events; I, LI and CubaLI their membrane. The network's output is what
/// arrives at the graph's, in the order of neurons: columns first if it has a
/// shape. An Input is one of the network's inputs; with several
/// Outputs the first by name is the network's, and others stand right behind a
/// spiking node, whose spikes they are. Rules: `nir-ports` for other ports,
/// `nir-layout` where a sum has terms of differently numbered neurons,
/// `nir-import` for what cannot be expressed, and those of Interpretation.h and
/// GraphBuilder.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
importNir(mlir::MLIRContext *Context, const nir::Graph &From,
          const nir::Interpretation &How, const NirOptions &Options = {});

/// Weights and biases of the graph.
uint64_t numWeights(const nir::Graph &From);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NIR_NIRIMPORT_H
