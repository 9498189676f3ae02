//===- Tokens.cpp - Texts and files as tokens -----------------------------===//

#include "tools/synfire/Tokens.h"

#include "targets/arrays/MappedFile.h"
#include "targets/arrays/Npy.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

Result<std::vector<int64_t>>
synfire::tools::readTokens(const std::string &Path) {
  Result<Array> File = readNpy(Path);
  if (!File)
    return File.errors();
  if (File->Shape.size() != 1 || File->Shape[0] < 1)
    return Error{
        Path, "tokens-shape",
        fmt::format("tokens have shape {}, one dimension with at least "
                    "one token is needed",
                    formatShape(File->Shape))};
  return File->toIntegers(Path);
}

Result<std::string> synfire::tools::readText(const std::string &Path) {
  Result<MappedFile> File = MappedFile::open(Path);
  if (!File)
    return File.errors();
  auto Bytes = File->bytes();
  return std::string(Bytes.begin(), Bytes.end());
}

Result<std::vector<int64_t>> synfire::tools::tokensOf(
    const std::string &Path,
    const std::optional<checkpoint::Vocabulary> &Vocabulary) {
  if (Path.ends_with(".npy"))
    return readTokens(Path);
  if (!Vocabulary)
    return Error{
        Path, "text-vocabulary",
        "the model has no vocabulary to read text with; give token ids "
        "as a .npy file, or name a vocabulary in the model's .yaml"};
  Result<std::string> Text = readText(Path);
  if (!Text)
    return Text.errors();
  Result<std::vector<int64_t>> Tokens = Vocabulary->encode(*Text, Path);
  if (Tokens && Tokens->empty())
    return Error{Path, "text-empty", "the text is empty"};
  return Tokens;
}

Status synfire::tools::checkTokens(const std::vector<int64_t> &Tokens,
                                   int64_t Vocabulary,
                                   const std::string &Where) {
  for (size_t I = 0; I < Tokens.size(); ++I)
    if (Tokens[I] < 0 || Tokens[I] >= Vocabulary)
      return Error{Where, "token-range",
                   fmt::format("token {} is {}, the vocabulary has ids 0 to {}",
                               I, Tokens[I], Vocabulary - 1)};
  return {};
}
