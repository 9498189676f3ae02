//===- compiler/mapping/PartitionVerifyCores.cpp - What cores hold --------===//
//
// Blocks cover populations, tiles cover linears, levels and depths suffice, and
// no core holds more than the chip has.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/PartitionVerifier.h"

#include <algorithm>
#include <map>
#include <set>

using namespace synfire;
using namespace synfire::mapping;

static uint64_t aligned(uint64_t Bytes) { return (Bytes + 15) / 16 * 16; }

void PartitionVerifier::verifyBlocks() {
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
void PartitionVerifier::verifyTiles() {
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

void PartitionVerifier::verifyLevels() {
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
    const int64_t First = std::min<int64_t>(Of[KeyOf(S)], int64_t(B.Level) - 1);
    if (int64_t(Map.Slots[S].Depth) != int64_t(B.Level) - First)
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

void PartitionVerifier::verifyLimits() {
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
