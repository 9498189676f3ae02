//===- dialects/spike/Spike.h - The spike dialect ---------------*- C++ -*-===//
//
// What a spiking network means. Everything is defined in SpikeDialect.td,
// SpikeTypes.td and SpikeOps.td; the generated reference is built by the target
// `docs`.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_DIALECTS_SPIKE_SPIKE_H
#define SYNFIRE_DIALECTS_SPIKE_SPIKE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/spike/SpikeDialect.h.inc"
#include "dialects/spike/SpikeEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/spike/SpikeTypes.h.inc"

namespace synfire::image {
struct WindowRecord;
} // namespace synfire::image

namespace synfire::spike {
class YieldOp;
} // namespace synfire::spike

#define GET_OP_CLASSES
#include "dialects/spike/SpikeOps.h.inc"

namespace synfire::spike {

/// True for a value that does not change from step to step: a weight, or what
/// is derived from weights.
bool isConstant(mlir::Value V);

/// What a program sees of a value of type \p T: f32, i32 or i1.
mlir::Type programType(mlir::Type T);

/// Number of neurons of events, currents or sums.
int64_t sizeOf(mlir::Type T);

/// True if \p Op may stand in a neuron program.
bool isProgramOp(mlir::Operation &Op);

/// What the event kinds of a product of activations prove: that no payload is
/// multiplied. False for currents.
bool isAccumulateOnly(MatmulOp Op);

/// The sweep that each op of a network belongs to, constants aside: the latest
/// among what it reads, one later for a held population. An input belongs to
/// sweep 0, though every sweep may read it; a linear or embed on an input
/// belongs to the (first) sweep that reads it.
llvm::DenseMap<mlir::Operation *, unsigned> sweepsOf(NetworkOp Network);
/// Checks rule network-4.
mlir::LogicalResult verifySweeps(NetworkOp Network);

/// The shape of a spike.conv or spike.pool (targets/Image.h).
image::WindowRecord windowOf(mlir::Operation *Op);

/// Runs of ops, first and last, that depend on each other from token step to
/// token step: from a spike.delay to what stands later and it reads. In order,
/// and disjoint.
llvm::SmallVector<std::pair<mlir::Operation *, mlir::Operation *>>
circlesOf(NetworkOp Network);
/// Checks rule network-5.
mlir::LogicalResult verifyOrder(NetworkOp Network);

/// What a value is in an undelayed form: looks through spike.delay.
inline mlir::Value undelayed(mlir::Value V) {
  auto Delay = V.getDefiningOp<DelayOp>();
  return Delay ? Delay.getValues() : V;
}

} // namespace synfire::spike

#endif // SYNFIRE_DIALECTS_SPIKE_SPIKE_H
