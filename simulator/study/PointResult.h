//===- simulator/study/PointResult.h - What came of a point -----*- C++ -*-===//
//
// The figures of one point, as plain data, and their summary.json. Definitions
// are those of docs/report.md; docs/explore.md lists what is kept.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_STUDY_POINTRESULT_H
#define SYNFIRE_SIMULATOR_STUDY_POINTRESULT_H

#include "simulator/report/Analysis.h"
#include "targets/Image.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace synfire::study {

enum class PointStatus : uint8_t {
  Done,
  DoesNotFit, ///< a result: the network does not fit this chip
  Failed,     ///< for any other reason; tried again by `--resume`
};
/// `done`, `does_not_fit`, `failed`.
std::string_view statusName(PointStatus S);

/// One mode of a point. Energies are of a token.
struct ModeFigures {
  std::string Mode;     ///< `generate` or `prefill`
  std::string Fidelity; ///< `analytic` or `event`
  uint64_t Ticks = 0;
  double TimePerToken = 0; ///< ns, simulated
  double TokensPerSecond = 0;
  report::EnergyRange Energy;        ///< pJ, all of it
  report::EnergyRange DynamicEnergy; ///< pJ, without barrier and static power
  report::EnergyRange StaticEnergy;  ///< pJ
  std::array<report::EnergyRange, report::NumComponents> Components; ///< pJ
  std::string Bound;     ///< what ticks waited for longest
  double BoundShare = 0; ///< of the simulated time
};

struct PointResult {
  PointStatus Status = PointStatus::Failed;
  std::string Reason; ///< unless done

  uint64_t Tokens = 0;
  uint32_t Chips = 0;
  uint64_t Cores = 0;
  uint64_t SynapticEvents = 0;    ///< weight fetches, over all tokens
  uint64_t Packets = 0;           ///< messages that left a core or the host
  uint64_t LinkBytes = 0;         ///< over links between routers, rounded down
  uint64_t PeakCoreBytes = 0;     ///< of the fullest core
  uint64_t ImageBytes = 0;        ///< without chip description and metadata
  std::vector<ModeFigures> Modes; ///< as the study lists them
  /// Bits per token of the quantised network on the model's evaluation text;
  /// nothing when the model brings none.
  std::optional<double> QualityBits;
};

/// The figures of a run in the modes that \p Run was analysed in.
PointResult measure(const report::Analysis &Run, const image::Image &Image);

/// A point without figures.
PointResult without(const Errors &Why);

nlohmann::ordered_json pointJson(const PointResult &R);
/// Fails with rule `study-point` on anything that pointJson() would not write.
Result<PointResult> pointFromJson(const nlohmann::ordered_json &Json,
                                  const std::string &Where);

} // namespace synfire::study

#endif // SYNFIRE_SIMULATOR_STUDY_POINTRESULT_H
