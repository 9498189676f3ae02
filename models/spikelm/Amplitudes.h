//===- models/spikelm/Amplitudes.h - What a spike is worth ------*- C++ -*-===//

#ifndef SYNFIRE_MODELS_SPIKELM_AMPLITUDES_H
#define SYNFIRE_MODELS_SPIKELM_AMPLITUDES_H

#include "models/spikelm/SpikeLm.h"

#include <optional>
#include <span>

namespace synfire::models {

/// The amplitudes of one population; nothing for an inner step in which the
/// public code has yet to set it.
using KnownAmplitudes = std::vector<std::optional<float>>;

/// \p Known, completed as the public code does at its first batch: twice the
/// mean magnitude of the membrane in that inner step, which depends on the
/// amplitudes of the steps before. \p Drives is what the population is given,
/// [token step, \p Neurons] of each sequence, token steps a multiple of the
/// inner steps; padding counts. A population with no membrane (\p HasMembrane
/// false) is compared with its drive. Means are summed in binary64; 0 where
/// there is nothing to average.
std::vector<float>
calibratedAmplitudes(std::span<const std::vector<float>> Drives,
                     int64_t Neurons, const KnownAmplitudes &Known,
                     bool HasMembrane, SpikeLmMembrane Membrane);

/// The amplitudes of a checkpoint: one scalar per population and inner step.
class Amplitudes {
public:
  /// All three must outlive the object.
  Amplitudes(const checkpoint::Checkpoint &From, const SpikeLmShape &Shape,
             const SpikeLmOptions &Options)
      : From(From), Shape(Shape), Options(Options) {}

  /// Of the tensors `Name.0` .. `Name.T-1`; what was given counts before what
  /// is stored.
  KnownAmplitudes known(const std::string &Name);
  /// Whether one of them is to be computed.
  bool needsDrive(const KnownAmplitudes &Known) const;
  /// Computes what is not set from the drive, the last op of the network.
  std::vector<float> compute(const std::string &Name,
                             const KnownAmplitudes &Known, mlir::Value Drive,
                             bool HasMembrane);
  /// \p Known as it is; 1 and an error for what is not set.
  std::vector<float> use(const std::string &Name, const KnownAmplitudes &Known);
  /// Forgets what was computed on the way to \p Live, if something was.
  void endOfBlock(mlir::Value Live);
  /// What is wrong with them; one error for all that are unset.
  Errors found() const;

private:
  void check(const std::string &Tensor, float Value);

  const checkpoint::Checkpoint &From;
  const SpikeLmShape &Shape;
  const SpikeLmOptions &Options;
  bool Computed = false; ///< one of the block at hand
  std::vector<std::string> Unset;
  Errors Wrong;
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELM_AMPLITUDES_H
