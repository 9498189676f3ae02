//===- simulator/report/Analysis.h - All that is derived from a run -*- C++
//-*-//
//
// Everything that summary.json, stats.csv and the pages state, computed once.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_ANALYSIS_H
#define SYNFIRE_SIMULATOR_REPORT_ANALYSIS_H

#include "simulator/report/Accounting.h"
#include "simulator/report/Baseline.h"
#include "simulator/report/Energy.h"
#include "simulator/report/SynOps.h"

namespace synfire::report {

/// Where a report's energy lies against silicon (targets.md, section 9).
enum class SanityBand : uint8_t { BelowSilicon, Plausible, AboveEdgeGpu };
struct SanityLimits {
  static constexpr double Low = 5;     ///< pJ per parameter and token
  static constexpr double High = 3000; ///< pJ per parameter and token
};
SanityBand sanityOf(double PicojoulesPerParameter);
/// `below`, `within`, `above`, and the sentence that goes with it.
std::string_view sanityName(SanityBand Band);
std::string_view sanityText(SanityBand Band);

/// One mode of running, with or without time.
struct ModeReport {
  std::string Mode;
  const TimeData *Time = nullptr; ///< null: not simulated
  EnergyReport Energy;
  EnergyRange PerToken;             ///< pJ
  EnergyRange DynamicPerToken;      ///< pJ, without barrier and static power
  EnergyRange PerParameterAndToken; ///< pJ
  std::optional<double> TokensPerSecond;
  SanityBand Band = SanityBand::Plausible;
};

/// Valid as long as the RunData that it was made from.
struct Analysis {
  const RunData *Run = nullptr;
  std::vector<ModeReport> Modes; ///< the mode that was asked for comes first
  SynOpsReport SynOps;
  /// None: the network states no layers, width or vocabulary.
  std::optional<BaselineReport> Baseline;
  /// None: no paper has an accounting of such a network.
  std::optional<AccountingReport> Accounting;
  /// Share of parameters of linears whose weights were fetched per token.
  double FetchedShare = 0;
  std::vector<std::string> Notes;

  const ModeReport &main() const { return Modes.front(); }
};

/// Fails with RunFailed when no token ran or the counters do not close.
Result<Analysis> analyse(const RunData &Run,
                         const std::vector<baselines::DenseDevice> &Devices);
/// The same with the shipped devices as baselines.
Result<Analysis> analyse(const RunData &Run);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_ANALYSIS_H
