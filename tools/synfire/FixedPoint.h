//===- tools/synfire/FixedPoint.h - Programs as the chip computes -*- C++ -*-=//
//
// Brings a quantised network to the arithmetic of a chip and tells what that
// changes.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_FIXEDPOINT_H
#define SYNFIRE_TOOLS_SYNFIRE_FIXEDPOINT_H

#include "compiler/reference/WeightFile.h"
#include "compiler/transforms/ToFixedPoint.h"
#include "dialects/spike/Spike.h"
#include "targets/ChipSpec.h"
#include "tools/synfire/Texts.h"

namespace synfire::tools {

/// What the same network emits with programs in binary32 and in integers, both
/// from reset state on the same tokens.
struct FixedPointCost {
  compiler::FixedCounts Programs;
  uint64_t Payloads = 0;  ///< compared: of all populations and steps
  uint64_t Different = 0; ///< of those
  std::string Worst;      ///< the result of which most differ
  double WorstShare = 0;  ///< how many of its payloads do
  /// Root of the mean square difference over that of the payloads, of the
  /// result where it is largest.
  double LargestError = 0;
  std::string Farthest; ///< that result

  /// One line, with its end.
  std::string text(const NeuronUnit &Neuron) const;
};

/// Whether \p Chip calculates with integers and a program of \p Network with
/// real numbers.
bool needsFixedPoint(const ChipSpec &Chip, spike::NetworkOp Network);

/// Rewrites the programs of \p Network to integers if needsFixedPoint(), with
/// ranges measured on \p Text; else does nothing and returns nothing. The
/// widths of sums are proven on the way (classifyLinears), and fail as there.
/// \p Compare false: nothing is run a second time to tell the cost.
Result<std::optional<FixedPointCost>>
toArithmeticOf(const ChipSpec &Chip, spike::NetworkOp Network,
               compiler::WeightFiles &Files, const WindowedText &Text,
               bool Compare);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_FIXEDPOINT_H
