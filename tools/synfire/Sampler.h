//===- tools/synfire/Sampler.h - Chooses the next token ---------*- C++ -*-===//
//
// The host's part in generation: from the logits that the chip sent to the next
// token it is given. Random numbers are a function of (seed, position) alone,
// so a run can be repeated and does not depend on threads.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_SAMPLER_H
#define SYNFIRE_TOOLS_SYNFIRE_SAMPLER_H

#include <cstdint>
#include <span>

namespace synfire::tools {

struct Sampler {
  /// 0 takes the largest logit (the first of equals); above, softmax sampling
  /// of logits / Temperature.
  double Temperature = 0;
  uint64_t Seed = 0;

  /// The token for the \p Position-th generated place.
  int64_t choose(std::span<const float> Logits, uint64_t Position) const;
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_SAMPLER_H
