//===- compiler/mapping/Assemble.cpp - Draft to mapping -------------------===//
//
// Numbers blocks, tiles, slots and outputs core by core. Then flows: the
// indices of an output are split wherever the set of cores that want them
// changes, since an event may only reach a core that has an axon for it.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/Draft.h"

#include <algorithm>
#include <map>
#include <numeric>

using namespace synfire;
using namespace synfire::mapping;

namespace {

/// Something that takes a range of a stream's indices.
struct Consumer {
  uint32_t First = 0, Count = 0;
  uint32_t Core = 0;
  image::AxonKind Kind = image::AxonKind::Direct;
  uint32_t Target = 0;
};

/// The readers of one stream.
struct Readers {
  std::vector<Consumer> Consumers;
  bool Host = false;
};

/// Indices [First, End) that all go to the same ends.
struct Stretch {
  uint32_t First = 0, End = 0;
  std::vector<uint32_t> Cores; ///< ascending
};

class Assembler {
public:
  Assembler(const Demand &D, const Draft &Plan,
            const std::vector<bool> &Relayed)
      : D(D), Net(D.Net), Plan(Plan), Relayed(Relayed) {}
  Mapping run();

private:
  void numberRelays();
  void layCores();
  void addBlock(uint32_t DraftId);
  void addTile(const DraftTile &T);
  void collectReaders();
  void addFlows(const Readers &R, MappedFlow Flow, uint32_t First,
                uint32_t Count);
  void layAxons();
  void countUse();
  uint32_t slotOf(uint32_t DraftId, uint32_t Slot) const {
    return Map.Blocks[Final[DraftId]].FirstSlot + Slot;
  }

  const Demand &D;
  const Workload &Net;
  const Draft &Plan;
  const std::vector<bool> &Relayed;
  Mapping Map;
  std::vector<uint32_t> RelayOf;    ///< edge -> Map.Relays, or None
  std::vector<uint32_t> RelayFirst; ///< draft block -> first relay neuron
  std::vector<uint32_t> Final;      ///< draft block -> Map.Blocks
  std::vector<std::vector<Readers>> OutputReaders; ///< population, output
  std::vector<Readers> RelayReaders, HostReaders;
  std::vector<std::pair<uint32_t, MappedAxon>> CoreAxons; ///< with their core
};

void Assembler::numberRelays() {
  RelayOf.assign(Net.Edges.size(), image::None);
  RelayFirst.assign(Plan.Blocks.size(), 0);
  std::vector<bool> Used(Net.Edges.size());
  for (const DraftBlock &B : Plan.Blocks)
    if (B.IsRelay)
      Used[B.Index] = true;
  uint32_t Node = Net.Populations.size();
  for (uint32_t I = 0; I != Net.Edges.size(); ++I) {
    if (Used[I]) {
      RelayOf[I] = Map.Relays.size();
      Map.Relays.push_back({I, 0, Net.Edges[I].SumBits});
      Map.RelayLevels.push_back(D.schedule().Levels[Node]);
    }
    Node += Relayed[I];
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
    B.Index = RelayOf[From.Index];
    B.FirstNeuron = RelayFirst[DraftId];
    B.Level = Map.RelayLevels[B.Index];
    Map.Slots.push_back({From.Count, false, 1});
    Map.Outputs.push_back({Final[DraftId], 0, false, 0, 0});
  } else {
    const Population &P = Net.Populations[From.Index];
    B.Index = From.Index;
    B.FirstNeuron = From.First;
    B.Level = Map.PopulationLevels[From.Index];
    for (uint32_t S = 0; S != P.Slots.size(); ++S)
      Map.Slots.push_back({P.Slots[S].Uniform ? 1 : From.Count,
                           P.Slots[S].Uniform, D.depth(From.Index, S)});
    for (uint32_t O = 0; O != P.Outputs.size(); ++O)
      Map.Outputs.push_back({Final[DraftId], O, P.Outputs[O].Reduced, 0, 0});
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
  Out.RowStride = rowStride(Out.Format, B.Count);
  Map.Tiles.push_back(Out);
}

void Assembler::layCores() {
  Map.PopulationLevels.assign(D.schedule().Levels.begin(),
                              D.schedule().Levels.begin() +
                                  Net.Populations.size());
  Map.NumLevels = D.schedule().NumLevels;
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

void Assembler::collectReaders() {
  for (const Population &P : Net.Populations)
    OutputReaders.emplace_back(P.Outputs.size());
  RelayReaders.resize(Map.Relays.size());
  HostReaders.resize(Net.HostInputs.size());
  auto ReadersOf = [&](const Source &S) -> Readers & {
    return S.FromHost ? HostReaders[S.Index] : OutputReaders[S.Index][S.Output];
  };
  for (uint32_t T = 0; T != Map.Tiles.size(); ++T) {
    const MappedTile &Tile = Map.Tiles[T];
    ReadersOf(Net.Edges[Tile.Edge].From)
        .Consumers.push_back(
            {Tile.FirstRow, Tile.Rows, Tile.Core, image::AxonKind::Rows, T});
  }
  for (uint32_t B = 0; B != Plan.Blocks.size(); ++B) {
    const DraftBlock &From = Plan.Blocks[B];
    if (From.IsRelay) {
      RelayReaders[RelayOf[From.Index]].Consumers.push_back(
          {RelayFirst[B], From.Count, Plan.Blocks[From.Owner].Core,
           image::AxonKind::Direct,
           slotOf(From.Owner, Net.Edges[From.Index].Slot)});
      continue;
    }
    for (uint32_t I : D.OthersOf[From.Index]) {
      const Edge &E = Net.Edges[I];
      const bool Single = E.Kind != EdgeKind::Direct;
      ReadersOf(E.From).Consumers.push_back(
          {Single ? 0 : From.First, Single ? 1 : From.Count, From.Core,
           image::AxonKind::Direct, slotOf(B, E.Slot)});
    }
  }
  for (const Edge &E : Net.Edges)
    if (E.Kind == EdgeKind::HostOutput)
      ReadersOf(E.From).Host = true;
}

/// The indices [First, First + Count) cut where the set of reading cores
/// changes.
std::vector<Stretch> stretchesOf(const std::vector<Consumer> &Heard,
                                 uint32_t First, uint32_t End) {
  std::vector<uint32_t> Cuts = {First, End};
  for (const Consumer &C : Heard) {
    Cuts.push_back(std::max(First, C.First));
    Cuts.push_back(std::min(End, C.First + C.Count));
  }
  std::sort(Cuts.begin(), Cuts.end());
  Cuts.erase(std::unique(Cuts.begin(), Cuts.end()), Cuts.end());
  std::vector<Stretch> Out;
  for (size_t I = 0; I + 1 < Cuts.size(); ++I) {
    Stretch S{Cuts[I], Cuts[I + 1], {}};
    for (const Consumer &C : Heard)
      if (C.First <= S.First && S.End <= C.First + C.Count)
        S.Cores.push_back(C.Core);
    std::sort(S.Cores.begin(), S.Cores.end());
    S.Cores.erase(std::unique(S.Cores.begin(), S.Cores.end()), S.Cores.end());
    if (!Out.empty() && Out.back().Cores == S.Cores)
      Out.back().End = S.End;
    else
      Out.push_back(std::move(S));
  }
  return Out;
}

/// Appends the flows of one output (or host input) for the indices
/// [First, First + Count); \p Flow holds the source and, as EventsPerToken, the
/// activity of one index.
void Assembler::addFlows(const Readers &R, MappedFlow Flow, uint32_t First,
                         uint32_t Count) {
  const uint32_t End = First + Count;
  std::vector<Consumer> Heard;
  for (const Consumer &C : R.Consumers)
    if (C.First < End && First < C.First + C.Count)
      Heard.push_back(C);
  auto Stretches = stretchesOf(Heard, First, End);

  const double Activity = Flow.EventsPerToken;
  const uint32_t FirstFlow = Map.Flows.size();
  auto Add = [&](uint32_t From, uint32_t To, std::vector<uint32_t> Cores,
                 bool Host) {
    Flow.FirstIndex = From;
    Flow.NumIndices = To - From;
    Flow.EventsPerToken = Activity * (To - From);
    Flow.Destinations = std::move(Cores);
    Flow.HostOutput = Host;
    Map.Flows.push_back(Flow);
  };
  if (D.Chip.Noc.Multicast) {
    for (Stretch &S : Stretches)
      if (!S.Cores.empty() || R.Host)
        Add(S.First, S.End, std::move(S.Cores), R.Host);
  } else {
    if (R.Host)
      Add(First, End, {}, true);
    std::map<uint32_t, std::pair<uint32_t, uint32_t>> Open; // core -> range
    for (const Stretch &S : Stretches)
      for (uint32_t Core : S.Cores) {
        auto [It, New] = Open.try_emplace(Core, S.First, S.End);
        if (New)
          continue;
        if (It->second.second == S.First) {
          It->second.second = S.End;
          continue;
        }
        Add(It->second.first, It->second.second, {Core}, false);
        It->second = {S.First, S.End};
      }
    for (const auto &[Core, Range] : Open)
      Add(Range.first, Range.second, {Core}, false);
    std::stable_sort(Map.Flows.begin() + FirstFlow, Map.Flows.end(),
                     [](const MappedFlow &A, const MappedFlow &B) {
                       return A.FirstIndex < B.FirstIndex;
                     });
  }

  std::stable_sort(
      Heard.begin(), Heard.end(),
      [](const Consumer &A, const Consumer &B) { return A.Core < B.Core; });
  for (uint32_t F = FirstFlow; F != Map.Flows.size(); ++F) {
    const MappedFlow &Made = Map.Flows[F];
    for (uint32_t Core : Made.Destinations) {
      auto It = std::lower_bound(
          Heard.begin(), Heard.end(), Core,
          [](const Consumer &C, uint32_t Core) { return C.Core < Core; });
      for (; It != Heard.end() && It->Core == Core; ++It) {
        uint32_t From = std::max(Made.FirstIndex, It->First);
        uint32_t To =
            std::min(Made.FirstIndex + Made.NumIndices, It->First + It->Count);
        if (From < To)
          CoreAxons.push_back(
              {Core,
               {F, It->Kind, From, To - From, It->Target, From - It->First}});
      }
    }
  }
}

void Assembler::layAxons() {
  std::stable_sort(CoreAxons.begin(), CoreAxons.end(),
                   [](const auto &A, const auto &B) {
                     if (A.first != B.first)
                       return A.first < B.first;
                     return A.second.Flow < B.second.Flow;
                   });
  size_t Next = 0;
  for (uint32_t C = 0; C != Map.Cores.size(); ++C) {
    Map.Cores[C].FirstAxon = Map.Axons.size();
    for (; Next != CoreAxons.size() && CoreAxons[Next].first == C; ++Next)
      Map.Axons.push_back(CoreAxons[Next].second);
    Map.Cores[C].NumAxons = Map.Axons.size() - Map.Cores[C].FirstAxon;
  }
}

/// Distinct (flow, index) pairs among the axons of a core; they are ascending
/// by flow.
uint64_t inputAxons(const Mapping &Map, const MappedCore &C) {
  std::vector<std::array<uint32_t, 3>> Ranges; // flow, first, end
  for (uint32_t A = C.FirstAxon; A != C.FirstAxon + C.NumAxons; ++A) {
    const MappedAxon &X = Map.Axons[A];
    Ranges.push_back({X.Flow, X.FirstIndex, X.FirstIndex + X.NumIndices});
  }
  std::sort(Ranges.begin(), Ranges.end());
  uint64_t Count = 0;
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
        Use += D.relay(B.NumNeurons);
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
    // Counted from the axons: blocks and tiles do not know of relays, and one
    // event may serve several of them.
    Use.AxonBytes = 0;
    for (uint32_t A = C.FirstAxon; A != C.FirstAxon + C.NumAxons; ++A)
      Use.AxonBytes +=
          uint64_t(Map.Axons[A].NumIndices) * D.Chip.Core.AxonEntryBytes;
    Use.InputAxons = inputAxons(Map, C);
    C.Use = Use;
  }
}

Mapping Assembler::run() {
  numberRelays();
  layCores();
  collectReaders();
  for (uint32_t O = 0; O != Map.Outputs.size(); ++O) {
    MappedOutput &Out = Map.Outputs[O];
    const MappedBlock &B = Map.Blocks[Out.Block];
    Out.FirstFlow = Map.Flows.size();
    MappedFlow Flow;
    Flow.Source = O;
    Flow.SourceCore = B.Core;
    const Readers &R =
        B.IsRelay ? RelayReaders[B.Index] : OutputReaders[B.Index][Out.Output];
    Flow.EventsPerToken = 1;
    if (B.IsRelay) {
      const Edge &E = Net.Edges[Map.Relays[B.Index].Edge];
      Flow.EventsPerToken = std::min(1.0, Net.activity(E) * Net.sourceSize(E));
    } else if (!Out.Reduced) {
      Flow.EventsPerToken =
          Net.Populations[B.Index].Outputs[Out.Output].Activity;
    }
    addFlows(R, Flow, Out.Reduced ? 0 : B.FirstNeuron,
             Out.Reduced ? 1 : B.NumNeurons);
    Out.NumFlows = Map.Flows.size() - Out.FirstFlow;
  }
  for (uint32_t H = 0; H != Net.HostInputs.size(); ++H) {
    MappedFlow Flow;
    Flow.SourceKind = image::FlowSource::Host;
    Flow.Source = H;
    Flow.EventsPerToken = 1.0 / Net.HostInputs[H].Size;
    addFlows(HostReaders[H], Flow, 0, Net.HostInputs[H].Size);
  }
  layAxons();
  countUse();
  return std::move(Map);
}

} // namespace

Mapping mapping::assemble(const Demand &D, const Draft &Plan,
                          const std::vector<bool> &Relayed) {
  return Assembler(D, Plan, Relayed).run();
}
