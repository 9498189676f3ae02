//===- Compile.cpp - All steps of the lowering ----------------------------===//

#include "compiler/lowering/Compile.h"

#include "compiler/mapping/PartitionProblem.h"

#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

Result<mapping::FitReport>
synfire::compiler::compileToChip(ModuleOp Module, const ChipSpec &Chip,
                                 const MappingOptions &Options) {
  Result<mapping::FitReport> Fit =
      partitionNetwork(Module, Chip, Options.SpreadOver);
  if (!Fit || !Fit->fits())
    return Fit;
  chip::SystemOp System = *systemOf(Module);
  auto Run = [&](Status Done) { return Done.errors(); };
  if (Errors E = Run(scheduleSystem(System, Chip)); !E.empty())
    return E;
  if (Errors E =
          Run(placeSystem(System, Chip, Options.Placement, Options.Seed));
      !E.empty())
    return E;
  if (Errors E = Run(routeSystem(System, Chip)); !E.empty())
    return E;
  if (Errors E = Run(assignMemory(System)); !E.empty())
    return E;
  if (failed(verify(System)))
    return Error{"chip.system", "chip-verify",
                 "the lowering made a system that does not verify",
                 ErrorKind::RunFailed};
  if (Errors E = Run(verifySystem(Module, Chip, ChipStage::LaidOut));
      !E.empty())
    return E;
  // Told again, since the schedule has made the depths of slots exact.
  Result<NetworkPlan> Plan = planNetwork(*networkOf(Module));
  Result<ChipMapping> Final = readMapping(System, Chip);
  if (!Plan || !Final)
    return Plan ? Final.errors() : Plan.errors();
  return mapping::fitOf(Plan->Net, Chip, Final->Map);
}
