//===- compiler/lowering/NetworkPlan.h - spike IR to a workload -*- C++ -*-===//
//
// Turns a quantised network into the plain problem that compiler/mapping
// solves, and remembers which op each number stands for. The same network
// always gives the same numbers, so every pass of the lowering can make the
// plan anew.
//
// Edges of the workload: linears and matmuls first (their place is the number
// of the chip.connection), then all others.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_LOWERING_NETWORKPLAN_H
#define SYNFIRE_COMPILER_LOWERING_NETWORKPLAN_H

#include "compiler/lowering/ProgramEncoding.h"
#include "compiler/mapping/Workload.h"
#include "dialects/spike/Spike.h"

#include <string>
#include <vector>

namespace synfire::compiler {

/// One stream: an input of the host, or a result of a population.
struct PlannedStream {
  std::string Name;
  spike::EventsType Type;
  uint32_t Population = image::None;             ///< None: the host
  image::HostRole Role = image::HostRole::Token; ///< of an input
};

struct PlannedPopulation {
  spike::PopulationOp Op;
  /// Stream of each output of the workload's population.
  std::vector<uint32_t> Streams;
};

/// An output that the host reads.
struct PlannedHostOutput {
  uint32_t Stream = 0;
  mlir::Value Scales; ///< constant, one element per neuron
};

struct NetworkPlan {
  mapping::Workload Net;
  std::vector<EncodedProgram> Programs;       ///< distinct ones
  std::vector<PlannedStream> Streams;         ///< inputs of the host first
  std::vector<PlannedPopulation> Populations; ///< as Net.Populations
  /// LinearOp, ConvOp, PoolOp, EmbedOp or MatmulOp, per edge (JoinedPart.h).
  std::vector<mlir::Operation *> Linears;
  std::vector<PlannedHostOutput> HostOutputs; ///< ascending by stream
};

/// Fails with the rule `lower-...` when the network is not quantised or reads
/// something in a way that a chip cannot.
Result<NetworkPlan> planNetwork(spike::NetworkOp Network);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_LOWERING_NETWORKPLAN_H
