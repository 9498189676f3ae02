//===- simulator/timing/Timing.h - When it happened -------------*- C++ -*-===//
//
// The result of every timing model: how long each tick lasted and what it
// waited for.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TIMING_TIMING_H
#define SYNFIRE_SIMULATOR_TIMING_TIMING_H

#include "targets/Units.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace synfire::sim {

/// How tokens follow each other. A token takes T inner steps; token step s is
/// inner step s mod T of token s / T. D = number of levels.
enum class Mode {
  /// Token step s is at level k of a sweep in tick s + k of the sweep; the next
  /// sweep begins when the last event of the one before has arrived.
  Prefill,
  /// Inner step t of token n is at level k in tick n * (D + T - 1) + t + k.
  Generate,
};

/// How time is found.
enum class Fidelity {
  Functional, ///< what happens, without time
  Analytic,   ///< from counts: simulator/timing/Analytic.h
  Event,      ///< every message hop by hop: simulator/timing/Event.h
};
std::string_view fidelityName(Fidelity F);

/// What a core does with its time (simulator/timing/Work.h).
enum class Stage : uint8_t { Programs, Sending, Receiving, Synapses };
inline constexpr unsigned NumStages = 4;
std::string_view stageName(Stage S);

/// Busy time of a core by stage, in ns.
struct CoreBusy {
  std::array<double, NumStages> Ns{};
  double &operator[](Stage S) { return Ns[static_cast<unsigned>(S)]; }
  double operator[](Stage S) const { return Ns[static_cast<unsigned>(S)]; }
  double total() const;
  /// The stage that takes longest.
  Stage longest() const;
  CoreBusy &operator+=(const CoreBusy &O);
  bool operator==(const CoreBusy &) const = default;
};

/// What a tick waited for longest.
enum class Bound : uint8_t {
  Core,    ///< Id: the core's id
  Link,    ///< Id: index into Counters::Links
  Barrier, ///< Id: 0
};

struct TickTime {
  Nanoseconds Duration; ///< barrier included
  /// Work of the busiest core. Where sums are buffered: until the last core has
  /// sent, from the begin of the tick.
  Nanoseconds Core;
  Nanoseconds Network; ///< until the last message has arrived
  Bound Waited = Bound::Barrier;
  Stage Kind = Stage::Programs; ///< of Bound::Core: what kept it busy longest
  uint32_t Id = 0;
  bool operator==(const TickTime &) const = default;
};

/// Use of one link over a run.
struct LinkUse {
  Nanoseconds Busy;    ///< flits on their way onto it
  Nanoseconds Blocked; ///< messages stood before it; `event` only
  bool operator==(const LinkUse &) const = default;
};

struct Timing {
  Mode TokenMode = Mode::Generate;
  Fidelity Model = Fidelity::Analytic;
  uint64_t Tokens = 0;
  Nanoseconds Total;
  Nanoseconds Barrier; ///< of one tick; part of each duration
  std::vector<TickTime> Ticks;
  /// Per token, from its first tick to the end of its last, in all sweeps. In
  /// generate mode they add up to Total; in prefill mode tokens overlap.
  std::vector<Nanoseconds> Latency;
  std::vector<CoreBusy> Cores; ///< per core of the image, over all ticks
  std::vector<LinkUse> Links;  ///< per Wiring::Links, over all ticks
  bool operator==(const Timing &) const = default;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_TIMING_TIMING_H
