//===- Passes.cpp - The steps of Lowering.h as passes ---------------------===//

#include "compiler/lowering/Passes.h"
#include "compiler/lowering/Lowering.h"

#include "llvm/ADT/StringSwitch.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_SPIKETOCHIP
#define GEN_PASS_DEF_CHIPSCHEDULE
#define GEN_PASS_DEF_CHIPPLACE
#define GEN_PASS_DEF_CHIPROUTE
#define GEN_PASS_DEF_CHIPASSIGNMEMORY
#define GEN_PASS_DEF_CHIPVERIFY
#include "compiler/lowering/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

/// Reports \p Found at \p Op.
static LogicalResult report(Operation *Op, const Errors &Found) {
  for (const Error &E : Found)
    Op->emitError() << (E.Where.empty() ? "" : E.Where + ": ") << E.Text << " ["
                    << E.Rule << "]";
  return success(Found.empty());
}

/// Runs \p Step with the chip \p Target and the module's chip.system.
static LogicalResult
onSystem(ModuleOp Module, const std::string &Target,
         llvm::function_ref<Status(chip::SystemOp, const ChipSpec &)> Step) {
  Result<ChipSpec> Chip = ChipSpec::load(Target);
  if (!Chip)
    return report(Module, Chip.errors());
  Result<chip::SystemOp> System = systemOf(Module);
  if (!System)
    return report(Module, System.errors());
  return report(*System, Step(*System, *Chip).errors());
}

namespace {
struct SpikeToChipPass
    : synfire::compiler::impl::SpikeToChipBase<SpikeToChipPass> {
  using SpikeToChipBase::SpikeToChipBase;
  void runOnOperation() override {
    Result<ChipSpec> Chip = ChipSpec::load(Target);
    if (!Chip) {
      (void)report(getOperation(), Chip.errors());
      return signalPassFailure();
    }
    Result<mapping::FitReport> Fit = partitionNetwork(getOperation(), *Chip);
    if (!Fit) {
      (void)report(getOperation(), Fit.errors());
      return signalPassFailure();
    }
    if (!Fit->fits()) {
      Error E = Fit->error();
      auto Diagnostic = getOperation().emitError();
      Diagnostic << E.Text << " [" << E.Rule << "]";
      Diagnostic.attachNote() << Fit->table();
      return signalPassFailure();
    }
    NumCores = Fit->Cores;
    getOperation().walk([&](chip::TileOp) { ++NumTiles; });
  }
};

struct ChipSchedulePass
    : synfire::compiler::impl::ChipScheduleBase<ChipSchedulePass> {
  using ChipScheduleBase::ChipScheduleBase;
  void runOnOperation() override {
    if (failed(onSystem(getOperation(), Target, scheduleSystem)))
      signalPassFailure();
  }
};

struct ChipPlacePass : synfire::compiler::impl::ChipPlaceBase<ChipPlacePass> {
  using ChipPlaceBase::ChipPlaceBase;
  void runOnOperation() override {
    auto How = llvm::StringSwitch<std::optional<Placing>>(Algorithm)
                   .Case("space-filling", Placing::SpaceFilling)
                   .Case("row-major", Placing::RowMajor)
                   .Case("shuffled", Placing::Shuffled)
                   .Default(std::nullopt);
    if (!How) {
      getOperation().emitError()
          << "algorithm '" << Algorithm
          << "' is none of space-filling, row-major, shuffled";
      return signalPassFailure();
    }
    auto Step = [&](chip::SystemOp System, const ChipSpec &Chip) {
      return placeSystem(System, Chip, *How, Seed);
    };
    if (failed(onSystem(getOperation(), Target, Step)))
      signalPassFailure();
  }
};

struct ChipRoutePass : synfire::compiler::impl::ChipRouteBase<ChipRoutePass> {
  using ChipRouteBase::ChipRouteBase;
  void runOnOperation() override {
    if (failed(onSystem(getOperation(), Target, routeSystem)))
      signalPassFailure();
  }
};

struct ChipAssignMemoryPass
    : synfire::compiler::impl::ChipAssignMemoryBase<ChipAssignMemoryPass> {
  void runOnOperation() override {
    Result<chip::SystemOp> System = systemOf(getOperation());
    if (failed(report(getOperation(), System ? assignMemory(*System).errors()
                                             : System.errors())))
      signalPassFailure();
  }
};

struct ChipVerifyPass
    : synfire::compiler::impl::ChipVerifyBase<ChipVerifyPass> {
  using ChipVerifyBase::ChipVerifyBase;
  void runOnOperation() override {
    auto At = llvm::StringSwitch<std::optional<ChipStage>>(Stage)
                  .Case("partitioned", ChipStage::Partitioned)
                  .Case("placed", ChipStage::Placed)
                  .Case("routed", ChipStage::Routed)
                  .Case("laid-out", ChipStage::LaidOut)
                  .Default(std::nullopt);
    if (!At) {
      getOperation().emitError()
          << "stage '" << Stage
          << "' is none of partitioned, placed, routed, laid-out";
      return signalPassFailure();
    }
    auto Step = [&](chip::SystemOp, const ChipSpec &Chip) {
      return verifySystem(getOperation(), Chip, *At);
    };
    if (failed(onSystem(getOperation(), Target, Step)))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
