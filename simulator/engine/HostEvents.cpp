//===- simulator/engine/HostEvents.cpp - Events that the host gives -------===//

#include "simulator/engine/MachineParts.h"

#include <fmt/core.h>

#include <algorithm>

namespace synfire::sim {
namespace {

using image::None;
using image::PayloadKind;

/// Payloads of \p Stream, the first and the last; 0 is none of them.
std::pair<int64_t, int64_t> payloadsOf(const image::StreamRecord &Stream) {
  const int64_t Codes = int64_t(1) << Stream.PayloadBits;
  switch (Stream.Kind) {
  case PayloadKind::Binary:
    return {1, 1};
  case PayloadKind::Ternary:
    return {-1, 1};
  case PayloadKind::Signed:
    return {-Codes / 2, Codes / 2 - 1};
  case PayloadKind::Unsigned:
  case PayloadKind::Unary:
  case PayloadKind::Planes:
    break;
  }
  return {1, std::min<int64_t>(Codes - 1, INT32_MAX)};
}

Error refuse(const image::Image &Img, const EventInput &In, std::string Rule,
             std::string Text) {
  std::string Where =
      In.Stream < Img.streams().size()
          ? std::string(Img.string(Img.streams()[In.Stream].Name))
          : fmt::format("stream {}", In.Stream);
  return {std::move(Where), std::move(Rule), std::move(Text),
          ErrorKind::BadInput};
}

Status checkOffsets(const image::Image &Img, const EventInput &In,
                    size_t Tokens) {
  if (In.Offsets.size() == Tokens + 1 && In.Offsets.front() == 0 &&
      In.Offsets.back() == In.Events.size() &&
      std::ranges::is_sorted(In.Offsets))
    return {};
  return refuse(
      Img, In, "events-size",
      fmt::format("{} events in {} parts, not ascending from 0 to the "
                  "last event in a part for each of {} tokens",
                  In.Events.size(),
                  In.Offsets.empty() ? 0 : In.Offsets.size() - 1, Tokens));
}

Status checkToken(const image::Image &Img, const EventInput &In, size_t Token) {
  const image::StreamRecord &Stream = Img.streams()[In.Stream];
  const auto [Least, Most] = payloadsOf(Stream);
  for (uint64_t I = In.Offsets[Token]; I < In.Offsets[Token + 1]; ++I) {
    const Event &E = In.Events[I];
    if (E.Index >= Stream.NumNeurons)
      return refuse(
          Img, In, "events-range",
          fmt::format("token {}: event of index {}, but the stream has "
                      "0 to {}",
                      Token, E.Index, Stream.NumNeurons - 1));
    if (I != In.Offsets[Token] && E.Index <= In.Events[I - 1].Index)
      return refuse(
          Img, In, "events-order",
          fmt::format("token {}: event of index {} after that of index "
                      "{}; each index comes once, ascending",
                      Token, E.Index, In.Events[I - 1].Index));
    if (E.Payload == 0 || E.Payload < Least || E.Payload > Most)
      return refuse(
          Img, In, "events-payload",
          fmt::format("token {}: payload {} of index {}; the stream's "
                      "are {} to {}, and 0 is no event",
                      Token, E.Payload, E.Index, Least, Most));
  }
  return {};
}

} // namespace

Status Machine::Impl::checkEvents(const SequenceInput &In) const {
  for (size_t I = 0; I < In.Events.size(); ++I) {
    const EventInput &Of = In.Events[I];
    if (Of.Stream >= Img.streams().size() ||
        Img.streams()[Of.Stream].Population != None ||
        Img.streams()[Of.Stream].Role != image::HostRole::Events)
      return refuse(Img, Of, "events-stream",
                    "the network takes no events of the host on it");
    for (size_t K = 0; K < I; ++K)
      if (In.Events[K].Stream == Of.Stream)
        return refuse(Img, Of, "events-stream", "its events are given twice");
    if (Status S = checkOffsets(Img, Of, In.Tokens.size()); !S)
      return S;
    for (size_t T = 0; T < In.Tokens.size(); ++T)
      if (Status S = checkToken(Img, Of, T); !S)
        return S;
  }
  return {};
}

void Machine::Impl::setEvents(Lane &L, const SequenceInput &In,
                              uint64_t Token) const {
  for (uint32_t G = 0; G < Plan.Givens.size(); ++G) {
    auto Of = std::ranges::find(In.Events, Plan.Givens[G].Stream,
                                &EventInput::Stream);
    std::span<const Event> Events;
    if (Of != In.Events.end())
      Events = Of->Events.subspan(Of->Offsets[Token],
                                  Of->Offsets[Token + 1] - Of->Offsets[Token]);
    // A copy: delays outlive the call.
    L.Given[G].assign(Events.begin(), Events.end());
    L.GivenRanges[G] = payloadRange(Events);
  }
}

} // namespace synfire::sim
