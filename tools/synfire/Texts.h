//===- tools/synfire/Texts.h - Texts that a compile runs on -----*- C++ -*-===//
//
// Windows of tokens on which scales are found and quality is measured. Every
// window starts from reset states.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_TEXTS_H
#define SYNFIRE_TOOLS_SYNFIRE_TEXTS_H

#include "compiler/reference/Interpreter.h"
#include "tools/synfire/ImageMetadata.h"
#include "tools/synfire/Model.h"

#include <string>
#include <vector>

namespace synfire::tools {

/// A text as windows of tokens.
struct WindowedText {
  std::string Name; ///< of the text, for the metadata; no folder
  std::vector<std::vector<int64_t>> Windows;
  /// The token after each position, in the same windows; empty for drawn
  /// tokens, which nobody can be asked to predict.
  std::vector<std::vector<int64_t>> Targets;

  uint64_t numTokens() const;
};

/// The first tokens of \p File (of the model's own text if it is empty). When
/// the model brings none, a few tokens drawn at random: enough to find scales,
/// and the name says so.
Result<WindowedText> calibrationText(Model &M, const std::string &File,
                                     uint64_t Seed);
/// The same for measuring: all of the text, in the windows of the model's card.
Result<WindowedText> evaluationText(Model &M, const std::string &File,
                                    uint64_t Seed);

/// How well a network predicts a text.
struct Prediction {
  std::optional<double> BitsPerToken; ///< none for drawn tokens
  std::vector<int64_t> Largest;       ///< id of the largest logit, by position
};
Result<Prediction> predict(spike::NetworkOp Network,
                           compiler::WeightFiles &Files,
                           const WindowedText &Text);

/// Fills the quality fields of \p About from both networks' predictions.
void describeQuality(const WindowedText &Text, const Prediction &Float,
                     const Prediction &Quantized, ImageMetadata &About);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_TEXTS_H
