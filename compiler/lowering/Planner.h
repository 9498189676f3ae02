//===- compiler/lowering/Planner.h - spike IR to a workload -----*- C++ -*-===//
//
// The state behind planNetwork: populations with their outputs and programs
// (NetworkPlan.cpp), and what they read (PlanEdges.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_LOWERING_PLANNER_H
#define SYNFIRE_COMPILER_LOWERING_PLANNER_H

#include "compiler/lowering/JoinedPart.h"

#include "llvm/ADT/DenseMap.h"

#include <map>
#include <tuple>

namespace synfire::compiler {

/// Bits of two's complement that hold every number of [\p Low, \p High].
uint32_t signedWidth(int64_t Low, int64_t High);

class Planner {
public:
  explicit Planner(spike::NetworkOp Network) : Network(Network) {}
  Result<NetworkPlan> run();

private:
  /// Groups and whether the largest is sent; {0, false}: each neuron's payload.
  using Reduction = std::pair<uint32_t, bool>;

  void fail(std::string Where, const char *Rule, std::string Text) {
    Found.push_back(
        {std::move(Where), Rule, std::move(Text), ErrorKind::BadInput});
  }
  void addSequence();
  void addStreams();
  void addOutputs(uint32_t Index);
  void addPopulation(uint32_t Index);
  void addProgram(uint32_t Index, const std::vector<uint32_t> &SlotOfInput);
  /// Blocks of the population must not cross one of \p Groups equal groups.
  void addGroups(uint32_t Index, uint32_t Groups);
  void addSlot(uint32_t Index, mlir::Value Read);
  void readEvents(mapping::Edge E, mlir::Value Read, mapping::Slot &Slot);
  void readReduce(mapping::Edge E, spike::ReduceOp Op, mapping::Slot &Slot);
  void readTiles(mapping::Edge E, mlir::Operation *Op, mapping::Slot &Slot);
  bool planEmbed(mapping::Edge &E, spike::EmbedOp Op);
  bool planLinear(mapping::Edge &E, spike::LinearOp Op, JoinedPart Part);
  bool planMatmul(mapping::Edge &E, spike::MatmulOp Op);
  bool planWindow(mapping::Edge &E, mlir::Operation *Op, JoinedPart Part);
  /// The edge \p E, and what its slot needs; false, and a fault, if it cannot
  /// be.
  bool planTiles(mapping::Edge &E, mlir::Operation *Op, JoinedPart Part);
  void addHostOutput(spike::OutputOp Op);
  /// Where \p Events come from; nothing, and a fault, when they are no stream.
  std::optional<mapping::Source> sourceOf(mlir::Value Events,
                                          const std::string &Reader,
                                          Reduction How = {0, false});
  /// The same for \p E, through a delay.
  bool readFrom(mapping::Edge &E, mlir::Value Events);

  spike::NetworkOp Network;
  NetworkPlan Plan;
  Errors Found;
  std::vector<mapping::Edge> Others;
  llvm::DenseMap<mlir::Value, uint32_t> StreamOf;
  std::map<std::pair<uint32_t, Reduction>, uint32_t> OutputOf; // by stream
  llvm::DenseMap<mlir::Operation *, unsigned> TimesRead;       // linears
  std::map<std::string, uint32_t> ProgramOf;                   // by key
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_LOWERING_PLANNER_H
