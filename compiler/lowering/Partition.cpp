//===- Partition.cpp - spike.network to unplaced cores --------------------===//

#include "compiler/lowering/Lowering.h"
#include "compiler/mapping/GivenPartition.h"
#include "dialects/spike/Wishes.h"

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

/// The cores that populations are to lie on, one each; empty when none is said.
static Result<std::vector<CoreId>> givenCores(const NetworkPlan &Plan,
                                              const ChipSpec &Chip) {
  std::vector<CoreId> Out;
  for (size_t I = 0; I < Plan.Populations.size(); ++I) {
    auto At = Plan.Populations[I].Op->getAttrOfType<DenseI64ArrayAttr>(
        spike::OnCoreAttr);
    if (!At)
      continue;
    auto Core = coreAt(Chip, At.asArrayRef());
    if (!Core)
      return Error{Plan.Net.Populations[I].Name, "lower-core",
                   fmt::format("is to lie on core [{}] (x, y, place), which a "
                               "system of '{}' does not have: its mesh is {} x "
                               "{} with {} cores at a router",
                               fmt::join(At.asArrayRef(), ", "), Chip.Name,
                               Chip.Noc.Width, Chip.Noc.Height,
                               Chip.Noc.CoresPerRouter),
                   ErrorKind::DoesNotFit};
    Out.push_back(*Core);
  }
  if (!Out.empty() && Out.size() != Plan.Populations.size())
    return Error{
        "", "lower-core",
        fmt::format("{} of {} populations have a core that they are to "
                    "lie on; give one to all or to none",
                    Out.size(), Plan.Populations.size()),
        ErrorKind::BadInput};
  return Out;
}

/// Writes the given places beside the cores of \p System.
static void placeAsGiven(chip::SystemOp System,
                         const std::vector<CoreId> &Given,
                         const mapping::Mapping &Map, const ChipSpec &Chip) {
  Builder B(System.getContext());
  for (auto [Core, Op] :
       llvm::zip(Map.Cores, System.getBody().front().getOps<chip::CoreOp>()))
    Op.setAtAttr(B.getDenseI64ArrayAttr(
        placeOf(Chip, Given[Map.Blocks[Core.FirstBlock].Index])));
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
  Result<std::vector<CoreId>> Given = givenCores(*Plan, Chip);
  if (!Given)
    return Given.errors();
  const mapping::PartitionProblem Problem{Plan->Net, Chip};
  mapping::Partition Made =
      !Given->empty() ? mapping::partitionAsGiven(Problem, *Given)
      : SpreadOver    ? mapping::partitionSpread(Problem, *SpreadOver)
                      : mapping::partitionAnalytically(Problem);
  if (!Made.Fit.fits())
    return Made.Fit;
  auto System = createSystem(Module, *Plan, Made.Map, Chip);
  if (!System)
    return System.errors();
  if (!Given->empty())
    placeAsGiven(*System, *Given, Made.Map, Chip);
  return Made.Fit;
}
