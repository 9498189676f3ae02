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

/// Where the time of the mode that was asked for went, and what kept the cores
/// that ticks waited for busy.
void waitLine(ScreenWriter &Out, const Json &S) {
  if (S.at("time").empty())
    return;
  const Json &Time = S.at("time").at(0), &Split = Time.at("split");
  const double Total = Time.at("total_ns").get<double>();
  if (Total <= 0)
    return;
  std::string Stage;
  double Longest = 0;
  for (const auto &[Name, Ns] : Time.at("deciding_stages").items())
    if (Ns.get<double>() > Longest) {
      Longest = Ns.get<double>();
      Stage = fmt::format(" ({})", Name.substr(0, Name.rfind('_')));
    }
  auto share = [&](const char *Key) {
    return 100 * Split.at(Key).get<double>() / Total;
  };
  Out.line("ticks wait for",
           fmt::format("cores {:.0f} %{}, network {:.0f} %, barrier {:.0f} %",
                       share("core_ns"), Stage, share("network_ns"),
                       share("barrier_ns")));
}

/// `shakespeare.pth (L 4, d 128, 875 k parameters)`: what is known of it.
std::string modelText(const Json &Model) {
  std::string Known;
  auto add = [&](const char *Key, const char *Format) {
    if (double Number = Model.at(Key).get<double>())
      Known += (Known.empty() ? "" : ", ") +
               fmt::format(fmt::runtime(Format), shortCount(Number));
  };
  add("layers", "L {}");
  add("width", "d {}");
  add("parameters", "{} parameters");
  std::string Name = Model.at("name").get<std::string>();
  return Known.empty() ? Name : fmt::format("{} ({})", Name, Known);
}

/// The device that a reader would buy instead, where the context begins.
void edgeLine(ScreenWriter &Out, const Json &Curves) {
  for (const Json &C : Curves.at("dense")) {
    const Json &Energy = C.at("with_static_pj_per_token");
    if (C.at("device") != "edge-gpu" || C.at("batch") != 1 ||
        Energy.is_null() || Energy.at("nominal").at(0).is_null())
      continue;
    Out.line("  energy, edge GPU",
             fmt::format("{} at batch 1, context {} (with static power)",
                         joules(Energy.at("nominal").at(0)),
                         Curves.at("contexts").at(0).get<double>()));
    return;
  }
}

void denseLines(ScreenWriter &Out, const Json &S) {
  if (S.at("baseline").is_null())
    return Out.line("dense Transformer", "none of the same size");
  const Json &Dense = S.at("baseline").at("points").at(0);
  Out.line("dense Transformer",
           fmt::format(
               "{} MAC/token at context {:.4g}",
               shortCount(Dense.at("macs_per_token").at("total").get<double>()),
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
  edgeLine(Out, S.at("baseline").at("curves"));
}

/// Bits per character when a text is known, else the share of positions whose
/// largest logit stayed in place; nothing when neither was measured.
void qualityLine(ScreenWriter &Out, const Json &Q) {
  std::string Bits;
  const bool Fixed = !Q.at("quantized_binary32").is_null();
  for (const auto &[Key, Name] :
       {std::pair("float", "float"),
        std::pair("quantized_binary32", "quantised"),
        std::pair("quantized", Fixed ? "fixed point" : "quantised")})
    if (!Q.at(Key).is_null())
      Bits += fmt::format("{}{:.4f} {}", Bits.empty() ? "" : ", ",
                          Q.at(Key).get<double>(), Name);
  std::string Tokens;
  // Three numbers fill the line.
  if (double Count = Q.at("tokens").get<double>(); Count != 0 && !Fixed)
    Tokens = fmt::format(" ({} tokens)", shortCount(Count));
  if (!Bits.empty())
    Out.line(Q.at("task") == "masked" ? "bits per masked symbol"
                                      : "bits per character",
             Bits + Tokens);
  else if (!Q.at("argmax_agreement").is_null())
    Out.line("largest logit", percent(Q.at("argmax_agreement").get<double>()) +
                                  " unchanged by quantisation" + Tokens);
}

std::string screen(const Json &S, const std::string &ReportPath) {
  ScreenWriter Out;
  auto count = [&](const char *Path) {
    return shortCount(S.at(Json::json_pointer(Path)).get<double>());
  };
  Out.rule();
  Out.line("model", modelText(S.at("model")));
  Out.line("chip", fmt::format("{}, {} on {}",
                               S.at("target").at("name").get<std::string>(),
                               plural(count("/fit/cores"), "core"),
                               plural(count("/fit/chips"), "chip")));
  std::string Steps, Sequences;
  if (S.at("run").at("inner_steps") != 1)
    Steps = fmt::format(" x {} inner steps", count("/run/inner_steps"));
  if (S.at("run").at("sequences") != 1)
    Sequences = fmt::format(" in {} sequences", count("/run/sequences"));
  Out.line("tokens",
           fmt::format("{}{}{} ({}, {} fidelity)", count("/run/tokens"), Steps,
                       Sequences, S.at("run").at("mode").get<std::string>(),
                       S.at("run").at("fidelity").get<std::string>()));
  Out.rule();
  for (const Json &M : S.at("modes"))
    modeLines(Out, M);
  waitLine(Out, S);
  Out.line("synaptic events/token",
           fmt::format("{} accumulate, {} multiply-accumulate",
                       count("/synops/synaptic_events/accumulate_per_token"),
                       count("/synops/synaptic_events/"
                             "multiply_accumulate_per_token")));
  denseLines(Out, S);
  qualityLine(Out, S.at("quality"));
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
