//===- ModelCalibration.cpp - What a text decides -------------------------===//

#include "tools/synfire/ModelCalibration.h"

#include "models/spikellm/Saliency.h"

#include <algorithm>
#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

//===----------------------------------------------------------------------===//
// Amplitudes of SpikeLM
//===----------------------------------------------------------------------===//

Result<std::vector<std::vector<float>>>
AmplitudeCalibration::drive(mlir::Value Drive) {
  if (!Run) {
    auto Network = Drive.getDefiningOp()->getParentOfType<spike::NetworkOp>();
    auto Read = ownCalibrationText(M, Network, File, "amplitudes are");
    if (!Read)
      return Read.errors();
    Text = std::move(*Read);
    std::vector<compiler::RunInputs> Inputs;
    for (const Sequence &S : Text.Windows)
      Inputs.push_back({S.Tokens, S.Types, S.Valid});
    auto Made = compiler::GrowingRun::create(Network, Files, Inputs);
    if (!Made)
      return Made.errors();
    Run.emplace(std::move(*Made));
  }
  return Run->take(Drive);
}

Status AmplitudeCalibration::keepOnly(mlir::Value Live) {
  return Run->keepOnly(Live);
}

void AmplitudeCalibration::set(const std::string &, float Value) {
  Least = Count == 0 ? Value : std::min(Least, Value);
  Most = Count == 0 ? Value : std::max(Most, Value);
  ++Count;
}

std::string AmplitudeCalibration::note() const {
  if (Count == 0)
    return "amplitudes  none computed, all are set";
  return fmt::format("amplitudes  {} computed, {:.4g} to {:.4g}, from {} "
                     "tokens in {} sequences of {}",
                     Count, Least, Most, Text.numTokens(), Text.Windows.size(),
                     Text.Name);
}

//===----------------------------------------------------------------------===//
// Salient channels of SpikeLLM
//===----------------------------------------------------------------------===//

/// One line on \p Masks, whose source is \p From.
static std::string maskNote(const models::ChannelMasks &Masks,
                            const std::string &From) {
  size_t Salient = 0, All = 0;
  for (const auto &[Name, Low] : Masks) {
    Salient += static_cast<size_t>(std::count(Low.begin(), Low.end(), false));
    All += Low.size();
  }
  return fmt::format("masks    {:.2f} % of {} channels are salient ({}), {}",
                     All == 0 ? 0.0
                              : 100 * static_cast<double>(Salient) /
                                    static_cast<double>(All),
                     All, Salient, From);
}

Result<models::ChannelMasks>
synfire::tools::computeMasks(Model &M, const checkpoint::Checkpoint &File,
                             const models::SpikeLlmConfig &Config,
                             const std::string &TextFile) {
  auto Shape = models::inferLlamaShape(File, Config);
  if (!Shape)
    return Shape.errors();
  models::SpikeLlmOptions Dense;
  Dense.Config = Config;
  Dense.Dense = true;
  auto Module = models::importSpikeLlm(M.Context.get(), File, Dense);
  if (!Module)
    return Module.errors();
  auto Network = *(*Module)->getOps<spike::NetworkOp>().begin();
  auto Text =
      ownCalibrationText(M, Network, TextFile, "masks of salient channels are");
  if (!Text)
    return Text.errors();

  compiler::WeightFiles Files(M.Folder);
  auto Run = compiler::Interpreter::create(Network, Files);
  if (!Run)
    return Run.errors();
  models::SaliencyCollector Collector(File, *Shape, Config);
  compiler::RunOptions Observe;
  Observe.ObserveCurrents = [&](mlir::OpResult R, std::span<const float> V) {
    Collector.observe(R, V);
  };
  for (const Sequence &S : Text->Windows)
    if (auto Ran = Run->run({S.Tokens, S.Types, S.Valid}, Observe); !Ran)
      return Ran.errors();
  if (!Collector.errors().empty())
    return Collector.errors();
  models::ChannelMasks Masks = Collector.masks();
  M.Notes.push_back(
      maskNote(Masks, fmt::format("computed from {} tokens of {}",
                                  Text->numTokens(), Text->Name)));
  return Masks;
}

Result<models::ChannelMasks>
synfire::tools::chooseMasks(Model &M, const ModelOptions &Options,
                            const checkpoint::Checkpoint &File,
                            const models::SpikeLlmConfig &Config) {
  if (Config.AddBits == 0)
    return Error{Config.Path, "spikellm-masks",
                 fmt::format("--masks {}: salient channels have no more bits "
                             "than others (addbit is 0), so there is nothing "
                             "to choose",
                             Options.Masks)};
  if (Options.Masks == "compute")
    return computeMasks(M, File, Config, Options.Calibrate);
  auto Shape = models::inferLlamaShape(File, Config);
  if (!Shape)
    return Shape.errors();
  auto Other = checkpoint::Checkpoint::open(Options.Masks);
  if (!Other)
    return Other.errors();
  auto Masks = models::masksOf(*Other, *Shape, Config);
  if (Masks)
    M.Notes.push_back(maskNote(*Masks, "from " + Options.Masks));
  return Masks;
}
