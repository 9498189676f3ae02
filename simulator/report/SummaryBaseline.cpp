//===- simulator/report/SummaryBaseline.cpp - The dense part of it --------===//

#include "simulator/report/SummaryParts.h"

#include <nlohmann/json.hpp>

namespace synfire::report {

using Json = nlohmann::ordered_json;

namespace {

Json densePoint(const DensePoint &P, const Analysis &A) {
  Json Modes = Json::array();
  for (const ModeReport &M : A.Modes) {
    if (!M.Energy.HasStatic)
      continue;
    EnergyRange Static =
        M.Energy.ByComponent[static_cast<unsigned>(Component::Static)] *
        (1.0 / A.Run->Tokens);
    EnergyRange Sum = P.OnChip.Dynamic;
    Sum += Static;
    Modes.push_back({{"mode", M.Mode},
                     {"static_at_equal_time_pj", Static.Nominal},
                     {"total_pj", rangeJson(Sum)}});
  }
  return {{"point", P.Name},
          {"context_tokens", P.Context},
          {"macs_per_token",
           {{"projections", P.Macs.Projections},
            {"attention", P.Macs.Attention},
            {"feed_forward", P.Macs.FeedForward},
            {"head", P.Macs.Head},
            {"total", P.Macs.total()}}},
          {"kv_bytes_read_per_token", P.KvBytesRead},
          {"kv_bytes_written_per_token", P.KvBytesWritten},
          {"energy_45nm_pj_per_token", P.Paper45nm},
          {"energy_45nm_int8_pj_per_token", P.Integer45nm},
          {"on_this_chip_pj_per_token",
           {{"synapses", rangeJson(P.OnChip.Synapses)},
            {"neurons", rangeJson(P.OnChip.Neurons)},
            {"traffic", rangeJson(P.OnChip.Traffic)},
            {"dynamic", rangeJson(P.OnChip.Dynamic)},
            {"with_static", Modes}}},
          {"gpu_memory_pj_per_token", P.GpuMemory},
          {"near_memory_pj_per_token", P.NearMemory}};
}

} // namespace

Json baselineJson(const Analysis &A) {
  if (!A.Baseline)
    return nullptr;
  const BaselineReport &B = *A.Baseline;
  Json Anchors = Json::array();
  for (const Anchor &X : B.Anchors)
    Anchors.push_back({{"name", X.Name},
                       {"value", X.Value},
                       {"unit", X.Unit},
                       {"source", X.Source}});
  return {
      {"definition", definition::Baseline},
      {"on_this_chip_definition", definition::DenseOnChip},
      {"gpu_memory_definition", definition::GpuMemory},
      {"near_memory_definition", definition::NearMemory},
      {"shape",
       {{"feed_forward_matrices", B.Shape.Matrices},
        {"feed_forward_width",
         B.Shape.Hidden > 0 ? B.Shape.Hidden : 4 * B.Shape.Width},
        {"kv_share", B.Shape.KvShare}}},
      {"e_mac_45nm_pj", B.MultiplyEnergy},
      {"e_mac_int8_45nm_pj", IntMultiplyEnergy45nm},
      {"parameters", B.Parameters},
      {"activations_per_token", B.ActivationsPerToken},
      {"points", Json::array({densePoint(B.Run, A), densePoint(B.Full, A)})},
      {"anchors", Anchors},
      {"devices", devicesJson(B.Devices)},
      {"curves", curvesJson(B.Curves)}};
}

} // namespace synfire::report
