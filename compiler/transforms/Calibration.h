//===- compiler/transforms/Calibration.h - Ranges of real values -*- C++ -*-==//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_CALIBRATION_H
#define SYNFIRE_COMPILER_TRANSFORMS_CALIBRATION_H

#include "compiler/reference/Interpreter.h"
#include "dialects/spike/Spike.h"
#include "targets/Status.h"

#include <cstdint>
#include <span>
#include <vector>

namespace synfire::compiler {

/// Magnitudes of a stream of finite values: how often each occurs, in 128 bins
/// per power of two. Order and grouping of add() calls do not matter.
class MagnitudeHistogram {
public:
  MagnitudeHistogram() : Counts(NumBins) {}

  /// False, and nothing more is added, at the first NaN or infinity.
  bool add(std::span<const float> Values);
  uint64_t count() const { return Count; }
  float largest() const { return Largest; }
  float smallestValue() const { return Smallest; }
  /// The magnitude that a fraction \p Fraction (0 .. 1) of the values does not
  /// exceed: linear within its bin, so within 1/128 of the exact one, and at
  /// most largest(). 0 when there are no values.
  float percentile(double Fraction) const;

private:
  // A bin is the exponent and the upper 7 bits of the mantissa of a binary32.
  static constexpr unsigned Shift = 16;
  static constexpr unsigned NumBins = 1u << (31 - Shift);

  std::vector<uint64_t> Counts;
  uint64_t Count = 0;
  float Largest = 0;  ///< of the magnitudes
  float Smallest = 0; ///< of the values; 0 when none is negative
};

/// Adds one run's values of a result, [token step, neuron] with \p Neurons
/// each, to \p H, but those that say nothing of the range of what is sent:
/// - neurons of \p Rows that did not run. The interpreter gives 0 for them, and
///   so every 0 is left out; a 0 that was computed needs no range.
/// - token steps in which the whole population is 0: it is gated, as what
///   appears in the last inner step of a token only. Counted, they would push
///   the percentile up towards the largest value, or down to 0.
/// Zeros among other values count. False at the first NaN or infinity.
bool addSent(MagnitudeHistogram &H, std::span<const float> Values,
             int64_t Neurons, bool Rows);

/// The events of one input of the role `events`: payloads [token, neuron].
struct CalibrationEvents {
  std::string Name;
  std::vector<int32_t> Payloads;
};

/// A sequence to calibrate on. Types and Valid have one element per token, or
/// none: all 0, all valid. Of a network that reads no tokens only their number
/// matters.
struct CalibrationSequence {
  std::vector<int64_t> Tokens;
  std::vector<int64_t> Types{};
  std::vector<uint8_t> Valid{};
  std::vector<CalibrationEvents> Events{};
};

/// \p Run on what \p Sequence holds.
Result<RunResult> runOn(Interpreter &Network,
                        const CalibrationSequence &Sequence,
                        const RunOptions &Options = {});

/// Runs \p Network on each of \p Sequences from reset state and leaves the
/// range of every currents result of a population in its `spike.ranges`
/// attribute (compiler/transforms/PopulationEdit.h). Fails when there are no
/// tokens, a run fails, or a value is not finite. \p Network is unchanged on
/// failure.
Status calibrate(spike::NetworkOp Network,
                 std::span<const CalibrationSequence> Sequences,
                 WeightFiles &Files);
/// The same on windows of tokens.
Status calibrate(spike::NetworkOp Network,
                 std::span<const std::vector<int64_t>> Windows,
                 WeightFiles &Files);

/// Leaves a made-up range on every currents result of a population, in place of
/// calibrate(): for questions that no range decides, such as whether a network
/// fits a chip. Ranges tell scales only. Those of the results differ, as
/// measured ones do, also in their exponents: no two scales of a program share
/// a constant, programs of layers stay apart, and no scale is 1, which would
/// leave a multiplication out. So programs are as long as ranges can make them,
/// an instruction or two longer than where measured scales coincide. The number
/// of ranges.
unsigned assumeRanges(spike::NetworkOp Network);

/// \p Tokens cut into windows of \p Window tokens (>= 1); the last may be
/// shorter.
std::vector<std::vector<int64_t>> windowsOf(std::span<const int64_t> Tokens,
                                            int64_t Window);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_CALIBRATION_H
