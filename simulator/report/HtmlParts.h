//===- simulator/report/HtmlParts.h - What a page is made of ----*- C++ -*-===//
//
// The pieces that Html.cpp puts together. Every number is written through
// value(), which keeps the exact figure and its place in summary.json beside
// the rounded text, so that a page can be checked against the document.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_HTMLPARTS_H
#define SYNFIRE_SIMULATOR_REPORT_HTMLPARTS_H

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::report::html {

extern const std::string_view Style;  ///< the style sheet
extern const std::string_view Script; ///< theme switch and download

/// How a number is shown.
enum class Show {
  Count,     ///< 1,234,567
  Short,     ///< 1.23 M
  Picojoule, ///< pJ, with a prefix
  Nanosecond,
  Percent,
  Plain, ///< four significant digits
  Bits,  ///< four digits behind the point
  Bytes,
};

/// The number at JSON pointer \p Path, as `<data>`; a dash when it is null.
std::string value(const nlohmann::ordered_json &Summary,
                  const std::string &Path, Show As);
/// The count at \p Path with its noun: `1 chip`, `6 chips`.
std::string counted(const nlohmann::ordered_json &Summary,
                    const std::string &Path, std::string_view Noun);
/// `nominal (low to high)` of the range at \p Path; the range is left out when
/// it has no width.
std::string rangeValue(const nlohmann::ordered_json &Summary,
                       const std::string &Path, Show As);
/// The text at \p Path, escaped.
std::string text(const nlohmann::ordered_json &Summary,
                 const std::string &Path);

/// One part of a stacked bar or one line of a bar list.
struct Bar {
  std::string Label; ///< plain text, escaped when written
  double Size = 0;
  std::string Value;            ///< HTML
  const char *Colour = nullptr; ///< of a stacked bar; null: the next one
};

/// A bar of parts that sum to its width, with a legend; parts of size 0 are
/// left out.
std::string stackedBar(const std::vector<Bar> &Parts);
/// One horizontal bar per line, all to the scale of the largest (or \p Full).
std::string barList(const std::vector<Bar> &Bars, double Full = 0);

/// A table: heads and cells are HTML; the first column is text, the others are
/// numbers, aligned right, except those named in \p TextColumns.
std::string table(const std::vector<std::string> &Heads,
                  const std::vector<std::vector<std::string>> &Rows,
                  const std::vector<size_t> &TextColumns = {0});

/// A line of a chart with logarithmic axes; gaps where there is no number.
struct Line {
  std::string Label;                     ///< plain text
  std::vector<std::optional<double>> Ys; ///< one per X, positive
  unsigned Colour = 0;                   ///< of the style sheet, modulo
  bool Dashed = false;
  bool Bold = false; ///< in the colour of the text
};
/// Lines over \p Xs (positive, ascending), with a legend; nothing when no line
/// has a number. \p Title names what goes up.
std::string lines(const std::string &Title, const std::vector<double> &Xs,
                  const std::vector<Line> &Lines, Show As);
/// \p Number as a page shows it.
std::string shown(double Number, Show As);

/// A section of the page: title and body are HTML.
std::string section(const std::string &Title, const std::string &Body,
                    const char *Class = "");
/// A small-print paragraph of HTML.
std::string definition(const std::string &Escaped);

/// The sections of the page, in order.
std::string headline(const nlohmann::ordered_json &Summary);
std::string notes(const nlohmann::ordered_json &Summary);
std::string modes(const nlohmann::ordered_json &Summary);
std::string fit(const nlohmann::ordered_json &Summary);
std::string energy(const nlohmann::ordered_json &Summary);
std::string synops(const nlohmann::ordered_json &Summary);
std::string accounting(const nlohmann::ordered_json &Summary);
std::string baseline(const nlohmann::ordered_json &Summary);
std::string activity(const nlohmann::ordered_json &Summary);
std::string time(const nlohmann::ordered_json &Summary);
std::string heat(const nlohmann::ordered_json &Summary);
std::string sensitivity(const nlohmann::ordered_json &Summary);
std::string figures(const nlohmann::ordered_json &Summary);
std::string provenance(const nlohmann::ordered_json &Summary);

} // namespace synfire::report::html

#endif // SYNFIRE_SIMULATOR_REPORT_HTMLPARTS_H
