//===- tools/synfire/ChipRunner.h - Sequences through a chip ----*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_CHIPRUNNER_H
#define SYNFIRE_TOOLS_SYNFIRE_CHIPRUNNER_H

#include "models/checkpoint/Vocabulary.h"
#include "simulator/engine/Simulation.h"
#include "tools/synfire/Sampler.h"
#include "tools/synfire/Sequences.h"

#include <optional>
#include <vector>

namespace synfire::tools {

/// What went in and came out.
struct Transcript {
  std::vector<int64_t> Tokens; ///< given to the chip, in order
  std::vector<float> Logits;   ///< [token, symbol]
  bool KnownText = false;      ///< the text was given, not written
};

/// Refers to its arguments; they must outlive it.
class ChipRunner {
public:
  ChipRunner(sim::Simulation &Chip,
             const std::optional<checkpoint::Vocabulary> &Vocabulary,
             bool Quiet)
      : Chip(Chip), Vocabulary(Vocabulary), Quiet(Quiet) {}

  /// Gives the chip several sequences, each from its initial states.
  Result<Transcript> runAll(const Sequences &Given);
  /// Gives the chip \p Given, then as many tokens as it chooses itself; prints
  /// the text as it comes, unless quiet.
  Result<Transcript> run(std::vector<int64_t> Given, int64_t Generate,
                         const Sampler &Choose);

private:
  Status give(Transcript &T, const std::vector<int64_t> &Tokens);
  void say(const std::vector<int64_t> &Tokens, bool Shown);

  sim::Simulation &Chip;
  const std::optional<checkpoint::Vocabulary> &Vocabulary;
  bool Quiet;
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_CHIPRUNNER_H
