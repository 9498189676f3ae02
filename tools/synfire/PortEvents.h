//===- tools/synfire/PortEvents.h - A file of events for an input *- C++ -*===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_PORTEVENTS_H
#define SYNFIRE_TOOLS_SYNFIRE_PORTEVENTS_H

#include "tools/synfire/EventFiles.h"

namespace synfire::tools {

/// More payloads than this (1 GiB, and twice that while a file is read) are a
/// mistake of the number of steps.
constexpr int64_t MostPayloads = int64_t(1) << 28;

/// What one input is given.
struct PortEvents {
  /// Payloads of each, [step, neuron], in the port's order of neurons.
  std::vector<std::vector<int32_t>> Sequences;
  int64_t Steps = 0;    ///< of each
  bool Batched = false; ///< the file had a dimension for sequences
};

/// Whether \p Path (with `#NODE/KEY` or not) is a NIRData file by its ending.
bool isNirData(const std::string &Path);

/// Reads \p Path for \p Port, which has neurons; formats and rules as
/// readEvents(). \p Steps, unless 0, is how many steps NIRData events are put
/// into; events at later times are refused. \p Shared: other ports read the
/// file too, so that each needs data of its own name.
Result<PortEvents> readPortEvents(const std::string &Path,
                                  const EventPort &Port, int64_t Steps,
                                  bool Shared);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_PORTEVENTS_H
