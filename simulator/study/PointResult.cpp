//===- PointResult.cpp - What came of a point -----------------------------===//

#include "simulator/study/PointResult.h"

#include "simulator/study/Grid.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace synfire;
using namespace synfire::study;
using Json = nlohmann::ordered_json;

namespace {

constexpr PointStatus Statuses[] = {PointStatus::Done, PointStatus::DoesNotFit,
                                    PointStatus::Failed};

ModeFigures figuresOf(const report::ModeReport &Mode, uint64_t Tokens) {
  using report::Component;
  ModeFigures F;
  F.Mode = Mode.Mode;
  F.Energy = Mode.PerToken;
  F.DynamicEnergy = Mode.DynamicPerToken;
  for (unsigned C = 0; C < report::NumComponents; ++C)
    F.Components[C] = Mode.Energy.ByComponent[C] * (1.0 / Tokens);
  F.StaticEnergy = F.Components[static_cast<unsigned>(Component::Static)];
  if (const report::TimeData *Time = Mode.Time) {
    F.Fidelity = Time->Fidelity;
    F.Ticks = Time->Ticks;
    F.TimePerToken = Time->Total.Value / Tokens;
    F.TokensPerSecond = Mode.TokensPerSecond.value_or(0);
    if (!Time->Bounds.empty()) {
      F.Bound = Time->Bounds.front().Resource;
      F.BoundShare =
          Time->Total.Value > 0
              ? Time->Bounds.front().TotalTime.Value / Time->Total.Value
              : 0;
    }
  }
  return F;
}

/// All sections but those that name the chip and the tool: these differ
/// between chips that share an image.
uint64_t bytesOf(const image::Image &Image) {
  uint64_t Sum = 0;
  for (uint32_t K = 1; K <= static_cast<uint32_t>(image::SectionKind::Network);
       ++K) {
    auto Kind = static_cast<image::SectionKind>(K);
    if (Kind != image::SectionKind::Metadata &&
        Kind != image::SectionKind::Target)
      Sum += Image.section(Kind).size();
  }
  return Sum;
}

Json rangeJson(const report::EnergyRange &E) {
  return {{"low", E.Low}, {"nominal", E.Nominal}, {"high", E.High}};
}

report::EnergyRange rangeFrom(const Json &J) {
  return {J.at("low").get<double>(), J.at("nominal").get<double>(),
          J.at("high").get<double>()};
}

Json modeJson(const ModeFigures &F) {
  Json Parts = Json::object();
  for (unsigned C = 0; C < report::NumComponents; ++C)
    Parts[std::string(report::componentName(
        static_cast<report::Component>(C)))] = rangeJson(F.Components[C]);
  return {{"mode", F.Mode},
          {"fidelity", F.Fidelity},
          {"ticks", F.Ticks},
          {"time_per_token_ns", F.TimePerToken},
          {"tokens_per_s", F.TokensPerSecond},
          {"energy_per_token_pj", rangeJson(F.Energy)},
          {"dynamic_energy_per_token_pj", rangeJson(F.DynamicEnergy)},
          {"by_component_pj", Parts},
          {"bound", F.Bound},
          {"bound_share_of_time", F.BoundShare}};
}

ModeFigures modeFrom(const Json &J) {
  using report::Component;
  ModeFigures F;
  F.Mode = J.at("mode").get<std::string>();
  F.Fidelity = J.at("fidelity").get<std::string>();
  F.Ticks = J.at("ticks").get<uint64_t>();
  F.TimePerToken = J.at("time_per_token_ns").get<double>();
  F.TokensPerSecond = J.at("tokens_per_s").get<double>();
  F.Energy = rangeFrom(J.at("energy_per_token_pj"));
  F.DynamicEnergy = rangeFrom(J.at("dynamic_energy_per_token_pj"));
  for (unsigned C = 0; C < report::NumComponents; ++C)
    F.Components[C] = rangeFrom(
        J.at("by_component_pj")
            .at(std::string(report::componentName(static_cast<Component>(C)))));
  F.StaticEnergy = F.Components[static_cast<unsigned>(Component::Static)];
  F.Bound = J.at("bound").get<std::string>();
  F.BoundShare = J.at("bound_share_of_time").get<double>();
  return F;
}

} // namespace

std::string_view study::statusName(PointStatus S) {
  static constexpr std::string_view Names[] = {"done", "does_not_fit",
                                               "failed"};
  return Names[static_cast<unsigned>(S)];
}

PointResult study::measure(const report::Analysis &Run,
                           const image::Image &Image) {
  const report::RunData &Data = *Run.Run;
  PointResult R;
  R.Status = PointStatus::Done;
  R.Tokens = Data.Tokens;
  R.Chips = Data.Chips;
  R.Cores = Data.Cores.size();
  R.SynapticEvents = Data.Total[Action::SynapseAccumulate] +
                     Data.Total[Action::SynapseMultiply];
  R.Packets = Data.Total[Action::MessageOut];
  uint64_t Bits = 0;
  for (const report::LinkData &L : Data.Links)
    Bits += L.Bits;
  R.LinkBytes = Bits / 8;
  for (const report::FitData &F : Data.Fit)
    if (F.Limit == "core.unified_bytes")
      R.PeakCoreBytes = F.Used;
  R.ImageBytes = bytesOf(Image);
  for (const report::ModeReport &Mode : Run.Modes)
    R.Modes.push_back(figuresOf(Mode, Data.Tokens));
  return R;
}

PointResult study::without(const Errors &Why) {
  PointResult R;
  R.Status = Why.front().Kind == ErrorKind::DoesNotFit ? PointStatus::DoesNotFit
                                                       : PointStatus::Failed;
  const Error &First = Why.front();
  R.Reason = (First.Where.empty() ? "" : First.Where + ": ") + First.Text +
             (First.Rule.empty() ? "" : " [" + First.Rule + "]");
  if (Why.size() > 1)
    R.Reason += fmt::format(" (and {} more)", Why.size() - 1);
  return R;
}

Json study::pointJson(const PointResult &R) {
  Json Out{{"schema", "synfire-study-point"},
           {"schema_version", PointFormatVersion},
           {"status", statusName(R.Status)}};
  if (R.Status != PointStatus::Done) {
    Out["reason"] = R.Reason;
    return Out;
  }
  Out["tokens"] = R.Tokens;
  Out["chips"] = R.Chips;
  Out["cores"] = R.Cores;
  Out["synaptic_events"] = R.SynapticEvents;
  Out["packets"] = R.Packets;
  Out["link_bytes"] = R.LinkBytes;
  Out["peak_core_bytes"] = R.PeakCoreBytes;
  Out["image_bytes"] = R.ImageBytes;
  Out["quality_bits_per_token"] =
      R.QualityBits ? Json(*R.QualityBits) : Json(nullptr);
  Out["modes"] = Json::array();
  for (const ModeFigures &F : R.Modes)
    Out["modes"].push_back(modeJson(F));
  return Out;
}

Result<PointResult> study::pointFromJson(const Json &J,
                                         const std::string &Where) {
  try {
    PointResult R;
    const auto Status = J.at("status").get<std::string>();
    auto Known = std::ranges::find(Statuses, Status, statusName);
    if (Known == std::end(Statuses) ||
        J.at("schema_version").get<int>() != PointFormatVersion)
      return Error{Where, "study-point",
                   "the summary of the point is of another kind or version"};
    R.Status = *Known;
    if (R.Status != PointStatus::Done) {
      R.Reason = J.at("reason").get<std::string>();
      return R;
    }
    R.Tokens = J.at("tokens").get<uint64_t>();
    R.Chips = J.at("chips").get<uint32_t>();
    R.Cores = J.at("cores").get<uint64_t>();
    R.SynapticEvents = J.at("synaptic_events").get<uint64_t>();
    R.Packets = J.at("packets").get<uint64_t>();
    R.LinkBytes = J.at("link_bytes").get<uint64_t>();
    R.PeakCoreBytes = J.at("peak_core_bytes").get<uint64_t>();
    R.ImageBytes = J.at("image_bytes").get<uint64_t>();
    if (const Json &Q = J.at("quality_bits_per_token"); !Q.is_null())
      R.QualityBits = Q.get<double>();
    for (const Json &Mode : J.at("modes"))
      R.Modes.push_back(modeFrom(Mode));
    return R;
  } catch (const Json::exception &E) {
    return Error{
        Where, "study-point",
        fmt::format("the summary of the point is damaged: {}", E.what())};
  }
}
