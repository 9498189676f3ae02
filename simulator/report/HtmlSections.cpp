//===- simulator/report/HtmlSections.cpp - The sections of report.html ----===//

#include "simulator/report/Format.h"
#include "simulator/report/HtmlParts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace synfire::report::html {

using Json = nlohmann::ordered_json;

std::string section(const std::string &Title, const std::string &Body,
                    const char *Class) {
  return fmt::format("<section class=\"{}\"><h2>{}</h2>\n{}</section>\n", Class,
                     Title, Body);
}

std::string definition(const std::string &Escaped) {
  return "<p class=\"def\">" + Escaped + "</p>\n";
}

static std::string card(const std::string &Name, const std::string &Number,
                        const std::string &Detail) {
  return fmt::format("<div><span class=\"name\">{}</span><b>{}</b><p>{}</p>"
                     "</div>\n",
                     Name, Number, Detail);
}

/// How many masked symbols were guessed; empty when none were asked for.
static std::string accuracy(const Json &S) {
  if (S.at("quality").at("quantized_accuracy").is_null())
    return "";
  return "; right " + value(S, "/quality/quantized_accuracy", Show::Percent) +
         ", float " + value(S, "/quality/float_accuracy", Show::Percent);
}

std::string headline(const Json &S) {
  std::string Out = "<div class=\"cards\">\n";
  bool HasTime = S.at("modes").at(0).at("has_time").get<bool>();
  Out +=
      card("Speed, " + text(S, "/run/mode"),
           HasTime ? value(S, "/modes/0/tokens_per_s", Show::Short) +
                         " <small>tokens/s</small>"
                   : "no time",
           HasTime ? value(S, "/modes/0/time_per_token_ns", Show::Nanosecond) +
                         " per token (simulated)"
                   : "functional fidelity counts only");
  Out += card(
      "Energy per token",
      value(S, "/modes/0/energy_per_token_pj/nominal", Show::Picojoule),
      value(S, "/modes/0/energy_per_token_pj/low", Show::Picojoule) + " to " +
          value(S, "/modes/0/energy_per_token_pj/high", Show::Picojoule) +
          (S.at("modes").at(0).at("energy_includes_static").get<bool>()
               ? ", static power included"
               : ", static power not added"));
  const std::string Events = "/synops/synaptic_events/";
  Out += card(
      "Synaptic events per token",
      value(S, Events + "multiply_accumulate_per_token", Show::Short) + " MAC",
      value(S, Events + "accumulate_per_token", Show::Short) + " accumulate");
  if (!S.at("baseline").is_null())
    Out += card("Dense Transformer, same chip",
                value(S,
                      "/baseline/points/0/on_this_chip_pj_per_token/dynamic/"
                      "nominal",
                      Show::Picojoule),
                "per token; spiking " +
                    value(S, "/modes/0/dynamic_energy_per_token_pj/nominal",
                          Show::Picojoule) +
                    ", both without static power");
  const Json &Quality = S.at("quality");
  if (!Quality.at("quantized").is_null())
    Out += card(
        Quality.at("task") == "masked" ? "Bits per masked symbol"
                                       : "Bits per character",
        value(S, "/quality/quantized", Show::Bits),
        (Quality.at("quantized_binary32").is_null()
             ? "quantised; "
             : "quantised, in fixed point; with binary32 programs " +
                   value(S, "/quality/quantized_binary32", Show::Bits) + ", ") +
            "float " + value(S, "/quality/float", Show::Bits) + accuracy(S));
  else if (!Quality.at("argmax_agreement").is_null())
    Out += card("Largest logit unchanged",
                value(S, "/quality/argmax_agreement", Show::Percent),
                "of the positions, by quantisation");
  return Out + "</div>\n";
}

std::string notes(const Json &S) {
  std::string Items;
  for (const Json &Note : S.at("notes"))
    Items += "<li>" + escapeHtml(Note.get<std::string>()) + "</li>\n";
  return section("Read this with the numbers", "<ul>\n" + Items + "</ul>\n",
                 "notes");
}

std::string modes(const Json &S) {
  std::vector<std::vector<std::string>> Rows;
  for (size_t I = 0; I < S.at("modes").size(); ++I) {
    std::string At = fmt::format("/modes/{}", I);
    bool Judged = !S.at("modes").at(I).at("sanity").is_null();
    Rows.push_back(
        {text(S, At + "/mode"), value(S, At + "/tokens_per_s", Show::Short),
         value(S, At + "/time_per_token_ns", Show::Nanosecond),
         value(S, At + "/first_token_ns", Show::Nanosecond),
         rangeValue(S, At + "/energy_per_token_pj", Show::Picojoule),
         value(S,
               At + "/pj_per_parameter_and_token" + (Judged ? "/nominal" : ""),
               Show::Plain),
         Judged ? text(S, At + "/sanity/band") : "&ndash;"});
  }
  return section(
      "Prefill and generate",
      definition("The same events at different times: prefill starts a new "
                 "token step every tick, generate runs one token through all "
                 "levels before the next. A token is one token step, or as "
                 "many as the network has inner steps; speed and energy count "
                 "tokens. The last column says where pJ per parameter "
                 "and token lies against the sanity band of 5 to 3000.") +
          table({"mode", "tokens/s", "time per token", "first token",
                 "energy per token", "pJ per parameter and token", "band"},
                Rows, {0, 6}));
}

std::string fit(const Json &S) {
  std::vector<std::vector<std::string>> Rows;
  for (size_t I = 0; I < S.at("fit").at("limits").size(); ++I) {
    std::string At = fmt::format("/fit/limits/{}", I);
    const Json &Row = S.at("fit").at("limits").at(I);
    std::string Share = "&ndash;";
    if (!Row.at("available").is_null() && Row.at("available") != 0)
      Share = percent(Row.at("used").get<double>() /
                      Row.at("available").get<double>());
    Rows.push_back({text(S, At + "/limit"), value(S, At + "/used", Show::Count),
                    value(S, At + "/available", Show::Count), Share,
                    text(S, At + "/unit"), text(S, At + "/fullest"),
                    value(S, At + "/total_used", Show::Count)});
  }
  return section("Fit",
                 definition(counted(S, "/fit/cores", "core") + " on " +
                            counted(S, "/fit/chips", "chip") +
                            ". Used and available are of the fullest "
                            "core; the last column is the sum over all.") +
                     table({"limit", "used", "available", "share", "unit",
                            "fullest", "all cores"},
                           Rows, {0, 4, 5}));
}

std::string energy(const Json &S) {
  std::vector<Bar> Parts, Layers;
  for (const auto &[Name, Range] : S.at("energy").at("by_component_pj").items())
    Parts.push_back(
        {Name, Range.at("nominal").get<double>(),
         rangeValue(S, "/energy/by_component_pj/" + Name, Show::Picojoule)});
  const Json &ByLayer = S.at("energy").at("by_layer");
  for (size_t I = 0; I < ByLayer.size(); ++I) {
    std::string Layer = ByLayer.at(I).at("layer").get<std::string>();
    // Shown by component; here they would dwarf every layer.
    if (Layer == "barrier" || Layer == "static")
      continue;
    Layers.push_back(
        {Layer, ByLayer.at(I).at("energy_pj").at("nominal").get<double>(),
         value(S, fmt::format("/energy/by_layer/{}/energy_pj/nominal", I),
               Show::Picojoule)});
  }
  std::vector<std::vector<std::string>> Terms;
  for (size_t I = 0; I < S.at("energy").at("terms").size(); ++I) {
    std::string At = fmt::format("/energy/terms/{}", I);
    std::string Grade = text(S, At + "/grade");
    Terms.push_back(
        {text(S, At + "/component"),
         "<code>" + text(S, At + "/action") + "</code>",
         text(S, At + "/formula"),
         rangeValue(S, At + "/energy_pj", Show::Picojoule),
         fmt::format("<span class=\"grade {0}\">{0}</span>", Grade)});
  }
  return section(
      "Energy, " + text(S, "/energy/mode"),
      definition(
          "Whole run: " + rangeValue(S, "/energy/total_pj", Show::Picojoule) +
          ". Each term is a count of the simulator times a cost of the "
          "target.") +
          "<h3>By component</h3>\n" + stackedBar(Parts) +
          "<h3>By layer, without barrier and static power</h3>\n" +
          barList(Layers) + "<h3>Every term</h3>\n" +
          table({"component", "action", "count x cost", "energy", "grade"},
                Terms, {0, 1, 2, 4}));
}

/// What NeuroBench leaves out.
static std::string uncounted(const Json &S) {
  const std::string A = "/synops/attention_ops", N = "/synops/norm_ops",
                    M = "/synops/membrane_ops";
  std::string Out = "<h3>Not in NeuroBench's counts</h3>\n" +
                    definition(text(S, A + "/definition")) +
                    definition(text(S, N + "/definition")) +
                    definition(text(S, M + "/definition"));
  return Out + table({"", "per sample"},
                     {{"attention, accumulates",
                       value(S, A + "/Effective_ACs", Show::Count)},
                      {"attention, multiply-accumulates",
                       value(S, A + "/Effective_MACs", Show::Count)},
                      {"attention, dense", value(S, A + "/Dense", Show::Count)},
                      {"norms, softmax, activation functions: instructions",
                       value(S, N + "/count", Show::Count)},
                      {"spiking neurons: instructions",
                       value(S, M + "/count", Show::Count)},
                      {"membrane updates",
                       value(S, M + "/membrane_updates", Show::Count)}});
}

std::string synops(const Json &S) {
  const std::string E = "/synops/synaptic_events", N = "/synops/neurobench",
                    P = "/synops/paper";
  std::string Out =
      "<h3>What the chip did (synaptic_events)</h3>\n" +
      definition(text(S, E + "/definition")) +
      table({"", "whole run", "per token"},
            {{"accumulate", value(S, E + "/accumulate", Show::Count),
              value(S, E + "/accumulate_per_token", Show::Short)},
             {"of it embedding look-up",
              value(S, E + "/embedding_lookup", Show::Count), ""},
             {"of it driven by spikes",
              value(S, E + "/spike_driven", Show::Count), ""},
             {"multiply-accumulate",
              value(S, E + "/multiply_accumulate", Show::Count),
              value(S, E + "/multiply_accumulate_per_token", Show::Short)},
             {"weights of zero passed over",
              value(S, E + "/skipped_zero_weights", Show::Count), ""}}) +
      "<h3>NeuroBench</h3>\n" + definition(text(S, N + "/definition"));
  std::vector<std::vector<std::string>> Rows;
  for (const char *Key : {"Effective_ACs", "Effective_MACs", "Dense"})
    Rows.push_back({Key, value(S, N + "/" + Key, Show::Count),
                    value(S, N + "/per_token/" + Key, Show::Short)});
  Out += table({"", "per sample", "per token"}, Rows) + uncounted(S);
  if (S.at("synops").at("paper").is_null())
    return section("Synaptic operations, by definition", Out);

  Out += "<h3>The paper's own accounting</h3>\n" +
         definition(text(S, P + "/definition"));
  Rows.clear();
  const std::pair<const char *, const char *> Points[] = {
      {"this network, the paper's rate", "/at_assumed_rate"},
      {"this network, measured rate", "/at_measured_rate"},
      {"the paper's shape and rate, by its formula", "/at_published_shape"}};
  for (const auto &[Name, Key] : Points) {
    if (S.at(Json::json_pointer(P + Key)).is_null())
      continue;
    std::string At = P + Key;
    Rows.push_back(
        {Name, value(S, At + "/context_tokens", Show::Count),
         value(S, At + "/rate", Show::Plain),
         value(S, At + "/vanilla_pj", Show::Picojoule),
         value(S, At + "/vanilla_without_attention_pj", Show::Picojoule),
         value(S, At + "/spiking_pj", Show::Picojoule),
         value(S, At + "/ratio", Show::Plain),
         value(S, At + "/ratio_without_attention", Show::Plain)});
  }
  Rows.push_back({"as published", "", "",
                  value(S, P + "/published/vanilla_pj", Show::Picojoule), "",
                  value(S, P + "/published/spiking_pj", Show::Picojoule),
                  value(S, P + "/published/ratio", Show::Plain), ""});
  Out += table({"energy for T tokens", "T", "rate", "vanilla",
                "vanilla without attention", "spiking", "ratio",
                "ratio without attention"},
               Rows);
  return section("Synaptic operations, by definition", Out);
}

std::string activity(const Json &S) {
  const Json &Streams = S.at("activity").at("streams");
  std::string Out = definition(
      text(S, "/activity/definition") + " Mean over threshold neurons: " +
      value(S, "/activity/mean_firing_rate", Show::Percent) + ".");
  const std::pair<const char *, const char *> Kinds[] = {
      {"spikes", "Spikes"},
      {"bits", "Binary values that are no spikes"},
      {"graded", "Graded values: share that is not 0"}};
  for (const auto &[Kind, Title] : Kinds) {
    std::vector<Bar> Bars;
    for (size_t I = 0; I < Streams.size(); ++I)
      if (Streams.at(I).at("kind") == Kind)
        Bars.push_back({Streams.at(I).at("stream").get<std::string>(),
                        Streams.at(I).at("rate").get<double>(),
                        value(S, fmt::format("/activity/streams/{}/rate", I),
                              Show::Percent)});
    // A code in unary coding is several spikes of one neuron.
    double Largest = 1;
    for (const Bar &B : Bars)
      Largest = std::max(Largest, B.Size);
    if (!Bars.empty())
      Out += fmt::format("<h3>{}</h3>\n", Title) + barList(Bars, Largest);
  }
  return section("Activity", Out);
}

std::string figures(const Json &S) {
  std::vector<std::vector<std::string>> Assumed, Others;
  for (size_t I = 0; I < S.at("figures").size(); ++I) {
    std::string At = fmt::format("/figures/{}", I);
    std::string Grade = text(S, At + "/grade");
    std::string Number = value(S, At + "/value", Show::Plain);
    const Json &F = S.at("figures").at(I);
    if (F.at("low") != F.at("high"))
      Number += fmt::format(" <span class=\"range\">({} to {})</span>",
                            value(S, At + "/low", Show::Plain),
                            value(S, At + "/high", Show::Plain));
    (Grade == "A" ? Assumed : Others)
        .push_back({fmt::format("<span class=\"grade {0}\">{0}</span>", Grade),
                    "<code>" + text(S, At + "/key") + "</code>",
                    text(S, At + "/quantity"), Number, text(S, At + "/unit"),
                    text(S, At + "/source")});
  }
  Assumed.insert(Assumed.end(), Others.begin(), Others.end());
  return section(
      "Figures of the chip that these numbers rest on",
      definition("A assumed, nobody published it; D derived by arithmetic; P "
                 "published design value; M measured on silicon. Operating "
                 "point: " +
                 text(S, "/target/operating_point") + ".") +
          table({"grade", "key", "quantity", "value", "unit", "source"},
                Assumed, {0, 1, 2, 4, 5}));
}

std::string provenance(const Json &S) {
  std::string List = "<dl>\n";
  auto line = [&](const char *Name, const std::string &Html) {
    List += fmt::format("<dt>{}</dt><dd>{}</dd>\n", Name, Html);
  };
  line("model",
       text(S, "/model/name") + " <code>" + text(S, "/model/hash") + "</code>");
  std::string Shape;
  const std::pair<const char *, const char *> Sizes[] = {
      {"layers", "L"}, {"width", "d"}, {"hidden", "f"}, {"vocabulary", "V"}};
  for (const auto &[Key, Letter] : Sizes)
    if (S.at("model").at(Key) != 0)
      Shape += fmt::format("{}{} {}", Shape.empty() ? "" : ", ", Letter,
                           value(S, std::string("/model/") + Key, Show::Count));
  if (S.at("model").at("parameters") != 0)
    Shape += (Shape.empty() ? "" : "; ") +
             counted(S, "/model/parameters", "parameter");
  if (!Shape.empty())
    line("shape", Shape);
  line("target", text(S, "/target/name") + " <code>" + text(S, "/target/hash") +
                     "</code>");
  line("image", "<code>" + text(S, "/image/hash") + "</code>, " +
                    value(S, "/image/bytes", Show::Bytes));
  if (S.at("quality").at("tokens") != 0)
    line("quality measured on", counted(S, "/quality/tokens", "token") +
                                    " of " + text(S, "/quality/text"));
  return section("Provenance",
                 List +
                     "</dl>\n<p class=\"def\">manifest.json beside this file "
                     "holds the command, the tool's revision and the hash "
                     "of every file.</p>\n");
}

} // namespace synfire::report::html
