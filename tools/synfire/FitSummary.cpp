//===- FitSummary.cpp - What synfire fit answers --------------------------===//

#include "tools/synfire/FitSummary.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

using namespace synfire;
using namespace synfire::tools;
using Json = nlohmann::ordered_json;
using mapping::Limit;
using mapping::LimitUse;

namespace {
struct Kind {
  const char *Key, *Text;
  uint64_t Bytes;
};

std::vector<Kind> kindsOf(const mapping::CoreUse &Use) {
  return {{"weights", "weights", Use.SynapseBytes},
          {"dynamic_synapses", "synapses that events write", Use.DynamicBytes},
          {"neuron_state", "neuron state", Use.StateBytes},
          {"slots", "slots of sums", Use.AccumulatorBytes},
          {"parameters", "neuron parameters", Use.ParameterBytes},
          {"programs", "programs", Use.ProgramBytes},
          {"axons", "axon tables", Use.AxonBytes}};
}

/// Of one core, and so of all that are used.
bool isPerCore(Limit L) {
  switch (L) {
  case Limit::Neurons:
  case Limit::InputAxons:
  case Limit::OutputFlows:
  case Limit::UnifiedBytes:
  case Limit::SynapseBytes:
  case Limit::StateBytes:
  case Limit::ProgramBytes:
  case Limit::AxonBytes:
    return true;
  default:
    return false;
  }
}

/// Mean use over the cores, 0 to 1.
double meanUse(const LimitUse &L, uint32_t Cores) {
  double Has = static_cast<double>(L.Available) * Cores;
  return Has > 0 ? static_cast<double>(L.Total) / Has : 0.0;
}

/// The limit that decides how many cores there are: the one that the cores
/// have used up most, on average.
std::optional<LimitUse> bindingOf(const mapping::FitReport &Fit) {
  std::optional<LimitUse> Most;
  for (const LimitUse &L : Fit.Limits)
    if (isPerCore(L.What) &&
        (!Most || meanUse(L, Fit.Cores) > meanUse(*Most, Fit.Cores)))
      Most = L;
  return Most;
}

std::string sized(uint64_t Bytes) {
  const char *Units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t Unit = 0;
  auto Value = static_cast<double>(Bytes);
  for (; Value >= 1024 && Unit + 1 < std::size(Units); ++Unit)
    Value /= 1024;
  return fmt::format("{:.{}f} {}", Value, Unit == 0 ? 0 : 1, Units[Unit]);
}
} // namespace

std::string FitSummary::text() const {
  std::string Out =
      fmt::format("network    {} ({}, {} parameters)\ntarget     {}\n", Network,
                  Architecture, Parameters, Target);
  Out += fmt::format("assumed    ranges: {} made up in place of a calibration; "
                     "they tell scales, not sizes\n",
                     AssumedRanges);
  if (WeightsDeclared)
    Out += "assumed    weights: declared by name and shape, none were read\n";
  if (WorstSums)
    Out +=
        "assumed    sums: as wide as the types of weights and events allow\n";
  if (Unproven.Linears != 0)
    Out += fmt::format(
        "unproven   {} {} may have sums of up to {} bits ('{}'), "
        "the accumulator has {}: only weights can prove them\n",
        Unproven.Linears, Unproven.Linears == 1 ? "linear" : "linears",
        Unproven.MostBits, Unproven.Widest, AccumulatorBits);
  Out += fmt::format("took       {:.1f} s, {} of memory\n", Seconds,
                     sized(PeakBytes));
  if (Fit.Cores != 0) {
    Out += fmt::format("\n{:<28} {:>16} {:>7} {:>14}\n", "memory", "bytes", "%",
                       "per core");
    const uint64_t All = Total.totalBytes();
    for (const Kind &K : kindsOf(Total))
      Out += fmt::format("{:<28} {:>16} {:>7.1f} {:>14.0f}\n", K.Text, K.Bytes,
                         All ? 100.0 * static_cast<double>(K.Bytes) /
                                   static_cast<double>(All)
                             : 0.0,
                         static_cast<double>(K.Bytes) / Fit.Cores);
    Out += fmt::format("{:<28} {:>16} {:>7.1f} {:>14.0f}\n\n", "all", All,
                       100.0, static_cast<double>(All) / Fit.Cores);
    Out += Fit.table();
    if (auto Most = bindingOf(Fit))
      Out += fmt::format("binds: {}, {:.1f} % used on average\n",
                         keyOf(Most->What), 100 * meanUse(*Most, Fit.Cores));
  }
  Out += Fit.fits() ? "fits\n" : "does not fit\n";
  return Out;
}

std::string FitSummary::json() const {
  Json Memory = Json::object(), Limits = Json::array();
  for (const Kind &K : kindsOf(Total))
    Memory[K.Key] = K.Bytes;
  for (const LimitUse &L : Fit.Limits)
    Limits.push_back({{"limit", keyOf(L.What)},
                      {"used", L.Used},
                      {"available", L.Available},
                      {"total", L.Total},
                      {"core", L.Core}});
  Json J = {{"network", Network},
            {"architecture", Architecture},
            {"parameters", Parameters},
            {"target", Target},
            {"fits", Fit.fits()},
            {"cores", Fit.Cores},
            {"cores_lower_bound", Fit.CoresLowerBound},
            {"chips", Fit.Chips},
            {"fill_percent", Fit.FillPercent},
            {"memory_bytes", Memory},
            {"limits", Limits},
            {"assumed",
             {{"ranges", AssumedRanges},
              {"weights", WeightsDeclared},
              {"worst_sums", WorstSums},
              {"unproven_linears", Unproven.Linears},
              {"unproven_bits", Unproven.MostBits}}}};
  auto Most = bindingOf(Fit);
  J["binds"] = Most ? Json(keyOf(Most->What)) : Json();
  if (Fit.Failure)
    J["failure"] = {{"limit", keyOf(Fit.Failure->What)},
                    {"needed", Fit.Failure->Needed},
                    {"available", Fit.Failure->Available},
                    {"thing", Fit.Failure->Thing},
                    {"change", Fit.Failure->Change}};
  J["seconds"] = Seconds;
  J["peak_bytes"] = PeakBytes;
  return J.dump(1) + "\n";
}
