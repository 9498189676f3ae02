//===- compiler/mapping/LowerBounds.h - What no mapping beats ---*- C++ -*-===//
//
// Bounds that every mapping of a network on a chip obeys; printed beside what
// was reached.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_LOWERBOUNDS_H
#define SYNFIRE_COMPILER_MAPPING_LOWERBOUNDS_H

#include "compiler/mapping/Mapping.h"
#include "compiler/mapping/Workload.h"
#include "targets/ChipSpec.h"

#include <cstdint>
#include <string>

namespace synfire::mapping {

struct LowerBounds {
  /// Bytes of weights (a kernel once), states, parameters, slots of depth 1,
  /// one axon entry per source neuron of each edge but those with kernels, and
  /// each program once.
  uint64_t Bytes = 0;
  uint64_t Neurons = 0;
  /// max(bytes / bytes of a core, neurons / neurons of a core), rounded up.
  uint32_t Cores = 1;
  /// (event, core) pairs per token: each event goes to as many cores as its
  /// linear's share of the bytes needs at the best tile shape, or to one.
  double MessagesPerToken = 0;
};

LowerBounds lowerBoundsOf(const Workload &Net, const ChipSpec &Chip);

/// (event, destination core) pairs per token that \p Map is expected to send
/// between different cores, the host included.
double messagesPerToken(const Mapping &Map);

/// Two lines: cores and messages, reached and bound.
std::string describe(const LowerBounds &Bounds, const Mapping &Map);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_LOWERBOUNDS_H
