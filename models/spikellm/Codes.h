//===- models/spikellm/Codes.h - Integer codes of real values ---*- C++ -*-===//
//
// The quantiser of SpikeLLM, written as neurons: the range of a token (or head,
// or channel) gives a scale and a zero point, and a value becomes an integer
// count of spikes. Equations: docs/models.md, section SpikeLLM.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SPIKELLM_CODES_H
#define SYNFIRE_MODELS_SPIKELLM_CODES_H

#include "models/network/NetworkBuilder.h"
#include "models/spikellm/SpikeLlm.h"

#include <array>

namespace synfire::models {

/// Scale and zero point of codes; currents of one value, or one per head or
/// channel.
struct CodeScale {
  mlir::Value Scale, Zero;
};
/// Those of low and of salient channels, over the same range.
using CodeScales = std::array<CodeScale, 2>;

/// A population's values and the same negated (to find the least by a maximum).
struct Ranged {
  mlir::Value Values, Negated;
};

class Codes {
public:
  Codes(NetworkBuilder &N, const SpikeLlmConfig &Config, GifCoding Coding)
      : N(N), Config(Config), Coding(Coding) {}

  /// Streams of codes: 1, or 2 with salient channels.
  size_t streams() const { return Config.hasSalientMemory() ? 2 : 1; }
  /// `.low` or `.high`
  static const char *suffix(size_t Stream) { return Stream ? ".high" : ".low"; }

  /// Scales over each of \p Groups parts of \p X; \p HighBits of salient
  /// channels, 0 when there are none of them.
  CodeScales ofGroups(const std::string &Name, const Ranged &X, int64_t Groups,
                      int64_t HighBits);
  /// Scales per channel of what \p Largest and \p Least were at the last token
  /// step of the sequence.
  CodeScales ofSequence(const std::string &Name, mlir::Value Largest,
                        mlir::Value Least, int64_t HighBits);

  /// Events of the input of a projection, `Name.low` and `Name.high`, each
  /// silent on the other's channels; null where no channel belongs to it.
  std::array<mlir::Value, 2> events(const std::string &Name, mlir::Value X,
                                    const CodeScales &Scales,
                                    llvm::ArrayRef<bool> Low);
  /// What reads of a projection stand for, inside a program: the sum of scale *
  /// (events' sum - zero * weights' sum) over the streams. \p Weights as
  /// needsWeights() says.
  mlir::Value decoded(ProgramBuilder &P, mlir::Value Sum, mlir::Value Scale,
                      mlir::Value Zero, mlir::Value Weights);
  bool needsWeights() const { return Coding != GifCoding::Signed; }

  /// Codes of X as `Name.low`, `Name.high` (recorded, read by nobody) and the
  /// values they stand for. With \p Low both belong to the channels it tells,
  /// and there is one value; without, all channels have both, and there are as
  /// many values as streams.
  llvm::SmallVector<mlir::Value>
  values(const std::string &Name, mlir::Value X, const CodeScales &Scales,
         int64_t HighBits, std::optional<llvm::ArrayRef<bool>> Low);
  /// Codes of a query, `Name`, and the values; two, each 0 on the other's
  /// channels, when \p Low is given.
  llvm::SmallVector<mlir::Value> query(const std::string &Name, mlir::Value X,
                                       const CodeScales &Scales,
                                       std::optional<llvm::ArrayRef<bool>> Low);

private:
  CodeScales scales(const std::string &Name, int64_t Size, mlir::Value Largest,
                    mlir::Value Other, bool OtherIsNegated, int64_t HighBits,
                    When W);
  mlir::Value salient(llvm::ArrayRef<bool> Low);
  int64_t bits(size_t Stream, int64_t HighBits) const {
    return Stream ? HighBits : Config.Bits;
  }

  NetworkBuilder &N;
  const SpikeLlmConfig &Config;
  GifCoding Coding;
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELLM_CODES_H
