//===- compiler/lowering/FitNetwork.h - Cores without a system --*- C++ -*-===//

#ifndef SYNFIRE_COMPILER_LOWERING_FITNETWORK_H
#define SYNFIRE_COMPILER_LOWERING_FITNETWORK_H

#include "compiler/mapping/FitReport.h"
#include "dialects/spike/Spike.h"

namespace synfire::compiler {

struct NetworkFit {
  mapping::FitReport Report;
  mapping::CoreUse Total; ///< of all cores; 0 when no core was filled
};

/// The report of compileToChip() on the quantised \p Network, found without
/// building the system: partition and schedule tell cores and memory, and
/// placing and routing change neither. When only the number of chips is too
/// small the report is whole all the same, and says how many there should be.
Result<NetworkFit>
fitNetwork(spike::NetworkOp Network, const ChipSpec &Chip,
           std::optional<uint32_t> SpreadOver = std::nullopt);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_LOWERING_FITNETWORK_H
