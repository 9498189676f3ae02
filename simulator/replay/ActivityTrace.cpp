//===- simulator/replay/ActivityTrace.cpp - Who sent, and when ------------===//

#include "simulator/replay/ActivityTrace.h"
#include "targets/arrays/Npz.h"

#include <fmt/core.h>

#include <algorithm>

namespace synfire::sim {
namespace {

/// Of a step in the file: sweep, index, token, type, valid, rows seen, all.
constexpr size_t StepNumbers = 7;

Error badTrace(const std::string &Path, std::string Text) {
  return {Path, "trace-format", std::move(Text), ErrorKind::BadInput};
}

std::vector<int64_t> asSigned(const std::vector<uint64_t> &Values) {
  return {Values.begin(), Values.end()};
}

std::vector<int64_t> numbersOf(const std::vector<TraceStep> &Steps) {
  std::vector<int64_t> Out;
  Out.reserve(Steps.size() * StepNumbers);
  for (const TraceStep &S : Steps)
    for (uint64_t N :
         {uint64_t(S.Sweep), S.Index, uint64_t(S.Token), uint64_t(S.Type),
          uint64_t(S.Valid), uint64_t(S.RowsSeen), uint64_t(S.RowsAll)})
      Out.push_back(static_cast<int64_t>(N));
  return Out;
}

} // namespace

TraceRecorder::TraceRecorder(const image::Image &Image, const Wiring &Plan)
    : Image(Image), Plan(Plan), Layout(Image, Plan) {
  uint64_t Most = 0;
  for (uint32_t S = 0; S < Plan.Sweeps.size(); ++S)
    Most = std::max(Most, Layout.bytes(S));
  Current.resize(Most);
  Trace.Partition = partitionHash(Image);
}

void TraceRecorder::addOutput(uint32_t Output,
                              std::span<const int32_t> Payloads) {
  const SpikeField &Field = Layout.output(Output);
  const SpikeCount Counts = Plan.Outputs[Output].Counts;
  for (uint32_t I = 0; I < Payloads.size(); ++I)
    if (Payloads[I] != 0)
      Field.set(Current.data(), I, spikesOf(Counts, Payloads[I]));
}

void TraceRecorder::addGiven(uint32_t Stream, std::span<const Event> Events) {
  const SpikeField &Field = Layout.given(Stream);
  const SpikeCount Counts = spikeCountOf(Image.streams()[Stream].Kind);
  for (const Event &E : Events)
    Field.set(Current.data(), E.Index, spikesOf(Counts, E.Payload));
}

void TraceRecorder::endStep(const StepPlace &Place, uint32_t Token,
                            uint32_t Type) {
  Trace.Steps.push_back({Place.Sweep, Place.Index, Token, Type, Place.Valid,
                         Place.RowsSeen, Place.RowsAll});
  const auto End =
      Current.begin() + static_cast<ptrdiff_t>(Layout.bytes(Place.Sweep));
  Trace.Spikes.insert(Trace.Spikes.end(), Current.begin(), End);
  std::fill(Current.begin(), Current.end(), 0);
}

ActivityTrace TraceRecorder::finish(const ActivityTotals &Totals) {
  Trace.EffectiveAccumulates = Totals.EffectiveAccumulates;
  Trace.EffectiveMultiplies = Totals.EffectiveMultiplies;
  return std::move(Trace);
}

Status ActivityTrace::save(const std::string &Path) const {
  auto File = NpzWriter::create(Path, NpzWriter::Mode::Deflated);
  if (!File)
    return File.errors();
  const auto Connections = static_cast<int64_t>(EffectiveAccumulates.size());
  const std::vector<int64_t> Accumulates = asSigned(EffectiveAccumulates),
                             Multiplies = asSigned(EffectiveMultiplies);
  const auto Hash = static_cast<int64_t>(Partition);
  const std::vector<int64_t> Numbers = numbersOf(Steps);
  for (Status S :
       {File->add("partition", {1}, std::span(&Hash, 1)),
        File->add("steps",
                  {static_cast<int64_t>(Steps.size()), int64_t(StepNumbers)},
                  std::span<const int64_t>(Numbers)),
        File->add("spikes", {static_cast<int64_t>(Spikes.size())},
                  std::span<const uint8_t>(Spikes)),
        File->add("effective_accumulates", {Connections},
                  std::span<const int64_t>(Accumulates)),
        File->add("effective_multiplies", {Connections},
                  std::span<const int64_t>(Multiplies))})
    if (!S)
      return S;
  return File->finish();
}

Result<ActivityTrace> ActivityTrace::load(const std::string &Path) {
  auto File = NpzReader::open(Path);
  if (!File)
    return File.errors();
  auto Hash = File->read("partition"), Spikes = File->read("spikes"),
       Steps = File->read("steps"),
       Accumulates = File->read("effective_accumulates"),
       Multiplies = File->read("effective_multiplies");
  for (const auto *Member : {&Hash, &Spikes, &Steps, &Accumulates, &Multiplies})
    if (!*Member)
      return Member->errors();
  auto Counts = [&](const Result<Array> &A) {
    auto Values = A->as<int64_t>();
    return std::vector<uint64_t>(Values.begin(), Values.end());
  };
  if (Hash->Type != DType::I64 || Hash->as<int64_t>().size() != 1 ||
      Spikes->Type != DType::U8 || Steps->Type != DType::I64 ||
      Steps->Shape.size() != 2 || Steps->Shape[1] != int64_t(StepNumbers) ||
      Accumulates->Type != DType::I64 || Multiplies->Type != DType::I64 ||
      Accumulates->Shape != Multiplies->Shape)
    return badTrace(
        Path, fmt::format("not an activity trace: it needs `partition` int64 "
                          "[1], `steps` int64 [N, {}], `spikes` uint8 [B] and "
                          "two int64 arrays of operations, one per connection",
                          StepNumbers));
  ActivityTrace Out;
  Out.Partition = static_cast<uint64_t>(Hash->as<int64_t>()[0]);
  const auto Numbers = Steps->as<int64_t>();
  for (size_t I = 0; I < Numbers.size(); I += StepNumbers) {
    const auto Of = Numbers.subspan(I, StepNumbers);
    const auto small = [&](size_t J) { return static_cast<uint32_t>(Of[J]); };
    Out.Steps.push_back({small(0), static_cast<uint64_t>(Of[1]), small(2),
                         small(3), Of[4] != 0, small(5), small(6)});
  }
  Out.Spikes = std::move(Spikes->Data);
  Out.EffectiveAccumulates = Counts(Accumulates);
  Out.EffectiveMultiplies = Counts(Multiplies);
  return Out;
}

} // namespace synfire::sim
