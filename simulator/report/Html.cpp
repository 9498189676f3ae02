//===- simulator/report/Html.cpp - report.html ----------------------------===//

#include "simulator/report/Html.h"
#include "simulator/report/HtmlParts.h"
#include "simulator/report/Summary.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace synfire::report {

/// The document without spaces, which are half of it. It cannot end the script
/// element it stands in: every '<' of it is in a string, where an escape means
/// the same.
static std::string embedded(const nlohmann::ordered_json &Summary) {
  std::string Out;
  for (char C :
       Summary.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
    Out += C == '<' ? std::string("\\u003c") : std::string(1, C);
  return Out;
}

static std::string page(const nlohmann::ordered_json &S) {
  using namespace html;
  std::string Title = text(S, "/model/name") + " on " + text(S, "/target/name");
  std::string Out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{}</title>\n<style>{}</style>\n</head>\n"
      "<body>\n<main>\n<header><h1>{}<small>{}, {}, {} fidelity, {} "
      "on {}. {}</small></h1><div><button id=\"theme\">light / "
      "dark</button> <button id=\"download\">summary.json</button></div>"
      "</header>\n",
      Title, Style, Title, counted(S, "/run/tokens", "token"),
      text(S, "/run/mode"), text(S, "/run/fidelity"),
      counted(S, "/fit/cores", "core"), counted(S, "/fit/chips", "chip"),
      text(S, "/target/summary"));
  for (auto *Section :
       {headline, notes, modes, time, heat, energy, sensitivity, synops,
        accounting, baseline, activity, fit, figures, provenance})
    Out += Section(S);
  return Out + fmt::format("</main>\n<script id=\"summary\" "
                           "type=\"application/json\">{}</script>\n<script>{}"
                           "</script>\n</body>\n</html>\n",
                           embedded(S), Script);
}

Result<std::string> renderHtml(const nlohmann::ordered_json &Summary) {
  try {
    return page(Summary);
  } catch (const nlohmann::json::exception &E) {
    return Error{"summary.json", "report-summary",
                 fmt::format("the summary is not one of schema version {}: {}; "
                             "run again to make a new one",
                             SummarySchemaVersion, E.what())};
  }
}

} // namespace synfire::report
