//===- compiler/lowering/Lowering.h - The steps of the lowering -*- C++ -*-===//
//
// What the passes of Passes.td do, as functions: the tool calls these, so that
// it gets errors and the fit report as values. Each fills in one thing of the
// chip.system (dialects/chip/ChipDialect.td).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_LOWERING_LOWERING_H
#define SYNFIRE_COMPILER_LOWERING_LOWERING_H

#include "compiler/lowering/ChipMapping.h"
#include "compiler/mapping/FitReport.h"

#include <cstdint>
#include <optional>

namespace synfire::compiler {

enum class Placing {
  SpaceFilling, ///< along a Hilbert curve, in the order of levels
  RowMajor,     ///< in core order
  Shuffled,     ///< at random by a seed: for tests
};

/// Steps after which a system can be verified; each includes those before.
enum class ChipStage { Partitioned, Placed, Routed, LaidOut };

/// The only spike.network of \p Module, and the only chip.system.
Result<spike::NetworkOp> networkOf(mlir::ModuleOp Module);
Result<chip::SystemOp> systemOf(mlir::ModuleOp Module);

/// Cuts the quantised network into blocks and tiles on unplaced cores and
/// appends the chip.system. If it does not fit, the report says why and the
/// module stays as it was. Cores are filled, or else the work of a token is
/// spread evenly over \p SpreadOver chips (0: as many as it takes anyway).
Result<mapping::FitReport>
partitionNetwork(mlir::ModuleOp Module, const ChipSpec &Chip,
                 std::optional<uint32_t> SpreadOver = std::nullopt);

/// Fills in levels and depths, from who sends to whom, and with them the memory
/// of accumulators.
Status scheduleSystem(chip::SystemOp System, const ChipSpec &Chip);

/// Gives every core a place and renumbers cores by it. A core that has a place
/// keeps it: the one that the algorithm would have put there takes the place
/// that it had for the former.
Status placeSystem(chip::SystemOp System, const ChipSpec &Chip, Placing How,
                   uint64_t Seed);

/// Gives every flow its route (mapping::routeInOrder).
Status routeSystem(chip::SystemOp System, const ChipSpec &Chip);

/// Gives parameters and tiles addresses, in the order in which they stand.
Status assignMemory(chip::SystemOp System);

/// Checks \p Module's system against its network and \p Chip, by code that does
/// not share with the steps above (the verify() of the mapping problems).
Status verifySystem(mlir::ModuleOp Module, const ChipSpec &Chip,
                    ChipStage Stage);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_LOWERING_LOWERING_H
