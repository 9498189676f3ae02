//===- simulator/report/Screen.h - The closing screen -----------*- C++ -*-===//

#ifndef SYNFIRE_SIMULATOR_REPORT_SCREEN_H
#define SYNFIRE_SIMULATOR_REPORT_SCREEN_H

#include "targets/Status.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace synfire::report {

/// The summary on one screen of plain text, at most 80 columns wide (longer
/// names are cut, \p ReportPath has its own line). Fails as renderHtml() does.
Result<std::string> renderScreen(const nlohmann::ordered_json &Summary,
                                 const std::string &ReportPath);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_SCREEN_H
