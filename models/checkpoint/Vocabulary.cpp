//===- models/checkpoint/Vocabulary.cpp - Characters and tokens -----------===//

#include "models/checkpoint/Vocabulary.h"
#include "targets/Utf8.h"
#include "targets/arrays/MappedFile.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace synfire::checkpoint {

namespace {

/// Such as `[MASK]`.
bool isSpecial(std::string_view Symbol) {
  return Symbol.size() > 2 && Symbol.front() == '[' && Symbol.back() == ']';
}

/// Bytes of the character that begins with \p Lead, in well-formed UTF-8.
size_t lengthOf(char Lead) {
  uint8_t Byte = static_cast<uint8_t>(Lead);
  return Byte < 0x80 ? 1 : Byte < 0xe0 ? 2 : Byte < 0xf0 ? 3 : 4;
}

uint32_t codePoint(std::string_view Character) {
  uint8_t Lead = static_cast<uint8_t>(Character[0]);
  if (Character.size() == 1)
    return Lead;
  uint32_t Code = Lead & (0x7fu >> Character.size());
  for (char C : Character.substr(1))
    Code = Code << 6 | (static_cast<uint8_t>(C) & 0x3f);
  return Code;
}

} // namespace

Result<Vocabulary> Vocabulary::open(const std::string &Path) {
  Result<MappedFile> File = MappedFile::open(Path);
  if (!File)
    return File.errors();
  std::span<const uint8_t> Bytes = File->bytes();
  return parse({reinterpret_cast<const char *>(Bytes.data()), Bytes.size()},
               Path);
}

Result<Vocabulary> Vocabulary::parse(std::string_view Json,
                                     const std::string &FileName) {
  auto fail = [&](const std::string &Text) {
    return Error{FileName, "vocabulary-format", Text};
  };
  nlohmann::json List;
  try {
    // The callback stops at nesting that no list of strings has.
    List =
        nlohmann::json::parse(Json, [](int Depth, nlohmann::json::parse_event_t,
                                       nlohmann::json &) { return Depth < 3; });
  } catch (const nlohmann::json::exception &E) {
    const auto *Parse = dynamic_cast<const nlohmann::json::parse_error *>(&E);
    return fail(fmt::format("at byte {}: not JSON; a vocabulary is a JSON list "
                            "of characters, the index being the token",
                            Parse ? Parse->byte : 0));
  }
  if (!List.is_array() || List.empty())
    return fail("a vocabulary is a JSON list of characters, the index being "
                "the token");
  Vocabulary V;
  V.FileName = FileName;
  for (const nlohmann::json &Item : List) {
    size_t Token = V.Characters.size();
    if (!Item.is_string())
      return fail(fmt::format("token {} is not a string", Token));
    const std::string &Text = Item.get_ref<const std::string &>();
    if (Text.empty() || (Text.size() != lengthOf(Text[0]) && !isSpecial(Text)))
      return fail(
          fmt::format("token {} is '{}', which is neither one character "
                      "nor a special symbol such as [MASK]",
                      Token, Text));
    auto [Place, New] = V.Tokens.emplace(Text, static_cast<int64_t>(Token));
    if (!New)
      return fail(fmt::format("tokens {} and {} are the same character '{}'",
                              Place->second, Token, Text));
    V.Characters.push_back(Text);
  }
  return V;
}

Result<std::vector<int64_t>>
Vocabulary::encode(std::string_view Text, const std::string &Where) const {
  if (std::optional<size_t> Bad = findInvalidUtf8(Text))
    return Error{Where, "vocabulary-character",
                 fmt::format("byte {} is not UTF-8 text", *Bad)};
  std::vector<int64_t> Out;
  size_t Line = 1, Column = 1;
  for (size_t At = 0; At != Text.size();) {
    std::string_view Character = Text.substr(At, lengthOf(Text[At]));
    auto Found = Tokens.find(Character);
    if (Found == Tokens.end()) {
      uint32_t Code = codePoint(Character);
      return Error{
          fmt::format("{}:{}:{}", Where, Line, Column), "vocabulary-character",
          fmt::format("character {}U+{:04X} (number {} of the text) is not "
                      "among the {} of the vocabulary {}; leave it out",
                      Code < 0x20 || Code == 0x7f
                          ? std::string()
                          : fmt::format("'{}' ", Character),
                      Code, Out.size() + 1, Characters.size(), FileName)};
    }
    Out.push_back(Found->second);
    At += Character.size();
    ++Column;
    if (Character == "\n") {
      ++Line;
      Column = 1;
    }
  }
  return Out;
}

std::optional<int64_t> Vocabulary::find(std::string_view Symbol) const {
  auto Found = Tokens.find(Symbol);
  return Found == Tokens.end() ? std::nullopt : std::optional(Found->second);
}

Result<std::string> Vocabulary::decode(std::span<const int64_t> Ids) const {
  std::string Text;
  for (int64_t Id : Ids) {
    if (Id < 0 || static_cast<size_t>(Id) >= Characters.size())
      return Error{
          FileName, "vocabulary-token",
          fmt::format("token {} is not in 0 .. {}", Id, Characters.size() - 1)};
    Text += Characters[static_cast<size_t>(Id)];
  }
  return Text;
}

} // namespace synfire::checkpoint
