//===- simulator/report/Analysis.cpp - All that is derived from a run -----===//

#include "simulator/report/Analysis.h"
#include "simulator/report/Notes.h"

namespace synfire::report {

SanityBand sanityOf(double PicojoulesPerParameter) {
  if (PicojoulesPerParameter < SanityLimits::Low)
    return SanityBand::BelowSilicon;
  return PicojoulesPerParameter > SanityLimits::High ? SanityBand::AboveEdgeGpu
                                                     : SanityBand::Plausible;
}

std::string_view sanityName(SanityBand Band) {
  static constexpr std::string_view Names[] = {"below", "within", "above"};
  return Names[static_cast<unsigned>(Band)];
}

std::string_view sanityText(SanityBand Band) {
  static constexpr std::string_view Texts[] = {
      "below 5 pJ per parameter and token: more optimistic than any dense "
      "near-memory silicon; believe it only if most parameters were never "
      "fetched",
      "within 5 to 3000 pJ per parameter and token, the range of published "
      "silicon",
      "above 3000 pJ per parameter and token: worse than an edge GPU"};
  return Texts[static_cast<unsigned>(Band)];
}

static Result<ModeReport> modeReport(const RunData &Run,
                                     const std::string &Mode) {
  Result<EnergyReport> Energy = computeEnergy(Run, Mode);
  if (!Energy)
    return Energy.errors();
  ModeReport R;
  R.Mode = Mode;
  R.Time = timeOf(Run, Mode);
  R.Energy = std::move(*Energy);
  R.PerToken = R.Energy.Total * (1.0 / Run.Tokens);
  EnergyRange Dynamic;
  for (Component C :
       {Component::Synapses, Component::Neurons, Component::Messages,
        Component::Hops, Component::ChipLinks})
    Dynamic += R.Energy.ByComponent[static_cast<unsigned>(C)];
  R.DynamicPerToken = Dynamic * (1.0 / Run.Tokens);
  if (Run.Network.Parameters)
    R.PerParameterAndToken = R.PerToken * (1.0 / Run.Network.Parameters);
  if (R.Time && R.Time->Total.Value > 0)
    R.TokensPerSecond = Run.Tokens * 1e9 / R.Time->Total.Value;
  R.Band = sanityOf(R.PerParameterAndToken.Nominal);
  return R;
}

Result<Analysis> analyse(const RunData &Run) {
  auto Devices = baselines::loadDevices({});
  if (!Devices)
    return Devices.errors();
  return analyse(Run, *Devices);
}

Result<Analysis> analyse(const RunData &Run,
                         const std::vector<baselines::DenseDevice> &Devices) {
  if (Run.Tokens == 0)
    return Error{"", "report-no-tokens",
                 "no token was run, so nothing can be reported per token; give "
                 "a prompt, a text or tokens",
                 ErrorKind::RunFailed};
  Analysis A;
  A.Run = &Run;
  std::vector<std::string> Modes{Run.Mode};
  for (const TimeData &T : Run.Times)
    if (T.Mode != Run.Mode)
      Modes.push_back(T.Mode);
  for (const std::string &Mode : Modes) {
    Result<ModeReport> R = modeReport(Run, Mode);
    if (!R)
      return R.errors();
    A.Modes.push_back(std::move(*R));
  }
  A.SynOps = countSynOps(Run);
  if (hasTransformerShape(Run.Network)) {
    A.Baseline = computeBaseline(Run);
    A.Baseline->Devices = Devices;
    A.Baseline->Curves = drawCurves(Run, A.Modes, Devices);
  }
  A.Accounting = computeAccounting(A);
  uint64_t Fetched = 0;
  for (const ConnectionData &C : Run.Connections)
    if (!C.FromHost)
      Fetched += C.Counts[Action::SynapseAccumulate] +
                 C.Counts[Action::SynapseMultiply];
  if (A.SynOps.NeuroBench.Dense)
    A.FetchedShare = static_cast<double>(Fetched) /
                     static_cast<double>(A.SynOps.NeuroBench.Dense);
  A.Notes = composeNotes(A);
  return A;
}

} // namespace synfire::report
