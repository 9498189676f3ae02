//===- simulator/report/Baseline.h - The dense Transformer beside it -*- C++ -//
//
// A decoder-only Transformer of the same depth, width, context and vocabulary,
// its feed-forward part 4d wide, with a KV cache, one token at a time. It has
// no trained weights and needs none: its work follows from its sizes.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_BASELINE_H
#define SYNFIRE_SIMULATOR_REPORT_BASELINE_H

#include "simulator/report/Energy.h"

namespace synfire::report {

/// Multiply-accumulates per token, by part.
struct DenseMacs {
  double Projections = 0; ///< 4 L d^2: query, key, value, output
  double Attention = 0;   ///< 2 L c d at context length c
  double FeedForward = 0; ///< 8 L d^2
  double Head = 0;        ///< V d

  double total() const { return Projections + Attention + FeedForward + Head; }
};

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
  DenseMacs Macs;
  double KvBytesRead = 0;    ///< per token, one byte per value
  double KvBytesWritten = 0; ///< per token
  double Paper45nm = 0;      ///< pJ: total() x E_MAC
  DenseOnChip OnChip;
  double GpuMemory = 0;  ///< pJ: 16-bit weights and KV from HBM2, batch 1
  double NearMemory = 0; ///< pJ: 8-bit weights and KV from 32 KB SRAM + MAC
};

/// A published energy that the accelerator rows use.
struct Anchor {
  std::string Name;
  double Value = 0;
  std::string Unit;
  std::string Source;
};

struct BaselineReport {
  uint64_t Parameters = 0;        ///< 12 L d^2 + 2 V d
  double ActivationsPerToken = 0; ///< events sent: L 10 d + d
  DensePoint Run;                 ///< mean context over the tokens of the run
  DensePoint Full;                ///< at the full context T
  std::vector<Anchor> Anchors;
};

/// True when layers, width and vocabulary are known: otherwise there is no
/// Transformer of the same size.
bool hasTransformerShape(const NetworkData &N);

/// Requires hasTransformerShape().
BaselineReport computeBaseline(const RunData &Run);

/// Mean of min(t, Context) over t = 1 .. Tokens; 0 for no tokens.
double meanContext(uint64_t Tokens, uint32_t Context);

namespace definition {
extern const std::string_view Baseline;
extern const std::string_view DenseOnChip;
extern const std::string_view GpuMemory;
extern const std::string_view NearMemory;
} // namespace definition

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_BASELINE_H
