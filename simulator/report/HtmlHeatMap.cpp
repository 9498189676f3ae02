//===- simulator/report/HtmlHeatMap.cpp - Where it is hot -----------------===//

#include "simulator/report/Format.h"
#include "simulator/report/HtmlParts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace synfire::report::html {

using Json = nlohmann::ordered_json;

namespace {

constexpr const char *Stages[] = {"synapses", "programs", "receiving",
                                  "sending"};
/// Pixels of a place with the gap in which links run.
constexpr double Pitch = 30, Side = 20, ChipGap = 16, Margin = 10, Head = 14;

/// Chips in use on their grid, and places on them, in pixels.
class Floor {
public:
  explicit Floor(const Json &Heat)
      : Heat(Heat), ChipWidth(size("/chip_routers/0")),
        ChipHeight(size("/chip_routers/1")), Edge(size("/edge_routers")),
        PerRow(size("/chips_per_row")), Chips(size("/chips")),
        SlotsAcross(std::ceil(std::sqrt(double(size("/slots"))))) {
    Across = (ChipWidth + Edge - 1) / Edge;
    Down = (ChipHeight + Edge - 1) / Edge;
  }

  double chipX(uint64_t X) const {
    return Margin + double(X) * (double(Across) * Pitch + ChipGap);
  }
  double chipY(uint64_t Y) const {
    return Margin + Head + double(Y) * (double(Down) * Pitch + ChipGap + Head);
  }
  /// The corner of the place at router \p X of the system's grid.
  double placeX(uint64_t X) const {
    return chipX(X / ChipWidth) + double(X % ChipWidth / Edge) * Pitch +
           (Pitch - Side) / 2;
  }
  double placeY(uint64_t Y) const {
    return chipY(Y / ChipHeight) + double(Y % ChipHeight / Edge) * Pitch +
           (Pitch - Side) / 2;
  }
  double slotSide() const { return Side / SlotsAcross; }
  double slotX(uint64_t X, uint64_t Slot) const {
    return placeX(X) + std::fmod(double(Slot), SlotsAcross) * slotSide();
  }
  double slotY(uint64_t Y, uint64_t Slot) const {
    return placeY(Y) + std::floor(double(Slot) / SlotsAcross) * slotSide();
  }
  uint64_t chipOf(uint64_t X, uint64_t Y) const {
    return Y / ChipHeight * PerRow + X / ChipWidth;
  }
  double width() const {
    return chipX(std::min(Chips, PerRow)) - ChipGap + Margin;
  }
  double height() const {
    return chipY((Chips + PerRow - 1) / PerRow) - ChipGap - Head + Margin;
  }

  std::string frames() const {
    std::string Out;
    for (uint64_t C = 0; C < Chips; ++C)
      Out += fmt::format(
          "<rect class=\"chip\" x=\"{0:.0f}\" y=\"{1:.0f}\" width=\"{2:.0f}\" "
          "height=\"{3:.0f}\" rx=\"4\"></rect><text x=\"{0:.0f}\" "
          "y=\"{4:.0f}\">chip {5}</text>",
          chipX(C % PerRow), chipY(C / PerRow), double(Across) * Pitch,
          double(Down) * Pitch, chipY(C / PerRow) - 4, C);
    return Out;
  }

  /// All idle places in one path.
  std::string idle() const {
    const Json &Places = Heat.at("idle_places");
    std::string Path;
    const double S = slotSide() - 1;
    for (size_t I = 0; I < Places.at("x").size(); ++I)
      Path += fmt::format("M{:.1f} {:.1f}h{:.1f}v{:.1f}h-{:.1f}z",
                          slotX(Places.at("x").at(I), Places.at("slot").at(I)),
                          slotY(Places.at("y").at(I), Places.at("slot").at(I)),
                          S, S, S);
    return Path.empty() ? ""
                        : fmt::format("<path class=\"idle\" d=\"{}\"><title>"
                                      "holds nothing</title></path>",
                                      Path);
  }

private:
  /// At least 1, so that no document divides by zero.
  uint64_t size(const char *Path) const {
    return std::max<uint64_t>(
        1, Heat.at(Json::json_pointer(Path)).get<uint32_t>());
  }

  const Json &Heat;
  uint64_t ChipWidth, ChipHeight, Edge, PerRow, Chips;
  double SlotsAcross;
  uint64_t Across = 1, Down = 1;
};

double busyOf(const Json &Places, size_t I) {
  double Sum = 0;
  for (const char *Stage : Stages)
    Sum += Places.at(Stage).at(I).get<double>();
  return Sum;
}

std::string placeTitle(const Json &Heat, const Floor &F, size_t I) {
  const Json &P = Heat.at("places");
  const auto X = P.at("x").at(I).get<uint64_t>(),
             Y = P.at("y").at(I).get<uint64_t>();
  const auto Used = P.at("used").at(I).get<uint64_t>(),
             Idle = P.at("idle").at(I).get<uint64_t>();
  std::string Out =
      fmt::format("core {}, ", P.at("busiest").at(I).get<uint64_t>());
  if (Used + Idle > 1)
    Out = fmt::format("{} cores, {} idle; busiest: ", Used, Idle) + Out;
  Out += fmt::format("chip {}, router ({},{})", F.chipOf(X, Y), X, Y);
  if (Heat.at("has_time").get<bool>()) {
    Out += fmt::format(": busy {}", percent(busyOf(P, I)));
    for (const char *Stage : Stages)
      if (double Share = P.at(Stage).at(I).get<double>(); Share > 0)
        Out += fmt::format(", {} {}", Stage, percent(Share));
  }
  return Out +
         fmt::format("; {}", withPrefix(P.at("energy_pj").at(I).get<double>(),
                                        "J", -12));
}

/// Deeper means more; the least still shows.
double depth(double Number, double Full) {
  return Full > 0 ? 0.07 + 0.93 * Number / Full : 0.07;
}

std::string places(const Json &Heat, const Floor &F,
                   const std::vector<double> &Numbers, double Full) {
  const Json &P = Heat.at("places");
  std::string Out;
  for (size_t I = 0; I < Numbers.size(); ++I)
    Out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
        "fill-opacity=\"{:.3f}\"><title>{}</title></rect>",
        F.slotX(P.at("x").at(I), P.at("slot").at(I)),
        F.slotY(P.at("y").at(I), P.at("slot").at(I)), F.slotSide() - 1,
        F.slotSide() - 1, depth(Numbers[I], Full),
        escapeHtml(placeTitle(Heat, F, I)));
  return "<g class=\"hot\">" + Out + "</g>";
}

/// Both directions of a wire side by side; from one place's side to the next.
std::string links(const Json &Heat, const Floor &F, const char *Key,
                  double Full) {
  const Json &L = Heat.at("links");
  std::string Out;
  for (size_t I = 0; I < L.at("x").size(); ++I) {
    const auto X = L.at("x").at(I).get<uint64_t>(),
               Y = L.at("y").at(I).get<uint64_t>(),
               ToX = L.at("to_x").at(I).get<uint64_t>(),
               ToY = L.at("to_y").at(I).get<uint64_t>();
    double X0 = F.placeX(X), Y0 = F.placeY(Y), X1 = F.placeX(ToX),
           Y1 = F.placeY(ToY);
    if (Y == ToY) {
      const bool East = ToX > X;
      Y0 = Y1 = Y0 + Side / 2 + (East ? -3 : 3);
      X0 += East ? Side : 0;
      X1 += East ? 0 : Side;
    } else {
      const bool South = ToY > Y;
      X0 = X1 = X0 + Side / 2 + (South ? 3 : -3);
      Y0 += South ? Side : 0;
      Y1 += South ? 0 : Side;
    }
    const double Number = L.at(Key).at(I).get<double>();
    Out += fmt::format(
        "<path d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\" stroke-opacity=\"{:.3f}\">"
        "<title>({},{}) to ({},{}): in use {}, blocked {}</title></path>",
        X0, Y0, X1, Y1, depth(Number, Full), X, Y, ToX, ToY,
        percent(L.at("utilisation").at(I).get<double>()),
        percent(L.at("blocked").at(I).get<double>()));
  }
  return "<g class=\"wires\">" + Out + "</g>";
}

double largest(const Json &Column) {
  double Most = 0;
  for (const Json &Number : Column)
    Most = std::max(Most, Number.get<double>());
  return Most;
}

std::string scale(const char *Class, const std::string &Name, double Full,
                  Show As) {
  std::string Swatches;
  for (double Step : {0.0, 0.25, 0.5, 0.75, 1.0})
    Swatches += fmt::format("<i class=\"{}\" style=\"opacity:{:.2f}\"></i>",
                            Class, depth(Step, 1));
  return fmt::format("<li>{}: {} {} {}</li>", Name, shown(0, As), Swatches,
                     shown(Full, As));
}

/// One picture: places by \p Numbers and, unless \p LinkKey is null, links.
std::string picture(const Json &Heat, const Floor &F, const char *Title,
                    const std::vector<double> &Numbers, Show As,
                    const char *LinkKey) {
  double Full = 0;
  for (double Number : Numbers)
    Full = std::max(Full, Number);
  std::string Keys = scale("hotkey", Title, Full, As), Wires;
  if (LinkKey) {
    const double Most = largest(Heat.at("links").at(LinkKey));
    Wires = links(Heat, F, LinkKey, Most);
    Keys += scale("wirekey",
                  std::string_view(LinkKey) == "blocked"
                      ? "links: messages stood before them"
                      : "links: in use",
                  Most, Show::Percent);
  }
  // Large systems fill the page, a small chip does not blow up.
  return fmt::format(
      "<figure style=\"max-width:{:.0f}px\"><svg class=\"floor\" viewBox=\"0 0 "
      "{:.0f} {:.0f}\" role=\"img\">{}{}{}{}</svg><ul class=\"keys\">{}"
      "</ul></figure>\n",
      std::max(440.0, F.width() * 1.5), F.width(), F.height(), F.frames(),
      F.idle(), Wires, places(Heat, F, Numbers, Full), Keys);
}

std::string coreTable(const Json &S) {
  std::vector<std::vector<std::string>> Rows;
  for (size_t I = 0; I < S.at("heat").at("busiest_cores").size(); ++I) {
    const std::string At = fmt::format("/heat/busiest_cores/{}", I);
    std::vector<std::string> Row{
        "core " + text(S, At + "/core"), "chip " + text(S, At + "/chip"),
        "(" + text(S, At + "/router/0") + "," + text(S, At + "/router/1") + ")",
        value(S, At + "/busy", Show::Percent)};
    for (const char *Stage : Stages)
      Row.push_back(value(S, At + "/stages/" + Stage, Show::Percent));
    Row.push_back(value(S, At + "/energy_pj", Show::Picojoule));
    Rows.push_back(std::move(Row));
  }
  return Rows.empty()
             ? ""
             : "<h3>Busiest cores, share of the simulated time</h3>\n" +
                   table({"core", "chip", "router", "busy", "synapses",
                          "programs", "receiving", "sending", "dynamic energy"},
                         Rows, {0, 1, 2});
}

std::string linkTable(const Json &S) {
  const bool Blocking = S.at("heat").at("has_blocking").get<bool>();
  std::vector<std::vector<std::string>> Rows;
  for (size_t I = 0; I < S.at("heat").at("busiest_links").size(); ++I) {
    const std::string At = fmt::format("/heat/busiest_links/{}", I);
    Rows.push_back(
        {text(S, At + "/link"),
         S.at(Json::json_pointer(At + "/crosses_chips")).get<bool>()
             ? "between chips"
             : "",
         value(S, At + "/utilisation", Show::Percent),
         Blocking ? value(S, At + "/blocked", Show::Percent) : "&ndash;",
         value(S, At + "/packets", Show::Count)});
  }
  return Rows.empty()
             ? ""
             : "<h3>Busiest links</h3>\n" + table({"link", "", "in use",
                                                   "messages stood "
                                                   "before it",
                                                   "messages"},
                                                  Rows, {0, 1});
}

} // namespace

std::string heat(const Json &S) {
  const Json &Heat = S.at("heat");
  const Json &Places = Heat.at("places");
  if (Places.at("x").empty())
    return "";
  const Floor F(Heat);
  std::vector<double> Busy, Energy;
  for (size_t I = 0; I < Places.at("x").size(); ++I) {
    Busy.push_back(busyOf(Places, I));
    Energy.push_back(Places.at("energy_pj").at(I).get<double>());
  }
  const bool HasTime = Heat.at("has_time").get<bool>(),
             Blocking = Heat.at("has_blocking").get<bool>();
  std::string Pictures;
  if (HasTime)
    Pictures += picture(Heat, F, "busy", Busy, Show::Percent, "utilisation");
  Pictures += picture(Heat, F, "dynamic energy", Energy, Show::Picojoule,
                      Blocking ? "blocked" : nullptr);
  std::string Detail = "A square is a core";
  if (Heat.at("detail") == "router")
    Detail = "A square is a router with its cores, coloured by the busiest";
  else if (Heat.at("detail") == "block")
    Detail = "A square is " + text(S, "/heat/edge_routers") + " x " +
             text(S, "/heat/edge_routers") +
             " routers with their cores, coloured by the busiest";
  return section(
      "Where it is hot, " + text(S, "/heat/mode"),
      definition(Detail + "; " + counted(S, "/heat/used_cores", "core") +
                 " in use, " + value(S, "/heat/idle_cores", Show::Count) +
                 " idle (hollow) on " + counted(S, "/heat/chips", "chip") +
                 ". Busy is the share of the simulated time in which a core "
                 "worked; hover for what at. Links run in the gaps, a line "
                 "for each direction. stats.csv has every core and link.") +
          "<div class=\"maps\">\n" + Pictures + "</div>\n" + coreTable(S) +
          linkTable(S));
}

} // namespace synfire::report::html
