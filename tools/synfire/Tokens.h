//===- tools/synfire/Tokens.h - Texts and files as tokens -------*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_TOKENS_H
#define SYNFIRE_TOOLS_SYNFIRE_TOKENS_H

#include "models/checkpoint/Vocabulary.h"
#include "targets/Status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace synfire::tools {

/// Token ids of a .npy file (integers, one dimension, at least one).
Result<std::vector<int64_t>> readTokens(const std::string &Path);

/// The whole of a text file; rule `text-read`.
Result<std::string> readText(const std::string &Path);

/// Tokens of \p Path: a .npy file as it is, anything else as text under
/// \p Vocabulary, which must be there.
Result<std::vector<int64_t>>
tokensOf(const std::string &Path,
         const std::optional<checkpoint::Vocabulary> &Vocabulary);

/// Fails with the first token that is not in 0 .. Vocabulary-1.
Status checkTokens(const std::vector<int64_t> &Tokens, int64_t Vocabulary,
                   const std::string &Where);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_TOKENS_H
