//===- models/spikellm/GreedySteps.h - Codes as spikes over steps -*- C++
//-*-===//
//
// How a generalised integrate-and-fire neuron spends a code over T steps: full
// spikes first, then the remainder, then silence (arXiv 2407.04752; recurrence
// of the public code). Networks here send a whole code at once; the number of
// spikes is the same, so this serves to state what a step-wise chip would see.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SPIKELLM_GREEDYSTEPS_H
#define SYNFIRE_MODELS_SPIKELLM_GREEDYSTEPS_H

#include <cstdint>
#include <vector>

namespace synfire::models {

struct GreedySteps {
  std::vector<int64_t> Spikes; ///< per step, 0 .. Levels - 1
  /// What T steps of at most Levels - 1 spikes cannot emit. The public step
  /// modes drop it; 0 when the last step may exceed the levels.
  int64_t Residual = 0;
};

/// \p Code >= 0 over \p Steps >= 1 steps of \p Levels >= 2 levels. With
/// \p Lossy, as published: codes above Steps * (Levels - 1) leave a residual.
/// Without, the last step emits all that is left.
GreedySteps greedySteps(int64_t Code, int64_t Steps, int64_t Levels,
                        bool Lossy);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELLM_GREEDYSTEPS_H
