//===- compiler/mapping/Features.h - What a chip must be able to -*- C++
//-*-===//
//
// Needs of a network that no cut can help with.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_FEATURES_H
#define SYNFIRE_COMPILER_MAPPING_FEATURES_H

#include "compiler/mapping/FitReport.h"
#include "compiler/mapping/Workload.h"
#include "targets/ChipSpec.h"

#include <optional>

namespace synfire::mapping {

/// The first thing that \p Net asks of the cores and events of \p Chip and does
/// not get: lengths of programs, widths of sums, weights and payloads, kinds of
/// payloads, synapses that events write.
std::optional<Misfit> missingFeature(const Workload &Net, const ChipSpec &Chip);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_FEATURES_H
