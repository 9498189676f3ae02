//===- simulator/trace/Perfetto.cpp - Traces for Perfetto -----------------===//

#include "simulator/trace/Perfetto.h"

namespace synfire::trace {
namespace {

// Fields of TracePacket.
constexpr unsigned Timestamp = 8, SequenceId = 10, TrackEvent = 11,
                   SequenceFlags = 13, TrackDescriptor = 60;
// Of TrackDescriptor, and of its parts.
constexpr unsigned Uuid = 1, Name = 2, Process = 3, Thread = 4, ParentUuid = 5,
                   Counter = 8;
constexpr unsigned ProcessPid = 1, ProcessName = 6, ThreadPid = 1,
                   ThreadTid = 2, ThreadName = 5;
// Of TrackEvent.
constexpr unsigned Type = 9, TrackUuid = 11, EventName = 23, CounterValue = 30,
                   FlowIds = 47, EndingFlowIds = 48;
constexpr uint64_t SliceBegin = 1, SliceEnd = 2, CounterType = 4;
constexpr uint64_t OurSequence = 1, StateCleared = 1;

void varint(std::string &Out, uint64_t V) {
  for (; V >= 0x80; V >>= 7)
    Out += static_cast<char>(V | 0x80);
  Out += static_cast<char>(V);
}

// Wire types: 0 varint, 1 eight bytes, 2 length and bytes.
void number(std::string &Out, unsigned Field, uint64_t V) {
  varint(Out, Field << 3);
  varint(Out, V);
}
void fixed(std::string &Out, unsigned Field, uint64_t V) {
  varint(Out, Field << 3 | 1);
  for (unsigned I = 0; I < 8; ++I)
    Out += static_cast<char>(V >> (8 * I));
}
void bytes(std::string &Out, unsigned Field, std::string_view Text) {
  varint(Out, Field << 3 | 2);
  varint(Out, Text.size());
  Out += Text;
}

} // namespace

void PerfettoTrace::packet(std::string Fields) {
  number(Fields, SequenceId, OurSequence);
  if (File.empty())
    number(Fields, SequenceFlags, StateCleared);
  bytes(File, 1, Fields);
}

PerfettoTrace::Track PerfettoTrace::describe(std::string Fields,
                                             std::string_view Text) {
  number(Fields, Uuid, ++Last);
  bytes(Fields, Name, Text);
  std::string Packet;
  bytes(Packet, TrackDescriptor, Fields);
  packet(std::move(Packet));
  return Last;
}

PerfettoTrace::Track PerfettoTrace::process(uint32_t Pid,
                                            std::string_view Text) {
  std::string Part, Fields;
  number(Part, ProcessPid, Pid);
  bytes(Part, ProcessName, Text);
  bytes(Fields, Process, Part);
  return describe(std::move(Fields), Text);
}

PerfettoTrace::Track PerfettoTrace::thread(uint32_t Pid, uint32_t Tid,
                                           std::string_view Text) {
  std::string Part, Fields;
  number(Part, ThreadPid, Pid);
  number(Part, ThreadTid, Tid);
  bytes(Part, ThreadName, Text);
  bytes(Fields, Thread, Part);
  return describe(std::move(Fields), Text);
}

PerfettoTrace::Track PerfettoTrace::counter(Track Parent,
                                            std::string_view Text) {
  std::string Fields;
  number(Fields, ParentUuid, Parent);
  bytes(Fields, Counter, "");
  return describe(std::move(Fields), Text);
}

void PerfettoTrace::begin(Track On, uint64_t Ns, std::string_view Text,
                          std::span<const uint64_t> FlowsOut,
                          std::span<const uint64_t> FlowsIn) {
  std::string Event, Packet;
  number(Event, Type, SliceBegin);
  number(Event, TrackUuid, On);
  bytes(Event, EventName, Text);
  for (uint64_t F : FlowsOut)
    fixed(Event, FlowIds, F);
  for (uint64_t F : FlowsIn)
    fixed(Event, EndingFlowIds, F);
  number(Packet, Timestamp, Ns);
  bytes(Packet, TrackEvent, Event);
  packet(std::move(Packet));
}

void PerfettoTrace::end(Track On, uint64_t Ns) {
  std::string Event, Packet;
  number(Event, Type, SliceEnd);
  number(Event, TrackUuid, On);
  number(Packet, Timestamp, Ns);
  bytes(Packet, TrackEvent, Event);
  packet(std::move(Packet));
}

void PerfettoTrace::count(Track On, uint64_t Ns, int64_t Value) {
  std::string Event, Packet;
  number(Event, Type, CounterType);
  number(Event, TrackUuid, On);
  number(Event, CounterValue, static_cast<uint64_t>(Value));
  number(Packet, Timestamp, Ns);
  bytes(Packet, TrackEvent, Event);
  packet(std::move(Packet));
}

} // namespace synfire::trace
