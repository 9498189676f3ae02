//===- simulator/replay/ActivityTrace.h - Who sent, and when ----*- C++ -*-===//
//
// Which neurons sent how many spikes in which token step, and what the host
// sent: all that counts, time and energy depend on. One run of the network is
// enough for every chip that the same partition is put on; placement, routes,
// networks and costs may differ (simulator/replay/Replay.h).
//
// The partition matters because the compiler's own events depend on it: the
// partial sums that relays send, and the sums that blocks send for reductions,
// may be 0 in one partition and not in another.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPLAY_ACTIVITYTRACE_H
#define SYNFIRE_SIMULATOR_REPLAY_ACTIVITYTRACE_H

#include "simulator/engine/Machine.h"
#include "simulator/replay/TraceLayout.h"

namespace synfire::sim {

/// What is known of a record beside its spikes.
struct TraceStep {
  uint32_t Sweep = 0;
  uint64_t Index = 0; ///< token step in its sequence
  uint32_t Token = 0; ///< id; means nothing where no tokens are read
  uint32_t Type = 0;  ///< of the token
  bool Valid = true;  ///< no padding
  uint32_t RowsSeen = 0, RowsAll = 0; ///< as StepPlace has them
  bool operator==(const TraceStep &) const = default;
};

/// Raised whenever a file of another version would be read wrongly.
inline constexpr uint64_t TraceFormatVersion = 2;

struct ActivityTrace {
  uint64_t Partition = 0;
  /// In the order in which they were run; a sequence begins at index 0 of sweep
  /// 0.
  std::vector<TraceStep> Steps;
  std::vector<uint8_t> Spikes; ///< their records (TraceLayout) in a row
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
  /// The sinks of a machine; every record ends with endStep().
  void addOutput(uint32_t Output, std::span<const int32_t> Payloads);
  void addGiven(uint32_t Stream, std::span<const Event> Events);
  void endStep(const StepPlace &Place, uint32_t Token, uint32_t Type);
  ActivityTrace finish(const ActivityTotals &Totals);

private:
  const image::Image &Image;
  const Wiring &Plan;
  TraceLayout Layout;
  ActivityTrace Trace;
  std::vector<uint8_t> Current;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_REPLAY_ACTIVITYTRACE_H
