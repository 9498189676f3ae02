//===- simulator/timing/Timing.h - When it happened -------------*- C++ -*-===//
//
// The result of every timing model: how long each tick lasted and what it
// waited for.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TIMING_TIMING_H
#define SYNFIRE_SIMULATOR_TIMING_TIMING_H

#include "targets/Units.h"

#include <cstdint>
#include <vector>

namespace synfire::sim {

/// How tokens follow each other; D = number of levels.
enum class Mode {
  Prefill,  ///< token t is at level k in tick t + k
  Generate, ///< token t is at level k in tick t * D + k
};

/// Ticks that \p Tokens token steps take on \p Levels levels.
inline uint64_t ticksOf(Mode M, uint64_t Tokens, uint64_t Levels) {
  if (Tokens == 0)
    return 0;
  Levels = Levels == 0 ? 1 : Levels;
  return M == Mode::Generate ? Tokens * Levels : Tokens + Levels - 1;
}

/// What a tick waited for longest.
enum class Bound : uint8_t {
  Core,    ///< Id: the core's id
  Link,    ///< Id: index into Counters::Links
  Barrier, ///< Id: 0
};

struct TickTime {
  Nanoseconds Duration; ///< barrier included
  Bound Waited = Bound::Barrier;
  uint32_t Id = 0;
  bool operator==(const TickTime &) const = default;
};

struct Timing {
  Mode TokenMode = Mode::Generate;
  uint64_t Tokens = 0;
  Nanoseconds Total;
  Nanoseconds Barrier; ///< of one tick; part of each duration
  std::vector<TickTime> Ticks;
  /// Per token, from its first tick to the end of its last. In generate mode
  /// they add up to Total; in prefill mode tokens overlap.
  std::vector<Nanoseconds> Latency;
  bool operator==(const Timing &) const = default;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_TIMING_TIMING_H
