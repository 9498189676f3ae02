//===- models/spikelm/Amplitudes.h - What a spike is worth ------*- C++ -*-===//

#ifndef SYNFIRE_MODELS_SPIKELM_AMPLITUDES_H
#define SYNFIRE_MODELS_SPIKELM_AMPLITUDES_H

#include "models/spikelm/SpikeLm.h"

namespace synfire::models {

/// The amplitudes of a checkpoint: one scalar per population and inner step.
class Amplitudes {
public:
  /// All three must outlive the object.
  Amplitudes(const checkpoint::Checkpoint &From, const SpikeLmShape &Shape,
             const SpikeLmAmplitudes &Given)
      : From(From), Shape(Shape), Given(Given) {}

  /// Of the tensors `Name.0` .. `Name.T-1`; what was given counts before what
  /// is stored. 1 and an error where there is none to use.
  std::vector<float> of(const std::string &Name);
  /// What is wrong with them; one error for all that are unset.
  Errors found() const;

private:
  const checkpoint::Checkpoint &From;
  const SpikeLmShape &Shape;
  const SpikeLmAmplitudes &Given;
  std::vector<std::string> Unset;
  Errors Wrong;
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELM_AMPLITUDES_H
