//===- tools/synfire/FitSummary.h - What synfire fit answers ----*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_FITSUMMARY_H
#define SYNFIRE_TOOLS_SYNFIRE_FITSUMMARY_H

#include "compiler/mapping/FitReport.h"
#include "compiler/transforms/Classification.h"

#include <string>

namespace synfire::tools {

struct FitSummary {
  std::string Network, Architecture, Target;
  uint64_t Parameters = 0;
  bool WeightsDeclared = false; ///< sizes only
  unsigned AssumedRanges = 0;   ///< results whose range stands for a measured
  bool WorstSums = false;       ///< sums as wide as types allow
  unsigned AccumulatorBits = 32;
  compiler::UnprovenSums Unproven;
  mapping::FitReport Fit;
  mapping::CoreUse Total; ///< of all cores
  double Seconds = 0;     ///< wall clock of the command
  uint64_t PeakBytes = 0; ///< most resident memory of the command

  /// What was assumed, memory by kind, FitReport::table(), what binds.
  std::string text() const;
  /// The same as one JSON object. But for `seconds` and `peak_bytes` the same
  /// question gives the same bytes.
  std::string json() const;
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_FITSUMMARY_H
