//===- simulator/report/HtmlTicks.cpp - Why it takes as long --------------===//

#include "simulator/report/Format.h"
#include "simulator/report/HtmlParts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace synfire::report::html {

using Json = nlohmann::ordered_json;

namespace {

/// Core, network and barrier, in the order and the colours of every chart.
constexpr const char *Parts[] = {"core_ns", "network_ns", "barrier_ns"};
constexpr const char *PartNames[] = {"busiest core", "network after it",
                                     "barrier"};
constexpr const char *PartColours[] = {"c0", "c1", "c5"};
/// Of the core's part where a core decided: what kept it busy longest.
constexpr std::pair<const char *, const char *> StageColours[] = {
    {"synapses", "c0"},
    {"programs", "c3"},
    {"receiving", "c2"},
    {"sending", "c4"}};
constexpr const char *Undecided = "c6";
constexpr double Height = 130;

std::string nanoseconds(double Ns) { return withPrefix(Ns, "s", -9); }

std::string key(const char *Colour, const std::string &Name) {
  return fmt::format("<li><span class=\"swatch {}\"></span>{}</li>", Colour,
                     Name);
}

std::string keys(bool Stages) {
  std::string Out = "<ul class=\"keys\">";
  if (Stages) {
    for (const auto &[Name, Colour] : StageColours)
      Out += key(Colour, std::string("core: ") + Name);
    Out += key(Undecided, "core, not what decided");
  }
  for (unsigned I = Stages ? 1 : 0; I < 3; ++I)
    Out += key(PartColours[I], PartNames[I]);
  return Out + "</ul>\n";
}

/// Colour of the core's part of a tick that waited for \p Resource.
const char *coreColour(const std::string &Resource) {
  for (const auto &[Name, Colour] : StageColours)
    if (Resource.ends_with(std::string(": ") + Name))
      return Colour;
  return Undecided;
}

/// One upright bar: its three parts and what hovering says.
struct Upright {
  double Of[3] = {0, 0, 0};
  const char *Core = PartColours[0]; ///< colour of the first part
  std::string Title;                 ///< plain text
};

/// Bars side by side over an axis from 0; areas, so that hundreds stay small.
std::string uprights(const std::vector<Upright> &Bars, double Gap) {
  double Full = 0;
  for (const Upright &B : Bars)
    Full = std::max(Full, B.Of[0] + B.Of[1] + B.Of[2]);
  if (Full <= 0)
    return "";
  const double Step = 1000.0 / static_cast<double>(Bars.size());
  std::map<std::string, std::string> Paths; // by colour
  std::string Hover;
  for (size_t I = 0; I < Bars.size(); ++I) {
    const double X = Step * static_cast<double>(I);
    double Y = Height;
    for (unsigned P = 0; P < 3; ++P) {
      const double H = Bars[I].Of[P] / Full * Height;
      if (H >= 0.05)
        Paths[P == 0 ? Bars[I].Core : PartColours[P]] +=
            fmt::format("M{:.1f} {:.1f}h{:.1f}v-{:.1f}h-{:.1f}z", X, Y,
                        Step * (1 - Gap), H, Step * (1 - Gap));
      Y -= H;
    }
    Hover += fmt::format("<rect x=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\">"
                         "<title>{}</title></rect>",
                         X, Step, Height, escapeHtml(Bars[I].Title));
  }
  std::string Out = fmt::format(
      "<div class=\"strip\"><span>{}</span><svg viewBox=\"0 0 1000 {}\" "
      "preserveAspectRatio=\"none\" role=\"img\">",
      nanoseconds(Full), Height);
  for (const auto &[Colour, Path] : Paths)
    Out += fmt::format("<path class=\"{}\" d=\"{}\"></path>", Colour, Path);
  return Out + "<g class=\"hover\">" + Hover + "</g></svg></div>\n";
}

std::string strip(const Json &Mode) {
  const Json &Strip = Mode.at("strip");
  const Json &Core = Strip.at("core_ns"), &Network = Strip.at("network_ns");
  const auto Each = Strip.at("ticks_per_column").get<uint64_t>();
  const double Barrier = Mode.at("barrier_ns").get<double>();
  std::vector<Upright> Bars;
  for (size_t I = 0; I < Core.size(); ++I) {
    Upright B;
    B.Of[0] = Core.at(I).get<double>();
    B.Of[1] = Network.at(I).get<double>();
    B.Of[2] = Barrier;
    std::string Ticks =
        Each == 1 ? fmt::format("tick {}", I)
                  : fmt::format("ticks {} to {}", I * Each, (I + 1) * Each - 1);
    const auto Resource = Mode.at("resources")
                              .at(Strip.at("resource").at(I).get<size_t>())
                              .get<std::string>();
    B.Core = coreColour(Resource);
    B.Title = fmt::format("{}: {}{}, waited for {}", Ticks,
                          nanoseconds(B.Of[0] + B.Of[1] + Barrier),
                          Each == 1 ? "" : " each", Resource);
    Bars.push_back(std::move(B));
  }
  std::string Chart = uprights(Bars, 0);
  if (Chart.empty())
    return "";
  return fmt::format(
             "<h3>Length of ticks, first to last{}</h3>\n",
             Each == 1
                 ? ""
                 : fmt::format(" (thinned evenly: a column is the mean of {} "
                               "ticks; ticks.csv has each)",
                               grouped(static_cast<double>(Each)))) +
         Chart + keys(true);
}

std::string levels(const Json &Mode) {
  std::vector<Upright> Bars;
  for (const Json &L : Mode.at("levels")) {
    Upright B;
    const Json &Split = L.at("split");
    const double Mean = L.at("mean_time_ns").get<double>();
    B.Title =
        fmt::format("level {}: {} ({})", L.at("level").get<unsigned>(),
                    nanoseconds(Mean), L.at("populations").get<std::string>());
    for (unsigned P = 0; P < 3; ++P) {
      B.Of[P] = Split.at(Parts[P]).get<double>();
      if (Mean > 0)
        B.Title +=
            fmt::format(", {} {}", PartNames[P], percent(B.Of[P] / Mean));
    }
    Bars.push_back(std::move(B));
  }
  std::string Chart = Bars.empty() ? "" : uprights(Bars, 0.15);
  return Chart.empty() ? ""
                       : "<h3>Latency of a token by level, first to last (mean "
                         "tick; names on hover)</h3>\n" +
                             Chart + keys(false);
}

/// Parts of the time as `<data>` of /time/M/split.
std::string splitBar(const Json &S, size_t M) {
  std::vector<Bar> Bars;
  for (unsigned P = 0; P < 3; ++P) {
    std::string Path = fmt::format("/time/{}/split/{}", M, Parts[P]);
    Bars.push_back({PartNames[P], S.at(Json::json_pointer(Path)).get<double>(),
                    value(S, Path, Show::Nanosecond), PartColours[P]});
  }
  return stackedBar(Bars);
}

std::string stages(const Json &Mode) {
  double Sum = 0;
  for (const auto &[Name, Ns] : Mode.at("deciding_stages").items())
    Sum += Ns.get<double>();
  if (Sum <= 0)
    return "";
  std::string Out;
  for (const auto &[Name, Ns] : Mode.at("deciding_stages").items())
    if (double Share = Ns.get<double>() / Sum; Share >= 0.0005)
      Out += fmt::format("{}{} {}", Out.empty() ? "" : ", ",
                         Name.substr(0, Name.size() - 3), percent(Share));
  return definition(
      "Busy longest in the cores that decided ticks, by time: " + Out + ".");
}

std::string waited(const Json &S, size_t M) {
  const Json &Mode = S.at("time").at(M);
  std::vector<Bar> Bounds;
  for (size_t I = 0; I < Mode.at("critical").size(); ++I) {
    const Json &B = Mode.at("critical").at(I);
    std::string At = fmt::format("/time/{}/critical/{}", M, I);
    Bounds.push_back({B.at("resource").get<std::string>(),
                      B.at("time_ns").get<double>(),
                      value(S, At + "/time_ns", Show::Nanosecond) + " in " +
                          value(S, At + "/ticks", Show::Count) + " ticks"});
  }
  return Bounds.empty()
             ? ""
             : "<h3>What the ticks waited for</h3>\n" + barList(Bounds);
}

std::string againstAnalytic(const Json &S, size_t M) {
  const Json &Mode = S.at("time").at(M);
  if (Mode.at("analytic").is_null() ||
      Mode.at("analytic").at("event_by_analytic").is_null())
    return "";
  const double Ratio =
      Mode.at("analytic").at("event_by_analytic").get<double>();
  const std::string At = fmt::format("/time/{}", M);
  std::string Meaning =
      "counts alone tell the time: messages hardly meet in the network";
  if (Ratio > 1.005)
    Meaning = "what is longer is waiting that counts do not show: messages "
              "that stand behind others on their route, and cores that wait "
              "for them";
  else if (Ratio < 0.995)
    Meaning = "what is shorter is overlap: analytic lets the slowest route "
              "begin when the busiest link has sent everything";
  return "<p class=\"verdict\">Message by message (event): " +
         value(S, At + "/total_ns", Show::Nanosecond) +
         "; from counts (analytic): " +
         value(S, At + "/analytic/total_ns", Show::Nanosecond) + "; " +
         value(S, At + "/analytic/event_by_analytic", Show::Plain) +
         " times as long: " + Meaning + ".</p>\n";
}

} // namespace

std::string time(const Json &S) {
  std::string Out;
  for (size_t M = 0; M < S.at("time").size(); ++M) {
    const Json &Mode = S.at("time").at(M);
    std::string At = fmt::format("/time/{}", M);
    Out += "<h3 class=\"mode\">" + text(S, At + "/mode") + ", " +
           text(S, At + "/fidelity") + ": " +
           value(S, At + "/total_ns", Show::Nanosecond) + "</h3>\n" +
           splitBar(S, M) + stages(Mode) + againstAnalytic(S, M) + strip(Mode) +
           waited(S, M) + levels(Mode);
  }
  if (Out.empty())
    return "";
  return section(
      "Why it takes as long",
      definition("A tick lasts until its busiest core is done and the last "
                 "message has arrived; then comes the barrier. Work of cores: "
                 "programs (neuron updates), sending, receiving, synapses "
                 "(weight rows). A tick waited for the resource that was done "
                 "last.") +
          Out);
}

} // namespace synfire::report::html
