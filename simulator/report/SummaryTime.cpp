//===- simulator/report/SummaryTime.cpp - Time, heat and sensitivity ------===//
//
// Lists with a line per tick, core or link stand as columns, as a data frame
// takes them: a tenth of the size of one object per line.
//
//===----------------------------------------------------------------------===//

#include "simulator/report/HeatMap.h"
#include "simulator/report/Sensitivity.h"
#include "simulator/report/SummaryParts.h"
#include "simulator/report/TimeSplit.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace synfire::report {

using Json = nlohmann::ordered_json;

namespace {

/// Columns of the strip of ticks.
constexpr size_t MostColumns = 160;
/// Figures whose effect is listed.
constexpr size_t MostFigures = 12;

/// \p Number to \p Decimals places, for columns that are only drawn.
Json rounded(double Number, int Decimals) {
  const double Scale = std::pow(10, Decimals);
  return std::round(Number * Scale) / Scale;
}

Json splitJson(const TimeSplit &S) {
  return {{"core_ns", S.Core},
          {"network_ns", S.Network},
          {"barrier_ns", S.Barrier}};
}

Json stagesJson(const sim::CoreBusy &Busy, const std::string &Suffix) {
  Json Out = Json::object();
  for (unsigned I = 0; I < sim::NumStages; ++I) {
    auto S = static_cast<sim::Stage>(I);
    Out[std::string(stageName(S)) + Suffix] = Busy[S];
  }
  return Out;
}

Json stripJson(const TimeData &Time) {
  const TickStrip Strip = stripOf(Time, MostColumns);
  Json Core = Json::array(), Network = Json::array(), Resource = Json::array();
  for (const TickStrip::Column &C : Strip.Columns) {
    Core.push_back(rounded(C.Mean.Core, 1));
    Network.push_back(rounded(C.Mean.Network, 1));
    Resource.push_back(C.Resource);
  }
  return {{"ticks_per_column", Strip.TicksPerColumn},
          {"core_ns", Core},
          {"network_ns", Network},
          {"resource", Resource}};
}

Json analyticJson(const TimeData &Time) {
  if (!Time.AnalyticTotal)
    return nullptr;
  const double Analytic = Time.AnalyticTotal->Value;
  return {{"total_ns", Analytic},
          {"event_by_analytic",
           Analytic > 0 ? Json(Time.Total.Value / Analytic) : Json(nullptr)}};
}

Json timeJson(const ModeReport &M) {
  const TimeData &Time = *M.Time;
  Json Bounds = Json::array(), Levels = Json::array();
  for (const BoundData &B : Time.Bounds)
    Bounds.push_back({{"resource", B.Resource},
                      {"ticks", B.Ticks},
                      {"time_ns", B.TotalTime.Value}});
  const std::vector<TimeSplit> Splits = levelSplits(Time);
  for (size_t I = 0; I < Time.Levels.size(); ++I) {
    const LevelData &L = Time.Levels[I];
    Levels.push_back({{"level", L.Level},
                      {"populations", L.Populations},
                      {"mean_time_ns", L.MeanTime.Value},
                      {"split", splitJson(Splits[I])}});
  }
  return {{"mode", M.Mode},
          {"fidelity", Time.Fidelity},
          {"total_ns", Time.Total.Value},
          {"barrier_ns", Time.Barrier.Value},
          {"split", splitJson(splitOf(Time))},
          {"deciding_stages", stagesJson(decidingStages(Time), "_ns")},
          {"analytic", analyticJson(Time)},
          {"critical", Bounds},
          {"levels", Levels},
          {"resources", Time.Resources},
          {"strip", stripJson(Time)}};
}

Json coordJson(Coord At) { return Json::array({At.X, At.Y}); }

Json placesJson(const HeatMap &Map) {
  Json X = Json::array(), Y = X, Slot = X, Used = X, Idle = X, Core = X,
       Energy = X;
  std::array<Json, sim::NumStages> Stages{X, X, X, X};
  for (const HeatPlace &P : Map.Places) {
    if (P.Used == 0)
      continue;
    X.push_back(P.At.X);
    Y.push_back(P.At.Y);
    Slot.push_back(P.Slot);
    Used.push_back(P.Used);
    Idle.push_back(P.Idle);
    Core.push_back(P.Busiest);
    Energy.push_back(rounded(P.EnergyPj, 0));
    for (unsigned S = 0; S < sim::NumStages; ++S)
      Stages[S].push_back(rounded(P.Share.Ns[S], 5));
  }
  Json Out{
      {"x", X},       {"y", Y},          {"slot", Slot},       {"used", Used},
      {"idle", Idle}, {"busiest", Core}, {"energy_pj", Energy}};
  for (unsigned S = 0; S < sim::NumStages; ++S)
    Out[std::string(stageName(static_cast<sim::Stage>(S)))] = Stages[S];
  return Out;
}

/// Places whose cores hold nothing.
Json idlePlacesJson(const HeatMap &Map) {
  Json X = Json::array(), Y = X, Slot = X;
  for (const HeatPlace &P : Map.Places)
    if (P.Used == 0) {
      X.push_back(P.At.X);
      Y.push_back(P.At.Y);
      Slot.push_back(P.Slot);
    }
  return {{"x", X}, {"y", Y}, {"slot", Slot}};
}

Json linksJson(const HeatMap &Map) {
  Json X = Json::array(), Y = X, ToX = X, ToY = X, Use = X, Blocked = X;
  for (const HeatLink &L : Map.Links) {
    X.push_back(L.From.X);
    Y.push_back(L.From.Y);
    ToX.push_back(L.To.X);
    ToY.push_back(L.To.Y);
    Use.push_back(rounded(L.Utilisation, 6));
    Blocked.push_back(rounded(L.Blocked, 6));
  }
  return {{"x", X},
          {"y", Y},
          {"to_x", ToX},
          {"to_y", ToY},
          {"utilisation", Use},
          {"blocked", Blocked}};
}

Json hotCoresJson(const HeatMap &Map) {
  Json Out = Json::array();
  for (const HotCore &C : Map.Cores)
    Out.push_back({{"core", C.Core.Value},
                   {"chip", C.Chip},
                   {"router", coordJson(C.At)},
                   {"busy", C.Share.total()},
                   {"stages", stagesJson(C.Share, "")},
                   {"energy_pj", C.EnergyPj}});
  return Out;
}

Json hotLinksJson(const HeatMap &Map) {
  Json Out = Json::array();
  for (const HotLink &L : Map.HotLinks)
    Out.push_back({{"link", L.Name},
                   {"crosses_chips", L.CrossesChips},
                   {"packets", L.Packets},
                   {"utilisation", L.Utilisation},
                   {"blocked", L.Blocked}});
  return Out;
}

Json swingJson(const Swing &S) {
  return {{"key", S.Key},
          {"quantity", S.Quantity},
          {"unit", S.Unit},
          {"value", S.Value},
          {"low", S.Low},
          {"high", S.High},
          {"range", S.HasRange ? "stated" : "half_to_double"},
          {"grade", std::string(1, gradeLetter(S.Evidence))},
          {"share", S.Share},
          {"at_low_pj", S.AtLow},
          {"at_high_pj", S.AtHigh},
          {"source", S.Source}};
}

} // namespace

Json timesJson(const Analysis &A) {
  Json Out = Json::array();
  for (const ModeReport &M : A.Modes)
    if (M.Time)
      Out.push_back(timeJson(M));
  return Out;
}

Json heatJson(const Analysis &A) {
  const ModeReport &Main = A.main();
  const HeatMap Map = heatMapOf(*A.Run, Main.Time, Main.Energy);
  return {{"mode", Main.Mode},
          {"has_time", Map.HasTime},
          {"has_blocking", Map.HasTime && Main.Time->Fidelity == "event"},
          {"detail", detailName(Map.Detail)},
          {"edge_routers", Map.Edge},
          {"slots", Map.Slots},
          {"chip_routers", {Map.ChipWidth, Map.ChipHeight}},
          {"chips", Map.Chips},
          {"chips_per_row", Map.GridWidth},
          {"used_cores", Map.UsedCores},
          {"idle_cores", Map.IdleCores},
          {"places", placesJson(Map)},
          {"idle_places", idlePlacesJson(Map)},
          {"links", linksJson(Map)},
          {"busiest_cores", hotCoresJson(Map)},
          {"busiest_links", hotLinksJson(Map)}};
}

Json sensitivityJson(const Analysis &A) {
  Json Out = Json::array();
  for (const ModeReport &M : A.Modes) {
    Json Rows = Json::array();
    for (const Swing &S : swingsOf(*A.Run, M.Time, M.Energy))
      if (Rows.size() < MostFigures)
        Rows.push_back(swingJson(S));
    Out.push_back({{"mode", M.Mode},
                   {"energy_per_token_pj", M.PerToken.Nominal},
                   {"figures", Rows}});
  }
  return Out;
}

} // namespace synfire::report
