//===- simulator/report/SummaryParts.h - Parts of summary.json --*- C++ -*-===//
//
// Private to the files that make summary.json.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_SUMMARYPARTS_H
#define SYNFIRE_SIMULATOR_REPORT_SUMMARYPARTS_H

#include "simulator/report/Analysis.h"

#include <nlohmann/json_fwd.hpp>

namespace synfire::report {

nlohmann::ordered_json rangeJson(const EnergyRange &E);

/// The field `baseline`; null when there is no Transformer of the same size.
nlohmann::ordered_json baselineJson(const Analysis &A);
/// Its fields `devices` and `curves`.
nlohmann::ordered_json
devicesJson(const std::vector<baselines::DenseDevice> &Devices);
nlohmann::ordered_json curvesJson(const DenseCurves &C);

/// The field `accounting`; null when no paper's accounting is known.
nlohmann::ordered_json accountingJson(const Analysis &A);

/// The fields `time`, `heat` and `sensitivity`.
nlohmann::ordered_json timesJson(const Analysis &A);
nlohmann::ordered_json heatJson(const Analysis &A);
nlohmann::ordered_json sensitivityJson(const Analysis &A);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_SUMMARYPARTS_H
