//===- compiler/lowering/ChipMapping.h - chip IR <-> mapping ----*- C++ -*-===//
//
// The passes translate between the chip dialect and the plain records of
// compiler/mapping. Numbers agree: core, block, tile and flow numbers are those
// of the mapping; populations that are no relays and relays count separately,
// in the order in which they stand; connection i is edge i of the workload.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_LOWERING_CHIPMAPPING_H
#define SYNFIRE_COMPILER_LOWERING_CHIPMAPPING_H

#include "compiler/lowering/NetworkPlan.h"
#include "compiler/mapping/Mapping.h"
#include "compiler/mapping/PlaceProblem.h"
#include "dialects/chip/Chip.h"
#include "targets/ChipSpec.h"

#include "mlir/IR/BuiltinOps.h"

#include <optional>
#include <vector>

namespace synfire::compiler {

/// The [x, y, place at the router] of a core, and back (nothing when the
/// numbers are outside the system).
std::array<int64_t, 3> placeOf(const ChipSpec &Chip, CoreId Core);
std::optional<CoreId> coreAt(const ChipSpec &Chip, llvm::ArrayRef<int64_t> At);

/// What a chip.population says of sequences, groups and slots.
struct SequenceTraits {
  llvm::SmallVector<int64_t> Groups;     ///< per output
  llvm::SmallVector<bool> Maxima;        ///< per output
  llvm::SmallVector<bool> Largest;       ///< per slot
  llvm::SmallVector<int64_t> EntryBytes; ///< per slot
  uint32_t Sweep = 0;
  image::Held Holds = image::Held::No;
  image::RowRule Rows = image::RowRule::None;
  uint32_t ResetEvery = 0, ResetAt = 0;
};
/// What else a chip.population says, but for its place in time.
struct PopulationNames {
  std::string Name;
  uint64_t Neurons = 0;
  std::string Program;
  llvm::SmallVector<llvm::StringRef> Sends;
  llvm::SmallVector<int64_t> Reduced;
  bool Relay = false;
};
chip::PopulationOp createPopulation(mlir::OpBuilder &B,
                                    const PopulationNames &Of,
                                    const SequenceTraits &Traits);
/// Null for a stream of tokens, or of a population.
chip::RoleAttr roleAttr(mlir::MLIRContext *Context, image::HostRole Role);

/// A mapping as the chip IR holds it.
struct ChipMapping {
  mapping::Mapping Map;
  /// Per core; absent where the core has no place yet.
  std::vector<std::optional<CoreId>> Places;
  uint32_t NumChips = 0; ///< 0: not placed
};

/// Appends a chip.system for \p Map to the end of \p Module, without levels,
/// places, routes and addresses.
Result<chip::SystemOp> createSystem(mlir::ModuleOp Module,
                                    const NetworkPlan &Plan,
                                    const mapping::Mapping &Map,
                                    const ChipSpec &Chip);

/// Replaces all cores and flows of \p System by those of \p Map.
void writeCores(chip::SystemOp System, const ChipMapping &From,
                const ChipSpec &Chip);

/// Fails when a place is outside the system of \p Chip, or a relay has no tile.
Result<ChipMapping> readMapping(chip::SystemOp System, const ChipSpec &Chip);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_LOWERING_CHIPMAPPING_H
