//===- simulator/report/SummaryCurves.cpp - Curves over context -----------===//

#include "simulator/report/SummaryParts.h"

#include <nlohmann/json.hpp>

#include <functional>

namespace synfire::report {

using Json = nlohmann::ordered_json;
using namespace baselines;

namespace {

Json rangeOf(const Range &R) { return rangeJson({R.Low, R.Nominal, R.High}); }

template <typename T>
Json orNull(const std::optional<T> &Value) {
  return Value ? Json(*Value) : Json(nullptr);
}

Json orNull(const std::optional<Range> &Value) {
  return Value ? rangeOf(*Value) : Json(nullptr);
}

/// One number per context; null where the device does not hold the model.
Json overContexts(const DenseCurve &C,
                  const std::function<Json(const TokenCost &)> &Number) {
  Json Out = Json::array();
  for (const std::optional<TokenCost> &P : C.Points)
    Out.push_back(P ? Number(*P) : Json(nullptr));
  return Out;
}

/// Low, nominal and high over the contexts; null when no point has the number.
Json rangesOverContexts(
    const DenseCurve &C,
    const std::function<std::optional<Range>(const TokenCost &)> &Number) {
  bool Any = false;
  for (const std::optional<TokenCost> &P : C.Points)
    Any |= P && Number(*P);
  if (!Any)
    return nullptr;
  Json Out = Json::object();
  for (const auto &[Name, End] :
       {std::pair("low", &Range::Low), std::pair("nominal", &Range::Nominal),
        std::pair("high", &Range::High)})
    Out[Name] = overContexts(C, [&, End = End](const TokenCost &P) {
      return Json((*Number(P)).*End);
    });
  return Out;
}

Json curve(const DenseCurve &C) {
  return {{"device", C.Device},
          {"mode", C.Mode.empty() ? Json(nullptr) : Json(C.Mode)},
          {"batch", C.Batch},
          {"batch_that_fits",
           overContexts(C, [](const TokenCost &P) { return Json(P.Batch); })},
          {"devices_needed",
           overContexts(C, [](const TokenCost &P) { return Json(P.Devices); })},
          {"dynamic_pj_per_token",
           rangesOverContexts(
               C, [](const TokenCost &P) { return std::optional(P.Dynamic); })},
          {"with_static_pj_per_token",
           rangesOverContexts(C, [](const TokenCost &P) { return P.total(); })},
          {"tokens_per_s", rangesOverContexts(C, [](const TokenCost &P) {
             return P.tokensPerSecond();
           })}};
}

Json comparison(const DenseComparison &C) {
  return {{"curve", C.Curve},
          {"spiking_mode", C.Mode},
          {"quantity", measureName(C.What)},
          {"spiking_wins_from",
           {{"nominal", orNull(C.Nominal)},
            {"best", orNull(C.Best)},
            {"worst", orNull(C.Worst)}}},
          {"decided_at_context", C.DecidedAt},
          {"loser", C.SpikingLoses ? "spiking" : "dense"},
          {"decided_by", C.Decider},
          {"share_of_loser", C.Share},
          {"turns_without_it", C.Turns},
          {"figure", C.Key.empty() ? Json(nullptr) : Json(C.Key)},
          {"grade", C.Key.empty()
                        ? Json(nullptr)
                        : Json(std::string(1, gradeLetter(C.Evidence)))}};
}

Json check(const PublishedCheck &C) {
  std::optional<Range> Joules, Speed;
  if (C.Model) {
    if (auto Total = C.Model->total())
      Joules = *Total * 1e-12;
    Speed = C.Model->tokensPerSecond();
  }
  return {{"device", C.Device},
          {"model", C.Run.Model},
          {"context_tokens", C.Run.Context},
          {"batch", C.Run.Batch},
          {"published_tokens_per_s", orNull(C.Run.TokensPerSecond)},
          {"modelled_tokens_per_s", orNull(Speed)},
          {"published_j_per_token", orNull(C.Run.JoulesPerToken)},
          {"modelled_j_per_token", orNull(Joules)},
          {"modelled_j_at_published_time", orNull(C.AtPublishedTime)},
          {"grade", std::string(1, gradeLetter(C.Run.Evidence))},
          {"source", C.Run.Source}};
}

} // namespace

Json devicesJson(const std::vector<DenseDevice> &Devices) {
  Json Out = Json::array();
  for (const DenseDevice &D : Devices) {
    Json Figures = Json::array();
    for (const FigureRow &R : describe(D))
      Figures.push_back(
          {{"key", R.Key},
           {"value", R.Number.Value},
           {"low", R.Number.Low},
           {"high", R.Number.High},
           {"unit", R.Unit},
           {"grade", std::string(1, gradeLetter(R.Number.Evidence))},
           {"source", R.Number.Source}});
    Out.push_back(
        {{"name", D.Name}, {"summary", D.Summary}, {"figures", Figures}});
  }
  return Out;
}

Json curvesJson(const DenseCurves &C) {
  Json Dense = Json::array(), Spiking = Json::array(),
       Comparisons = Json::array(), Checks = Json::array();
  for (const DenseCurve &Curve : C.Curves)
    Dense.push_back(curve(Curve));
  for (const SpikingCost &S : C.Spiking)
    Spiking.push_back({{"mode", S.Mode},
                       {"dynamic_pj_per_token", rangeOf(S.Dynamic)},
                       {"with_static_pj_per_token", orNull(S.Total)},
                       {"tokens_per_s", orNull(S.TokensPerSecond)}});
  for (const DenseComparison &X : C.Comparisons)
    Comparisons.push_back(comparison(X));
  for (const PublishedCheck &X : C.Checks)
    Checks.push_back(check(X));
  return {{"contexts", Contexts},
          {"dense", Dense},
          {"spiking", Spiking},
          {"comparisons", Comparisons},
          {"published", Checks}};
}

} // namespace synfire::report
