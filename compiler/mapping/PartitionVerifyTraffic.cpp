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
    uint32_t Group = 0;
    bool Largest = false;
    if (Reduced) {
      const Population &P = Net.Populations[B.Index];
      const Output &Sends = P.Outputs[Mapped.Output];
      Group = uint64_t(B.FirstNeuron) * Sends.ReducedGroups / P.Neurons;
      Largest = Sends.Largest;
    }
    if (Reduced != Mapped.Reduced || Largest != Mapped.Largest ||
        Group != Mapped.ReducedIndex)
      fail("output", "output {} is reduced or not, or to group {}, wrongly", O,
           Mapped.ReducedIndex);
    for (uint32_t F = Mapped.FirstFlow; F != Mapped.FirstFlow + Mapped.NumFlows;
         ++F) {
      const MappedFlow &Flow = Map.Flows[F];
      const uint32_t First = Reduced ? Group : B.FirstNeuron;
      const uint32_t End = First + (Reduced ? 1 : B.NumNeurons);
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
  WritesOfTile.resize(Map.Tiles.size());
  WindowsOfTile.resize(Map.Tiles.size());
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
      const bool Direct = A.Kind == image::AxonKind::Direct;
      const uint32_t At = Direct ? Map.Blocks[BlockOfSlot[A.Target]].Core
                                 : Map.Tiles[A.Target].Core;
      if (At != C)
        fail("axon", "axon {} has its target on another core",
             Core.FirstAxon + I);
      auto &Arrivals =
          (Direct                              ? ArrivalsOfSlot
           : A.Kind == image::AxonKind::Rows   ? ArrivalsOfTile
           : A.Kind == image::AxonKind::Window ? WindowsOfTile
                                               : WritesOfTile)[A.Target];
      if (A.Table == image::None) {
        Arrivals.push_back(
            {streamOf(F), A.FirstIndex, A.NumIndices, A.Offset, A.Delay});
        continue;
      }
      if (A.Kind != image::AxonKind::Rows || A.Offset != 0)
        fail("axon", "axon {} has a table and selects no rows",
             Core.FirstAxon + I);
      for (uint32_t N = 0; N != A.NumIndices; ++N)
        if (Map.Tables[A.Table][N] != image::None)
          Arrivals.push_back({streamOf(F), A.FirstIndex + N, 1,
                              Map.Tables[A.Table][N], A.Delay});
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

void PartitionVerifier::expect(std::vector<Arrival> &Arrivals, Stream From,
                               uint32_t First, uint32_t Count, uint32_t Place,
                               const Edge &E) {
  uint32_t Next = First;
  std::sort(Arrivals.begin(), Arrivals.end());
  std::erase_if(Arrivals, [&](const Arrival &A) {
    // Two edges of one stream into a slot bring everything twice.
    if (A.From != From || A.First != Next || Next == First + Count ||
        A.Place != A.First - First + Place || A.Delay != E.Delay)
      return false;
    Next = A.First + A.Count;
    return true;
  });
  if (Next != First + Count)
    fail("axon", "'{}' does not bring each of its events once", E.Name);
}

/// Column by column of the targets, tap by tap: each place of the source that
/// one leads to is heard once, nothing before the first or behind the last.
void PartitionVerifier::expectWindow(uint32_t T) {
  const MappedTile &Tile = Map.Tiles[T];
  const Edge &E = Net.Edges[Tile.Edge];
  const image::WindowRecord &W = E.Window;
  const uint32_t ColumnOfTargets = W.TargetChannels * W.TargetHeight;
  const uint32_t Places = W.SourceWidth * W.SourceHeight;
  std::vector<bool> Due(Places);
  for (uint32_t X = Tile.FirstCol / ColumnOfTargets;
       uint64_t(X) * ColumnOfTargets < uint64_t(Tile.FirstCol) + Tile.Cols; ++X)
    for (uint32_t K = 0; K != W.KernelWidth; ++K)
      for (uint32_t Y = 0; Y != W.TargetHeight; ++Y)
        for (uint32_t L = 0; L != W.KernelHeight; ++L) {
          const int64_t Column = int64_t(X) * W.StrideX +
                                 int64_t(K) * W.DilationX - int64_t(W.PadX);
          const int64_t Row = int64_t(Y) * W.StrideY +
                              int64_t(L) * W.DilationY - int64_t(W.PadY);
          if (Column >= 0 && Column < int64_t(W.SourceWidth) && Row >= 0 &&
              Row < int64_t(W.SourceHeight))
            Due[Column * W.SourceHeight + Row] = true;
        }
  const auto First = std::find(Due.begin(), Due.end(), true) - Due.begin();
  const auto End = Due.rend() - std::find(Due.rbegin(), Due.rend(), true);
  const uint32_t Channels = W.SourceChannels;
  std::vector<uint8_t> Heard(size_t(Places) * Channels);
  for (const Arrival &A : WindowsOfTile[T]) {
    if (A.Place != 0)
      fail("axon", "an axon of '{}' has an offset", E.Name);
    if (A.From != streamOf(E.From) || A.Delay != E.Delay ||
        A.First < First * Channels || A.First + A.Count > End * Channels)
      return; // it stays, and is told as heard beyond the kernel
    for (uint32_t N = A.First; N != A.First + A.Count; ++N)
      Heard[N] = std::min(2, Heard[N] + 1);
  }
  for (size_t N = 0; N != Heard.size(); ++N)
    if (Heard[N] > 1 || Heard[N] < Due[N / Channels])
      return fail("axon", "'{}' does not bring each of its events once",
                  E.Name);
  WindowsOfTile[T].clear();
}

/// Every slot and tile hears exactly what the edges of the network say.
void PartitionVerifier::verifyDeliveries() {
  std::map<uint32_t, std::vector<const MappedBlock *>> BlocksOf;
  for (const MappedBlock &B : Map.Blocks)
    if (!B.IsRelay)
      BlocksOf[B.Index].push_back(&B);

  for (uint32_t T = 0; T != Map.Tiles.size(); ++T) {
    const MappedTile &Tile = Map.Tiles[T];
    const Edge &E = Net.Edges[Tile.Edge];
    if (E.Kind == EdgeKind::Window)
      expectWindow(T);
    else if (E.Only.empty())
      expect(ArrivalsOfTile[T], streamOf(E.From), Tile.FirstRow, Tile.Rows, 0,
             E);
    if (!WindowsOfTile[T].empty())
      fail("axon", "a tile of '{}' hears beyond its kernel", E.Name);
    // Flows need not ascend with the neurons of the blocks they come from.
    std::sort(ArrivalsOfTile[T].begin(), ArrivalsOfTile[T].end());
    for (uint32_t R = 0; !E.Only.empty() && R != Tile.Rows; ++R) {
      // Those that have synapses arrive in order, one by one.
      const Arrival Due{streamOf(E.From), E.Only[Tile.FirstRow + R], 1, R,
                        E.Delay};
      if (R >= ArrivalsOfTile[T].size() || ArrivalsOfTile[T][R] != Due) {
        fail("axon", "'{}' does not bring each of its events once", E.Name);
        break;
      }
    }
    if (E.Only.empty() ? !ArrivalsOfTile[T].empty()
                       : ArrivalsOfTile[T].size() != Tile.Rows)
      fail("axon", "a tile of '{}' hears something else", E.Name);
    if (E.Kind == EdgeKind::Keys || E.Kind == EdgeKind::Values) {
      // What the memory head of the tile's own head says.
      const bool Keys = E.Kind == EdgeKind::Keys;
      const uint32_t Length =
          (Keys ? Net.sourceSize(E) : Net.Populations[E.To].Neurons) / E.Heads;
      const uint32_t First = Keys ? Tile.FirstRow : Tile.FirstCol;
      const uint32_t Shared = E.Heads / E.KvHeads;
      expect(WritesOfTile[T], streamOf(E.Written),
             First / Length / Shared * Length + First % Length,
             Keys ? Tile.Rows : Tile.Cols, 0, E);
    }
    if (!WritesOfTile[T].empty())
      fail("write", "a tile of '{}' is written by something else", E.Name);
  }
  for (const Edge &E : Net.Edges) {
    if (hasTiles(E) || E.Kind == EdgeKind::HostOutput)
      continue;
    const Stream From = streamOf(E.From);
    for (const MappedBlock *B : BlocksOf[E.To]) {
      auto &Arrivals = ArrivalsOfSlot[B->FirstSlot + E.Slot];
      if (E.Kind == EdgeKind::Broadcast) {
        expect(Arrivals, From,
               uint64_t(B->FirstNeuron) * Net.sourceSize(E) /
                   Net.Populations[E.To].Neurons,
               1, 0, E);
      } else if (E.Kind == EdgeKind::Reduce) {
        // One event from each block of the neuron's group.
        const Population &P = Net.Populations[E.From.Index];
        const uint32_t Groups = P.Outputs[E.From.Output].ReducedGroups;
        for (const MappedBlock *S : BlocksOf[E.From.Index]) {
          const uint32_t G = uint64_t(S->FirstNeuron) * Groups / P.Neurons;
          if (isUniform(*B, E.Slot)) {
            if (G == uint64_t(B->FirstNeuron) * Groups /
                         Net.Populations[E.To].Neurons)
              expect(Arrivals, From, G, 1, 0, E);
          } else if (G >= B->FirstNeuron && G - B->FirstNeuron < B->NumNeurons)
            expect(Arrivals, From, G, 1, G - B->FirstNeuron, E);
        }
      } else if (E.RotateParts == 0) {
        expect(Arrivals, From, B->FirstNeuron, B->NumNeurons, 0, E);
      } else {
        expectRotated(Arrivals, *B, E);
      }
    }
  }
  // What is left at the slots are the relays: see verifyRelays.
}

/// Neuron by neuron, from the other half of its part.
void PartitionVerifier::expectRotated(std::vector<Arrival> &Arrivals,
                                      const MappedBlock &B, const Edge &E) {
  const uint32_t Part = Net.sourceSize(E) / E.RotateParts;
  std::vector<uint32_t> Heard(B.NumNeurons, 0);
  std::erase_if(Arrivals, [&](const Arrival &A) {
    if (A.From != streamOf(E.From) || A.Delay != E.Delay ||
        A.Place + A.Count > B.NumNeurons)
      return false;
    for (uint32_t N = 0; N != A.Count; ++N) {
      const uint32_t I = B.FirstNeuron + A.Place + N;
      if (A.First + N != I / Part * Part + (I % Part + Part / 2) % Part)
        return false;
    }
    for (uint32_t N = 0; N != A.Count; ++N)
      ++Heard[A.Place + N];
    return true;
  });
  if (std::count(Heard.begin(), Heard.end(), 1u) != B.NumNeurons)
    fail("axon", "'{}' does not bring each of its events once", E.Name);
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
      if (A.Delay != 0)
        fail("relay", "'{}': its relay has waited, and waits again", E.Name);
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
