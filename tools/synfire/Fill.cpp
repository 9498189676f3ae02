//===- Fill.cpp - Text with missing characters ----------------------------===//

#include "tools/synfire/Fill.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace synfire;
using namespace synfire::tools;

static bool isMark(const std::string &Symbol) {
  return Symbol.size() > 1 && Symbol.front() == '[' && Symbol.back() == ']';
}

Result<GappedText> tools::readGaps(const std::string &Text,
                                   const std::string &Blank,
                                   const checkpoint::Vocabulary &Vocabulary) {
  if (Blank.empty())
    return Error{"--blank", "fill-blank",
                 "the mark of a gap is empty; give one character, such as _"};
  std::optional<int64_t> Mask = Vocabulary.find("[MASK]");
  if (!Mask)
    return Error{"--fill", "fill-vocabulary",
                 "the vocabulary of the image has no [MASK]: the network was "
                 "not trained to fill in text; use --prompt or --text"};
  GappedText Out;
  if (auto Begin = Vocabulary.find("[CLS]"))
    Out.Tokens.push_back(*Begin);
  for (size_t At = 0; At < Text.size();) {
    size_t Gap = std::min(Text.find(Blank, At), Text.size());
    auto Part = Vocabulary.encode(std::string_view(Text).substr(At, Gap - At),
                                  "--fill");
    if (!Part)
      return Part.errors();
    Out.Tokens.insert(Out.Tokens.end(), Part->begin(), Part->end());
    if (Gap < Text.size()) {
      Out.Gaps.push_back(Out.Tokens.size());
      Out.Tokens.push_back(*Mask);
    }
    At = Gap + Blank.size();
  }
  if (auto End = Vocabulary.find("[SEP]"))
    Out.Tokens.push_back(*End);
  if (Out.Gaps.empty())
    return Error{"--fill", "fill-gap",
                 fmt::format("the text has no '{}'; put one where a character "
                             "is missing, or name another with --blank",
                             Blank)};
  return Out;
}

Result<Guess> tools::guessFrom(std::span<const float> Logits,
                               const checkpoint::Vocabulary &Vocabulary) {
  std::vector<std::pair<float, std::string>> Found;
  for (int64_t Id = 0; Id < static_cast<int64_t>(Logits.size()); ++Id) {
    Result<std::string> Symbol = Vocabulary.decode(std::span(&Id, 1));
    if (!Symbol)
      return Symbol.errors();
    if (!isMark(*Symbol))
      Found.emplace_back(Logits[static_cast<size_t>(Id)], std::move(*Symbol));
  }
  std::ranges::stable_sort(Found, std::greater<>(),
                           [](const auto &F) { return F.first; });
  Guess Out;
  double Sum = 0;
  for (auto &[Logit, Symbol] : Found) {
    Out.Characters.push_back(std::move(Symbol));
    Out.Probabilities.push_back(std::exp(double(Logit) - Found.front().first));
    Sum += Out.Probabilities.back();
  }
  for (double &P : Out.Probabilities)
    P /= Sum;
  return Out;
}

Result<std::string>
tools::filledText(const GappedText &Text, const std::vector<Guess> &Guesses,
                  const checkpoint::Vocabulary &Vocabulary) {
  std::string Out;
  size_t Gap = 0;
  for (size_t At = 0; At < Text.Tokens.size(); ++At) {
    if (Gap < Text.Gaps.size() && Text.Gaps[Gap] == At) {
      Out += Guesses[Gap++].Characters.front();
      continue;
    }
    Result<std::string> Symbol =
        Vocabulary.decode(std::span(&Text.Tokens[At], 1));
    if (!Symbol)
      return Symbol.errors();
    if (!isMark(*Symbol))
      Out += *Symbol;
  }
  return Out;
}

Result<std::string>
tools::describeFilled(const GappedText &Text, std::span<const float> Logits,
                      const checkpoint::Vocabulary &Vocabulary) {
  constexpr size_t Shown = 3;
  const size_t Width = Logits.size() / Text.Tokens.size();
  std::vector<Guess> Guesses;
  std::string Lines;
  for (size_t Gap : Text.Gaps) {
    auto Made = guessFrom(Logits.subspan(Gap * Width, Width), Vocabulary);
    if (!Made)
      return Made.errors();
    Lines += " ";
    for (size_t I = 0; I < std::min(Shown, Made->Characters.size()); ++I)
      Lines += fmt::format(" '{}' {:.0f} %", Made->Characters[I],
                           100 * Made->Probabilities[I]);
    Lines += "\n";
    Guesses.push_back(std::move(*Made));
  }
  auto Filled = filledText(Text, Guesses, Vocabulary);
  if (!Filled)
    return Filled.errors();
  return *Filled + "\n" + Lines;
}
