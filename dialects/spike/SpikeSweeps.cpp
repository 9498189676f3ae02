//===- SpikeSweeps.cpp - Which pass over the sequence an op belongs to ----===//

#include "dialects/spike/Spike.h"

#include <limits>

using namespace mlir;
using namespace synfire::spike;

bool synfire::spike::isAccumulateOnly(MatmulOp Op) {
  auto Query = dyn_cast<EventsType>(Op.getQuery().getType());
  auto Written = dyn_cast<EventsType>(Op.getWritten().getType());
  if (!Query || !Written)
    return false;
  return Query.isAccumulateOnly() || Written.getKind() == EventKind::Binary ||
         Written.getKind() == EventKind::Ternary;
}

/// What crosses into the sweep of \p Op from the one before.
static bool crosses(Operation *Op, OpOperand &Read) {
  if (auto P = dyn_cast<PopulationOp>(Op))
    return P.getHeld().has_value();
  auto M = dyn_cast<MatmulOp>(Op);
  return M && !M.getCausal() && Read.get() == M.getWritten();
}

/// Synapses that an input selects: every sweep has that input.
static bool selectsByInput(Operation &Op) {
  return isa<LinearOp, EmbedOp>(Op) &&
         isa_and_nonnull<InputOp>(Op.getOperand(0).getDefiningOp());
}

llvm::DenseMap<Operation *, unsigned>
synfire::spike::sweepsOf(NetworkOp Network) {
  llvm::DenseMap<Operation *, unsigned> Sweeps;
  for (Operation &Op : Network.getBody().front()) {
    unsigned Sweep = 0;
    for (OpOperand &Read : Op.getOpOperands())
      if (Operation *Def = Read.get().getDefiningOp();
          Def && !isConstant(Read.get()))
        Sweep = std::max(Sweep, Sweeps.lookup(Def) + crosses(&Op, Read));
    Sweeps[&Op] = Sweep;
  }
  // What depends on the input alone belongs where it is read.
  for (Operation &Op : Network.getBody().front()) {
    if (!selectsByInput(Op) || Op.use_empty())
      continue;
    unsigned Earliest = std::numeric_limits<unsigned>::max();
    for (OpOperand &Use : Op.getUses()) {
      unsigned Reader = Sweeps.lookup(Use.getOwner());
      unsigned Crossed = crosses(Use.getOwner(), Use);
      Earliest = std::min(Earliest, Reader - std::min(Reader, Crossed));
    }
    Sweeps[&Op] = Earliest;
  }
  return Sweeps;
}

LogicalResult synfire::spike::verifySweeps(NetworkOp Network) {
  auto Sweeps = sweepsOf(Network);
  for (Operation &Op : Network.getBody().front())
    for (OpOperand &Read : Op.getOpOperands()) {
      Operation *Def = Read.get().getDefiningOp();
      if (!Def || isConstant(Read.get()) || isa<InputOp>(Def))
        continue;
      if (unsigned Due = Sweeps.lookup(Def) + crosses(&Op, Read);
          Due != Sweeps.lookup(&Op))
        return Op.emitOpError("network-4: belongs to sweep ")
               << Sweeps.lookup(&Op) << " of the sequence but reads what "
               << Def->getName() << " gives in sweep " << Sweeps.lookup(Def)
               << "; put a held population between";
    }
  return success();
}
