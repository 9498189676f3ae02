//===- tools/synfire/ModelCalibration.h - What a text decides ---*- C++ -*-===//
//
// Parts of a model that its file leaves open and that follow from what the
// network computes on a text: amplitudes of SpikeLM, salient channels of
// SpikeLLM.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_MODELCALIBRATION_H
#define SYNFIRE_TOOLS_SYNFIRE_MODELCALIBRATION_H

#include "compiler/reference/GrowingRun.h"
#include "models/checkpoint/Checkpoint.h"
#include "models/spikellm/SpikeLlm.h"
#include "models/spikelm/SpikeLm.h"
#include "tools/synfire/Texts.h"

#include <optional>

namespace synfire::tools {

/// Computes the amplitudes that are not set on all calibration sequences as one
/// batch, in one pass over the network.
class AmplitudeCalibration final : public models::SpikeLmCalibrator {
public:
  /// \p M is being imported, its card and vocabulary are there; must outlive
  /// the object. \p File as in ownCalibrationText().
  AmplitudeCalibration(const Model &M, std::string File)
      : M(M), File(std::move(File)), Files(M.Folder) {}

  Result<std::vector<std::vector<float>>> drive(mlir::Value Drive) override;
  Status keepOnly(mlir::Value Live) override;
  void set(const std::string &Tensor, float Value) override;

  /// How many were computed and from what.
  std::string note() const;

private:
  const Model &M;
  std::string File;
  compiler::WeightFiles Files;
  WindowedText Text; ///< read when the first amplitude is asked for
  std::optional<compiler::GrowingRun> Run;
  size_t Count = 0;
  float Least = 0, Most = 0;
};

/// The masks of \p File, a LLaMA, by what the dense network computes on the
/// calibration text (models/spikellm/Saliency.h); \p TextFile as in
/// ownCalibrationText(). Adds a note to \p M.
Result<models::ChannelMasks> computeMasks(Model &M,
                                          const checkpoint::Checkpoint &File,
                                          const models::SpikeLlmConfig &Config,
                                          const std::string &TextFile);
/// computeMasks(), or the masks of another file, as \p Options say. Adds a note
/// to \p M.
Result<models::ChannelMasks> chooseMasks(Model &M, const ModelOptions &Options,
                                         const checkpoint::Checkpoint &File,
                                         const models::SpikeLlmConfig &Config);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_MODELCALIBRATION_H
