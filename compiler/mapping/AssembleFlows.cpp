//===- compiler/mapping/AssembleFlows.cpp - Who sends to whom -------------===//
//
// The indices of an output are split into flows wherever the set of cores that
// want them changes, since an event may only reach a core that has an axon for
// it.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/Assembler.h"

#include <algorithm>
#include <map>
#include <utility>

using namespace synfire;
using namespace synfire::mapping;

namespace {

/// Indices [First, End) that all go to the same ends.
struct Stretch {
  uint32_t First = 0, End = 0;
  std::vector<uint32_t> Cores; ///< ascending
};

} // namespace

/// Places of one axis of a source that targets [\p First, \p Last] hear through
/// a kernel of \p Taps, by place.
static std::vector<bool> heardPlaces(int64_t Places, int64_t First,
                                     int64_t Last, uint32_t Stride,
                                     uint32_t Pad, uint32_t Taps,
                                     uint32_t Dilation) {
  std::vector<bool> Out(Places);
  for (int64_t T = First; T <= Last; ++T) {
    const int64_t Begin = T * Stride - int64_t(Pad); // of the first tap
    int64_t Tap = Begin < 0 ? (Dilation - 1 - Begin) / Dilation : 0;
    for (; Tap < Taps && Begin + Tap * Dilation < Places; ++Tap)
      Out[Begin + Tap * Dilation] = true;
  }
  return Out;
}

/// The sources that \p Count targets of \p W from \p First on hear, as ranges
/// [first, end) in ascending order. What no tap leads to is left out, so that
/// nobody sends it; one range, with it, when there would be more than \p Most.
static std::vector<std::pair<uint32_t, uint32_t>>
heardBy(const image::WindowRecord &W, uint32_t First, uint32_t Count,
        uint32_t Most) {
  const uint32_t Targets = W.TargetHeight * W.TargetChannels;
  const auto Columns = heardPlaces(
      W.SourceWidth, First / Targets, (uint64_t(First) + Count - 1) / Targets,
      W.StrideX, W.PadX, W.KernelWidth, W.DilationX);
  const auto Rows = heardPlaces(W.SourceHeight, 0, W.TargetHeight - 1,
                                W.StrideY, W.PadY, W.KernelHeight, W.DilationY);
  std::vector<std::pair<uint32_t, uint32_t>> Out;
  for (uint32_t X = 0; X != Columns.size(); ++X)
    for (uint32_t Y = 0; Columns[X] && Y != Rows.size(); ++Y) {
      if (!Rows[Y])
        continue;
      const uint32_t Place = (X * W.SourceHeight + Y) * W.SourceChannels;
      if (Out.empty() || Out.back().second != Place)
        Out.push_back({Place, Place});
      Out.back().second += W.SourceChannels;
    }
  if (Out.size() > Most)
    Out = {{Out.front().first, Out.back().second}};
  return Out;
}

/// Who selects the rows of a tile, and who writes them.
void Assembler::readTile(uint32_t T) {
  const MappedTile &Tile = Map.Tiles[T];
  const Edge &E = Net.Edges[Tile.Edge];
  if (E.Kind == EdgeKind::Window) {
    // Each range is an axon: gaps may take an eighth of those of a core. There
    // is no range for columns beyond the source.
    for (auto [First, End] : heardBy(E.Window, Tile.FirstCol, Tile.Cols,
                                     D.Chip.Core.InputAxons / 8)) {
      Consumer Hears{First, End - First, Tile.Core, image::AxonKind::Window, T};
      Hears.Delay = E.Delay;
      readersOf(E.From).Consumers.push_back(Hears);
    }
    return;
  }
  Consumer Asks{Tile.FirstRow, Tile.Rows, Tile.Core, image::AxonKind::Rows, T};
  Asks.Delay = E.Delay;
  if (!E.Only.empty()) {
    Asks.Only = &E.Only;
    Asks.FirstOnly = Tile.FirstRow;
    Asks.First = E.Only[Tile.FirstRow];
    Asks.Count = E.Only[Tile.FirstRow + Tile.Rows - 1] + 1 - Asks.First;
  }
  readersOf(E.From).Consumers.push_back(Asks);
  if (!isDynamic(E))
    return;
  // Head h of the query meets head h * KvHeads / Heads of what is written.
  const bool Keys = E.Kind == EdgeKind::Keys;
  const uint32_t Length = Keys ? Net.rows(E) : Net.colsOfHead(E);
  const uint32_t First = Keys ? Tile.FirstRow : Tile.FirstCol;
  const uint32_t Head = First / Length * E.KvHeads / E.Heads;
  readersOf(E.Written).Consumers.push_back(
      {Head * Length + First % Length, Keys ? Tile.Rows : Tile.Cols, Tile.Core,
       image::AxonKind::Write, T});
}

/// What a block reads of \p E, which has no tiles.
void Assembler::readEdge(const Edge &E, uint32_t DraftId) {
  const DraftBlock &B = Plan.Blocks[DraftId];
  auto Reads = [&](uint32_t First, uint32_t Count, uint32_t Place) {
    readersOf(E.From).Consumers.push_back(
        {First, Count, B.Core, image::AxonKind::Direct, slotOf(DraftId, E.Slot),
         Place, nullptr, 0, E.Delay});
  };
  const Population &To = Net.Populations[E.To];
  if (E.Kind == EdgeKind::Broadcast)
    return Reads(B.First / (To.Neurons / Net.sourceSize(E)), 1, 0);
  if (E.Kind == EdgeKind::Reduce && To.Slots[E.Slot].Uniform)
    return Reads(B.First / (To.Neurons / Net.reducedGroups(E)), 1, 0);
  if (E.RotateParts == 0)
    return Reads(B.First, B.Count, 0);
  // Half a part at a time comes from the other half.
  const uint32_t Half = Net.sourceSize(E) / E.RotateParts / 2;
  for (uint32_t At = B.First; At != B.First + B.Count;) {
    const uint32_t End = std::min(B.First + B.Count, (At / Half + 1) * Half);
    Reads(At / Half % 2 == 0 ? At + Half : At - Half, End - At, At - B.First);
    At = End;
  }
}

void Assembler::collectReaders() {
  for (const Population &P : Net.Populations)
    OutputReaders.emplace_back(P.Outputs.size());
  RelayReaders.resize(Map.Relays.size());
  HostReaders.resize(Net.HostInputs.size());
  for (uint32_t T = 0; T != Map.Tiles.size(); ++T)
    readTile(T);
  for (uint32_t B = 0; B != Plan.Blocks.size(); ++B) {
    const DraftBlock &From = Plan.Blocks[B];
    if (From.IsRelay) {
      RelayReaders[RelayOf[From.Index]].Consumers.push_back(
          {RelayFirst[B], From.Count, Plan.Blocks[From.Owner].Core,
           image::AxonKind::Direct,
           slotOf(From.Owner, Net.Edges[From.Index].Slot)});
      continue;
    }
    for (uint32_t I : D.OthersOf[From.Index])
      readEdge(Net.Edges[I], B);
  }
  for (const Edge &E : Net.Edges)
    if (E.Kind == EdgeKind::HostOutput)
      readersOf(E.From).Host = true;
}

/// The part of \p C within the indices [First, End); of a sparse one from the
/// first index that has a row to the last. Count is 0 when there is none.
static Consumer clip(Consumer C, uint32_t First, uint32_t End) {
  uint32_t Low = std::max(First, C.First), High = std::min(End, C.end());
  if (C.Only && Low < High) {
    auto From = std::lower_bound(C.Only->begin(), C.Only->end(), Low);
    auto To = std::lower_bound(From, C.Only->end(), High);
    Low = From == To ? High : *From;
    High = From == To ? High : *(To - 1) + 1;
  }
  C.Place += Low - C.First;
  C.First = Low;
  C.Count = Low < High ? High - Low : 0;
  return C;
}

/// The indices [First, First + Count) cut where the set of reading cores
/// changes.
static std::vector<Stretch> stretchesOf(const std::vector<Consumer> &Heard,
                                        uint32_t First, uint32_t End) {
  std::vector<uint32_t> Cuts = {First, End};
  for (const Consumer &C : Heard) {
    Cuts.push_back(std::max(First, C.First));
    Cuts.push_back(std::min(End, C.end()));
  }
  std::sort(Cuts.begin(), Cuts.end());
  Cuts.erase(std::unique(Cuts.begin(), Cuts.end()), Cuts.end());
  std::vector<Stretch> Out;
  for (size_t I = 0; I + 1 < Cuts.size(); ++I) {
    Stretch S{Cuts[I], Cuts[I + 1], {}};
    for (const Consumer &C : Heard)
      if (C.First <= S.First && S.End <= C.end())
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
    if (C.First < End && First < C.end())
      if (Consumer Part = clip(C, First, End); Part.Count != 0)
        Heard.push_back(Part);
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
      for (; It != Heard.end() && It->Core == Core; ++It)
        addAxon(F, *It);
    }
  }
}

/// The table of the indices [From, To) of a sparse consumer. Tiles side by side
/// take the same.
uint32_t Assembler::tableOf(const Consumer &C, uint32_t From, uint32_t To) {
  auto [It, New] =
      TableOf.try_emplace({C.Only, C.FirstOnly, From, To}, Map.Tables.size());
  if (!New)
    return It->second;
  std::vector<uint32_t> Rows(To - From, image::None);
  const auto &Only = *C.Only;
  for (size_t I =
           std::lower_bound(Only.begin(), Only.end(), From) - Only.begin();
       I != Only.size() && Only[I] < To; ++I)
    Rows[Only[I] - From] = I - C.FirstOnly;
  Map.Tables.push_back(std::move(Rows));
  return It->second;
}

/// The axon of \p C for what \p Flow brings of it, if anything.
void Assembler::addAxon(uint32_t Flow, const Consumer &C) {
  const MappedFlow &Made = Map.Flows[Flow];
  const uint32_t From = std::max(Made.FirstIndex, C.First);
  const uint32_t To = std::min(Made.FirstIndex + Made.NumIndices, C.end());
  if (From >= To)
    return;
  MappedAxon A{Flow,      C.Kind,   From,
               To - From, C.Target, C.Place + From - C.First};
  A.Delay = C.Delay;
  if (C.Kind == image::AxonKind::Window)
    A.Offset = 0; // told by the index
  if (C.Only) {
    A.Offset = 0;
    A.Table = tableOf(C, From, To);
  }
  CoreAxons.push_back({C.Core, A});
}

void Assembler::layFlows() {
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
      Flow.EventsPerToken = std::min(1.0, Net.activity(E) * Net.rows(E));
    } else if (!Out.Reduced) {
      Flow.EventsPerToken =
          Net.Populations[B.Index].Outputs[Out.Output].Activity;
    }
    addFlows(R, Flow, Out.Reduced ? Out.ReducedIndex : B.FirstNeuron,
             Out.Reduced ? 1 : B.NumNeurons);
    Out.NumFlows = Map.Flows.size() - Out.FirstFlow;
  }
  for (uint32_t H = 0; H != Net.HostInputs.size(); ++H) {
    MappedFlow Flow;
    Flow.SourceKind = image::FlowSource::Host;
    Flow.Source = H;
    Flow.EventsPerToken = Workload::activity(Net.HostInputs[H]);
    addFlows(HostReaders[H], Flow, 0, Net.HostInputs[H].Size);
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
