//===- simulator/report/HtmlCharts.cpp - Numbers, bars and tables ---------===//

#include "simulator/report/Format.h"
#include "simulator/report/HtmlParts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace synfire::report::html {

using Json = nlohmann::ordered_json;

static constexpr unsigned NumColours = 7; // .c0 .. .c6 of the style sheet

std::string shown(double Number, Show As) {
  switch (As) {
  case Show::Count:
    return grouped(Number);
  case Show::Short:
    return shortCount(Number);
  case Show::Picojoule:
    return withPrefix(Number, "J", -12);
  case Show::Nanosecond:
    return withPrefix(Number, "s", -9);
  case Show::Percent:
    return percent(Number);
  case Show::Plain:
    return fmt::format("{:.4g}", Number);
  case Show::Bits:
    return fmt::format("{:.4f}", Number);
  case Show::Bytes:
    return withPrefix(Number, "B");
  }
  return "";
}

std::string value(const Json &Summary, const std::string &Path, Show As) {
  const Json &Number = Summary.at(Json::json_pointer(Path));
  if (Number.is_null())
    return "<span class=\"none\">&ndash;</span>";
  return fmt::format("<data value=\"{}\" data-path=\"{}\">{}</data>",
                     Number.dump(), Path, shown(Number.get<double>(), As));
}

std::string counted(const Json &Summary, const std::string &Path,
                    std::string_view Noun) {
  return fmt::format("{} {}{}", value(Summary, Path, Show::Count), Noun,
                     Summary.at(Json::json_pointer(Path)) == 1 ? "" : "s");
}

std::string rangeValue(const Json &Summary, const std::string &Path, Show As) {
  const Json &Range = Summary.at(Json::json_pointer(Path));
  if (Range.is_null())
    return value(Summary, Path, As);
  std::string Out = value(Summary, Path + "/nominal", As);
  if (Range.at("low") == Range.at("high"))
    return Out;
  return fmt::format("{} <span class=\"range\">({} to {})</span>", Out,
                     value(Summary, Path + "/low", As),
                     value(Summary, Path + "/high", As));
}

std::string text(const Json &Summary, const std::string &Path) {
  const Json &Text = Summary.at(Json::json_pointer(Path));
  return escapeHtml(Text.is_string() ? Text.get<std::string>() : Text.dump());
}

std::string stackedBar(const std::vector<Bar> &Parts) {
  double Sum = 0;
  for (const Bar &B : Parts)
    Sum += B.Size;
  if (Sum <= 0)
    return "<p class=\"none\">nothing to show</p>\n";
  std::string Rects, Legend;
  double X = 0;
  for (size_t I = 0; I < Parts.size(); ++I) {
    const Bar &B = Parts[I];
    if (B.Size <= 0)
      continue;
    double Share = B.Size / Sum;
    std::string Label = escapeHtml(B.Label);
    std::string Colour =
        B.Colour ? B.Colour : fmt::format("c{}", I % NumColours);
    Rects += fmt::format("<rect class=\"{}\" x=\"{:.3f}\" y=\"0\" "
                         "width=\"{:.3f}\" height=\"40\"><title>{}: {}"
                         "</title></rect>",
                         Colour, X, Share * 1000, Label, percent(Share));
    Legend += fmt::format("<li><span class=\"key {}\"></span><span>{}</span>"
                          "<b>{}</b><i>{}</i></li>",
                          Colour, Label, percent(Share), B.Value);
    X += Share * 1000;
  }
  return fmt::format("<svg class=\"stack\" viewBox=\"0 0 1000 40\" "
                     "preserveAspectRatio=\"none\" role=\"img\">{}</svg>\n"
                     "<ul class=\"legend\">{}</ul>\n",
                     Rects, Legend);
}

std::string barList(const std::vector<Bar> &Bars, double Full) {
  for (const Bar &B : Bars)
    Full = std::max(Full, B.Size);
  std::string Out = "<div class=\"bars\">\n";
  for (const Bar &B : Bars)
    Out += fmt::format(
        "<span>{}</span><svg viewBox=\"0 0 1000 10\" "
        "preserveAspectRatio=\"none\"><rect class=\"track\" width=\"1000\" "
        "height=\"10\"></rect><rect class=\"c0\" width=\"{:.2f}\" "
        "height=\"10\"></rect></svg><span class=\"num\">{}</span>\n",
        escapeHtml(B.Label), Full > 0 ? B.Size / Full * 1000 : 0, B.Value);
  return Out + "</div>\n";
}

std::string table(const std::vector<std::string> &Heads,
                  const std::vector<std::vector<std::string>> &Rows,
                  const std::vector<size_t> &TextColumns) {
  auto attribute = [&](size_t Column) {
    bool IsText = std::find(TextColumns.begin(), TextColumns.end(), Column) !=
                  TextColumns.end();
    return IsText ? "" : " class=\"num\"";
  };
  std::string Out = "<div class=\"scroll\"><table><thead><tr>";
  for (size_t I = 0; I < Heads.size(); ++I)
    Out += fmt::format("<th{}>{}</th>", attribute(I), Heads[I]);
  Out += "</tr></thead><tbody>\n";
  for (const std::vector<std::string> &Row : Rows) {
    Out += "<tr>";
    for (size_t I = 0; I < Row.size(); ++I)
      Out += fmt::format("<td{}>{}</td>", attribute(I), Row[I]);
    Out += "</tr>\n";
  }
  return Out + "</tbody></table></div>\n";
}

} // namespace synfire::report::html
