//===- Partition.cpp - spike.network to unplaced cores --------------------===//

#include "compiler/lowering/Lowering.h"
#include "compiler/mapping/PartitionProblem.h"

#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

/// The only \p OpTy of a module.
template <typename OpTy>
static Result<OpTy> onlyOne(ModuleOp Module) {
  auto Ops = llvm::to_vector(Module.getOps<OpTy>());
  if (Ops.size() == 1)
    return Ops.front();
  return Error{"", "lower-module",
               fmt::format("the module has {} {}, expected one", Ops.size(),
                           OpTy::getOperationName().str()),
               ErrorKind::BadInput};
}

Result<spike::NetworkOp> synfire::compiler::networkOf(ModuleOp Module) {
  return onlyOne<spike::NetworkOp>(Module);
}

Result<chip::SystemOp> synfire::compiler::systemOf(ModuleOp Module) {
  return onlyOne<chip::SystemOp>(Module);
}

Result<mapping::FitReport>
synfire::compiler::partitionNetwork(ModuleOp Module, const ChipSpec &Chip,
                                    std::optional<uint32_t> SpreadOver) {
  Result<spike::NetworkOp> Network = networkOf(Module);
  if (!Network)
    return Network.errors();
  if (!Module.getOps<chip::SystemOp>().empty())
    return Error{"", "lower-module", "the module has a chip.system already",
                 ErrorKind::BadInput};
  Result<NetworkPlan> Plan = planNetwork(*Network);
  if (!Plan)
    return Plan.errors();
  const mapping::PartitionProblem Problem{Plan->Net, Chip};
  mapping::Partition Made = SpreadOver
                                ? mapping::partitionSpread(Problem, *SpreadOver)
                                : mapping::partitionAnalytically(Problem);
  if (!Made.Fit.fits())
    return Made.Fit;
  if (auto System = createSystem(Module, *Plan, Made.Map, Chip); !System)
    return System.errors();
  return Made.Fit;
}
