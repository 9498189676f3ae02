//===- simulator/replay/ActivityTrace.h - Who sent, and when ----*- C++ -*-===//
//
// Which neurons sent an event in which token step: all that counts, time and
// energy depend on. One run of the network is enough for every chip that the
// same partition is put on; placement, routes, networks and costs may differ
// (simulator/replay/Replay.h).
//
// The partition matters because the compiler's own events depend on it: the
// partial sums that relays send, and the sums that blocks send for reductions,
// may be 0 in one partition and not in another.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPLAY_ACTIVITYTRACE_H
#define SYNFIRE_SIMULATOR_REPLAY_ACTIVITYTRACE_H

#include "simulator/engine/Machine.h"

namespace synfire::sim {

/// Hash of what events depend on: the network, and the blocks and tiles that
/// it was cut into. Images of one partition have the same one wherever their
/// blocks are placed.
uint64_t partitionHash(const image::Image &Image);

/// Fails with rule `trace-network` when a trace would not tell enough of
/// \p Image to count it again: it says who sent in each token step, not how
/// many spikes a payload travelled as, nor which rows of a memory were there.
Status checkReplayable(const image::Image &Image);

/// Where the outputs of an image are in a trace: ascending by population, first
/// neuron and place within the block, each from a whole byte on.
class TraceLayout {
public:
  TraceLayout(const image::Image &Image, const Wiring &Plan);
  /// First bit of \p Output.
  uint64_t firstBit(uint32_t Output) const { return First[Output]; }
  uint64_t bytesPerToken() const { return Bytes; }

private:
  std::vector<uint64_t> First;
  uint64_t Bytes = 0;
};

struct ActivityTrace {
  uint64_t Partition = 0;
  std::vector<uint32_t> Tokens; ///< ids, as the host sent them
  uint64_t BytesPerToken = 0;
  std::vector<uint8_t> Bits; ///< [token][byte], least bit first
  /// NeuroBench's operations over all tokens, per connection (Counters.h).
  std::vector<uint64_t> EffectiveAccumulates, EffectiveMultiplies;

  bool operator==(const ActivityTrace &) const = default;

  /// An `.npz` archive, written whole or not at all.
  Status save(const std::string &Path) const;
  /// Fails with BadInput when the file is none.
  static Result<ActivityTrace> load(const std::string &Path);
};

/// Collects a trace while a machine runs.
class TraceRecorder {
public:
  /// \p Image and \p Plan must outlive it.
  TraceRecorder(const image::Image &Image, const Wiring &Plan);
  /// To be given every output's payloads of every token step in order.
  void add(uint32_t Output, std::span<const int32_t> Payloads);
  void endToken(uint32_t Token);
  ActivityTrace finish(const ActivityTotals &Totals);

private:
  TraceLayout Layout;
  ActivityTrace Trace;
  std::vector<uint8_t> Current;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_REPLAY_ACTIVITYTRACE_H
