//===- models/checkpoint/ModelCard.h - What shapes do not tell --*- C++ -*-===//
//
// A YAML file beside a checkpoint (`shakespeare.yaml` beside `shakespeare.pth`)
// with what the tensors alone do not say. Every key but `architecture` may be
// left out; paths count from the card's folder.
//
//   architecture: spikegpt    # or matmulfree, spikelm, spikellm
//   form: training            # or public-run
//   vocabulary: vocab.json
//   calibrate: calibrate.txt
//   evaluate: evaluate.txt
//   evaluate_window: 128      # tokens between resets of all states
//   evaluate_labels: l.npy    # of `evaluate` as .npy: the token asked for at
//                             # each place, below 0 where none is
//   evaluate_mask: m.npy      # likewise: 1 a token, 0 padding
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_CHECKPOINT_MODELCARD_H
#define SYNFIRE_MODELS_CHECKPOINT_MODELCARD_H

#include "targets/Status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace synfire::checkpoint {

struct ModelCard {
  std::string Path; ///< of the card; empty when there is none
  std::string Architecture;
  std::string Form;       ///< empty when not given
  std::string Vocabulary; ///< path of the vocabulary, empty when not given
  std::string Calibrate;  ///< path of the calibration text
  std::string Evaluate;   ///< path of the evaluation text
  /// Tokens per window of the evaluation, at least 1; every window starts from
  /// reset states.
  std::optional<int64_t> EvaluateWindow;
  /// Paths of arrays as large as Evaluate, which is then one too.
  std::string EvaluateLabels, EvaluateMask;

  /// Where the card of a checkpoint lies: its name with `.yaml`.
  static std::string pathFor(const std::string &CheckpointPath);
  /// Reads the card beside \p CheckpointPath; an empty card if there is none.
  static Result<ModelCard> besides(const std::string &CheckpointPath);
  /// Reads \p Text of the card \p Path. All mistakes at once, each with
  /// file:line:column; rules `card-syntax`, `card-key`, `card-value`.
  static Result<ModelCard> parse(const std::string &Text,
                                 const std::string &Path);
};

} // namespace synfire::checkpoint

#endif // SYNFIRE_MODELS_CHECKPOINT_MODELCARD_H
