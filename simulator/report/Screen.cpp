//===- simulator/report/Screen.cpp - The closing screen -------------------===//

#include "simulator/report/Screen.h"
#include "simulator/report/Format.h"
#include "simulator/report/Summary.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace synfire::report {

using Json = nlohmann::ordered_json;

namespace {

constexpr size_t Width = 80;
constexpr size_t LabelWidth = 24;

class ScreenWriter {
public:
  void rule() { Text += std::string(Width - 2, '-') + "\n"; }
  void line(std::string_view Label, std::string Value) {
    size_t Room = Width - LabelWidth - 3;
    if (Value.size() > Room)
      Value = Value.substr(0, Room - 3) + "...";
    Text += fmt::format("  {:<{}}{}\n", Label, LabelWidth, Value);
  }
  /// A sentence, broken between words.
  void paragraph(const std::string &Sentence) {
    size_t At = 0;
    while (At < Sentence.size()) {
      size_t Take = std::min(Width - 4, Sentence.size() - At);
      if (At + Take < Sentence.size())
        if (size_t Space = Sentence.rfind(' ', At + Take);
            Space != std::string::npos && Space > At)
          Take = Space - At;
      Text += "  " + Sentence.substr(At, Take) + "\n";
      At += Take;
      while (At < Sentence.size() && Sentence[At] == ' ')
        ++At;
    }
  }

  std::string Text;
};

std::string joules(const Json &Picojoules) {
  return withPrefix(Picojoules.get<double>(), "J", -12);
}

std::string joulesRange(const Json &Range) {
  std::string Out = joules(Range.at("nominal"));
  if (Range.at("low") != Range.at("high"))
    Out += fmt::format(" ({} to {})", joules(Range.at("low")),
                       joules(Range.at("high")));
  return Out;
}

void modeLines(ScreenWriter &Out, const Json &M) {
  std::string Speed = "no time at functional fidelity";
  if (M.at("has_time").get<bool>())
    Speed = fmt::format(
        "{} tokens/s, {} per token",
        shortCount(M.at("tokens_per_s").get<double>()),
        withPrefix(M.at("time_per_token_ns").get<double>(), "s", -9));
  Out.line(M.at("mode").get<std::string>(), Speed);
  Out.line("  energy per token", joulesRange(M.at("energy_per_token_pj")));
}

std::string bits(const Json &Value) {
  return Value.is_null() ? "-" : fmt::format("{:.4f}", Value.get<double>());
}

std::string screen(const Json &S, const std::string &ReportPath) {
  ScreenWriter Out;
  auto count = [&](const char *Path) {
    return shortCount(S.at(Json::json_pointer(Path)).get<double>());
  };
  Out.rule();
  Out.line("model", fmt::format("{} (L {}, d {}, {} parameters)",
                                S.at("model").at("name").get<std::string>(),
                                count("/model/layers"), count("/model/width"),
                                count("/model/parameters")));
  Out.line("chip", fmt::format("{}, {} cores, chips: {}",
                               S.at("target").at("name").get<std::string>(),
                               count("/fit/cores"), count("/fit/chips")));
  Out.line("tokens",
           fmt::format("{} ({}, {} fidelity)", count("/run/tokens"),
                       S.at("run").at("mode").get<std::string>(),
                       S.at("run").at("fidelity").get<std::string>()));
  Out.rule();
  for (const Json &M : S.at("modes"))
    modeLines(Out, M);
  Out.line("synaptic events/token",
           fmt::format("{} accumulate, {} multiply-accumulate",
                       count("/synops/synaptic_events/accumulate_per_token"),
                       count("/synops/synaptic_events/"
                             "multiply_accumulate_per_token")));
  const Json &Dense = S.at("baseline").at("points").at(0);
  Out.line("dense Transformer",
           fmt::format("{} MAC/token at context {:.4g}",
                       count("/baseline/points/0/macs_per_token/total"),
                       Dense.at("context_tokens").get<double>()));
  Out.line("  energy, this chip",
           fmt::format("{} against {} spiking (no static power)",
                       joules(Dense.at("on_this_chip_pj_per_token")
                                  .at("dynamic")
                                  .at("nominal")),
                       joules(S.at("modes")
                                  .at(0)
                                  .at("dynamic_energy_per_token_pj")
                                  .at("nominal"))));
  Out.line("  energy, 45 nm table",
           joules(Dense.at("energy_45nm_pj_per_token")));
  Out.line("bits per character",
           fmt::format("{} float, {} quantised ({} tokens)",
                       bits(S.at("quality").at("float")),
                       bits(S.at("quality").at("quantized")),
                       count("/quality/tokens")));
  Out.rule();
  if (!S.at("notes").empty())
    Out.paragraph(S.at("notes").at(0).get<std::string>());
  Out.Text += "\n  report: " + ReportPath + "\n";
  return std::move(Out.Text);
}

} // namespace

Result<std::string> renderScreen(const Json &Summary,
                                 const std::string &ReportPath) {
  try {
    return screen(Summary, ReportPath);
  } catch (const nlohmann::json::exception &E) {
    return Error{"summary.json", "report-summary",
                 fmt::format("the summary is not one of schema version {}: {}; "
                             "run again to make a new one",
                             SummarySchemaVersion, E.what())};
  }
}

} // namespace synfire::report
