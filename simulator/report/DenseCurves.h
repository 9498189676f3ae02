//===- simulator/report/DenseCurves.h - Dense or spiking, by context -*- C++
//-*-//
//
// Energy and speed of the dense Transformer over context length, on every
// baseline device and on the chip of the run, against the spiking network,
// whose token costs the same at any context. Two accountings, never mixed:
// dynamic energy alone, and with static power over the time taken.
//
// The chip of the run, executed densely, is given every advantage: its work is
// spread evenly over as many cores as hold weights and KV cache (at least those
// of the run), and the network is never waited for. A token takes
//
//   (products x time / lanes + bytes x time + activations x times) / cores
//   + barriers: one in prefill; 6 L + 1 levels in generate.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_DENSECURVES_H
#define SYNFIRE_SIMULATOR_REPORT_DENSECURVES_H

#include "simulator/baselines/DenseCost.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::report {

struct ModeReport;
struct RunData;

/// The dense Transformer on one device at one batch.
struct DenseCurve {
  std::string Device; ///< name, or `this chip`
  std::string Mode;   ///< of this chip; empty for other devices
  double Batch = 1;   ///< sequences wanted; points tell how many fit
  /// One per baselines::Contexts; none where not even one sequence fits.
  std::vector<std::optional<baselines::TokenCost>> Points;
};

/// A token of the spiking network in one mode.
struct SpikingCost {
  std::string Mode;
  std::vector<baselines::Part> Parts;    ///< without barrier and static power
  baselines::Range Dynamic;              ///< pJ
  std::vector<baselines::Part> Fixed;    ///< barrier and static power
  std::optional<baselines::Range> Total; ///< pJ; none without time
  std::optional<double> TokensPerSecond;
};

enum class Measure : uint8_t {
  Dynamic,    ///< energy without static power
  WithStatic, ///< energy with it
  Speed,      ///< tokens per second
};
std::string_view measureName(Measure Q);

/// The context from which the spiking network wins and keeps winning up to the
/// longest; none: it does not win at the longest. The first context of the
/// curves means: at all of them.
using WinsFrom = std::optional<double>;

/// The spiking network against one curve.
struct DenseComparison {
  size_t Curve = 0; ///< index into DenseCurves::Curves
  std::string Mode; ///< of the spiking network
  Measure What = Measure::Dynamic;
  WinsFrom Nominal;
  /// The spiking network at its low and the dense one at its high end, and the
  /// other way round; on the chip of the run, both at the same end, the earlier
  /// context first.
  WinsFrom Best, Worst;
  /// What decides, at the context named: the largest part of the loser's
  /// energy, and whether the verdict would turn without it; of a speed, what
  /// the dense device waits for.
  double DecidedAt = 0;
  bool SpikingLoses = false;
  std::string Decider; ///< `weights`, `static`, `synapses` ...
  double Share = 0;    ///< of the loser's energy; 0 for a speed
  bool Turns = false;
  std::string Key; ///< of the figure behind it; empty for a speed
  Grade Evidence = Grade::Assumed;
};

/// A published run and what the model of its device says.
struct PublishedCheck {
  std::string Device;
  baselines::PublishedRun Run;
  std::optional<baselines::TokenCost> Model; ///< none: it does not fit
  /// J per token: the model's dynamic energy, and its static power over the
  /// published time; tells a miss in time from one in power.
  std::optional<double> AtPublishedTime;
};

struct DenseCurves {
  std::vector<DenseCurve> Curves;
  std::vector<SpikingCost> Spiking; ///< the mode of the run first
  std::vector<DenseComparison> Comparisons;
  std::vector<PublishedCheck> Checks;
};

/// The curves of \p Devices for a Transformer of shape \p T, at batch 1 and at
/// each device's large batch.
std::vector<DenseCurve>
deviceCurves(const std::vector<baselines::DenseDevice> &Devices,
             const baselines::Transformer &T);

/// Published runs of \p Devices against their models.
std::vector<PublishedCheck>
checkPublished(const std::vector<baselines::DenseDevice> &Devices);

/// Everything. \p Run must have a Transformer's shape; \p Modes are its own.
DenseCurves drawCurves(const RunData &Run, const std::vector<ModeReport> &Modes,
                       const std::vector<baselines::DenseDevice> &Devices);

/// \p Spiking against \p Curve; nothing when one of them lacks the quantity.
std::optional<DenseComparison>
compare(const DenseCurve &Curve, const SpikingCost &Spiking, Measure What);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_DENSECURVES_H
