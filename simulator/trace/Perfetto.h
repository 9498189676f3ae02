//===- simulator/trace/Perfetto.h - Traces for Perfetto ---------*- C++ -*-===//
//
// Writes the protobuf trace format of Perfetto (ui.perfetto.dev): tracks with
// slices, arrows between them and counters. Field numbers are those of
// perfetto/protos/trace (trace_packet.proto, track_event.proto,
// track_descriptor.proto). Times are whole nanoseconds.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TRACE_PERFETTO_H
#define SYNFIRE_SIMULATOR_TRACE_PERFETTO_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace synfire::trace {

class PerfettoTrace {
public:
  using Track = uint64_t;

  /// A group of tracks.
  Track process(uint32_t Pid, std::string_view Name);
  /// A row of slices in \p Pid's group; \p Tid orders the rows.
  Track thread(uint32_t Pid, uint32_t Tid, std::string_view Name);
  Track counter(Track Parent, std::string_view Name);

  /// Slices of a track must nest. An arrow leads from the slice that begins
  /// with it in \p FlowsOut to the one that ends it in \p FlowsIn.
  void begin(Track On, uint64_t Ns, std::string_view Name,
             std::span<const uint64_t> FlowsOut = {},
             std::span<const uint64_t> FlowsIn = {});
  void end(Track On, uint64_t Ns);
  void count(Track On, uint64_t Ns, int64_t Value);

  /// The file's bytes.
  const std::string &file() const { return File; }

private:
  void packet(std::string Fields);
  Track describe(std::string Fields, std::string_view Name);

  std::string File;
  Track Last = 0;
};

} // namespace synfire::trace

#endif // SYNFIRE_SIMULATOR_TRACE_PERFETTO_H
