//===- simulator/report/Summary.h - summary.json ----------------*- C++ -*-===//
//
// The figures of a run as one JSON document; docs/summary.schema.json is its
// schema, docs/report.md says what each number is. The same run gives the same
// bytes: nothing of the machine, the clock or the threads is in it. The pages
// (report.html, the closing screen) are made from this document alone, so they
// cannot disagree with it.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_SUMMARY_H
#define SYNFIRE_SIMULATOR_REPORT_SUMMARY_H

#include "simulator/report/Analysis.h"

#include <nlohmann/json_fwd.hpp>

namespace synfire::report {

/// Raised whenever a field changes its meaning or goes away.
inline constexpr int SummarySchemaVersion = 1;

nlohmann::ordered_json summarize(const Analysis &A);

/// The document as it is stored: indented by two, with a final newline.
std::string summaryText(const nlohmann::ordered_json &Summary);

/// 16 hexadecimal digits behind `xxh3:`, the form of every hash in the files.
std::string hashText(uint64_t Hash);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_SUMMARY_H
