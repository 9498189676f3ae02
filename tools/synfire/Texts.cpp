//===- Texts.cpp - Texts that a compile runs on ---------------------------===//

#include "tools/synfire/Texts.h"

#include "compiler/reference/Quality.h"
#include "tools/synfire/Sampler.h"
#include "tools/synfire/Tokens.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

namespace {
/// Enough for the 99.99th percentile of 128 channels to rest on dozens of
/// values; more changes scales by less than a percent.
constexpr size_t CalibrationTokens = 4096;
constexpr int64_t DefaultWindow = 128;
/// A network without text is compiled for its size and speed: as many drawn
/// tokens as keep the float run within this many multiplications, but some.
constexpr uint64_t DrawnBudget = 4'000'000'000;
constexpr uint64_t FewestDrawn = 32, MostDrawn = 1024;

int64_t vocabularyOf(Model &M) {
  for (spike::InputOp In : M.network().getOps<spike::InputOp>())
    return In.getTokens().getType().getSize();
  return 0;
}

/// Tokens drawn uniformly; \p Stream tells calibration from evaluation.
WindowedText drawn(const Model &M, int64_t Vocabulary, uint64_t Seed,
                   uint64_t Stream) {
  uint64_t Count = std::clamp(DrawnBudget / std::max<uint64_t>(M.Parameters, 1),
                              FewestDrawn, MostDrawn);
  Sampler Draw{/*Temperature=*/1, Seed * 2 + Stream};
  std::vector<float> Equal(
      static_cast<size_t>(std::max<int64_t>(Vocabulary, 1)));
  WindowedText Out;
  Out.Name = "tokens drawn at random";
  for (uint64_t I = 0; I < Count; ++I) {
    if (I % DefaultWindow == 0)
      Out.Windows.emplace_back();
    Out.Windows.back().push_back(Draw.choose(Equal, I));
  }
  return Out;
}

WindowedText cut(const std::string &Path, const std::vector<int64_t> &Tokens,
                 size_t Window) {
  WindowedText Out;
  Out.Name = std::filesystem::path(Path).filename().string();
  // The last token is only predicted; a text of one token is only read.
  size_t Positions = std::max<size_t>(Tokens.size() - 1, 1);
  for (size_t I = 0; I < Positions; I += Window) {
    size_t End = std::min(I + Window, Positions);
    Out.Windows.emplace_back(Tokens.begin() + I, Tokens.begin() + End);
    if (Tokens.size() > 1)
      Out.Targets.emplace_back(Tokens.begin() + I + 1,
                               Tokens.begin() + End + 1);
  }
  return Out;
}

Result<WindowedText> open(Model &M, const std::string &Path, size_t Most,
                          uint64_t Seed, uint64_t Stream) {
  int64_t Vocabulary = vocabularyOf(M);
  if (Path.empty())
    return drawn(M, Vocabulary, Seed, Stream);
  Result<std::vector<int64_t>> Tokens = tokensOf(Path, M.Vocabulary);
  if (!Tokens)
    return Tokens.errors();
  if (Status S = checkTokens(*Tokens, Vocabulary, Path); !S)
    return S.errors();
  if (Tokens->size() > Most)
    Tokens->resize(Most);
  return cut(Path, *Tokens, M.Card.EvaluateWindow.value_or(DefaultWindow));
}
} // namespace

uint64_t WindowedText::numTokens() const {
  uint64_t Sum = 0;
  for (const auto &Window : Windows)
    Sum += Window.size();
  return Sum;
}

Result<WindowedText> synfire::tools::calibrationText(Model &M,
                                                     const std::string &File,
                                                     uint64_t Seed) {
  return open(M, File.empty() ? M.Card.Calibrate : File, CalibrationTokens + 1,
              Seed, 0);
}

Result<WindowedText> synfire::tools::evaluationText(Model &M,
                                                    const std::string &File,
                                                    uint64_t Seed) {
  return open(M, File.empty() ? M.Card.Evaluate : File, SIZE_MAX, Seed, 1);
}

Result<Prediction> synfire::tools::predict(spike::NetworkOp Network,
                                           compiler::WeightFiles &Files,
                                           const WindowedText &Text) {
  auto Run = compiler::Interpreter::create(Network, Files);
  if (!Run)
    return Run.errors();
  Prediction Out;
  double Bits = 0;
  size_t Width = static_cast<size_t>(Run->outputSize());
  for (size_t W = 0; W < Text.Windows.size(); ++W) {
    auto R = Run->run(Text.Windows[W]);
    if (!R)
      return R.errors();
    for (size_t I = 0; I < R->Logits.size(); I += Width) {
      auto Row = R->Logits.begin() + I;
      Out.Largest.push_back(std::max_element(Row, Row + Width) - Row);
    }
    if (Text.Targets.empty())
      continue;
    auto Measured = compiler::bitsPerToken(R->Logits, Text.Targets[W]);
    if (!Measured)
      return Measured.errors();
    Bits += *Measured * static_cast<double>(Text.Windows[W].size());
  }
  if (!Text.Targets.empty())
    Out.BitsPerToken = Bits / static_cast<double>(Text.numTokens());
  return Out;
}

void synfire::tools::describeQuality(const WindowedText &Text,
                                     const Prediction &Float,
                                     const Prediction &Quantized,
                                     ImageMetadata &About) {
  About.FloatBits = Float.BitsPerToken;
  About.QuantizedBits = Quantized.BitsPerToken;
  About.EvaluationText = Text.Name;
  About.EvaluationTokens = Text.numTokens();
  size_t Same = 0;
  for (size_t I = 0; I < Float.Largest.size(); ++I)
    Same += Float.Largest[I] == Quantized.Largest[I];
  About.ArgmaxAgreement =
      static_cast<double>(Same) / static_cast<double>(Float.Largest.size());
}
