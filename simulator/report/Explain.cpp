//===- simulator/report/Explain.cpp - Where a number comes from -----------===//

#include "simulator/report/Explain.h"
#include "simulator/report/ExplainParts.h"
#include "simulator/report/Summary.h"
#include "targets/ChipYaml.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace synfire::report {

using Json = nlohmann::ordered_json;

namespace {

struct Topic {
  const char *Name;
  const char *Path; ///< in the document: the value that the list shows
  const char *Unit;
  void (*Explain)(Answer &A, const std::string &Part);
};
/// `{}` of a path is the index of the mode. Dotted paths below one of these
/// paths lead to the topic as well; the first that fits is taken.
constexpr Topic Topics[] = {
    {"energy_per_token", "modes.{}.energy_per_token_pj", "pJ",
     explainEnergyPerToken},
    {"dynamic_energy_per_token", "modes.{}.dynamic_energy_per_token_pj", "pJ",
     explainDynamicEnergy},
    {"pj_per_parameter", "modes.{}.pj_per_parameter_and_token", "pJ",
     explainPerParameter},
    {"tokens_per_s", "modes.{}.tokens_per_s", "tokens/s",
     explainTokensPerSecond},
    {"time", "modes.{}.simulated_time_ns", "ns", explainTime},
    {"time_per_token", "modes.{}.time_per_token_ns", "ns", explainTime},
    {"first_token", "modes.{}.first_token_ns", "ns", explainFirstToken},
    {"energy", "energy.total_pj", "pJ, whole run", explainEnergy},
    {"firing_rate", "activity.mean_firing_rate", "per neuron and token",
     explainFiringRate},
    {"synaptic_events", "synops.synaptic_events.multiply_accumulate",
     "multiply-accumulates", explainSynapticEvents},
    {"neurobench", "synops.neurobench.Dense", "operations (Dense)",
     explainNeuroBench},
    {"paper.ratio", "synops.paper.at_measured_rate.ratio", "", explainPaper},
    {"baseline", "baseline.points.0.on_this_chip_pj_per_token.dynamic",
     "pJ per token on this chip", explainBaseline},
    {"sensitivity", "", "", explainSensitivity},
};
/// Other names and places of topics: `X.` takes what follows as the part.
struct Alias {
  const char *Prefix;
  const char *Topic;
};
constexpr Alias Aliases[] = {{"energy.by_component_pj.", "energy"},
                             {"synops.synaptic_events", "synaptic_events"},
                             {"synops.neurobench", "neurobench"},
                             {"synops.paper", "paper.ratio"},
                             {"paper", "paper.ratio"},
                             {"baseline.points", "baseline"},
                             {"mean_firing_rate", "firing_rate"},
                             {"simulated_time", "time"},
                             {"speed", "tokens_per_s"}};

const Topic *topicNamed(std::string_view Name) {
  for (const Topic &T : Topics)
    if (T.Name == Name)
      return &T;
  return nullptr;
}

std::string shownValue(const Json &Value) {
  if (Value.is_null())
    return "not known";
  if (Value.is_object() && Value.contains("nominal"))
    return rangeDigits(Value);
  if (Value.is_number())
    return digits(Value.get<double>());
  return Value.is_string() ? Value.get<std::string>() : Value.dump(2);
}

/// A path that no topic is about: the value, and what the document says of it.
void explainPath(Answer &A, const std::string &Path,
                 const std::string &Pointer) {
  constexpr size_t MostLines = 40;
  std::string Shown = shownValue(A.S.at(Json::json_pointer(Pointer)));
  size_t End = 0;
  for (size_t Line = 0; Line < MostLines && End != std::string::npos; ++Line)
    End = Shown.find('\n', End + 1);
  if (End != std::string::npos)
    Shown = Shown.substr(0, End) + "\n  ... (longer than this)";
  A.Text += fmt::format("{} = {}\n", Path, Shown);
  // The nearest words on it: beside it, then further out.
  Json::json_pointer At(Pointer);
  while (!At.empty()) {
    const std::string Key = At.back();
    At.pop_back();
    const Json &Around = A.S.at(At);
    if (!Around.is_object())
      continue;
    for (const std::string &Word :
         {Key + "_definition", std::string("definition"),
          std::string("formula"), std::string("unit"), std::string("grade"),
          std::string("source")})
      if (Word != Key && Around.contains(Word) && Around.at(Word).is_string())
        A.words(Word + ": " + Around.at(Word).get<std::string>());
    if (Around.contains("definition") || Around.contains("source"))
      return;
  }
  A.words("docs/report.md defines it; names end in the unit.");
}

Error unknown(const Json &Summary, const std::string &Metric) {
  std::vector<std::string> Known;
  for (const Topic &T : Topics)
    Known.emplace_back(T.Name);
  for (const auto &[Name, Range] :
       Summary.at("energy").at("by_component_pj").items())
    Known.push_back("energy." + Name);
  for (const Json &T : Summary.at("energy").at("terms"))
    Known.push_back("energy." + T.at("action").get<std::string>());
  for (const Json &M : Summary.at("modes"))
    Known.push_back("time." + M.at("mode").get<std::string>());
  for (const auto &[Name, Value] : Summary.items())
    Known.push_back(Name);
  std::string Text = fmt::format("there is no metric '{}'", Metric);
  if (auto Near = yaml::nearest(Metric, Known))
    Text += fmt::format("; did you mean {}?", *Near);
  return {"", "explain-metric",
          Text + " Without a metric, explain lists what can be asked; a dotted "
                 "path of summary.json works as well"};
}

struct Question {
  const Topic *About = nullptr;
  std::string Part;
  std::optional<size_t> Mode; ///< named by the metric itself
};

/// True when \p Metric is \p Name or goes on behind it with a dot.
bool startsWith(const std::string &Metric, const std::string &Name) {
  return Metric.compare(0, Name.size(), Name) == 0 &&
         (Metric.size() == Name.size() || Metric[Name.size()] == '.' ||
          Name.ends_with('.'));
}

Question questionOf(const Json &S, const std::string &Metric) {
  for (const Topic &T : Topics)
    if (Metric == T.Name)
      return {&T, "", std::nullopt};
  // `time.prefill`, `energy_per_token.generate`
  const size_t Dot = Metric.rfind('.');
  if (Dot != std::string::npos)
    if (const Topic *T = topicNamed(Metric.substr(0, Dot)))
      for (size_t M = 0; M < S.at("modes").size(); ++M)
        if (S.at("modes").at(M).at("mode") == Metric.substr(Dot + 1))
          return {T, "", M};
  // `modes.1.tokens_per_s`, `modes.prefill.tokens_per_s.nominal`
  if (std::optional<std::string> Pointer = pointerOf(S, Metric))
    for (size_t M = 0; M < S.at("modes").size(); ++M)
      for (const Topic &T : Topics) {
        std::string Path = fmt::format(fmt::runtime(T.Path), M);
        std::string Plain = Pointer->substr(1);
        for (char &C : Plain)
          C = C == '/' ? '.' : C;
        if (*T.Path && startsWith(Plain, Path))
          return {&T, "",
                  std::string_view(T.Path).starts_with("modes")
                      ? std::optional(M)
                      : std::nullopt};
      }
  const std::string Streams = "/activity/streams/";
  if (std::optional<std::string> At = pointerOf(S, Metric);
      At && At->starts_with(Streams)) {
    std::string Index = At->substr(Streams.size());
    return {topicNamed("firing_rate"),
            S.at(Json::json_pointer(Streams + Index.substr(0, Index.find('/')) +
                                    "/stream")),
            std::nullopt};
  }
  for (const Alias &X : Aliases)
    if (startsWith(Metric, X.Prefix)) {
      std::string Part = Metric.substr(std::string_view(X.Prefix).size());
      return {topicNamed(X.Topic),
              std::string_view(X.Prefix).ends_with('.')
                  ? Part.substr(0, Part.find(".nominal"))
                  : "",
              std::nullopt};
    }
  // `energy.synapses`, `energy.neuron_update`, `energy.static.per_chip`
  if (startsWith(Metric, "energy.")) {
    const std::string Part = Metric.substr(7);
    if (S.at("energy").at("by_component_pj").contains(Part))
      return {topicNamed("energy"), Part, std::nullopt};
    for (const Json &T : S.at("energy").at("terms"))
      if (T.at("component") == Part || T.at("action") == Part)
        return {topicNamed("energy"), Part, std::nullopt};
  }
  if (startsWith(Metric, "firing_rate."))
    if (entryOf(S.at("activity").at("streams"), Metric.substr(12)))
      return {topicNamed("firing_rate"), Metric.substr(12), std::nullopt};
  return {};
}

Error malformed(const nlohmann::json::exception &E) {
  return {"summary.json", "report-summary",
          fmt::format("the summary is not one of schema version {}: {}; run "
                      "again to make a new one",
                      SummarySchemaVersion, E.what())};
}

Result<std::string> answer(const Json &S, const std::string &Metric,
                           const std::string &Mode) {
  Question Q = questionOf(S, Metric);
  std::optional<std::string> Pointer;
  if (!Q.About && !(Pointer = pointerOf(S, Metric)))
    return unknown(S, Metric);
  size_t Index = Q.Mode.value_or(0);
  if (!Mode.empty()) {
    std::optional<size_t> Named;
    std::string Known;
    for (size_t M = 0; M < S.at("modes").size(); ++M) {
      const std::string Name = S.at("modes").at(M).at("mode");
      Known += (Known.empty() ? "" : ", ") + Name;
      if (Name == Mode)
        Named = M;
    }
    if (!Named)
      return Error{
          "--mode", "explain-mode",
          fmt::format("the run has no mode '{}'; it has {}", Mode, Known)};
    Index = *Named;
  }
  Answer A(S, Index);
  if (Q.About)
    Q.About->Explain(A, Q.Part);
  else
    explainPath(A, Metric, *Pointer);
  if (!A.Mismatch.empty())
    return Error{"summary.json", "explain-mismatch",
                 A.Mismatch + "; the file was changed or is damaged, run again "
                              "to make a new one"};
  return std::move(A.Text);
}

std::string list(const Json &S) {
  std::string Out = fmt::format("{} on {}, {} tokens, {}\n\n",
                                S.at("model").at("name").get<std::string>(),
                                S.at("target").at("name").get<std::string>(),
                                digits(S.at("run").at("tokens").get<double>()),
                                S.at("run").at("mode").get<std::string>());
  for (const Topic &T : Topics) {
    std::string Value;
    if (auto At = *T.Path ? pointerOf(S, fmt::format(fmt::runtime(T.Path), 0))
                          : std::nullopt)
      Value = shownValue(S.at(Json::json_pointer(*At))) + " " + T.Unit;
    Out += fmt::format("  {:<26} {}\n", T.Name, Value);
  }
  Out += "\nand parts of them:\n";
  for (const auto &[Name, Range] : S.at("energy").at("by_component_pj").items())
    Out += fmt::format("  {:<26} {} pJ, whole run\n", "energy." + Name,
                       shownValue(Range));
  for (const Json &M : S.at("modes"))
    Out += fmt::format("  {:<26} {} ns\n",
                       "time." + M.at("mode").get<std::string>(),
                       shownValue(M.at("simulated_time_ns")));
  Out += "  energy.ACTION              one action, such as "
         "energy.neuron_update\n"
         "  firing_rate.STREAM         one stream\n"
         "  figures.NAME               a figure of the chip with its source\n"
         "  any dotted path of summary.json, such as "
         "energy.by_layer.blocks.0\n";
  return Out;
}

} // namespace

Result<Json> readSummary(const std::string &Path) {
  std::error_code Code;
  const std::string File =
      std::filesystem::is_directory(Path, Code) ? Path + "/summary.json" : Path;
  std::ifstream In(File, std::ios::binary);
  if (!In || std::filesystem::is_directory(File, Code))
    return Error{File, "file-open",
                 "the file cannot be opened; give the folder of a run"};
  auto fault = [&](const std::string &Why) {
    return Error{File, "report-summary",
                 Why + "; give the folder that `synfire run` wrote, or run "
                       "again"};
  };
  Json S;
  try {
    S = Json::parse(In);
  } catch (const Json::parse_error &E) {
    // What E says would repeat bytes of the file, which may be of any kind.
    return fault(fmt::format(
        "the file is no JSON from byte {} on, or it is cut off", E.byte));
  }
  if (!S.is_object() || !S.contains("schema") ||
      S.at("schema") != "synfire-summary")
    return fault("the file is not the summary of a run");
  if (!S.contains("schema_version") ||
      S.at("schema_version") != SummarySchemaVersion)
    return fault(fmt::format("the summary is of another version than {}",
                             SummarySchemaVersion));
  for (const char *Key :
       {"model", "target", "run", "modes", "energy", "synops", "activity",
        "baseline", "time", "sensitivity", "figures"})
    if (!S.contains(Key))
      return fault(fmt::format("the summary lacks '{}'", Key));
  if (!S.at("modes").is_array() || S.at("modes").empty())
    return fault("the summary has no mode");
  return S;
}

Result<std::string> explainable(const Json &Summary) {
  try {
    return list(Summary);
  } catch (const nlohmann::json::exception &E) {
    return malformed(E);
  }
}

Result<std::string> explain(const Json &Summary, const std::string &Metric,
                            const std::string &Mode) {
  try {
    return answer(Summary, Metric, Mode);
  } catch (const nlohmann::json::exception &E) {
    return malformed(E);
  }
}

} // namespace synfire::report
