//===- WiringFlows.cpp - What flows bring ---------------------------------===//
//
// Each flow with the links that it takes, the cores that it reaches and what
// their axons make of it.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/WiringBuilder.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace synfire::sim {

using image::None;

/// What of \p Whole is in none of the disjoint ascending \p Parts.
static std::vector<IndexRange> without(IndexRange Whole,
                                       std::span<const IndexRange> Parts) {
  std::vector<IndexRange> Out;
  uint32_t Next = Whole.First;
  for (IndexRange P : Parts) {
    if (P.First > Next)
      Out.push_back({Next, P.First});
    Next = std::max(Next, P.Last);
  }
  if (Next < Whole.Last)
    Out.push_back({Next, Whole.Last});
  return Out;
}

/// Bits that hold every payload of \p Stream with its sign.
static uint32_t signedBits(const image::StreamRecord &Stream) {
  if (Stream.Kind == image::PayloadKind::Binary ||
      Stream.Kind == image::PayloadKind::Ternary)
    return 2;
  const bool Signed = Stream.Kind == image::PayloadKind::Signed;
  return Stream.PayloadBits + (Signed ? 0u : 1u);
}

uint32_t WiringBuilder::messageBitsOf(uint32_t Stream,
                                      const image::FlowRecord &F) const {
  if (F.SourceKind == image::FlowSource::Output &&
      Img.outputs()[F.Source].Reduced)
    return Spec.Event.HeaderBits + Img.outputs()[F.Source].ReducedBits;
  const image::StreamRecord &S = Img.streams()[Stream];
  const bool Bare = S.Kind == image::PayloadKind::Binary ||
                    spikeCountOf(S.Kind) != SpikeCount::Event;
  return Spec.Event.HeaderBits + (Bare ? 0 : S.PayloadBits);
}

/// The host's events of a stream, by index into Wiring::Givens.
uint32_t WiringBuilder::givenOf(uint32_t Stream) {
  for (uint32_t I = 0; I < W.Givens.size(); ++I)
    if (W.Givens[I].Stream == Stream)
      return I;
  W.Givens.push_back({Stream, spikeCountOf(Img.streams()[Stream].Kind), {}});
  return static_cast<uint32_t>(W.Givens.size() - 1);
}

Status WiringBuilder::planFlows() {
  std::vector<FlowWalk> Walks;
  std::set<Link> AllLinks;
  for (const image::FlowRecord &F : Img.flows()) {
    Walks.push_back(walkFlow(F, Img.hops(), Spec));
    AllLinks.insert(Walks.back().Links.begin(), Walks.back().Links.end());
  }
  std::map<Link, uint32_t> LinkIndex;
  for (const Link &L : AllLinks) {
    LinkIndex[L] = static_cast<uint32_t>(W.Links.size());
    W.Links.push_back({L, crossesChips(L, Spec)});
  }
  W.Flows.resize(Img.flows().size());
  for (uint32_t I = 0; I < W.Flows.size(); ++I)
    if (Status S = planFlow(I, Walks[I], LinkIndex); !S)
      return S;
  return {};
}

Status WiringBuilder::planFlow(uint32_t Index, const FlowWalk &Walk,
                               const std::map<Link, uint32_t> &LinkIndex) {
  const image::FlowRecord &R = Img.flows()[Index];
  FlowPlan &F = W.Flows[Index];
  F.Indices = {R.FirstIndex, R.FirstIndex + R.NumIndices};
  if (R.SourceKind == image::FlowSource::Host) {
    F.Stream = R.Source;
    F.Role = Img.streams()[R.Source].Role;
    if (F.Role == image::HostRole::Events) {
      F.Given = givenOf(F.Stream);
      F.Counts = W.Givens[F.Given].Counts;
      W.Givens[F.Given].Sent.push_back(F.Indices);
    }
  } else {
    const OutputPlan &O = W.Outputs[R.Source];
    F.Output = R.Source;
    F.Stream = O.Stream;
    F.Counts = O.Counts;
    F.Core = W.Blocks[O.Block].Core;
    F.Level = W.Blocks[O.Block].Level;
    F.Indices = intersect(F.Indices, O.Indices);
  }
  for (const Link &L : Walk.Links)
    F.Links.push_back(LinkIndex.at(L));
  F.DeadEnds = Walk.DeadEnds;
  // Nothing but outputs leaves for the host.
  F.ReachesHost = Walk.ReachesHost && F.Output != None;
  F.DeadEnds += Walk.ReachesHost && F.Output == None;
  F.Latency = Walk.Latency;
  F.MessageBits = messageBitsOf(F.Stream, R);
  F.FirstArrival = static_cast<uint32_t>(W.Arrivals.size());
  for (CoreId C : Walk.Cores)
    if (Status S = planArrival(Index, C); !S)
      return S;
  F.NumArrivals = static_cast<uint32_t>(W.Arrivals.size()) - F.FirstArrival;
  uint32_t Destinations = F.DeadEnds + (F.ReachesHost ? 1 : 0);
  for (uint32_t A = 0; A < F.NumArrivals; ++A)
    Destinations += W.Arrivals[F.FirstArrival + A].IsMessage;
  F.MessagesOut =
      Spec.Noc.Multicast ? std::min(Destinations, 1u) : Destinations;
  return {};
}

Status WiringBuilder::planArrival(uint32_t Flow, CoreId Core) {
  const FlowPlan &F = W.Flows[Flow];
  ArrivalPlan A;
  A.Flow = Flow;
  auto Arrival = static_cast<uint32_t>(W.Arrivals.size());
  bool OnlyDirect = true;
  std::vector<IndexRange> Taken;
  if (auto Found = CoreIndex.find(Core.Value); Found != CoreIndex.end()) {
    A.Core = Found->second;
    const image::CoreRecord &R = Img.cores()[A.Core];
    auto Axons = Img.axons().subspan(R.FirstAxon, R.NumAxons);
    auto [First, Last] =
        std::ranges::equal_range(Axons, Flow, {}, &image::AxonRecord::Flow);
    for (auto It = First; It != Last; ++It) {
      OnlyDirect &= It->Kind == image::AxonKind::Direct;
      IndexRange R = intersect(
          F.Indices, {It->FirstIndex, It->FirstIndex + It->NumIndices});
      Taken.push_back(R);
      if (R.empty())
        continue;
      if (Status S =
              planDelivery(static_cast<uint32_t>(&*It - Img.axons().data()),
                           Flow, Arrival, R);
          !S)
        return S;
    }
  }
  A.Gaps = without(F.Indices, unite(Taken));
  A.IsMessage =
      A.Core == None || A.Core != F.Core || !OnlyDirect || Taken.empty();
  W.Arrivals.push_back(std::move(A));
  return {};
}

Status WiringBuilder::planDelivery(uint32_t Axon, uint32_t Flow,
                                   uint32_t Arrival, IndexRange Indices) {
  const image::AxonRecord &R = Img.axons()[Axon];
  DeliveryPlan D;
  D.Axon = Axon;
  D.Flow = Flow;
  D.Arrival = Arrival;
  D.Indices = Indices;
  D.Rows = R.Kind == image::AxonKind::Rows;
  D.Write = R.Kind == image::AxonKind::Write;
  D.Window = R.Kind == image::AxonKind::Window;
  D.Delay = R.Delay;
  W.LongestDelay = std::max(W.LongestDelay, D.Delay);
  const image::StreamRecord &Stream = Img.streams()[W.Flows[Flow].Stream];
  if (R.Kind == image::AxonKind::Direct) {
    D.Block = BlockOfSlot[R.Target];
    D.Largest = Img.slots()[R.Target].Largest != 0;
    D.Place =
        W.SlotPlaces[R.Target] + R.Offset + (Indices.First - R.FirstIndex);
    W.Blocks[D.Block].Work += R.NumIndices;
    W.Deliveries.push_back(D);
    return {};
  }
  const image::TileRecord &T = Img.tiles()[R.Target];
  D.Tile = R.Target;
  D.Block = BlockOfSlot[T.Slot];
  D.RowBias = R.Offset - R.FirstIndex;
  D.HasTable = D.Rows && R.Table != None;
  D.TableBias = R.Table - R.FirstIndex;
  D.Place = W.SlotPlaces[T.Slot] + T.SlotOffset;
  W.Blocks[D.Block].Work += workOf(D, W, T);
  if (D.Window) {
    W.Deliveries.push_back(D);
    return {};
  }
  auto refuse = [&](std::string Text) {
    return wiringFault(fmt::format("axon {}", Axon), "image-dynamic",
                       std::move(Text));
  };
  if (Img.slots()[T.Slot].Largest)
    return refuse(
        fmt::format("tile {} adds to a slot that keeps the largest", R.Target));
  if (D.Write && !W.isDynamic(R.Target))
    return refuse(
        fmt::format("writes into tile {}, which is not dynamic", R.Target));
  if (D.Write && W.Flows[Flow].Output == None)
    return refuse("the host writes into a dynamic tile");
  if (D.Write && signedBits(Stream) > W.Dynamic[R.Target].Bits)
    return refuse(fmt::format("writes payloads of {} bits with their sign "
                              "into tile {} of {} bits",
                              signedBits(Stream), R.Target,
                              W.Dynamic[R.Target].Bits));
  W.Deliveries.push_back(D);
  return {};
}

/// Logits follow the streams that the image sends to the host, in order of
/// their number (Image.h, HostScales), whether or not the routes get there.
void WiringBuilder::planHost() {
  std::vector<bool> Meant(Img.streams().size());
  for (uint32_t F = 0; F < W.Flows.size(); ++F)
    if (Img.flows()[F].HostOutput && W.Flows[F].Output != None)
      Meant[W.Flows[F].Stream] = true;
  std::vector<uint32_t> First(Meant.size());
  for (uint32_t S = 0; S < Meant.size(); ++S) {
    First[S] = W.NumLogits;
    W.NumLogits += Meant[S] ? Img.streams()[S].NumNeurons : 0;
  }
  for (uint32_t F = 0; F < W.Flows.size(); ++F)
    if (W.Flows[F].ReachesHost && Meant[W.Flows[F].Stream])
      W.Hosts.push_back(
          {F, First[W.Flows[F].Stream], W.Flows[F].Sweeps.front()});
}

} // namespace synfire::sim
