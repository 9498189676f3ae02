//===- simulator/report/TimeSplit.h - What time went into -------*- C++ -*-===//
//
// Splits simulated time into parts that add up. Of each tick:
//
//   core     work of its busiest core
//   network  what the tick went on after that for messages
//   barrier  the barrier
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_TIMESPLIT_H
#define SYNFIRE_SIMULATOR_REPORT_TIMESPLIT_H

#include "simulator/report/RunData.h"

namespace synfire::report {

struct TimeSplit {
  double Core = 0, Network = 0, Barrier = 0; ///< ns

  double total() const { return Core + Network + Barrier; }
  TimeSplit &operator+=(const TimeSplit &O) {
    Core += O.Core;
    Network += O.Network;
    Barrier += O.Barrier;
    return *this;
  }
  TimeSplit operator*(double Factor) const {
    return {Core * Factor, Network * Factor, Barrier * Factor};
  }
};

/// Of tick \p T of \p Time.
TimeSplit splitOf(const TickData &T, const TimeData &Time);
/// Of the whole run.
TimeSplit splitOf(const TimeData &Time);
/// Mean of each level's ticks, as TimeData::Levels.
std::vector<TimeSplit> levelSplits(const TimeData &Time);

/// The part `core` of ticks that a core decided, by the stage that kept this
/// core busy longest, in ns.
sim::CoreBusy decidingStages(const TimeData &Time);

/// Ticks in order, thinned evenly: each column is the mean of as many ticks
/// (the last may have fewer).
struct TickStrip {
  struct Column {
    TimeSplit Mean;
    uint32_t Resource = 0; ///< that decided most of its time
  };
  uint64_t TicksPerColumn = 1;
  std::vector<Column> Columns;
};
TickStrip stripOf(const TimeData &Time, size_t MostColumns);

/// Every tick of every mode, one a line, for ticks.csv:
///   mode,tick,duration_ns,core_ns,network_ns,barrier_ns,resource
/// core_ns and network_ns are from the start of the tick, so they overlap.
std::string ticksCsv(const RunData &Run);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_TIMESPLIT_H
