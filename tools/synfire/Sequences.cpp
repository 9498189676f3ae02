//===- Sequences.cpp - What a network is given ----------------------------===//

#include "tools/synfire/Sequences.h"

#include "targets/arrays/Npy.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

size_t Sequences::numTokens() const {
  size_t Sum = 0;
  for (const Sequence &S : All)
    Sum += S.Tokens.size();
  return Sum;
}

/// The integers of a file that goes with tokens of \p Shape.
static Result<std::vector<int64_t>>
readBeside(const std::string &Path, const char *Rule,
           const std::vector<int64_t> &Shape) {
  Result<Array> File = readNpy(Path);
  if (!File)
    return File.errors();
  if (File->Shape != Shape)
    return Error{Path, Rule,
                 fmt::format("shape {}, but the tokens have {}",
                             formatShape(File->Shape), formatShape(Shape))};
  return File->toIntegers(Path);
}

Result<Sequences> synfire::tools::readSequences(const std::string &Tokens,
                                                const std::string &Types,
                                                const std::string &Mask) {
  Result<Array> File = readNpy(Tokens);
  if (!File)
    return File.errors();
  const std::vector<int64_t> &Shape = File->Shape;
  bool Sound = Shape.size() == 1 || Shape.size() == 2;
  for (int64_t Size : Shape)
    Sound = Sound && Size >= 1;
  if (!Sound)
    return Error{Tokens, "tokens-shape",
                 fmt::format("tokens have shape {}; [token] or [sequence, "
                             "token] with at least one token is needed",
                             formatShape(Shape))};
  auto Ids = File->toIntegers(Tokens);
  if (!Ids)
    return Ids.errors();
  std::vector<int64_t> TypeIds, Valid;
  if (!Types.empty()) {
    auto Read = readBeside(Types, "types-shape", Shape);
    if (!Read)
      return Read.errors();
    TypeIds = std::move(*Read);
  }
  if (!Mask.empty()) {
    auto Read = readBeside(Mask, "mask-shape", Shape);
    if (!Read)
      return Read.errors();
    Valid = std::move(*Read);
  }
  for (size_t I = 0; I < Valid.size(); ++I)
    if (Valid[I] != 0 && Valid[I] != 1)
      return Error{Mask, "mask-value",
                   fmt::format("element {} is {}; 1 is a token, 0 padding", I,
                               Valid[I])};
  Sequences Out;
  Out.Batched = Shape.size() == 2;
  auto Length = static_cast<size_t>(Shape.back());
  for (size_t At = 0; At < Ids->size(); At += Length) {
    Sequence S;
    S.Tokens.assign(Ids->begin() + At, Ids->begin() + At + Length);
    if (!TypeIds.empty())
      S.Types.assign(TypeIds.begin() + At, TypeIds.begin() + At + Length);
    if (!Valid.empty())
      S.Valid.assign(Valid.begin() + At, Valid.begin() + At + Length);
    Out.All.push_back(std::move(S));
  }
  return Out;
}
