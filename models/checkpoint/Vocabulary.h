//===- models/checkpoint/Vocabulary.h - Characters and tokens ---*- C++ -*-===//
//
// The symbols of a character-level network: a JSON list of strings whose index
// is the token. Each is one Unicode code point, or a special symbol in square
// brackets such as `[MASK]`, which no text contains.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_CHECKPOINT_VOCABULARY_H
#define SYNFIRE_MODELS_CHECKPOINT_VOCABULARY_H

#include "targets/Status.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::checkpoint {

class Vocabulary {
public:
  /// Reads the JSON file \p Path; errors have rule `vocabulary-format`.
  static Result<Vocabulary> open(const std::string &Path);
  /// The same from text; \p FileName is used in messages.
  static Result<Vocabulary> parse(std::string_view Json,
                                  const std::string &FileName);

  /// Number of tokens.
  size_t size() const { return Characters.size(); }

  /// Tokens of UTF-8 text, character by character. A character that the
  /// vocabulary lacks is an error (rule `vocabulary-character`) that names it,
  /// its code point and where it stands; \p Where is what messages call the
  /// text.
  Result<std::vector<int64_t>> encode(std::string_view Text,
                                      const std::string &Where) const;

  /// The token of a symbol, special ones included; nothing if it is unknown.
  std::optional<int64_t> find(std::string_view Symbol) const;

  /// UTF-8 text of tokens, special symbols by their names; rule
  /// `vocabulary-token` for one out of range.
  Result<std::string> decode(std::span<const int64_t> Tokens) const;

private:
  std::string FileName;
  std::vector<std::string> Characters;
  std::map<std::string, int64_t, std::less<>> Tokens;
};

} // namespace synfire::checkpoint

#endif // SYNFIRE_MODELS_CHECKPOINT_VOCABULARY_H
