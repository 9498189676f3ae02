//===- simulator/report/SynOps.h - Synaptic operations, three ways -*- C++ -*-//
//
// "SynOps" has no single meaning. The report gives three, side by side, each
// with its definition: what the chip did, what NeuroBench 2.3 counts, and the
// theoretical accounting of the SpikeGPT paper (arXiv 2302.13939, section 3.7
// and table 1) at its assumed and at the measured firing rate.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_SYNOPS_H
#define SYNFIRE_SIMULATOR_REPORT_SYNOPS_H

#include "simulator/report/RunData.h"

#include <string_view>

namespace synfire::report {

/// Weight fetches of the chip over the whole run.
struct SynapticEvents {
  uint64_t Accumulate = 0;         ///< binary and ternary payloads
  uint64_t MultiplyAccumulate = 0; ///< graded payloads
  /// The part of Accumulate that reads the embedding table: one row per token,
  /// selected by the host and not by a spike.
  uint64_t TableLookup = 0;
  /// Weights of zero in the rows that events selected, on a chip that passes
  /// over them (core.skips_zero_weights): in neither count.
  uint64_t SkippedZeros = 0;
  /// What spikes drive: accumulates of linears other than that table.
  uint64_t spikeDriven() const { return Accumulate - TableLookup; }
};

/// NeuroBench's counts for one sample, which is the whole token sequence.
struct NeuroBenchOps {
  uint64_t EffectiveAcs = 0;
  uint64_t EffectiveMacs = 0;
  uint64_t Dense = 0;
};

/// What NeuroBench does not count and a Transformer consists of. Arithmetic:
/// add, multiply, divide and exponential instructions of neuron programs.
struct UncountedOps {
  NeuroBenchOps Attention; ///< products with memories, by NeuroBench's rules
  uint64_t Norms = 0;      ///< arithmetic of populations that send no spikes
  uint64_t Membranes = 0;  ///< arithmetic of populations that send spikes
  uint64_t MembraneUpdates = 0; ///< neuron updates of those
};

/// One evaluation of the paper's formulas, in picojoules for T tokens.
struct PaperEnergies {
  uint32_t Layers = 1, Width = 0, Context = 0;
  double Rate = 0;                    ///< spikes per neuron and token, R
  double Vanilla = 0;                 ///< with every term of the table
  double VanillaAttention = 0;        ///< the 2 T^2 d term in it
  double VanillaWithoutAttention = 0; ///< projections and feed-forward only
  double Spiking = 0;

  double ratio() const { return Spiking > 0 ? Vanilla / Spiking : 0; }
  double ratioWithoutAttention() const {
    return Spiking > 0 ? VanillaWithoutAttention / Spiking : 0;
  }
};

/// The constants and printed results of the paper.
struct PaperFigures {
  static constexpr double AccumulateEnergy = 0.9; ///< pJ, 45 nm
  static constexpr double MultiplyEnergy = 4.5;   ///< pJ, 45 nm
  static constexpr double AssumedRate = 0.15;
  static constexpr uint32_t Width = 512, Context = 3072;
  static constexpr double PublishedVanilla = 3.29e10; ///< pJ
  static constexpr double PublishedSpiking = 1.02e9;  ///< pJ
  static constexpr double PublishedRatio = 32.2;
};

/// The paper's table 1 for \p Layers layers, \p Width channels and \p Context
/// tokens at \p Rate, per layer
///   vanilla = E_MAC (3Td^2 + 2T^2 d + T^2 + 2T^2 + FL)
///   spiking = E_AC R (3Td^2 + FL) + E_MAC 6Td,   FL = 6Td^2
/// where FL is the value that reproduces the printed totals. Embedding, output
/// projection, head, norms and memory are not in it.
PaperEnergies paperEnergies(uint32_t Layers, uint32_t Width, uint32_t Context,
                            double Rate);

/// Share of neurons that sent something per token step.
struct Activity {
  std::string Stream;
  std::string Kind; ///< `spikes`, `bits` or `graded`
  uint64_t Neurons = 0;
  uint64_t Events = 0;
  double Rate = 0; ///< events / (neurons x token steps)
};

struct SynOpsReport {
  SynapticEvents Chip;
  NeuroBenchOps NeuroBench;
  UncountedOps Uncounted;
  PaperEnergies PaperOwnShape;      ///< this network, assumed rate
  PaperEnergies PaperMeasuredRate;  ///< this network, measured rate
  PaperEnergies PaperPublished;     ///< the paper's shape, assumed rate
  std::vector<Activity> Activities; ///< every stream of the network
  /// Mean over all threshold neurons; none when the network has none.
  std::optional<double> MeanRate;
};

SynOpsReport countSynOps(const RunData &Run);

/// The definitions as they stand in summary.json and the pages.
namespace definition {
extern const std::string_view SynapticEvents;
extern const std::string_view NeuroBench;
extern const std::string_view AttentionOps;
extern const std::string_view NormOps;
extern const std::string_view MembraneOps;
extern const std::string_view Paper;
extern const std::string_view FiringRate;
} // namespace definition

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_SYNOPS_H
