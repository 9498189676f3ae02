//===- compiler/mapping/PartitionVerify.cpp - Recount a mapping -----------===//
//
// Everything is counted again from the records and the rules of
// docs/architecture.md; nothing of the solver is used.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/PartitionProblem.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

using namespace synfire;
using namespace synfire::mapping;

namespace {

uint64_t aligned(uint64_t Bytes) { return (Bytes + 15) / 16 * 16; }

class Verifier {
public:
  Verifier(const PartitionProblem &Problem, const Mapping &Map)
      : Net(Problem.Net), Chip(Problem.Chip), Map(Map) {}
  std::vector<Violation> run();

private:
  bool verifyGrouping();
  void verifyBlocks();
  void verifyTiles();
  void verifyRelays();
  void verifyOutputs();
  void verifyFlows();
  void verifyAxons();
  void verifyDeliveries();
  void verifyLevels();
  void verifyLimits();

  template <typename... Args>
  void fail(const char *Rule, fmt::format_string<Args...> Text,
            Args &&...Values) {
    if (Out.size() < 100) // enough to see what is wrong
      Out.push_back({Rule, fmt::format(Text, std::forward<Args>(Values)...)});
  }
  /// What a stream of the mapping is: kind, index, output.
  using Stream = std::array<uint32_t, 3>;
  enum StreamKind : uint32_t { OfHost, OfPopulation, OfRelay };
  Stream streamOf(const MappedFlow &F) const {
    if (F.SourceKind == image::FlowSource::Host)
      return {OfHost, F.Source, 0};
    const MappedOutput &O = Map.Outputs[F.Source];
    const MappedBlock &B = Map.Blocks[O.Block];
    return {B.IsRelay ? OfRelay : OfPopulation, B.Index, O.Output};
  }
  static Stream streamOf(const Source &S) {
    return {S.FromHost ? OfHost : OfPopulation, S.Index,
            S.FromHost ? 0 : S.Output};
  }
  uint32_t numSlots(const MappedBlock &B) const {
    return B.IsRelay ? 1 : Net.Populations[B.Index].Slots.size();
  }
  bool isUniform(const MappedBlock &B, uint32_t Slot) const {
    return !B.IsRelay && Net.Populations[B.Index].Slots[Slot].Uniform;
  }

  const Workload &Net;
  const ChipSpec &Chip;
  const Mapping &Map;
  std::vector<Violation> Out;
  std::vector<uint32_t> BlockOfSlot;
  /// Delivered, per slot: which part of what stream lands at which place.
  struct Arrival {
    Stream From;
    uint32_t First, Count, Place;
    auto operator<=>(const Arrival &) const = default;
  };
  std::vector<std::vector<Arrival>> ArrivalsOfSlot, ArrivalsOfTile;
};

/// Ranges are consecutive, indices exist, back references agree; what follows
/// relies on it.
bool Verifier::verifyGrouping() {
  size_t Block = 0, Slot = 0, Output = 0, Tile = 0, Axon = 0, Flow = 0;
  if (Map.PopulationLevels.size() != Net.Populations.size() ||
      Map.RelayLevels.size() != Map.Relays.size())
    fail("grouping", "levels are missing");
  for (uint32_t C = 0; C != Map.Cores.size(); ++C) {
    const MappedCore &Core = Map.Cores[C];
    if (Core.FirstBlock != Block || Core.FirstTile != Tile ||
        Core.FirstAxon != Axon)
      fail("grouping", "core {} does not continue the arrays", C);
    Block += Core.NumBlocks;
    Tile += Core.NumTiles;
    Axon += Core.NumAxons;
  }
  if (Block != Map.Blocks.size() || Tile != Map.Tiles.size() ||
      Axon != Map.Axons.size())
    fail("grouping", "blocks, tiles or axons belong to no core");
  if (!Out.empty())
    return false;
  for (uint32_t C = 0; C != Map.Cores.size(); ++C) {
    const MappedCore &Core = Map.Cores[C];
    for (uint32_t B = 0; B != Core.NumBlocks; ++B)
      if (Map.Blocks[Core.FirstBlock + B].Core != C)
        fail("grouping", "a block of core {} names another core", C);
    for (uint32_t T = 0; T != Core.NumTiles; ++T)
      if (Map.Tiles[Core.FirstTile + T].Core != C)
        fail("grouping", "a tile of core {} names another core", C);
    for (uint32_t A = 1; A < Core.NumAxons; ++A)
      if (Map.Axons[Core.FirstAxon + A].Flow <
          Map.Axons[Core.FirstAxon + A - 1].Flow)
        fail("grouping", "axons of core {} do not ascend by flow", C);
  }
  for (uint32_t B = 0; B != Map.Blocks.size(); ++B) {
    const MappedBlock &Mapped = Map.Blocks[B];
    if (Mapped.Index >=
        (Mapped.IsRelay ? Map.Relays.size() : Net.Populations.size())) {
      fail("grouping", "block {} is of no population", B);
      return false;
    }
    uint32_t Outputs =
        Mapped.IsRelay ? 1 : Net.Populations[Mapped.Index].Outputs.size();
    if (Mapped.FirstSlot != Slot || Mapped.FirstOutput != Output ||
        Mapped.NumSlots != numSlots(Mapped) || Mapped.NumOutputs != Outputs)
      fail("grouping", "block {} does not continue slots and outputs", B);
    Slot += Mapped.NumSlots;
    Output += Mapped.NumOutputs;
    BlockOfSlot.insert(BlockOfSlot.end(), Mapped.NumSlots, B);
  }
  if (Slot != Map.Slots.size() || Output != Map.Outputs.size())
    fail("grouping", "slots or outputs belong to no block");
  for (const MappedOutput &O : Map.Outputs) {
    if (O.FirstFlow != Flow)
      fail("grouping", "an output does not continue the flows");
    Flow += O.NumFlows;
  }
  if (Flow > Map.Flows.size())
    fail("grouping", "outputs name more flows than there are");
  for (size_t F = 0; F != Map.Flows.size(); ++F) {
    const bool OfOutput = Map.Flows[F].SourceKind == image::FlowSource::Output;
    if (OfOutput != (F < Flow) ||
        Map.Flows[F].Source >=
            (OfOutput ? Map.Outputs.size() : Net.HostInputs.size()))
      fail("grouping", "flow {} has no source in its place", F);
  }
  for (const MappedTile &T : Map.Tiles)
    if (T.Edge >= Net.Edges.size() || T.Slot >= Map.Slots.size())
      fail("grouping", "a tile names no linear or slot");
  for (const MappedAxon &A : Map.Axons)
    if (A.Flow >= Map.Flows.size() ||
        A.Target >= (A.Kind == image::AxonKind::Rows ? Map.Tiles.size()
                                                     : Map.Slots.size()))
      fail("grouping", "an axon names no flow or target");
  return Out.empty();
}

void Verifier::verifyBlocks() {
  std::map<std::pair<bool, uint32_t>, std::vector<const MappedBlock *>> Of;
  for (const MappedBlock &B : Map.Blocks)
    Of[{B.IsRelay, B.Index}].push_back(&B);
  auto Covers = [&](bool IsRelay, uint32_t Index, uint32_t Neurons) {
    auto &Blocks = Of[{IsRelay, Index}];
    std::sort(Blocks.begin(), Blocks.end(),
              [](auto *A, auto *B) { return A->FirstNeuron < B->FirstNeuron; });
    uint32_t Next = 0;
    bool Exact = true;
    for (const MappedBlock *B : Blocks) {
      Exact &= B->FirstNeuron == Next && B->NumNeurons != 0;
      Next = B->FirstNeuron + B->NumNeurons;
    }
    if (!Exact || Next != Neurons)
      fail("block-cover",
           "{} {}: its blocks do not hold each of {} neurons "
           "once",
           IsRelay ? "relay" : "population", Index, Neurons);
  };
  for (uint32_t P = 0; P != Net.Populations.size(); ++P)
    Covers(false, P, Net.Populations[P].Neurons);
  for (uint32_t R = 0; R != Map.Relays.size(); ++R)
    Covers(true, R, Map.Relays[R].Neurons);
  for (const MappedBlock &B : Map.Blocks)
    for (uint32_t S = 0; S != B.NumSlots; ++S) {
      const MappedSlot &Slot = Map.Slots[B.FirstSlot + S];
      if (Slot.Uniform != isUniform(B, S) ||
          Slot.Size != (Slot.Uniform ? 1 : B.NumNeurons))
        fail("slot", "slot {} has the wrong size or kind", B.FirstSlot + S);
    }
}

/// Rows x columns of each linear exactly once. Tiles of one linear are checked
/// column group by column group.
void Verifier::verifyTiles() {
  std::map<uint32_t, std::vector<const MappedTile *>> Of;
  for (const MappedTile &T : Map.Tiles) {
    const Edge &E = Net.Edges[T.Edge];
    Of[T.Edge].push_back(&T);
    const MappedBlock &B = Map.Blocks[BlockOfSlot[T.Slot]];
    const uint32_t Slot = T.Slot - B.FirstSlot;
    if (B.Core != T.Core)
      fail("slot", "a tile of '{}' adds to another core", E.Name);
    if (B.IsRelay ? Map.Relays[B.Index].Edge != T.Edge
                  : B.Index != E.To || Slot != E.Slot ||
                        B.FirstNeuron + T.SlotOffset != T.FirstCol)
      fail("slot", "a tile of '{}' adds to a slot of something else", E.Name);
    if (T.SlotOffset + T.Cols > Map.Slots[T.Slot].Size)
      fail("slot", "a tile of '{}' is wider than its slot", E.Name);
    const bool Bit = T.Format == image::WeightFormat::Bit1;
    if (Bit ? E.WeightBits != 1 || T.RowStride * 8 < T.Cols
            : T.RowStride < T.Cols || T.RowStride % 16 != 0)
      fail("slot", "a tile of '{}' has a wrong format or stride", E.Name);
  }
  for (uint32_t I = 0; I != Net.Edges.size(); ++I) {
    const Edge &E = Net.Edges[I];
    if (E.Kind != EdgeKind::Linear) {
      if (Of.count(I))
        fail("tile-cover", "'{}' has tiles and is no linear", E.Name);
      continue;
    }
    const uint32_t Rows = Net.sourceSize(E),
                   Cols = Net.Populations[E.To].Neurons;
    // Cut the columns at every tile's edge; within a stretch the tiles must
    // tile the rows.
    std::set<uint32_t> Cuts = {0, Cols};
    for (const MappedTile *T : Of[I]) {
      Cuts.insert(T->FirstCol);
      Cuts.insert(T->FirstCol + T->Cols);
    }
    std::map<uint32_t, std::vector<std::pair<uint32_t, uint32_t>>> Stretches;
    for (const MappedTile *T : Of[I])
      for (auto Cut = Cuts.find(T->FirstCol); *Cut != T->FirstCol + T->Cols;
           ++Cut)
        Stretches[*Cut].push_back({T->FirstRow, T->FirstRow + T->Rows});
    for (uint32_t Cut : Cuts) {
      if (Cut == Cols)
        continue;
      auto &Ranges = Stretches[Cut];
      std::sort(Ranges.begin(), Ranges.end());
      uint32_t Next = 0;
      bool Exact = true;
      for (auto [First, End] : Ranges) {
        Exact &= First == Next && End > First;
        Next = End;
      }
      if (!Exact || Next != Rows || *Cuts.rbegin() != Cols)
        fail("tile-cover", "'{}': the rows of column {} are not covered once",
             E.Name, Cut);
    }
  }
}

void Verifier::verifyOutputs() {
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

void Verifier::verifyFlows() {
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
void Verifier::verifyAxons() {
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
void Verifier::verifyDeliveries() {
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
void Verifier::verifyRelays() {
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

void Verifier::verifyLevels() {
  std::vector<int64_t> Earliest(Map.Slots.size(), INT64_MAX);
  for (uint32_t C = 0; C != Map.Cores.size(); ++C)
    for (uint32_t I = 0; I != Map.Cores[C].NumAxons; ++I) {
      const MappedAxon &A = Map.Axons[Map.Cores[C].FirstAxon + I];
      const MappedFlow &F = Map.Flows[A.Flow];
      const uint32_t Slot =
          A.Kind == image::AxonKind::Rows ? Map.Tiles[A.Target].Slot : A.Target;
      int64_t Write = -1;
      if (F.SourceKind == image::FlowSource::Output)
        Write = Map.Blocks[Map.Outputs[F.Source].Block].Level;
      Earliest[Slot] = std::min(Earliest[Slot], Write);
      if (Write >= int64_t(Map.Blocks[BlockOfSlot[Slot]].Level))
        fail("level", "a block of level {} hears one of level {}",
             Map.Blocks[BlockOfSlot[Slot]].Level, Write);
    }
  // A population has one depth per slot: what any of its blocks needs.
  std::map<std::array<uint32_t, 3>, int64_t> Of;
  auto KeyOf = [&](uint32_t S) {
    const MappedBlock &B = Map.Blocks[BlockOfSlot[S]];
    return std::array<uint32_t, 3>{B.IsRelay, B.Index, S - B.FirstSlot};
  };
  for (uint32_t S = 0; S != Map.Slots.size(); ++S) {
    auto It = Of.try_emplace(KeyOf(S), INT64_MAX).first;
    It->second = std::min(It->second, Earliest[S]);
  }
  for (uint32_t S = 0; S != Map.Slots.size(); ++S) {
    const MappedBlock &B = Map.Blocks[BlockOfSlot[S]];
    // One depth for all blocks of a population; it may be deeper than what this
    // block hears.
    const int64_t First = std::min<int64_t>(Of[KeyOf(S)], int64_t(B.Level) - 1);
    if (int64_t(Map.Slots[S].Depth) < int64_t(B.Level) - First ||
        Map.Slots[S].Depth > B.Level + 1)
      fail("depth", "slot {} has depth {}, needs {}", S, Map.Slots[S].Depth,
           int64_t(B.Level) - First);
  }
  for (const MappedBlock &B : Map.Blocks) {
    const uint32_t Level =
        B.IsRelay ? Map.RelayLevels[B.Index] : Map.PopulationLevels[B.Index];
    if (B.Level != Level || Level >= Map.NumLevels)
      fail("level", "a block's level {} is not its population's {} of {}",
           B.Level, Level, Map.NumLevels);
  }
}

void Verifier::verifyLimits() {
  for (uint32_t C = 0; C != Map.Cores.size(); ++C) {
    const MappedCore &Core = Map.Cores[C];
    CoreUse Use;
    std::map<uint32_t, uint32_t> Programs;
    for (uint32_t I = 0; I != Core.NumBlocks; ++I) {
      const MappedBlock &B = Map.Blocks[Core.FirstBlock + I];
      Use.Neurons += B.NumNeurons;
      if (B.IsRelay) {
        Programs[image::None] = Net.RelayInstructions;
      } else {
        const Population &P = Net.Populations[B.Index];
        Programs[P.Program] = P.Instructions;
        Use.StateBytes += 4ull * P.States * B.NumNeurons;
        Use.ParameterBytes += aligned(4ull * P.Parameters * B.NumNeurons);
      }
      for (uint32_t S = B.FirstSlot; S != B.FirstSlot + B.NumSlots; ++S)
        Use.AccumulatorBytes += 4ull * Map.Slots[S].Size * Map.Slots[S].Depth;
      for (uint32_t O = B.FirstOutput; O != B.FirstOutput + B.NumOutputs; ++O)
        Use.OutputFlows += Map.Outputs[O].NumFlows;
    }
    for (auto [Program, Length] : Programs)
      Use.ProgramBytes += uint64_t(Length) * Chip.Neuron.InstructionBytes;
    for (uint32_t I = 0; I != Core.NumTiles; ++I) {
      const MappedTile &T = Map.Tiles[Core.FirstTile + I];
      Use.SynapseBytes += aligned(uint64_t(T.Rows) * T.RowStride);
    }
    std::set<std::pair<uint32_t, uint32_t>> Heard;
    for (uint32_t I = 0; I != Core.NumAxons; ++I) {
      const MappedAxon &A = Map.Axons[Core.FirstAxon + I];
      Use.AxonBytes += uint64_t(A.NumIndices) * Chip.Core.AxonEntryBytes;
      for (uint32_t N = 0; N != A.NumIndices; ++N)
        Heard.insert({A.Flow, A.FirstIndex + N});
    }
    Use.InputAxons = Heard.size();
    for (Limit L : {Limit::Neurons, Limit::InputAxons, Limit::OutputFlows,
                    Limit::UnifiedBytes, Limit::SynapseBytes, Limit::StateBytes,
                    Limit::ProgramBytes, Limit::AxonBytes}) {
      auto Has = available(Chip, L);
      if (Has && Use.used(L) > *Has)
        fail("limit", "core {} uses {} of {}, has {}", C, Use.used(L), keyOf(L),
             *Has);
      if (Use.used(L) != Core.Use.used(L))
        fail("limit", "core {} claims {} of {}, uses {}", C, Core.Use.used(L),
             keyOf(L), Use.used(L));
    }
  }
  const uint64_t Cores =
      uint64_t(Chip.System.MaxChips) * Chip.System.UsableCores;
  if (Map.Cores.size() > Cores)
    fail("limit", "{} cores, the system has {}", Map.Cores.size(), Cores);
}

std::vector<Violation> Verifier::run() {
  if (!verifyGrouping())
    return Out;
  verifyBlocks();
  verifyTiles();
  verifyOutputs();
  verifyFlows();
  verifyAxons();
  verifyDeliveries();
  verifyRelays();
  verifyLevels();
  verifyLimits();
  return Out;
}

} // namespace

std::vector<Violation> PartitionProblem::verify(const Mapping &Solution) const {
  return Verifier(*this, Solution).run();
}
