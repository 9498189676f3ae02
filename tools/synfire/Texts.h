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
#include "tools/synfire/Sequences.h"

#include <string>
#include <vector>

namespace synfire::tools {

/// A text as windows of tokens.
struct WindowedText {
  /// Below 0: no token is to be predicted at a position.
  static bool isTarget(int64_t Label) { return Label >= 0; }

  std::string Name; ///< of the text, for the metadata; no folder
  std::vector<Sequence> Windows;
  /// What is to be predicted at each position, in the same windows: the token
  /// that follows, or what the labels of the model's card say. Empty for tokens
  /// that nobody can be asked to predict.
  std::vector<std::vector<int64_t>> Targets;
  bool Masked = false; ///< targets stand behind [MASK]

  uint64_t numTokens() const; ///< padding included
  uint64_t numTargets() const;
};

/// The first tokens of \p File (of the model's own text if it is empty). When
/// the model brings none, a few tokens drawn at random: enough to find scales,
/// and the name says so. A .npy file may hold sequences; text for a network
/// with [MASK] is [CLS] text [SEP], by windows.
Result<WindowedText> calibrationText(Model &M, const std::string &File,
                                     uint64_t Seed);
/// The same for values that are computed from it and not only rounded by it: a
/// text that is given or the model's own, rule `calibration-text` when there is
/// none. \p Network may still be being built; \p For says what needs it ("masks
/// are").
Result<WindowedText> ownCalibrationText(const Model &M,
                                        spike::NetworkOp Network,
                                        const std::string &File,
                                        const char *For);
/// The same for measuring: all of the text, in the windows of the model's card.
Result<WindowedText> evaluationText(Model &M, const std::string &File,
                                    uint64_t Seed);

/// How well a network predicts a text.
struct Prediction {
  std::optional<double> BitsPerToken; ///< per target; none for drawn tokens
  std::optional<double> Accuracy;     ///< share of targets with largest logit
  /// Id of the largest logit, by position that has a target (of drawn tokens:
  /// by position).
  std::vector<int64_t> Largest;
};
Result<Prediction> predict(spike::NetworkOp Network,
                           compiler::WeightFiles &Files,
                           const WindowedText &Text);

/// Fills the quality fields of \p About from both networks' predictions.
void describeQuality(const WindowedText &Text, const Prediction &Float,
                     const Prediction &Quantized, ImageMetadata &About);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_TEXTS_H
