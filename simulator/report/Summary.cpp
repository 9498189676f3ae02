//===- simulator/report/Summary.cpp - summary.json ------------------------===//

#include "simulator/report/Summary.h"
#include "simulator/report/SummaryParts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace synfire::report {

using Json = nlohmann::ordered_json;

std::string hashText(uint64_t Hash) {
  return fmt::format("xxh3:{:016x}", Hash);
}

std::string summaryText(const Json &Summary) {
  // Names come from files: bytes that are not UTF-8 are replaced, not fatal.
  return Summary.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json rangeJson(const EnergyRange &E) {
  return {{"low", E.Low}, {"nominal", E.Nominal}, {"high", E.High}};
}

namespace {

Json range(const EnergyRange &E) { return rangeJson(E); }

template <typename T>
Json orNull(const std::optional<T> &Value) {
  return Value ? Json(*Value) : Json(nullptr);
}

Json model(const NetworkData &N) {
  return {{"name", N.Model},
          {"hash", hashText(N.ModelHash)},
          {"layers", N.Layers},
          {"width", N.Width},
          {"hidden", N.Hidden},
          {"vocabulary", N.Vocabulary},
          {"context_tokens", N.Context ? Json(N.Context) : Json(nullptr)},
          {"parameters", N.Parameters},
          {"architecture",
           N.Architecture.empty() ? Json(nullptr) : Json(N.Architecture)},
          {"heads", N.Heads},
          {"kv_heads", N.KvHeads}};
}

Json target(const RunData &Run) {
  return {{"name", Run.Chip.Name},
          {"summary", Run.Chip.Summary},
          {"hash", hashText(Run.Chip.hash())},
          {"operating_point", Run.Chip.Costs.OperatingPoint}};
}

Json mode(const ModeReport &M, const RunData &Run) {
  Json Sanity = nullptr;
  if (Run.Network.Parameters)
    Sanity = {{"band", sanityName(M.Band)}, {"text", sanityText(M.Band)}};
  Json Out{{"mode", M.Mode},
           {"has_time", M.Time != nullptr},
           {"ticks", nullptr},
           {"simulated_time_ns", nullptr},
           {"time_per_token_ns", nullptr},
           {"tokens_per_s", orNull(M.TokensPerSecond)},
           {"first_token_ns", nullptr},
           {"energy_per_token_pj", range(M.PerToken)},
           {"dynamic_energy_per_token_pj", range(M.DynamicPerToken)},
           {"energy_includes_static", M.Energy.HasStatic},
           {"pj_per_parameter_and_token", Run.Network.Parameters
                                              ? range(M.PerParameterAndToken)
                                              : Json(nullptr)},
           {"sanity", Sanity}};
  if (M.Time) {
    Out["ticks"] = M.Time->Ticks;
    Out["simulated_time_ns"] = M.Time->Total.Value;
    Out["time_per_token_ns"] = M.Time->Total.Value / Run.Tokens;
    if (M.Time->FirstToken)
      Out["first_token_ns"] = M.Time->FirstToken->Value;
  }
  return Out;
}

Json term(const EnergyTerm &T) {
  Json Out{{"component", componentName(T.Part)},
           {"action", T.Action},
           {"count", T.Count},
           {"coefficient", range(T.Coefficient)},
           {"coefficient_unit", T.Part == Component::Static ? "pJ/s" : "pJ"},
           {"energy_pj", range(T.Energy)},
           {"grade", std::string(1, gradeLetter(T.Evidence))},
           {"scope", T.EnergyScope == Scope::AllIn ? "all_in" : "incremental"},
           {"formula", T.Formula},
           {"source", T.Source}};
  return Out;
}

Json named(const std::vector<NamedEnergy> &List, const char *Key) {
  Json Out = Json::array();
  for (const NamedEnergy &N : List)
    Out.push_back({{Key, N.Name}, {"energy_pj", range(N.Energy)}});
  return Out;
}

Json energy(const ModeReport &M) {
  Json Parts = Json::object(), Terms = Json::array();
  for (unsigned I = 0; I < NumComponents; ++I)
    Parts[std::string(componentName(static_cast<Component>(I)))] =
        range(M.Energy.ByComponent[I]);
  for (const EnergyTerm &T : M.Energy.Terms)
    Terms.push_back(term(T));
  return {{"mode", M.Mode},
          {"total_pj", range(M.Energy.Total)},
          {"by_component_pj", Parts},
          {"by_layer", named(M.Energy.ByLayer, "layer")},
          {"terms", Terms}};
}

Json paperPoint(const PaperEnergies &P) {
  return {{"layers", P.Layers},
          {"width", P.Width},
          {"context_tokens", P.Context},
          {"rate", P.Rate},
          {"vanilla_pj", P.Vanilla},
          {"vanilla_attention_pj", P.VanillaAttention},
          {"vanilla_without_attention_pj", P.VanillaWithoutAttention},
          {"spiking_pj", P.Spiking},
          {"ratio", P.ratio()},
          {"ratio_without_attention", P.ratioWithoutAttention()}};
}

/// Null for a network that the paper is not about.
Json paper(const SynOpsReport &S, bool HasShape, bool IsSpikeGpt) {
  if (!IsSpikeGpt)
    return nullptr;
  return {{"definition", definition::Paper},
          {"unit", "pJ for T tokens"},
          {"e_ac_pj", PaperFigures::AccumulateEnergy},
          {"e_mac_pj", PaperFigures::MultiplyEnergy},
          {"at_assumed_rate",
           HasShape ? paperPoint(S.PaperOwnShape) : Json(nullptr)},
          {"at_measured_rate", HasShape && S.MeanRate
                                   ? paperPoint(S.PaperMeasuredRate)
                                   : Json(nullptr)},
          {"at_published_shape", paperPoint(S.PaperPublished)},
          {"published",
           {{"vanilla_pj", PaperFigures::PublishedVanilla},
            {"spiking_pj", PaperFigures::PublishedSpiking},
            {"ratio", PaperFigures::PublishedRatio}}}};
}

Json attentionOps(const SynOpsReport &S) {
  const NeuroBenchOps &Ops = S.Uncounted.Attention;
  return {{"definition", definition::AttentionOps},
          {"unit", "operations per sample"},
          {"Effective_ACs", Ops.EffectiveAcs},
          {"Effective_MACs", Ops.EffectiveMacs},
          {"Dense", Ops.Dense}};
}

Json synops(const Analysis &A) {
  const SynOpsReport &S = A.SynOps;
  double N = static_cast<double>(A.Run->Tokens);
  auto perToken = [&](uint64_t Count) {
    return static_cast<double>(Count) / N;
  };
  return {{"synaptic_events",
           {{"definition", definition::SynapticEvents},
            {"unit", "weight fetches"},
            {"accumulate", S.Chip.Accumulate},
            {"multiply_accumulate", S.Chip.MultiplyAccumulate},
            {"embedding_lookup", S.Chip.TableLookup},
            {"spike_driven", S.Chip.spikeDriven()},
            {"skipped_zero_weights", S.Chip.SkippedZeros},
            {"accumulate_per_token", perToken(S.Chip.Accumulate)},
            {"multiply_accumulate_per_token",
             perToken(S.Chip.MultiplyAccumulate)}}},
          {"neurobench",
           {{"definition", definition::NeuroBench},
            {"unit", "operations per sample"},
            {"Effective_ACs", S.NeuroBench.EffectiveAcs},
            {"Effective_MACs", S.NeuroBench.EffectiveMacs},
            {"Dense", S.NeuroBench.Dense},
            {"per_token",
             {{"Effective_ACs", perToken(S.NeuroBench.EffectiveAcs)},
              {"Effective_MACs", perToken(S.NeuroBench.EffectiveMacs)},
              {"Dense", perToken(S.NeuroBench.Dense)}}}}},
          {"attention_ops", attentionOps(S)},
          {"norm_ops",
           {{"definition", definition::NormOps},
            {"unit", "instructions"},
            {"count", S.Uncounted.Norms},
            {"per_token", perToken(S.Uncounted.Norms)}}},
          {"membrane_ops",
           {{"definition", definition::MembraneOps},
            {"unit", "instructions"},
            {"count", S.Uncounted.Membranes},
            {"per_token", perToken(S.Uncounted.Membranes)},
            {"membrane_updates", S.Uncounted.MembraneUpdates}}},
          {"paper", paper(S, A.Baseline.has_value(),
                          A.Run->Network.Architecture == "spikegpt")}};
}

Json activity(const SynOpsReport &S) {
  Json Streams = Json::array();
  for (const Activity &A : S.Activities)
    Streams.push_back({{"stream", A.Stream},
                       {"kind", A.Kind},
                       {"neurons", A.Neurons},
                       {"events", A.Events},
                       {"rate", A.Rate}});
  return {{"definition", definition::FiringRate},
          {"unit", "events per neuron and token step"},
          {"mean_firing_rate", orNull(S.MeanRate)},
          {"streams", Streams}};
}

Json quality(const QualityData &Q) {
  return {{"unit", Q.Masked ? "bits per masked symbol" : "bits per character"},
          {"task", Q.Masked ? "masked" : "next"},
          {"float", orNull(Q.FloatBits)},
          {"quantized_binary32", orNull(Q.Binary32Bits)},
          {"quantized", orNull(Q.QuantizedBits)},
          {"float_accuracy", orNull(Q.FloatAccuracy)},
          {"quantized_accuracy", orNull(Q.QuantizedAccuracy)},
          {"argmax_agreement", orNull(Q.ArgmaxAgreement)},
          {"tokens", Q.Tokens},
          {"text", Q.Text},
          {"this_run", orNull(Q.RunBits)}};
}

Json fit(const RunData &Run) {
  Json Limits = Json::array();
  for (const FitData &F : Run.Fit)
    Limits.push_back({{"limit", F.Limit},
                      {"unit", F.Unit},
                      {"used", F.Used},
                      {"available", orNull(F.Available)},
                      {"total_used", F.Total},
                      {"fullest", F.Fullest}});
  return {
      {"cores", Run.Cores.size()}, {"chips", Run.Chips}, {"limits", Limits}};
}

Json figure(std::string Key, const char *Quantity, double Value, double Low,
            double High, const char *Unit, Grade G, const std::string &Source) {
  return {{"key", std::move(Key)},
          {"quantity", Quantity},
          {"value", Value},
          {"low", Low},
          {"high", High},
          {"unit", Unit},
          {"grade", std::string(1, gradeLetter(G))},
          {"source", Source}};
}

/// Every figure of the target that a number of this report rests on.
Json figures(const Analysis &A) {
  const CostTable &Costs = A.Run->Chip.Costs;
  const TimeData *Time = A.main().Time;
  Json Out = Json::array();
  for (unsigned I = 0; I < NumActions; ++I) {
    auto Act = static_cast<Action>(I);
    bool Counts =
        A.Run->Total[Act] || (Act == Action::Barrier && Time && Time->Barriers);
    const Cost &Row = Costs[Act];
    if (!Counts)
      continue;
    Out.push_back(figure(std::string(actionKey(Act)), "energy",
                         Row.Energy.Value, Row.EnergyLow.Value,
                         Row.EnergyHigh.Value, "pJ", Row.EnergyGrade,
                         Row.EnergySource));
    if (Time && Act != Action::Barrier)
      Out.push_back(figure(std::string(actionKey(Act)), "time", Row.Time.Value,
                           Row.TimeLow.Value, Row.TimeHigh.Value, "ns",
                           Row.TimeGrade, Row.TimeSource));
  }
  if (!Time)
    return Out;
  auto ranged = [&](const char *Key, const char *Quantity, const auto &R,
                    const char *Unit) {
    Out.push_back(figure(Key, Quantity, R.Value, R.Low.Value, R.High.Value,
                         Unit, R.Evidence, R.Source));
  };
  const StaticPower &S = Costs.Static;
  ranged("static.per_chip", "power", S.PerChip, "W");
  ranged("static.per_core", "power", S.PerCore, "W");
  ranged("static.per_idle_core", "power", S.PerIdleCore, "W");
  ranged("static.host_processor", "power", S.HostProcessor, "W");
  const BarrierTime &B = Costs.Barrier;
  if (B.Steps.empty()) {
    ranged("barrier.base", "time", B.Base, "ns");
    ranged("barrier.per_tile", "time", B.PerTile, "ns");
  }
  for (const BarrierStep &Step : B.Steps)
    Out.push_back(figure(fmt::format("barrier.by_tiles.{}", Step.Tiles), "time",
                         Step.Time.Value, Step.Low.Value, Step.High.Value, "ns",
                         B.StepEvidence, B.StepSource));
  ranged("barrier.per_chip", "time", B.PerChip, "ns");
  if (A.Run->Chips > 1) {
    const ChipLink &L = Costs.Link;
    Out.push_back(figure("chip_link.bandwidth", "bandwidth",
                         L.BitsPerNanosecond, L.BitsPerNanosecondLow,
                         L.BitsPerNanosecondHigh, "bit/ns", L.Evidence,
                         L.Source));
    ranged("chip_link.latency", "time", L.Latency, "ns");
  }
  return Out;
}

} // namespace

Json summarize(const Analysis &A) {
  const RunData &Run = *A.Run;
  Json Modes = Json::array();
  for (const ModeReport &M : A.Modes)
    Modes.push_back(mode(M, Run));
  return {
      {"schema", "synfire-summary"},
      {"schema_version", SummarySchemaVersion},
      {"model", model(Run.Network)},
      {"target", target(Run)},
      {"image", {{"hash", hashText(Run.ImageHash)}, {"bytes", Run.ImageBytes}}},
      {"run",
       {{"mode", Run.Mode},
        {"fidelity", Run.Fidelity},
        {"tokens", Run.Tokens},
        {"inner_steps", Run.Steps},
        {"token_steps", Run.tokenSteps()},
        {"sweeps", Run.Sweeps},
        {"sequences", Run.Sequences.empty() ? 1 : Run.Sequences.size()}}},
      {"notes", A.Notes},
      {"modes", Modes},
      {"fit", fit(Run)},
      {"energy", energy(A.main())},
      {"synops", synops(A)},
      {"activity", activity(A.SynOps)},
      {"accounting", accountingJson(A)},
      {"baseline", baselineJson(A)},
      {"quality", quality(Run.Quality)},
      {"time", timesJson(A)},
      {"heat", heatJson(A)},
      {"sensitivity", sensitivityJson(A)},
      {"figures", figures(A)}};
}

} // namespace synfire::report
