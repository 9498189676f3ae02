//===- tools/synfire/Sequences.h - What a network is given ------*- C++ -*-===//
//
// Token ids of one sequence, or of several that are run one after the other,
// each from reset states.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_SEQUENCES_H
#define SYNFIRE_TOOLS_SYNFIRE_SEQUENCES_H

#include "compiler/transforms/Calibration.h"
#include "targets/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace synfire::tools {

using Sequence = compiler::CalibrationSequence;

struct Sequences {
  std::vector<Sequence> All; ///< at least one; all as long, if Batched
  /// The file had a dimension for sequences: arrays that are written have it
  /// too.
  bool Batched = false;

  size_t numTokens() const;
};

/// The integers of \p Tokens (.npy, [token] or [sequence, token]); \p Types and
/// \p Mask, files of the same shape, may be empty names. Rules `tokens-shape`,
/// `types-shape`, `mask-shape`, `mask-value` (0 or 1).
Result<Sequences> readSequences(const std::string &Tokens,
                                const std::string &Types,
                                const std::string &Mask);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_SEQUENCES_H
