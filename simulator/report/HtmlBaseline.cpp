//===- simulator/report/HtmlBaseline.cpp - The dense Transformer's part ---===//

#include "simulator/report/Format.h"
#include "simulator/report/HtmlParts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

namespace synfire::report::html {

using Json = nlohmann::ordered_json;

namespace {

const std::string Curves = "/baseline/curves";

/// One of the three things that are compared.
struct Compared {
  const char *Quantity; ///< in `comparisons`
  const char *Dense;    ///< key of a dense curve
  const char *Spiking;  ///< key of a spiking mode
  const char *Title;
  Show As;
};
const Compared Quantities[] = {
    {"with_static", "with_static_pj_per_token", "with_static_pj_per_token",
     "Energy per token with static power", Show::Picojoule},
    {"dynamic", "dynamic_pj_per_token", "dynamic_pj_per_token",
     "Energy per token, dynamic alone", Show::Picojoule},
    {"speed", "tokens_per_s", "tokens_per_s", "Tokens per second", Show::Short},
};

std::string curveName(const Json &C) {
  std::string Name = C.at("device").get<std::string>();
  if (!C.at("mode").is_null())
    return Name + ", dense, " + C.at("mode").get<std::string>();
  return fmt::format("{}, batch {:g}", Name, C.at("batch").get<double>());
}

std::vector<Line> linesOf(const Json &S, const Compared &Q) {
  const Json &All = S.at("baseline").at("curves");
  size_t Count = All.at("contexts").size();
  std::vector<Line> Lines;
  for (const Json &M : All.at("spiking")) {
    const Json &Cost = M.at(Q.Spiking);
    if (Cost.is_null())
      continue;
    double Number = Cost.is_object() ? Cost.at("nominal").get<double>()
                                     : Cost.get<double>();
    Line L{"spiking, this chip, " + M.at("mode").get<std::string>(),
           {},
           0,
           M.at("mode") == "prefill",
           true};
    L.Ys.assign(Count, Number);
    Lines.push_back(std::move(L));
  }
  std::map<std::string, unsigned> Colours;
  for (const Json &C : All.at("dense")) {
    // A device has the same colour in every chart.
    auto Colour = static_cast<unsigned>(Colours.size());
    Colour = Colours.try_emplace(C.at("device"), Colour).first->second;
    if (C.at(Q.Dense).is_null())
      continue;
    Line L{curveName(C), {}, Colour, C.at("batch") > 1, false};
    L.Dashed |= C.at("mode") == "prefill";
    for (const Json &Number : C.at(Q.Dense).at("nominal"))
      L.Ys.push_back(Number.is_null() ? std::nullopt
                                      : std::optional(Number.get<double>()));
    Lines.push_back(std::move(L));
  }
  return Lines;
}

/// The comparison of curve \p Curve in the run's own mode, or the only one.
std::optional<size_t> comparisonOf(const Json &S, size_t Curve,
                                   const char *Quantity) {
  const Json &All = S.at("baseline").at("curves").at("comparisons");
  std::optional<size_t> Found;
  for (size_t I = 0; I < All.size(); ++I)
    if (All.at(I).at("curve") == Curve &&
        All.at(I).at("quantity") == Quantity &&
        (!Found || All.at(I).at("spiking_mode") == S.at("run").at("mode")))
      Found = I;
  return Found;
}

/// `all`, `never`, or the context from which the spiking network wins.
std::string winsFrom(const Json &S, const std::string &Path) {
  const Json &From = S.at(Json::json_pointer(Path));
  if (From.is_null())
    return "never";
  if (From == S.at("baseline").at("curves").at("contexts").at(0))
    return "all";
  return value(S, Path, Show::Plain);
}

std::vector<std::string> verdict(const Json &S, size_t Curve,
                                 const char *Quantity) {
  std::optional<size_t> I = comparisonOf(S, Curve, Quantity);
  if (!I)
    return {"&ndash;", "&ndash;", "&ndash;"};
  std::string At = fmt::format("{}/comparisons/{}", Curves, *I);
  const Json &C = S.at(Json::json_pointer(At));
  std::string Why = fmt::format(
      "{} of the {} side", text(S, At + "/decided_by"), text(S, At + "/loser"));
  if (!C.at("figure").is_null())
    Why = fmt::format("{}: {}{}, grade {}", Why,
                      value(S, At + "/share_of_loser", Show::Percent),
                      C.at("turns_without_it") == true ? ", turns without it"
                                                       : "",
                      text(S, At + "/grade"));
  else
    Why = "dense waits for " + text(S, At + "/decided_by");
  return {winsFrom(S, At + "/spiking_wins_from/nominal"),
          winsFrom(S, At + "/spiking_wins_from/best") + " / " +
              winsFrom(S, At + "/spiking_wins_from/worst"),
          Why};
}

std::string quantityTable(const Json &S, const Compared &Q) {
  const Json &All = S.at("baseline").at("curves");
  const Json &Contexts = All.at("contexts");
  std::vector<size_t> Shown;
  for (size_t I = 0; I < Contexts.size(); ++I)
    if (I == 0 || I + 1 == Contexts.size() || Contexts.at(I) == 1024 ||
        Contexts.at(I) == 4096)
      Shown.push_back(I);
  std::vector<std::string> Heads = {Q.Title};
  for (size_t I : Shown)
    Heads.push_back("c = " + value(S, fmt::format("{}/contexts/{}", Curves, I),
                                   Show::Count));
  for (const char *Head :
       {"spiking wins from", "at best / at worst", "decided by"})
    Heads.push_back(Head);
  std::vector<std::vector<std::string>> Rows;
  for (size_t C = 0; C < All.at("dense").size(); ++C) {
    const Json &Curve = All.at("dense").at(C);
    if (Curve.at(Q.Dense).is_null())
      continue;
    std::vector<std::string> Row = {escapeHtml(curveName(Curve))};
    for (size_t I : Shown)
      Row.push_back(value(
          S, fmt::format("{}/dense/{}/{}/nominal/{}", Curves, C, Q.Dense, I),
          Q.As));
    for (std::string &Cell : verdict(S, C, Q.Quantity))
      Row.push_back(std::move(Cell));
    Rows.push_back(std::move(Row));
  }
  return table(Heads, Rows, {0, Heads.size() - 1});
}

std::string publishedTable(const Json &S) {
  const Json &All = S.at("baseline").at("curves").at("published");
  std::vector<std::vector<std::string>> Rows;
  for (size_t I = 0; I < All.size(); ++I) {
    std::string At = fmt::format("{}/published/{}", Curves, I);
    Rows.push_back({text(S, At + "/device"), text(S, At + "/model"),
                    value(S, At + "/context_tokens", Show::Count),
                    value(S, At + "/batch", Show::Count),
                    value(S, At + "/published_tokens_per_s", Show::Short),
                    rangeValue(S, At + "/modelled_tokens_per_s", Show::Short),
                    value(S, At + "/published_j_per_token", Show::Plain),
                    rangeValue(S, At + "/modelled_j_per_token", Show::Plain),
                    value(S, At + "/modelled_j_at_published_time", Show::Plain),
                    text(S, At + "/source")});
  }
  if (Rows.empty())
    return "";
  return "<h3>Published runs against these models</h3>\n" +
         definition("Nothing was fitted to them. The published GPU runs take "
                    "about as long at every context, as if kernels were "
                    "launched one by one (our reading; they do not say); the "
                    "models assume captured graphs, so they are faster and "
                    "take less "
                    "energy, in the Transformer's favour. The last figure is "
                    "the model's energy if it took the published time.") +
         table({"device", "model", "context", "batch", "tokens/s published",
                "modelled", "J/token published", "modelled",
                "at the published time", "source"},
               Rows, {0, 1, 9});
}

std::string curves(const Json &S) {
  std::vector<double> Xs =
      S.at("baseline").at("curves").at("contexts").get<std::vector<double>>();
  std::string Out = definition(
      "Over context length, in tokens. The spiking network keeps a state of "
      "constant size, so its token costs the same at any context. Batch 1 "
      "charges all weight traffic to one token; a large batch shares it, but "
      "not the KV caches. Two accountings, never mixed: with static power "
      "over the time taken, and dynamic energy alone; a device without "
      "published speed has only the second. The columns at the right compare "
      "with the spiking network in this run's mode: the context from which it "
      "wins, nominally and with all figures at the end that favours it or "
      "the other side, and the largest part of the losing side's energy.");
  for (const Compared &Q : Quantities)
    Out += lines(Q.Title, Xs, linesOf(S, Q), Q.As) + quantityTable(S, Q);
  return section("Dense or spiking, by context length",
                 Out + publishedTable(S) +
                     definition("summary.json lists every figure of the "
                                "devices with its range, grade and source "
                                "(baseline.devices)."));
}

} // namespace

std::string baseline(const Json &S) {
  if (S.at("baseline").is_null())
    return "";
  std::vector<std::vector<std::string>> Rows;
  auto row = [&](const char *Name, const char *Key, Show As, bool Range) {
    std::vector<std::string> Row{Name};
    for (int I : {0, 1}) {
      std::string At = fmt::format("/baseline/points/{}/{}", I, Key);
      Row.push_back(Range ? rangeValue(S, At, As) : value(S, At, As));
    }
    Rows.push_back(std::move(Row));
  };
  row("context, tokens", "context_tokens", Show::Plain, false);
  row("MACs per token", "macs_per_token/total", Show::Short, false);
  row("of them attention", "macs_per_token/attention", Show::Short, false);
  row("KV cache read per token", "kv_bytes_read_per_token", Show::Bytes, false);
  row("energy on this chip, without static power",
      "on_this_chip_pj_per_token/dynamic", Show::Picojoule, true);
  row("energy under the 45 nm table", "energy_45nm_pj_per_token",
      Show::Picojoule, false);
  row("the same with 8-bit integers", "energy_45nm_int8_pj_per_token",
      Show::Picojoule, false);
  row("near-memory accelerator", "near_memory_pj_per_token", Show::Picojoule,
      false);
  row("GPU, memory traffic alone", "gpu_memory_pj_per_token", Show::Picojoule,
      false);

  const std::string Dense = "/baseline/points/0/on_this_chip_pj_per_token";
  const std::pair<const char *, std::string> Compared[] = {
      {"spiking, this chip", "/modes/0/dynamic_energy_per_token_pj/nominal"},
      {"dense, this chip", Dense + "/dynamic/nominal"},
      {"dense, 45 nm arithmetic",
       "/baseline/points/0/energy_45nm_pj_per_token"},
      {"dense, near memory", "/baseline/points/0/near_memory_pj_per_token"},
      {"dense, GPU memory", "/baseline/points/0/gpu_memory_pj_per_token"}};
  std::vector<Bar> Bars;
  for (const auto &[Name, Path] : Compared)
    Bars.push_back({Name, S.at(Json::json_pointer(Path)).get<double>(),
                    value(S, Path, Show::Picojoule)});
  auto say = [&](const char *Name, const char *Key) {
    return definition(std::string("<b>") + Name +
                      "</b>: " + text(S, std::string("/baseline/") + Key));
  };
  return section("Beside it: a dense Transformer of the same size",
                 definition(text(S, "/baseline/definition")) +
                     "<h3>Energy per token at the context of this run, "
                     "dynamic</h3>\n" +
                     barList(Bars) + "<h3>By context length</h3>\n" +
                     table({"", "this run", "full context"}, Rows) +
                     say("On this chip", "on_this_chip_definition") +
                     say("Near memory", "near_memory_definition") +
                     say("GPU", "gpu_memory_definition")) +
         curves(S);
}

} // namespace synfire::report::html
