//===- simulator/report/Explain.h - Where a number comes from ---*- C++ -*-===//
//
// Answers "why is it this much" from summary.json alone, on any machine: the
// formula, the counts, the coefficients with range, grade and source, and the
// result, in the digits that the document has, so that a reader can recompute
// it by hand. What an answer adds up is compared with what the document says.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_EXPLAIN_H
#define SYNFIRE_SIMULATOR_REPORT_EXPLAIN_H

#include "targets/Status.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace synfire::report {

/// Reads summary.json of the run folder \p Path, or the file \p Path. Fails
/// with rule `file-open` or, when it is not the whole summary of a run of this
/// version, `report-summary`.
Result<nlohmann::ordered_json> readSummary(const std::string &Path);

/// What can be asked of \p Summary, with the values.
Result<std::string> explainable(const nlohmann::ordered_json &Summary);

/// The answer for \p Metric: a short name of explainable(), or a dotted path
/// in the document. \p Mode: of running; empty for the one that was asked for.
/// Rules: `explain-metric`, `explain-mode`, `explain-mismatch`,
/// `report-summary`.
Result<std::string> explain(const nlohmann::ordered_json &Summary,
                            const std::string &Metric, const std::string &Mode);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_EXPLAIN_H
