//===- tools/synfire/EventFiles.h - Spike trains and images -----*- C++ -*-===//
//
// What a network that reads events is given: a file of payloads for each of its
// inputs.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_EVENTFILES_H
#define SYNFIRE_TOOLS_SYNFIRE_EVENTFILES_H

#include "tools/synfire/Sequences.h"

#include <CLI/CLI.hpp>

namespace synfire::tools {

/// An input of the role `events` that a network has.
struct EventPort {
  std::string Name;
  int64_t Neurons = 0;
  /// Channels, height and width, when neurons are numbered columns first.
  std::vector<int64_t> Shape{};
  /// One step in the unit of NIRData files; 0: nobody said.
  double Dt = 0;
};

/// `--events` and `--steps` of a command.
struct EventOptions {
  std::vector<std::string> Files; ///< `FILE`, or `INPUT=FILE` for each input
  int64_t Steps = 0;

  bool asked() const { return !Files.empty(); }
  /// Declares them; \p Group is where `--events` is one choice of several.
  void addTo(CLI::App &Command, CLI::App &Group);
};

/// The payloads of files for \p Ports, by what a file is:
/// - .npy, [step, neuron] or, where the port has a shape, [step, channel,
///   height, width]: one sequence; with a dimension more in front: as many;
///   [channel, height, width] (an image): sent in the first token step, once;
/// - .csv, a trace (TraceComparison.h): its inputs;
/// - .nir or .h5, NIRData: what was recorded of the node of the port's name, or
///   of the only one; `FILE#NODE/KEY` chooses. Samples are sequences;
/// - .yaml, a network of SANA-FE: the spikes of its inputs.
///
/// Sequences have Steps token steps, or as many as the longest file if that is
/// 0; there are no events in those beyond a file; `none` is no file but
/// silence. A network without \p Ports is given silence only. Rules
/// `events-inputs` (no file for an input, or a file for none), `events-shape`,
/// `events-steps`, `events-dt`, `events-value` (more than 32 bits, or no whole
/// number).
Result<Sequences> readEvents(const EventOptions &Options,
                             const std::vector<EventPort> &Ports);

/// \p Steps token steps in which each neuron emits 1 with probability 0.1.
Sequence drawEvents(const std::vector<EventPort> &Ports, int64_t Steps,
                    uint64_t Seed);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_EVENTFILES_H
