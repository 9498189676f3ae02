//===- tools/synfire/Fill.h - Text with missing characters ------*- C++ -*-===//
//
// A line of text with a mark where a character is missing, as the
// sequence that a masked network reads: [CLS] text [SEP], [MASK] at each
// mark.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_FILL_H
#define SYNFIRE_TOOLS_SYNFIRE_FILL_H

#include "models/checkpoint/Vocabulary.h"
#include "targets/Status.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace synfire::tools {

struct GappedText {
  std::vector<int64_t> Tokens; ///< [CLS] and [SEP] included, if known
  std::vector<size_t> Gaps;    ///< places of [MASK] in Tokens, ascending
};

/// Reads \p Text; every \p Blank (one character) is a gap. Rules
/// `fill-blank`, `fill-vocabulary` (no [MASK] in it), `fill-gap` (none),
/// and what Vocabulary::encode() says.
Result<GappedText> readGaps(const std::string &Text, const std::string &Blank,
                            const checkpoint::Vocabulary &Vocabulary);

/// What the network puts into one gap: characters, likeliest first. Symbols in
/// square brackets are no characters.
struct Guess {
  std::vector<std::string> Characters;
  std::vector<double> Probabilities; ///< among characters; they sum to 1
};
/// From the logits of a gap, one per token of \p Vocabulary.
Result<Guess> guessFrom(std::span<const float> Logits,
                        const checkpoint::Vocabulary &Vocabulary);

/// \p Text with its likeliest characters in the gaps of \p Guesses.
Result<std::string> filledText(const GappedText &Text,
                               const std::vector<Guess> &Guesses,
                               const checkpoint::Vocabulary &Vocabulary);

/// That text, then for each gap a line with its likeliest characters. \p Logits
/// is [token, symbol].
Result<std::string> describeFilled(const GappedText &Text,
                                   std::span<const float> Logits,
                                   const checkpoint::Vocabulary &Vocabulary);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_FILL_H
