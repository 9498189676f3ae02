//===- compiler/mapping/PartitionVerifyTraffic.cpp - Who hears what -------===//
//
// Every event that an edge of the network stands for leaves its output, travels
// on a flow, finds an axon and lands once where it belongs, partial sums of
// relays included.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/PartitionVerifier.h"

#include <algorithm>
#include <functional>
#include <map>

using namespace synfire;
using namespace synfire::mapping;

void PartitionVerifier::verifyOutputs() {
  for (uint32_t O = 0; O != Map.Outputs.size(); ++O) {
    const MappedOutput &Mapped = Map.Outputs[O];
    if (Mapped.Block >= Map.Blocks.size() ||
        O < Map.Blocks[Mapped.Block].FirstOutput ||
        O - Map.Blocks[Mapped.Block].FirstOutput != Mapped.Output) {
      fail("output", "output {} names another block", O);
      continue;
    }
    const MappedBlock &B = Map.Blocks[Mapped.Block];
    const bool Reduced =
        !B.IsRelay && Net.Populations[B.Index].Outputs[Mapped.Output].Reduced;
    if (Reduced != Mapped.Reduced)
      fail("output", "output {} is reduced or not, wrongly", O);
    for (uint32_t F = Mapped.FirstFlow; F != Mapped.FirstFlow + Mapped.NumFlows;
         ++F) {
      const MappedFlow &Flow = Map.Flows[F];
      const uint32_t First = Reduced ? 0 : B.FirstNeuron;
      const uint32_t End = Reduced ? 1 : B.FirstNeuron + B.NumNeurons;
      if (Flow.Source != O || Flow.SourceCore != B.Core)
        fail("flow", "flow {} names another source", F);
      if (Flow.FirstIndex < First || Flow.NumIndices == 0 ||
          Flow.FirstIndex + Flow.NumIndices > End)
        fail("flow", "flow {} carries indices that output {} has not", F, O);
      if (F != Mapped.FirstFlow &&
          Flow.FirstIndex < Map.Flows[F - 1].FirstIndex)
        fail("grouping", "flows of output {} do not ascend by index", O);
    }
  }
}

void PartitionVerifier::verifyFlows() {
  std::map<Stream, uint64_t> HostWants, HostGets;
  for (const Edge &E : Net.Edges)
    if (E.Kind == EdgeKind::HostOutput) {
      const Population &P = Net.Populations[E.From.Index];
      uint64_t Blocks = std::count_if(
          Map.Blocks.begin(), Map.Blocks.end(), [&](const MappedBlock &B) {
            return !B.IsRelay && B.Index == E.From.Index;
          });
      HostWants[streamOf(E.From)] =
          P.Outputs[E.From.Output].Reduced ? Blocks : P.Neurons;
    }
  for (size_t F = 0; F != Map.Flows.size(); ++F) {
    const MappedFlow &Flow = Map.Flows[F];
    const auto &Ends = Flow.Destinations;
    if (Ends.size() + Flow.HostOutput == 0)
      fail("flow", "flow {} goes nowhere", F);
    if (Ends.size() + Flow.HostOutput > 1 && !Chip.Noc.Multicast)
      fail("flow", "flow {} has {} ends on a chip without multicast", F,
           Ends.size() + Flow.HostOutput);
    if (std::adjacent_find(Ends.begin(), Ends.end(), std::greater_equal<>()) !=
        Ends.end())
      fail("flow", "destinations of flow {} do not ascend", F);
    for (uint32_t Core : Ends)
      if (Core >= Map.Cores.size())
        fail("flow", "flow {} goes to core {} of {}", F, Core,
             Map.Cores.size());
    if (Flow.HostOutput)
      HostGets[streamOf(Flow)] += Flow.NumIndices;
  }
  if (HostWants != HostGets)
    fail("flow", "the host does not get each of its events once");
}

/// Every event finds an axon wherever its flow leads, and axons hear only what
/// reaches them.
void PartitionVerifier::verifyAxons() {
  ArrivalsOfSlot.resize(Map.Slots.size());
  ArrivalsOfTile.resize(Map.Tiles.size());
  std::map<std::pair<uint32_t, uint32_t>,
           std::vector<std::pair<uint32_t, uint32_t>>>
      Heard; // flow, core -> ranges
  for (uint32_t C = 0; C != Map.Cores.size(); ++C) {
    const MappedCore &Core = Map.Cores[C];
    for (uint32_t I = 0; I != Core.NumAxons; ++I) {
      const MappedAxon &A = Map.Axons[Core.FirstAxon + I];
      const MappedFlow &F = Map.Flows[A.Flow];
      if (A.FirstIndex < F.FirstIndex || A.NumIndices == 0 ||
          A.FirstIndex + A.NumIndices > F.FirstIndex + F.NumIndices ||
          !std::binary_search(F.Destinations.begin(), F.Destinations.end(), C))
        fail("axon", "axon {} hears what does not reach core {}",
             Core.FirstAxon + I, C);
      Heard[{A.Flow, C}].push_back({A.FirstIndex, A.FirstIndex + A.NumIndices});
      const bool Rows = A.Kind == image::AxonKind::Rows;
      const uint32_t At = Rows ? Map.Tiles[A.Target].Core
                               : Map.Blocks[BlockOfSlot[A.Target]].Core;
      if (At != C)
        fail("axon", "axon {} has its target on another core",
             Core.FirstAxon + I);
      (Rows ? ArrivalsOfTile : ArrivalsOfSlot)[A.Target].push_back(
          {streamOf(F), A.FirstIndex, A.NumIndices, A.Offset});
    }
  }
  for (uint32_t F = 0; F != Map.Flows.size(); ++F)
    for (uint32_t Core : Map.Flows[F].Destinations) {
      auto &Ranges = Heard[{F, Core}];
      std::sort(Ranges.begin(), Ranges.end());
      uint32_t Next = Map.Flows[F].FirstIndex;
      for (auto [First, End] : Ranges)
        if (First <= Next)
          Next = std::max(Next, End);
      if (Next != Map.Flows[F].FirstIndex + Map.Flows[F].NumIndices)
        fail("axon", "events of flow {} are dropped at core {}", F, Core);
    }
}

/// Every slot and tile hears exactly what the edges of the network say.
void PartitionVerifier::verifyDeliveries() {
  /// The arrivals of \p From must be \p Count places from index \p First on.
  auto Expect = [&](std::vector<Arrival> &Arrivals, Stream From, uint32_t First,
                    uint32_t Count, const std::string &Name) {
    uint32_t Next = First;
    std::sort(Arrivals.begin(), Arrivals.end());
    bool Exact = true;
    std::erase_if(Arrivals, [&](const Arrival &A) {
      if (A.From != From)
        return false;
      // Two edges of one stream into a slot bring everything twice.
      if (A.First != Next || A.Place != A.First - First)
        return false;
      Next = A.First + A.Count;
      return true;
    });
    Exact &= Next == First + Count;
    if (!Exact)
      fail("axon", "'{}' does not bring each of its events once", Name);
  };
  std::map<uint32_t, std::vector<const MappedBlock *>> BlocksOf;
  for (const MappedBlock &B : Map.Blocks)
    if (!B.IsRelay)
      BlocksOf[B.Index].push_back(&B);

  for (uint32_t T = 0; T != Map.Tiles.size(); ++T) {
    const MappedTile &Tile = Map.Tiles[T];
    const Edge &E = Net.Edges[Tile.Edge];
    Expect(ArrivalsOfTile[T], streamOf(E.From), Tile.FirstRow, Tile.Rows,
           E.Name);
    if (!ArrivalsOfTile[T].empty())
      fail("axon", "a tile of '{}' hears something else", E.Name);
  }
  for (const Edge &E : Net.Edges) {
    if (E.Kind == EdgeKind::Linear || E.Kind == EdgeKind::HostOutput)
      continue;
    const Stream From = streamOf(E.From);
    const size_t Copies =
        E.Kind == EdgeKind::Reduce ? BlocksOf[E.From.Index].size() : 1;
    for (const MappedBlock *B : BlocksOf[E.To])
      for (size_t N = 0; N != Copies; ++N) {
        const bool Direct = E.Kind == EdgeKind::Direct;
        Expect(ArrivalsOfSlot[B->FirstSlot + E.Slot], From,
               Direct ? B->FirstNeuron : 0, Direct ? B->NumNeurons : 1, E.Name);
      }
  }
  // What is left at the slots are the relays: see verifyRelays.
}

/// Each relay block's events all land once in the owner's slot, at the columns
/// of the tiles it sums.
void PartitionVerifier::verifyRelays() {
  std::map<uint32_t, uint32_t> FirstColumn; // relay block -> first column
  for (const MappedTile &T : Map.Tiles) {
    const uint32_t B = BlockOfSlot[T.Slot];
    if (!Map.Blocks[B].IsRelay)
      continue;
    if (FirstColumn.count(B) || T.SlotOffset != 0 ||
        T.Cols != Map.Blocks[B].NumNeurons)
      fail("relay", "block {} does not relay exactly one tile", B);
    FirstColumn[B] = T.FirstCol;
  }
  std::map<Stream, uint64_t> Delivered;
  for (uint32_t S = 0; S != Map.Slots.size(); ++S)
    for (const Arrival &A : ArrivalsOfSlot[S]) {
      const MappedBlock &Owner = Map.Blocks[BlockOfSlot[S]];
      if (A.From[0] != OfRelay) {
        fail("axon", "slot {} hears what no edge brings", S);
        continue;
      }
      const Edge &E = Net.Edges[Map.Relays[A.From[1]].Edge];
      if (Owner.IsRelay || Owner.Index != E.To || S - Owner.FirstSlot != E.Slot)
        fail("relay", "'{}' is relayed to a slot of something else", E.Name);
      Delivered[A.From] += A.Count;
      for (uint32_t B = 0; B != Map.Blocks.size(); ++B) {
        const MappedBlock &R = Map.Blocks[B];
        if (!R.IsRelay || R.Index != A.From[1] || A.First < R.FirstNeuron ||
            A.First >= R.FirstNeuron + R.NumNeurons)
          continue;
        if (!FirstColumn.count(B) || FirstColumn[B] + A.First - R.FirstNeuron !=
                                         Owner.FirstNeuron + A.Place)
          fail("relay", "'{}': a partial sum lands at the wrong neuron",
               E.Name);
      }
    }
  for (uint32_t R = 0; R != Map.Relays.size(); ++R) {
    if (Delivered[{OfRelay, R, 0}] != Map.Relays[R].Neurons)
      fail("relay", "relay {} is heard {} times, has {} neurons", R,
           Delivered[{OfRelay, R, 0}], Map.Relays[R].Neurons);
    const auto &Kinds = Chip.Event.Kinds;
    if (Map.Relays[R].PayloadBits > Chip.Event.PayloadBits ||
        std::find(Kinds.begin(), Kinds.end(), image::PayloadKind::Signed) ==
            Kinds.end())
      fail("relay", "relay {} sends what the chip cannot carry", R);
  }
}
