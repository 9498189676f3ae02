//===- simulator/report/Sensitivity.h - What moves a number -----*- C++ -*-===//
//
// How far energy per token would move if one figure of the chip were at the
// other end of its range, everything else at its nominal value:
//
//   an energy   count x (end - nominal)
//   a power     chips, cores x time x (end - nominal)
//   a time      static power x change of the simulated time
//
// The change of simulated time is of first order: each tick goes on waiting for
// the same resource. A core that decided ticks spends them as it spent its time
// over the run, by the counts of its actions; a link, on hops.
//
// A figure without a range is taken from half to double.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_SENSITIVITY_H
#define SYNFIRE_SIMULATOR_REPORT_SENSITIVITY_H

#include "simulator/report/Energy.h"

namespace synfire::report {

struct Swing {
  std::string Key;      ///< of the figure, as in the chip description
  std::string Quantity; ///< `energy`, `power` or `time`
  std::string Unit;
  double Value = 0, Low = 0, High = 0; ///< of the figure
  bool HasRange = false;               ///< else half to double
  Grade Evidence = Grade::Assumed;
  std::string Source;
  /// Of energy for an energy or power, of simulated time for a time.
  double Share = 0;
  /// pJ per token with the figure at its low and its high end.
  double AtLow = 0, AtHigh = 0;

  double width() const {
    return AtHigh > AtLow ? AtHigh - AtLow : AtLow - AtHigh;
  }
};

/// The figures of grade A and D that move the energy per token of \p Energy,
/// those that move it most first. \p Time may be null.
std::vector<Swing> swingsOf(const RunData &Run, const TimeData *Time,
                            const EnergyReport &Energy);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_SENSITIVITY_H
