//===- tools/synfire/ImageMetadata.h - Provenance of an image ---*- C++ -*-===//
//
// The JSON of an image's metadata section: what was compiled, from which bytes,
// for which target, how it was quantised and how well it still predicts. The
// keys are listed in docs/image.md.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_IMAGEMETADATA_H
#define SYNFIRE_TOOLS_SYNFIRE_IMAGEMETADATA_H

#include "targets/Status.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::tools {

/// How SpikeLLM codes values.
struct CodeBits {
  uint32_t Weight = 0, Activation = 0;
  uint32_t Salient = 0; ///< that salient channels have more; 2^n steps
  double LowShare = 1;  ///< of the channels that are not salient
};

/// By result of a population that was split by channels: how many populations
/// NAME/0, NAME/1, ... it is, and how many channels each has at a place.
using ChannelParts = std::map<std::string, std::pair<int64_t, int64_t>>;

struct ImageMetadata {
  std::string Tool; ///< name and version that wrote the image

  std::string Architecture; ///< `spikegpt`, or `spike-ir`
  std::string ModelFile;    ///< without folder
  uint64_t ModelHash = 0;   ///< XXH3-64 of the model file
  uint64_t Parameters = 0;  ///< elements of all its tensors
  uint32_t Layers = 0, Width = 0, Hidden = 0, Vocabulary = 0;
  uint32_t Context = 0; ///< tokens it was trained to look back on; 0 unknown

  std::optional<CodeBits> Codes; ///< of a SpikeLLM
  /// Channels, height and width of its input of events; empty if it has none
  /// or they have no shape.
  std::map<std::string, std::vector<int64_t>> InputShapes;
  double Dt = 0; ///< one step of a NIR file, in its unit; 0 for others

  /// How a NIR file was read, in a line; empty for others.
  std::string Reading;

  std::string TargetName;
  uint64_t TargetHash = 0;
  std::string Placement;
  uint64_t Seed = 0;

  uint32_t ActivationBits = 0, WeightBits = 0;
  std::string CalibrationText; ///< what the scales were found on
  uint64_t CalibrationTokens = 0;

  /// Bits per token on EvaluationText; absent when the model brings no text.
  std::optional<double> FloatBits, QuantizedBits;
  /// The quantised network with programs in binary32, where the chip computes
  /// them in fixed point: what quantising alone costs.
  std::optional<double> Binary32Bits;
  /// Symbols behind [MASK] were asked for: bits are per such symbol, and this
  /// is the share that was guessed.
  bool Masked = false;
  std::optional<double> FloatAccuracy, QuantizedAccuracy;
  std::string EvaluationText;
  uint64_t EvaluationTokens = 0;
  /// A number that is not bits per character but tells the same without a
  /// text: the share of positions whose largest logit is unchanged.
  std::optional<double> ArgmaxAgreement;

  std::vector<std::string> Symbols; ///< vocabulary by id; empty if unknown
  ChannelParts Splits;

  std::string toJson() const;
  /// Fails with rule `image-metadata` on anything that toJson() would not
  /// write; \p Where names the image.
  static Result<ImageMetadata> fromJson(std::string_view Json,
                                        const std::string &Where);
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_IMAGEMETADATA_H
