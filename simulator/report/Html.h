//===- simulator/report/Html.h - report.html --------------------*- C++ -*-===//
//
// The summary as one self-contained page: styles, script, charts and the JSON
// document itself are inside, nothing is loaded from anywhere.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_HTML_H
#define SYNFIRE_SIMULATOR_REPORT_HTML_H

#include "targets/Status.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace synfire::report {

/// The page of \p Summary, a document as summarize() makes it. Fails with
/// BadInput and rule `report-summary` when a field is missing or of another
/// type (a document read from a file may be anything).
Result<std::string> renderHtml(const nlohmann::ordered_json &Summary);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_HTML_H
