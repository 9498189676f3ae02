//===- tools/synfire/TraceComparison.h - A run beside a trace ---*- C++ -*-===//
//
// Traces of other frameworks, as neuromorphs/NIR publishes them: a text file
// with a line per step, of numbers between commas, without a header. A line
// has the inputs, then the membrane of each neuron, then its spike.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_TRACECOMPARISON_H
#define SYNFIRE_TOOLS_SYNFIRE_TRACECOMPARISON_H

#include "tools/synfire/Outputs.h"
#include "tools/synfire/Sequences.h"

#include <CLI/CLI.hpp>

namespace synfire::tools {

/// Rows of numbers, all as long.
struct TraceTable {
  int64_t Steps = 0, Columns = 0;
  std::vector<double> Values; ///< [step, column]

  /// Rules `trace-format` (what is no number, or a row of another length) and
  /// `trace-size` (more than 2^26 numbers).
  static Result<TraceTable> read(const std::string &Path);
};

/// Which trace, and what its numbers mean.
struct TraceOptions {
  std::string Path; ///< empty: nothing is compared
  double Scale = 1; ///< membranes of the file are this often the run's
  int64_t Late = 0; ///< steps between a membrane and its row
  double Tolerance = 1e-6;
  std::string Population; ///< whose spikes; empty: the one that fits

  bool asked() const { return !Path.empty(); }
  /// What can be wrong with the file and the scale alone, so that it is known
  /// before a network runs; rules of TraceTable, `trace-shape`.
  Status check() const;
  void addTo(CLI::App &Command);
};

/// What a run gave: one sequence.
struct ComparedRun {
  const Sequences &Given;
  std::span<const float> Membrane; ///< [step, neuron]: the network's output
  int64_t Neurons = 0;
  std::span<const SpikeArray> Spikes;
  std::string Reading; ///< how a NIR file was read; may be empty
};

/// Prints how \p Run differs from the trace. Fails with `trace-spikes` if a
/// spike differs, with `trace-membrane` if a membrane differs by more than the
/// tolerance, with `trace-input` if the run was given other events; with
/// `trace-shape` if the two cannot be compared.
Status compareWithTrace(const TraceOptions &Options, const ComparedRun &Run);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_TRACECOMPARISON_H
