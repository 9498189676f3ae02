//===- models/checkpoint/Vocabulary.h - Characters and tokens ---*- C++ -*-===//
//
// The characters of a character-level network: a JSON list of strings, each one
// Unicode code point, whose index is the token.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_CHECKPOINT_VOCABULARY_H
#define SYNFIRE_MODELS_CHECKPOINT_VOCABULARY_H

#include "targets/Status.h"

#include <cstdint>
#include <map>
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

  /// Tokens of UTF-8 text. A character that the vocabulary lacks is an error
  /// (rule `vocabulary-character`) that names it, its code point and where it
  /// stands; \p Where is what messages call the text.
  Result<std::vector<int64_t>> encode(std::string_view Text,
                                      const std::string &Where) const;

  /// UTF-8 text of tokens; rule `vocabulary-token` for one out of range.
  Result<std::string> decode(std::span<const int64_t> Tokens) const;

private:
  std::string FileName;
  std::vector<std::string> Characters;
  std::map<std::string, int64_t, std::less<>> Tokens;
};

} // namespace synfire::checkpoint

#endif // SYNFIRE_MODELS_CHECKPOINT_VOCABULARY_H
