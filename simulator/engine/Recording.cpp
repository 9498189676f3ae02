//===- simulator/engine/Recording.cpp - What a token step leaves behind ---===//
//
// Adds the counts of a lane to the totals; gathers logits and payloads.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/MachineParts.h"

#include <algorithm>

namespace synfire::sim {
void Machine::Impl::account(uint32_t K, const ActivitySink &Sink) {
  const Lane &L = lane(K);
  const SweepPlan &Now = Plan.Sweeps[L.Place.Sweep];
  Sent.resize(Plan.Outputs.size());
  for (uint32_t O : Now.Outputs) {
    const OutputPlan &Out = Plan.Outputs[O];
    Sent[O] = Out.SentWhole ? L.Spikes[O] : 0;
    if (!Out.SentWhole)
      for (IndexRange R : Out.Sent)
        Sent[O] += countIn(L, O, R);
    Totals.Emitted[O] += L.Spikes[O];
  }
  FlowEvents.resize(Plan.Flows.size());
  for (uint32_t F : Now.Flows)
    FlowEvents[F] = countIn(L, Plan.Flows[F], Plan.Flows[F].Indices);
  Drops.resize(Plan.Arrivals.size());
  for (uint32_t A : Now.Arrivals) {
    const ArrivalPlan &P = Plan.Arrivals[A];
    Drops[A] = 0;
    for (IndexRange Gap : P.Gaps)
      Drops[A] += countIn(L, Plan.Flows[P.Flow], Gap);
  }
  GivenSpikes.assign(Plan.Givens.size(), 0);
  for (uint32_t G : Now.Givens)
    for (IndexRange R : Plan.Givens[G].Sent) {
      FlowPlan F;
      F.Given = G;
      F.Counts = Plan.Givens[G].Counts;
      GivenSpikes[G] += countIn(L, F, R);
    }
  accountOperations(K);
  const TokenActivity Activity{L.Place,      Sent,  FlowEvents,  Drops,
                               L.Deliveries, L.Met, GivenSpikes, L.Effective};
  Totals.add(Activity, Plan);
  if (Sink)
    Sink(Activity);
}

void Machine::Impl::accountOperations(uint32_t K) {
  const Lane &L = lane(K);
  OnlyUnit.assign(Img.connections().size(), 1);
  Effective.assign(Img.connections().size(), 0);
  for (uint32_t I : Plan.Sweeps[L.Place.Sweep].Deliveries) {
    const DeliveryPlan &D = Plan.Deliveries[I];
    if (!D.weighs())
      continue;
    uint32_t Connection = Img.tiles()[D.Tile].Connection;
    Effective[Connection] += L.Effective[I];
    const FlowPlan &F = Plan.Flows[D.Flow];
    const Lane *From = senderOf(D, K);
    if (!From || L.Deliveries[I] == 0 ||
        rangeOf(*From, F) <= PayloadRange::Unit)
      continue;
    // Spikes of their own each, or added because what was written is +-1.
    if (F.Counts == SpikeCount::Event && !(Plan.isDynamic(D.Tile) && D.Adds))
      OnlyUnit[Connection] = 0;
  }
  for (uint32_t C = 0; C < Effective.size(); ++C)
    (OnlyUnit[C] ? Totals.EffectiveAccumulates
                 : Totals.EffectiveMultiplies)[C] += Effective[C];
}

void Machine::Impl::gatherLogits(const Lane &L, std::span<float> Logits) {
  if (L.Place.Sweep == 0)
    std::fill(Logits.begin(), Logits.end(), 0.0f);
  const auto Here = [&](const HostPlan &H) { return H.Sweep == L.Place.Sweep; };
  if (std::ranges::none_of(Plan.Hosts, Here))
    return;
  LogitSums.assign(Plan.NumLogits, 0);
  for (const HostPlan &H : Plan.Hosts) {
    const FlowPlan &F = Plan.Flows[H.Flow];
    if (F.Indices.empty() || !Here(H))
      continue;
    const OutputPlan &O = Plan.Outputs[F.Output];
    addPayloads(LogitSums.data() + H.FirstLogit + F.Indices.First,
                L.Payloads.data() + O.Place +
                    (F.Indices.First - O.Indices.First),
                F.Indices.Last - F.Indices.First);
  }
  // A value comes in one sweep; in the others it is 0.
  for (uint32_t I = 0; I < Plan.NumLogits; ++I)
    Logits[I] += static_cast<float>(LogitSums[I]) * Img.hostScales()[I];
}

void Machine::Impl::gatherOutputs(const Lane &L, const OutputSink &Sink) const {
  for (uint32_t O : Plan.Sweeps[L.Place.Sweep].Outputs) {
    const OutputPlan &P = Plan.Outputs[O];
    Sink(O, std::span(L.Payloads)
                .subspan(P.Place, P.Indices.Last - P.Indices.First));
  }
}

void Machine::Impl::gatherSpikes(const Lane &L, const SpikeSink &Sink) {
  for (uint32_t S = 0; S < OutputsOfStream.size(); ++S) {
    if (SpikeWidths[S] == 0 || SweepOfStream[S] != L.Place.Sweep)
      continue;
    Spikes.assign(SpikeWidths[S], 0);
    for (uint32_t Output : OutputsOfStream[S]) {
      const OutputPlan &O = Plan.Outputs[Output];
      const BlockPlan &B = Plan.Blocks[O.Block];
      const int32_t *Payloads = O.Reduced
                                    ? L.Summed.data() + SummedPlaces[Output]
                                    : L.Payloads.data() + O.Place;
      std::copy_n(Payloads, B.NumNeurons, Spikes.begin() + B.FirstNeuron);
    }
    Sink(S, Spikes);
  }
}

} // namespace synfire::sim
