//===- simulator/report/Baseline.h - The dense Transformer beside it -*- C++ -//
//
// A decoder-only Transformer of the same depth, width, context and vocabulary
// (simulator/baselines/Transformer.h), one token at a time: at the contexts of
// the run, on the run's own chip, and as curves over context on other devices.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_BASELINE_H
#define SYNFIRE_SIMULATOR_REPORT_BASELINE_H

#include "simulator/report/DenseCurves.h"
#include "simulator/report/Energy.h"

namespace synfire::report {

/// Energy of one token on the chip of the run, executed densely.
struct DenseOnChip {
  EnergyRange Synapses; ///< every product, and every weight and KV byte read
  EnergyRange Neurons;  ///< one program access and emission per activation
  EnergyRange Traffic;  ///< messages, axons, hops, links per activation
  EnergyRange Dynamic;  ///< the three together
};

/// The baseline at one context length.
struct DensePoint {
  std::string Name;   ///< `run` or `full`
  double Context = 0; ///< tokens attended to, the current one included
  baselines::DenseMacs Macs;
  double KvBytesRead = 0;    ///< per token, one byte per value
  double KvBytesWritten = 0; ///< per token
  double Paper45nm = 0;      ///< pJ: total() x E_MAC
  double Integer45nm = 0;    ///< pJ: total() x IntMultiplyEnergy45nm
  DenseOnChip OnChip;
  /// pJ: weights and KV read from the memory of the device `gpu-a100`, batch 1.
  double GpuMemory = 0;
  /// pJ: weights and KV read, and arithmetic, on the device `near-memory`.
  double NearMemory = 0;
};

/// A published energy that the accelerator rows use.
struct Anchor {
  std::string Name;
  double Value = 0;
  std::string Unit;
  std::string Source;
};

struct BaselineReport {
  baselines::Transformer Shape;
  double MultiplyEnergy = 0;      ///< pJ: multiplyEnergy45nm()
  uint64_t Parameters = 0;        ///< 12 L d^2 + 2 V d
  double ActivationsPerToken = 0; ///< events sent: L 10 d + d
  DensePoint Run;                 ///< mean context over the tokens of the run
  DensePoint Full;                ///< at the full context T
  std::vector<Anchor> Anchors;
  std::vector<baselines::DenseDevice> Devices;
  DenseCurves Curves;
};

/// True when layers, width and vocabulary are known: otherwise there is no
/// Transformer of the same size.
bool hasTransformerShape(const NetworkData &N);

/// The Transformer of the same size. Requires hasTransformerShape().
baselines::Transformer transformerOf(const NetworkData &N);

/// Without curves, which need the energies of the run (drawCurves()). Requires
/// hasTransformerShape().
BaselineReport computeBaseline(const RunData &Run);

/// One token of the Transformer at \p Context on the chip of \p Run.
DenseOnChip denseOnChip(const RunData &Run, double Context);
/// Activations that it sends per token: L 10 d + d.
double denseActivations(const NetworkData &N);
/// Bits of a stored weight: the widest among the linears of the network.
uint32_t denseWeightBits(const RunData &Run);

/// Mean of min(t, Context) over t = 1 .. Tokens; 0 for no tokens.
double meanContext(uint64_t Tokens, uint32_t Context);
/// Tokens that a token of the run looked at, in the mean over its sequences;
/// all of the sequence when the network is bidirectional.
double meanContext(const RunData &Run);
/// Energy of a multiply-accumulate of 32-bit floats at 45 nm, in pJ, as the
/// accounting of \p N's paper has it: 4.5 for SpikeGPT, else 4.6.
double multiplyEnergy45nm(const NetworkData &N);
/// The same of 8-bit integers: 0.2 + 0.03 pJ (Horowitz, ISSCC 2014).
inline constexpr double IntMultiplyEnergy45nm = 0.23;
/// True when every token of a sequence looks at all of it.
bool isBidirectional(const NetworkData &N);

namespace definition {
extern const std::string_view Baseline;
extern const std::string_view DenseOnChip;
extern const std::string_view GpuMemory;
extern const std::string_view NearMemory;
} // namespace definition

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_BASELINE_H
