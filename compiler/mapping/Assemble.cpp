//===- compiler/mapping/Assemble.cpp - Draft to mapping -------------------===//
//
// Numbers blocks, tiles, slots and outputs core by core. Once its axons are
// known, schedules the mapping and counts what each core uses.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/Assembler.h"

#include <algorithm>
#include <array>
#include <cassert>

using namespace synfire;
using namespace synfire::mapping;

void Assembler::numberRelays() {
  RelayOf.assign(Net.Edges.size(), image::None);
  RelayFirst.assign(Plan.Blocks.size(), 0);
  std::vector<bool> Used(Net.Edges.size());
  for (const DraftBlock &B : Plan.Blocks)
    if (B.IsRelay)
      Used[B.Index] = true;
  for (uint32_t I = 0; I != Net.Edges.size(); ++I)
    if (Used[I]) {
      RelayOf[I] = Map.Relays.size();
      Map.Relays.push_back({I, 0, Net.Edges[I].SumBits});
    }
  for (size_t B = 0; B != Plan.Blocks.size(); ++B)
    if (Plan.Blocks[B].IsRelay) {
      Relay &R = Map.Relays[RelayOf[Plan.Blocks[B].Index]];
      RelayFirst[B] = R.Neurons;
      R.Neurons += Plan.Blocks[B].Count;
    }
}

void Assembler::addBlock(uint32_t DraftId) {
  const DraftBlock &From = Plan.Blocks[DraftId];
  Final[DraftId] = Map.Blocks.size();
  MappedBlock B;
  B.IsRelay = From.IsRelay;
  B.NumNeurons = From.Count;
  B.Core = From.Core;
  B.FirstSlot = Map.Slots.size();
  B.FirstOutput = Map.Outputs.size();
  if (From.IsRelay) {
    const Population &To = Net.Populations[Net.Edges[From.Index].To];
    B.Index = RelayOf[From.Index];
    B.FirstNeuron = RelayFirst[DraftId];
    B.Sweep = To.Sweep - (To.Held != image::Held::No);
    Map.Slots.push_back({From.Count, false, 1});
    Map.Outputs.push_back({Final[DraftId], 0, false, 0, 0});
  } else {
    const Population &P = Net.Populations[From.Index];
    B.Index = From.Index;
    B.FirstNeuron = From.First;
    B.Sweep = P.Sweep;
    B.Holds = P.Held;
    B.Rows = P.Rows;
    if (P.Rows != image::RowRule::None)
      B.FirstRow = From.First % Net.Positions;
    B.ResetEvery = P.ResetEvery;
    B.ResetAt = P.ResetAt;
    for (const Slot &S : P.Slots)
      Map.Slots.push_back({S.Uniform ? 1 : From.Count, S.Uniform, 1, S.Largest,
                           entryBytes(P, S)});
    for (uint32_t O = 0; O != P.Outputs.size(); ++O) {
      const Output &Out = P.Outputs[O];
      Map.Outputs.push_back(
          {Final[DraftId], O, Out.Reduced, 0, 0, Out.Reduced && Out.Largest,
           Out.Reduced ? From.First / (P.Neurons / Out.ReducedGroups) : 0});
    }
  }
  B.NumSlots = Map.Slots.size() - B.FirstSlot;
  B.NumOutputs = Map.Outputs.size() - B.FirstOutput;
  Map.Blocks.push_back(B);
}

void Assembler::addTile(const DraftTile &T) {
  const DraftBlock &B = Plan.Blocks[T.Block];
  const Edge &E = Net.Edges[T.Edge];
  MappedTile Out;
  Out.Edge = T.Edge;
  Out.Core = B.Core;
  Out.FirstRow = T.FirstRow;
  Out.Rows = T.Rows;
  Out.FirstCol = B.First;
  Out.Cols = B.Count;
  Out.Slot = slotOf(T.Block, B.IsRelay ? 0 : E.Slot);
  Out.Format =
      storedFormat(D.Chip, E.WeightBits).value_or(image::WeightFormat::Int8);
  Out.RowStride = tileStride(E, Out.Format, B.Count);
  if (isDynamic(E)) {
    const uint32_t Head = B.First / Net.colsOfHead(E);
    Out.FirstRow = Head * Net.rows(E) + T.FirstRow;
    Out.Planes = Net.Steps;
    Out.FirstPosition =
        E.Kind == EdgeKind::Keys ? B.First % Net.Positions : T.FirstRow;
  }
  Map.Tiles.push_back(Out);
}

void Assembler::layCores() {
  Final.assign(Plan.Blocks.size(), 0);
  std::vector<std::vector<uint32_t>> Blocks(Plan.NumCores),
      Tiles(Plan.NumCores);
  for (uint32_t B = 0; B != Plan.Blocks.size(); ++B)
    Blocks[Plan.Blocks[B].Core].push_back(B);
  for (uint32_t T = 0; T != Plan.Tiles.size(); ++T)
    Tiles[Plan.Blocks[Plan.Tiles[T].Block].Core].push_back(T);
  for (uint32_t C = 0; C != Plan.NumCores; ++C) {
    MappedCore Core;
    Core.FirstBlock = Map.Blocks.size();
    Core.NumBlocks = Blocks[C].size();
    Core.FirstTile = Map.Tiles.size();
    Core.NumTiles = Tiles[C].size();
    for (uint32_t B : Blocks[C])
      addBlock(B);
    for (uint32_t T : Tiles[C])
      addTile(Plan.Tiles[T]);
    Map.Cores.push_back(Core);
  }
}

uint64_t Mapping::entriesOf(const MappedAxon &A) const {
  if (A.Kind == image::AxonKind::Window)
    return 1;
  if (A.Table == image::None)
    return A.NumIndices;
  const auto &Rows = Tables[A.Table];
  return Rows.size() - std::count(Rows.begin(), Rows.end(), image::None);
}

uint64_t Mapping::indicesHeardBy(const MappedCore &C) const {
  std::vector<std::array<uint32_t, 3>> Ranges; // flow, first, end
  uint64_t Count = 0;
  for (uint32_t A = C.FirstAxon; A != C.FirstAxon + C.NumAxons; ++A) {
    const MappedAxon &X = Axons[A];
    if (X.Kind == image::AxonKind::Window) {
      ++Count;
      continue;
    }
    if (X.Table == image::None) {
      Ranges.push_back({X.Flow, X.FirstIndex, X.FirstIndex + X.NumIndices});
      continue;
    }
    for (uint32_t I = 0; I != X.NumIndices; ++I) {
      if (Tables[X.Table][I] == image::None)
        continue;
      const uint32_t Index = X.FirstIndex + I;
      if (!Ranges.empty() && Ranges.back()[0] == X.Flow &&
          Ranges.back()[2] == Index)
        ++Ranges.back()[2];
      else
        Ranges.push_back({X.Flow, Index, Index + 1});
    }
  }
  std::sort(Ranges.begin(), Ranges.end());
  uint32_t Flow = image::None, Seen = 0;
  for (auto [F, First, End] : Ranges) {
    if (F != Flow)
      Seen = First;
    Flow = F;
    Count += End > Seen ? End - std::max(First, Seen) : 0;
    Seen = std::max(Seen, End);
  }
  return Count;
}

void Assembler::countUse() {
  for (MappedCore &C : Map.Cores) {
    CoreUse Use;
    std::vector<uint32_t> Programs;
    bool RelayProgram = false;
    for (uint32_t I = C.FirstBlock; I != C.FirstBlock + C.NumBlocks; ++I) {
      const MappedBlock &B = Map.Blocks[I];
      if (B.IsRelay) {
        Use += D.relay(Map.Relays[B.Index].Edge, B.NumNeurons);
        if (!RelayProgram)
          Use += D.relayProgram();
        RelayProgram = true;
      } else {
        Use += D.block(B.Index, B.NumNeurons);
        uint32_t Program = Net.Populations[B.Index].Program;
        if (std::find(Programs.begin(), Programs.end(), Program) ==
            Programs.end()) {
          Use += D.program(B.Index);
          Programs.push_back(Program);
        }
      }
      for (uint32_t O = B.FirstOutput; O != B.FirstOutput + B.NumOutputs; ++O)
        Use.OutputFlows += Map.Outputs[O].NumFlows;
    }
    for (uint32_t T = C.FirstTile; T != C.FirstTile + C.NumTiles; ++T)
      Use += D.tile(Map.Tiles[T].Edge, Map.Tiles[T].Rows, Map.Tiles[T].Cols);
    // Counted from slots and axons: blocks and tiles do not know of relays, and
    // one event may serve several of them.
    Use.AccumulatorBytes = 0;
    const uint32_t End = C.FirstBlock + C.NumBlocks;
    for (uint32_t B = C.FirstBlock; B != End; ++B)
      for (uint32_t S = 0; S != Map.Blocks[B].NumSlots; ++S)
        Use.AccumulatorBytes += Map.Slots[Map.Blocks[B].FirstSlot + S].bytes();
    Use.AxonBytes = 0;
    for (uint32_t A = C.FirstAxon; A != C.FirstAxon + C.NumAxons; ++A)
      Use.AxonBytes += Map.entriesOf(Map.Axons[A]) * D.Chip.Core.AxonEntryBytes;
    Use.InputAxons = Map.indicesHeardBy(C);
    C.Use = Use;
  }
}

Mapping Assembler::run() {
  Map.Steps = Net.Steps;
  Map.Positions = Net.Positions;
  Map.Sweeps = Net.Sweeps;
  numberRelays();
  layCores();
  collectReaders();
  layFlows();
  layAxons();
  // A workload that passed check() has no loop.
  [[maybe_unused]] Errors Mistakes =
      scheduleByAxons(Map, Net.Populations.size());
  assert(Mistakes.empty() && "a loop in a checked workload");
  countUse();
  return std::move(Map);
}

Mapping mapping::assemble(const Demand &D, const Draft &Plan) {
  return Assembler(D, Plan).run();
}
