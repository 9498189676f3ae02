//===- tools/synfire/EventFiles.h - Spike trains and images -----*- C++ -*-===//
//
// What a network that reads events is given: arrays of payloads (.npy).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_EVENTFILES_H
#define SYNFIRE_TOOLS_SYNFIRE_EVENTFILES_H

#include "tools/synfire/Sequences.h"

namespace synfire::tools {

/// The input of the role `events` that a network has; without neurons, of one
/// that reads nothing.
struct EventPort {
  std::string Name;
  int64_t Neurons = 0;
  /// Channels, height and width, when neurons are numbered columns first.
  std::vector<int64_t> Shape{};
};

/// The payloads of \p Path, by the shape of the array:
/// - [step, neuron] or, where the port has a shape, [step, channel, height,
///   width]: one sequence;
/// - with a dimension more in front: as many sequences;
/// - a trace (.csv, TraceComparison.h): its inputs;
/// - [channel, height, width] (an image): sent in the first token step, once.
///
/// Sequences have \p Steps token steps, or as many as the array if that is 0;
/// there are no events in those beyond it; `none` is no array but silence.
/// Rules `events-shape`, `events-steps`, `events-value` (more than 32 bits).
Result<Sequences> readEvents(const std::string &Path, const EventPort &Port,
                             int64_t Steps);

/// \p Steps token steps in which each neuron emits 1 with probability 0.1.
Sequence drawEvents(const EventPort &Port, int64_t Steps, uint64_t Seed);

/// \p Steps token steps without events.
Sequence silence(const EventPort &Port, int64_t Steps);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_EVENTFILES_H
