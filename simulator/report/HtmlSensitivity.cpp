//===- simulator/report/HtmlSensitivity.cpp - What moves the number -------===//

#include "simulator/report/Format.h"
#include "simulator/report/HtmlParts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace synfire::report::html {

using Json = nlohmann::ordered_json;

namespace {

constexpr size_t MostRows = 8;
constexpr size_t TheThree = 3;

/// A bar from one end to the other around the nominal value.
std::string swingBar(double Low, double High, double Nominal, double From,
                     double To) {
  auto at = [&](double Number) {
    return To > From ? (Number - From) / (To - From) * 1000 : 0;
  };
  return fmt::format(
      "<svg class=\"swing\" viewBox=\"0 0 1000 14\" "
      "preserveAspectRatio=\"none\"><rect class=\"track\" width=\"1000\" "
      "height=\"14\"></rect><rect class=\"c2\" x=\"{0:.1f}\" width=\"{1:.1f}\" "
      "height=\"14\"></rect><rect class=\"c1\" x=\"{2:.1f}\" width=\"{3:.1f}\" "
      "height=\"14\"></rect></svg>",
      at(std::min(Low, High)),
      std::max(0.0, at(Nominal) - at(std::min(Low, High))), at(Nominal),
      std::max(0.0, at(std::max(Low, High)) - at(Nominal)));
}

std::string rows(const Json &S, size_t M) {
  const Json &Mode = S.at("sensitivity").at(M);
  const Json &Figures = Mode.at("figures");
  const double Nominal = Mode.at("energy_per_token_pj").get<double>();
  const size_t Count = std::min(MostRows, Figures.size());
  double From = Nominal, To = Nominal;
  for (size_t I = 0; I < Count; ++I)
    for (const char *End : {"at_low_pj", "at_high_pj"}) {
      From = std::min(From, Figures.at(I).at(End).get<double>());
      To = std::max(To, Figures.at(I).at(End).get<double>());
    }
  std::vector<std::vector<std::string>> Rows;
  for (size_t I = 0; I < Count; ++I) {
    const Json &F = Figures.at(I);
    const std::string At = fmt::format("/sensitivity/{}/figures/{}", M, I);
    const std::string Grade = text(S, At + "/grade");
    std::string Key = "<code>" + text(S, At + "/key") + "</code> " +
                      text(S, At + "/quantity");
    Rows.push_back(
        {fmt::format("<span class=\"grade {0}\">{0}</span>", Grade),
         I < TheThree ? "<b>" + Key + "</b>" : Key,
         fmt::format("{} <span class=\"range\">({} to {}{})</span> {}",
                     value(S, At + "/value", Show::Plain),
                     value(S, At + "/low", Show::Plain),
                     value(S, At + "/high", Show::Plain),
                     F.at("range") == "stated" ? "" : ", no range stated",
                     text(S, At + "/unit")),
         swingBar(F.at("at_low_pj").get<double>(),
                  F.at("at_high_pj").get<double>(), Nominal, From, To),
         value(S, At + "/at_low_pj", Show::Picojoule),
         value(S, At + "/at_high_pj", Show::Picojoule)});
  }
  return table(
      {"grade", "figure", "value (range)", "", "J/token at low", "at high"},
      Rows, {0, 1, 2, 3});
}

/// The first of the other modes in a line.
std::string others(const Json &S) {
  std::string Out;
  for (size_t M = 1; M < S.at("sensitivity").size(); ++M) {
    std::string List;
    for (size_t I = 0;
         I < TheThree && I < S.at("sensitivity").at(M).at("figures").size();
         ++I) {
      const std::string At = fmt::format("/sensitivity/{}/figures/{}", M, I);
      List += fmt::format("{}<code>{}</code> {} ({} to {})",
                          List.empty() ? "" : "; ", text(S, At + "/key"),
                          text(S, At + "/quantity"),
                          value(S, At + "/at_low_pj", Show::Picojoule),
                          value(S, At + "/at_high_pj", Show::Picojoule));
    }
    if (!List.empty())
      Out +=
          definition("<b>" + text(S, fmt::format("/sensitivity/{}/mode", M)) +
                     "</b>: " + List + ".");
  }
  return Out;
}

} // namespace

std::string sensitivity(const Json &S) {
  if (S.at("sensitivity").empty() ||
      S.at("sensitivity").at(0).at("figures").empty())
    return "";
  return section(
      "What moves this number: " +
          value(S, "/sensitivity/0/energy_per_token_pj", Show::Picojoule) +
          " per token, " + text(S, "/sensitivity/0/mode"),
      definition("Energy per token with one figure at the low or high end of "
                 "its range and all others nominal; the three in bold move it "
                 "most. Only figures that nobody measured or published as such "
                 "(grade A assumed, D derived). One without a stated range is "
                 "taken from half to double. A time moves energy through "
                 "static power, as far as ticks go on waiting for the same "
                 "resource.") +
          rows(S, 0) + others(S));
}

} // namespace synfire::report::html
