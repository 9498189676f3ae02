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
/// Token steps of drawn events.
constexpr int64_t DrawnSteps = 32;

int64_t vocabularyOf(spike::NetworkOp Network) {
  for (spike::InputOp In : Network.getOps<spike::InputOp>())
    if (In.getRole() == spike::InputRole::Token)
      return In.getTokens().getType().getSize();
  return 0;
}

/// Tokens per window: what the model's card says, as far as the network goes.
size_t windowOf(const Model &M, spike::NetworkOp Network) {
  int64_t Window = M.Card.EvaluateWindow.value_or(DefaultWindow);
  if (auto Positions = Network.getPositions())
    Window = std::min(Window, static_cast<int64_t>(*Positions));
  return static_cast<size_t>(Window);
}

/// Tokens drawn uniformly; \p Stream tells calibration from evaluation.
WindowedText drawn(Model &M, int64_t Vocabulary, uint64_t Seed,
                   uint64_t Stream) {
  uint64_t Count = std::clamp(DrawnBudget / std::max<uint64_t>(M.Parameters, 1),
                              FewestDrawn, MostDrawn);
  Sampler Draw{/*Temperature=*/1, Seed * 2 + Stream};
  std::vector<float> Equal(
      static_cast<size_t>(std::max<int64_t>(Vocabulary, 1)));
  WindowedText Out;
  Out.Name = "tokens drawn at random";
  const size_t Window = windowOf(M, M.network());
  for (uint64_t I = 0; I < Count; ++I) {
    if (I % Window == 0)
      Out.Windows.emplace_back();
    Out.Windows.back().Tokens.push_back(Draw.choose(Equal, I));
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
    Out.Windows.push_back({{Tokens.begin() + I, Tokens.begin() + End}, {}, {}});
    if (Tokens.size() > 1)
      Out.Targets.emplace_back(Tokens.begin() + I + 1,
                               Tokens.begin() + End + 1);
  }
  return Out;
}

/// Whether the model is asked for symbols behind [MASK], not for the next one.
bool fillsIn(const Model &M) {
  return M.Vocabulary && M.Vocabulary->find("[MASK]");
}

/// [CLS] text [SEP] in windows, the last one shorter.
Result<WindowedText> frame(const Model &M, spike::NetworkOp Network,
                           const std::string &Path,
                           const std::vector<int64_t> &Tokens) {
  std::vector<int64_t> Start, End;
  if (M.Vocabulary) {
    if (auto Id = M.Vocabulary->find("[CLS]"))
      Start = {*Id};
    if (auto Id = M.Vocabulary->find("[SEP]"))
      End = {*Id};
  }
  const size_t Window = windowOf(M, Network), Ends = Start.size() + End.size();
  if (Window <= Ends)
    return Error{Path, "text-window",
                 fmt::format("windows of {} tokens hold no character beside "
                             "[CLS] and [SEP]",
                             Window)};
  WindowedText Out;
  Out.Name = std::filesystem::path(Path).filename().string();
  for (size_t At = 0; At < Tokens.size(); At += Window - Ends) {
    size_t Count = std::min(Window - Ends, Tokens.size() - At);
    std::vector<int64_t> Ids = Start;
    Ids.insert(Ids.end(), Tokens.begin() + At, Tokens.begin() + At + Count);
    Ids.insert(Ids.end(), End.begin(), End.end());
    Out.Windows.push_back({std::move(Ids), {}, {}});
  }
  return Out;
}

/// The sequences of an array [sequence, token], with the labels and the mask of
/// the model's card if they are the card's own; no windows if the array has one
/// dimension.
Result<WindowedText> sequencesOf(const Model &M, spike::NetworkOp Network,
                                 const std::string &Path, size_t Most) {
  const bool Own = Path == M.Card.Evaluate;
  auto Read = readSequences(Path, "", Own ? M.Card.EvaluateMask : "");
  if (!Read)
    return Read.errors();
  WindowedText Out;
  if (!Read->Batched)
    return Out;
  Out.Name = std::filesystem::path(Path).filename().string();
  Out.Masked = Own && !M.Card.EvaluateLabels.empty();
  if (Out.Masked) {
    auto Labels = readSequences(M.Card.EvaluateLabels, "", "");
    if (!Labels)
      return Labels.errors();
    for (Sequence &S : Labels->All)
      Out.Targets.push_back(std::move(S.Tokens));
    if (Out.Targets.size() != Read->All.size() ||
        Out.Targets[0].size() != Read->All[0].Tokens.size())
      return Error{M.Card.EvaluateLabels, "labels-shape",
                   fmt::format("{} x {} labels for {} x {} tokens",
                               Out.Targets.size(), Out.Targets[0].size(),
                               Read->All.size(), Read->All[0].Tokens.size())};
  }
  size_t Taken = 0;
  for (Sequence &S : Read->All) {
    if (Taken >= Most)
      break;
    if (Status Sound = checkTokens(S.Tokens, vocabularyOf(Network), Path);
        !Sound)
      return Sound.errors();
    Taken += S.Tokens.size();
    Out.Windows.push_back(std::move(S));
  }
  if (!Out.Targets.empty())
    Out.Targets.resize(Out.Windows.size());
  return Out;
}

/// Spike trains of a file, or drawn ones.
Result<WindowedText> openEvents(const std::vector<EventPort> &Ports,
                                const std::string &Path, uint64_t Seed) {
  WindowedText Out;
  if (Path.empty()) {
    Out.Name = "events drawn at random, one in ten";
    Out.Windows.push_back(drawEvents(Ports, DrawnSteps, Seed));
    return Out;
  }
  auto Read = readEvents({{Path}, /*Steps=*/0}, Ports);
  if (!Read)
    return Read.errors();
  Out.Name = std::filesystem::path(Path).filename().string();
  Out.Windows = std::move(Read->All);
  return Out;
}

/// The text \p Path, at most \p Most tokens.
Result<WindowedText> read(const Model &M, spike::NetworkOp Network,
                          const std::string &Path, size_t Most) {
  if (Path.ends_with(".npy"))
    if (auto Given = sequencesOf(M, Network, Path, Most);
        !Given || !Given->Windows.empty())
      return Given;
  Result<std::vector<int64_t>> Tokens = tokensOf(Path, M.Vocabulary);
  if (!Tokens)
    return Tokens.errors();
  if (Status S = checkTokens(*Tokens, vocabularyOf(Network), Path); !S)
    return S.errors();
  if (Tokens->size() > Most)
    Tokens->resize(Most);
  return fillsIn(M) ? frame(M, Network, Path, *Tokens)
                    : cut(Path, *Tokens, windowOf(M, Network));
}

Result<WindowedText> open(Model &M, const std::string &Path, size_t Most,
                          uint64_t Seed, uint64_t Stream) {
  if (M.takesEvents())
    return openEvents(M.eventPorts(), Path, Seed * 2 + Stream);
  return Path.empty() ? drawn(M, vocabularyOf(M.network()), Seed, Stream)
                      : read(M, M.network(), Path, Most);
}
} // namespace

uint64_t WindowedText::numTokens() const {
  uint64_t Sum = 0;
  for (const Sequence &Window : Windows)
    Sum += Window.Tokens.size();
  return Sum;
}

uint64_t WindowedText::numTargets() const {
  uint64_t Sum = 0;
  for (const auto &Window : Targets)
    Sum += std::ranges::count_if(Window, isTarget);
  return Sum;
}

Result<WindowedText> synfire::tools::calibrationText(Model &M,
                                                     const std::string &File,
                                                     uint64_t Seed) {
  return open(M, File.empty() ? M.Card.Calibrate : File, CalibrationTokens + 1,
              Seed, 0);
}

Result<WindowedText>
synfire::tools::ownCalibrationText(const Model &M, spike::NetworkOp Network,
                                   const std::string &File, const char *For) {
  const std::string &Path = File.empty() ? M.Card.Calibrate : File;
  if (Path.empty())
    return Error{M.Path, "calibration-text",
                 fmt::format("{} computed from a text, and there is none; give "
                             "one with --calibrate, or name it in the model's "
                             "card (key calibrate)",
                             For)};
  auto Text = read(M, Network, Path, CalibrationTokens + 1);
  if (Text && Text->numTokens() == 0)
    return Error{Path, "calibration-text", "the text is empty"};
  return Text;
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
  double Bits = 0, Right = 0;
  size_t Width = static_cast<size_t>(Run->outputSize());
  for (size_t W = 0; W < Text.Windows.size(); ++W) {
    const Sequence &Given = Text.Windows[W];
    auto R = compiler::runOn(*Run, Given);
    if (!R)
      return R.errors();
    std::vector<float> Rows;
    std::vector<int64_t> Asked;
    for (size_t I = 0; I < Given.Tokens.size(); ++I) {
      if (!Text.Targets.empty()) {
        if (!WindowedText::isTarget(Text.Targets[W][I]))
          continue;
        Asked.push_back(Text.Targets[W][I]);
      }
      auto Row = R->Logits.begin() + I * Width;
      Out.Largest.push_back(std::max_element(Row, Row + Width) - Row);
      Rows.insert(Rows.end(), Row, Row + Width);
    }
    if (Asked.empty())
      continue;
    for (size_t I = 0; I < Asked.size(); ++I)
      Right += Out.Largest[Out.Largest.size() - Asked.size() + I] == Asked[I];
    auto Measured = compiler::bitsPerToken(Rows, Asked);
    if (!Measured)
      return Measured.errors();
    Bits += *Measured * static_cast<double>(Asked.size());
  }
  if (uint64_t Targets = Text.numTargets()) {
    Out.BitsPerToken = Bits / static_cast<double>(Targets);
    Out.Accuracy = Right / static_cast<double>(Targets);
  }
  return Out;
}

void synfire::tools::describeQuality(const WindowedText &Text,
                                     const Prediction &Float,
                                     const Prediction &Quantized,
                                     ImageMetadata &About) {
  About.FloatBits = Float.BitsPerToken;
  About.QuantizedBits = Quantized.BitsPerToken;
  About.Masked = Text.Masked;
  if (Text.Masked) {
    About.FloatAccuracy = Float.Accuracy;
    About.QuantizedAccuracy = Quantized.Accuracy;
  }
  About.EvaluationText = Text.Name;
  About.EvaluationTokens =
      Text.Targets.empty() ? Text.numTokens() : Text.numTargets();
  size_t Same = 0;
  for (size_t I = 0; I < Float.Largest.size(); ++I)
    Same += Float.Largest[I] == Quantized.Largest[I];
  About.ArgmaxAgreement =
      static_cast<double>(Same) / static_cast<double>(Float.Largest.size());
}
