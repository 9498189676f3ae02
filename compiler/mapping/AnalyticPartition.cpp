//===- compiler/mapping/AnalyticPartition.cpp - Partition by formula ------===//
//
// Shapes first (TileShape.cpp), then clusters in level order are laid into
// cores. A piece goes to an open core with room for it before a new core is
// begun, so that cores are full; only the latest cores are looked at, which
// keeps neighbours together and the time linear.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/Cluster.h"
#include "compiler/mapping/Draft.h"
#include "compiler/mapping/Features.h"
#include "compiler/mapping/LowerBounds.h"
#include "compiler/mapping/PartitionProblem.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

using namespace synfire;
using namespace synfire::mapping;

namespace {

/// Open cores that are tried for a piece, latest first.
constexpr uint32_t Latest = 64;
/// A piece that fills a gap should have at least one part in this many of what
/// it would have on a core of its own.
constexpr uint32_t SmallestShare = 4;

struct CoreState {
  CoreUse Use;
  std::set<uint32_t> Programs;
  bool RelayProgram = false;
  bool Closed = false; ///< Population::OwnCores
};

class Partitioner {
public:
  Partitioner(const PartitionProblem &Problem, const Hindsight &Known)
      : Net(Problem.Net), Chip(Problem.Chip), Like(Problem.Like),
        D(Net, Chip, Problem.MostWork, Known), Relayed(Net.Edges.size()),
        Recurrent(recurrentEdges(Net)) {}
  Partition run();
  /// Blocks of each population that found a place.
  const std::vector<uint32_t> &placed() const { return D.NumBlocks; }

private:
  Misfit whyNot(const Cluster &C) const;
  std::optional<Misfit> shape();
  void keepOnCircles(Cluster &C);
  /// False when an empty core does not hold the next piece.
  bool placeWhole(const Cluster &C);
  bool placeRowCut(Cluster &C);
  uint32_t widestOn(const Cluster &C, uint32_t Core, uint32_t Most) const;
  std::pair<uint32_t, uint32_t> nextPiece(const Cluster &C, uint32_t Left);
  CoreUse withOwner(const Cluster &C, uint32_t Core, uint32_t Cols) const;
  uint32_t commitOwner(const Cluster &C, uint32_t Core, uint32_t First,
                       uint32_t Cols);
  void commitTile(uint32_t Core, uint32_t Block, const RowSegment &S,
                  uint32_t Cols);
  void commitRelays(const std::vector<RowSegment> &Segments, uint32_t Owner,
                    bool MayShare);
  uint32_t newCore() {
    Cores.emplace_back();
    return Cores.size() - 1;
  }
  std::vector<uint32_t> candidates(const Cluster &C) const;

  const Workload &Net;
  const ChipSpec &Chip;
  const Mapping *Like;
  Demand D;
  std::vector<bool> Relayed, Recurrent; ///< per edge
  std::vector<Cluster> Clusters;
  std::vector<CoreState> Cores;
  /// First core of every population that has been placed.
  std::vector<std::vector<uint32_t>> CoresOf;
  Draft Plan;
};

/// Why \p C has no place.
Misfit Partitioner::whyNot(const Cluster &C) const {
  // Too little work for each core is nothing that a larger chip would mend.
  if (D.isSpread())
    return Misfit{Limit::Chips, 0, 0, "", std::nullopt, ""};
  return explainMisfit(D, C);
}

/// Finds the linears of \p C whose relays a circle of populations has no level
/// for. Those it has a level for lengthen the circle, so they are a last
/// resort.
void Partitioner::keepOnCircles(Cluster &C) {
  std::vector<bool> Try = Relayed;
  for (uint32_t I : D.LinearsOf[C.leader()]) {
    if (!Recurrent[I])
      continue;
    C.MayCut = false;
    if (Relayed[I])
      continue;
    Try[I] = true;
    D.Stays[I] = !scheduleProblemOf(Net, Try).check().empty();
    Try[I] = !D.Stays[I];
  }
}

/// Shapes depend on slot depths, depths on levels, levels on which linears have
/// relays. A cluster only ever changes from whole rows to cut rows, so this
/// ends.
std::optional<Misfit> Partitioner::shape() {
  Clusters = clusterPopulations(D);
  if (Like) {
    std::set<uint32_t> Cut;
    for (const Relay &R : Like->Relays)
      Cut.insert(R.Edge);
    for (Cluster &C : Clusters)
      C.MayCut = std::any_of(D.LinearsOf[C.leader()].begin(),
                             D.LinearsOf[C.leader()].end(),
                             [&](uint32_t I) { return Cut.contains(I); });
  }
  for (bool Changed = true; Changed;) {
    Changed = false;
    for (Cluster &C : Clusters) {
      keepOnCircles(C);
      const bool Before = C.RowCut;
      if (!chooseShape(D, C))
        return whyNot(C);
      if (C.RowCut == Before)
        continue;
      Changed = true;
      for (uint32_t I : D.LinearsOf[C.leader()])
        Relayed[I] = !D.Stays[I];
    }
    if (Changed)
      D.reschedule(Relayed);
  }
  return std::nullopt;
}

std::vector<uint32_t> Partitioner::candidates(const Cluster &C) const {
  std::vector<uint32_t> Out;
  const Population &P = Net.Populations[C.leader()];
  if (P.OwnCores)
    return Out;
  // A kernel is stored once for each piece: one piece for each core, unless
  // groups make small ones.
  const auto &Tiles = D.LinearsOf[C.leader()];
  const bool Apart =
      C.Groups == 1 && std::any_of(Tiles.begin(), Tiles.end(), [&](uint32_t I) {
        return Net.Edges[I].Kind == EdgeKind::Window;
      });
  const auto &Mine = CoresOf[C.leader()];
  auto Add = [&](uint32_t Core) {
    if (Cores[Core].Closed ||
        (Apart && std::find(Mine.begin(), Mine.end(), Core) != Mine.end()))
      return;
    if (std::find(Out.begin(), Out.end(), Core) == Out.end())
      Out.push_back(Core);
  };
  // A single neuron, or one that follows nobody, first tries where its events
  // come from.
  for (uint32_t I : D.OthersOf[C.leader()]) {
    const Source &From = Net.Edges[I].From;
    if (!From.FromHost)
      for (size_t N = 0; N != std::min<size_t>(4, CoresOf[From.Index].size());
           ++N)
        Add(CoresOf[From.Index][N]);
  }
  for (uint32_t N = 0; N != std::min<size_t>(Latest, Cores.size()); ++N)
    Add(Cores.size() - 1 - N);
  return Out;
}

CoreUse Partitioner::withOwner(const Cluster &C, uint32_t Core,
                               uint32_t Cols) const {
  const CoreState &State = Cores[Core];
  CoreUse Use = State.Use;
  std::vector<uint32_t> New;
  for (uint32_t M : C.Members) {
    Use += D.block(M, Cols);
    uint32_t Program = Net.Populations[M].Program;
    if (State.Programs.count(Program) ||
        std::find(New.begin(), New.end(), Program) != New.end())
      continue;
    New.push_back(Program);
    Use += D.program(M);
  }
  return Use;
}

/// Columns, at most \p Most, that \p Core can take with all their rows.
uint32_t Partitioner::widestOn(const Cluster &C, uint32_t Core,
                               uint32_t Most) const {
  auto Fits = [&](uint32_t Cols) {
    CoreUse Use = withOwner(C, Core, Cols);
    Use += D.tiles(C.leader(), Cols);
    return D.fits(Use);
  };
  if (Fits(Most))
    return Most;
  const uint32_t Granule = C.Granule;
  uint32_t Fit = 0, Above = (Most + Granule - 1) / Granule;
  while (Above - Fit > 1) {
    uint32_t Middle = Fit + (Above - Fit) / 2;
    (Fits(Middle * Granule) ? Fit : Above) = Middle;
  }
  return Fit * Granule;
}

/// Puts a block of every member on \p Core; the number of the leader's block.
uint32_t Partitioner::commitOwner(const Cluster &C, uint32_t Core,
                                  uint32_t First, uint32_t Cols) {
  const uint32_t Leader = Plan.Blocks.size();
  Cores[Core].Use = withOwner(C, Core, Cols);
  for (uint32_t M : C.Members) {
    Cores[Core].Programs.insert(Net.Populations[M].Program);
    Plan.Blocks.push_back({false, M, First, Cols, Core, 0});
    ++D.NumBlocks[M];
    CoresOf[M].push_back(Core);
  }
  return Leader;
}

void Partitioner::commitTile(uint32_t Core, uint32_t Block, const RowSegment &S,
                             uint32_t Cols) {
  Cores[Core].Use += D.tile(S.Edge, S.Rows, Cols);
  Plan.Tiles.push_back({S.Edge, S.FirstRow, S.Rows, Block});
}

/// Puts the relays of one core's worth of rows on an open core, if they may
/// share one that has room for all of them, or on a new one.
void Partitioner::commitRelays(const std::vector<RowSegment> &Segments,
                               uint32_t Owner, bool MayShare) {
  const DraftBlock Hears = Plan.Blocks[Owner];
  CoreUse Piece;
  for (const RowSegment &S : Segments) {
    Piece += D.relay(S.Edge, Hears.Count);
    Piece += D.tile(S.Edge, S.Rows, Hears.Count);
  }
  std::optional<uint32_t> Core;
  for (uint32_t N = 0;
       MayShare && !Core && N != std::min<size_t>(Latest, Cores.size()); ++N) {
    uint32_t Open = Cores.size() - 1 - N;
    CoreUse Use = Cores[Open].Use;
    Use += Piece;
    if (!Cores[Open].RelayProgram)
      Use += D.relayProgram();
    if (Open != Hears.Core && !Cores[Open].Closed && D.fits(Use))
      Core = Open;
  }
  if (!Core)
    Core = newCore();
  CoreState &State = Cores[*Core];
  if (!State.RelayProgram)
    State.Use += D.relayProgram();
  State.RelayProgram = true;
  for (const RowSegment &S : Segments) {
    State.Use += D.relay(S.Edge, Hears.Count);
    const uint32_t Block = Plan.Blocks.size();
    Plan.Blocks.push_back(
        {true, S.Edge, Hears.First, Hears.Count, *Core, Owner});
    commitTile(*Core, Block, S, Hears.Count);
  }
}

/// A core and how many of the \p Left next columns of \p C it gets: 0 when not
/// even an empty core has room.
std::pair<uint32_t, uint32_t> Partitioner::nextPiece(const Cluster &C,
                                                     uint32_t Left) {
  const uint32_t Group = groupSize(D, C);
  const uint32_t Smallest =
      std::max(1u, std::min(C.Width, Left) / SmallestShare);
  std::optional<uint32_t> Core;
  uint32_t Cols = 0;
  for (uint32_t Open : candidates(C)) {
    uint32_t Fit = widestOn(C, Open, Left);
    if (Fit >= Smallest && Fit > Cols) {
      Core = Open;
      Cols = Fit;
    }
    if (Cols == Left)
      break;
  }
  // A population that fits one core is cut only if that fills cores well.
  if (Core && (Cols == Left || C.Width != Group || Left != Group ||
               widestOn(C, *Core, Group) >= Group / 2))
    return {*Core, Cols};
  const uint32_t Empty = newCore();
  return {Empty, widestOn(C, Empty, Left)};
}

bool Partitioner::placeWhole(const Cluster &C) {
  const Population &P = Net.Populations[C.leader()];
  const uint32_t Group = groupSize(D, C);
  for (uint32_t First = 0; First != P.Neurons;) {
    // Up to the end of the group, which a block must not cross.
    const uint32_t Left = Group - First % Group;
    const bool Fixed = P.OwnCores && P.CutAt != 0;
    const auto [Core, Cols] =
        Fixed ? std::pair(newCore(), std::min(P.CutAt, Left))
              : nextPiece(C, Left);
    // Shapes know nothing of how many blocks a reduction hears.
    if (Cols == 0)
      return false;
    Cores[Core].Closed = P.OwnCores;
    uint32_t Block = commitOwner(C, Core, First, Cols);
    for (uint32_t I : D.LinearsOf[C.leader()])
      commitTile(Core, Block, {I, 0, Net.rows(Net.Edges[I])}, Cols);
    First += Cols;
  }
  return true;
}

bool Partitioner::placeRowCut(Cluster &C) {
  const uint32_t Neurons = Net.Populations[C.leader()].Neurons;
  const uint32_t Group = groupSize(D, C);
  bool Reshaped = false;
  for (uint32_t First = 0; First != Neurons;) {
    const uint32_t Cols = std::min(C.Width, Group - First % Group);
    // An open core may cost one relay more and should take a fair share of
    // rows.
    auto Alone = planRows(D, C, ownerUse(D, C, Cols), Cols, true);
    if (!Alone) {
      // The shape knew nothing of how many blocks a reduction hears. They have
      // their places by now, so another shape takes them into account.
      if (std::exchange(Reshaped, true) || !chooseShape(D, C))
        return false;
      continue;
    }
    RowPlan Rows = std::move(*Alone);
    auto LocalRows = [](const RowPlan &P) {
      uint64_t Sum = 0;
      for (const RowSegment &S : P.Local)
        Sum += S.Rows;
      return Sum;
    };
    std::optional<uint32_t> Core;
    for (uint32_t Open : candidates(C)) {
      CoreUse Use = withOwner(C, Open, Cols);
      if (!D.fits(Use))
        continue;
      auto Here = planRows(D, C, Use, Cols, true);
      if (!Here || Here->NumRelays > Rows.NumRelays + 1 ||
          LocalRows(*Here) * SmallestShare < LocalRows(Rows))
        continue;
      Core = Open;
      Rows = *Here;
      break;
    }
    if (!Core)
      Core = newCore();
    Cores[*Core].Closed = Net.Populations[C.leader()].OwnCores;
    uint32_t Owner = commitOwner(C, *Core, First, Cols);
    for (const RowSegment &S : Rows.Local)
      commitTile(*Core, Owner, S, Cols);
    Cores[*Core].Use += D.relayArrival(uint64_t(Cols) * Rows.NumRelays);
    for (size_t I = 0; I != Rows.Remote.size(); ++I)
      commitRelays(Rows.Remote[I], Owner, I + 1 == Rows.Remote.size());
    First += Cols;
  }
  return true;
}

Partition Partitioner::run() {
  Partition Out;
  CoresOf.resize(Net.Populations.size());
  auto Misfit = missingFeature(Net, Chip);
  if (!Misfit)
    Misfit = shape();
  if (Misfit) {
    Out.Fit.Failure = std::move(Misfit);
    Out.Fit.CoresLowerBound = lowerBoundsOf(Net, Chip).Cores;
    return Out;
  }
  const auto &Levels = D.schedule().Levels;
  std::stable_sort(Clusters.begin(), Clusters.end(),
                   [&](const Cluster &A, const Cluster &B) {
                     return Levels[A.leader()] < Levels[B.leader()];
                   });
  for (Cluster &C : Clusters)
    if (!(C.RowCut ? placeRowCut(C) : placeWhole(C))) {
      Out.Fit.Failure = whyNot(C);
      Out.Fit.Failure->Core = Cores.size() - 1;
      Out.Fit.CoresLowerBound = lowerBoundsOf(Net, Chip).Cores;
      return Out;
    }
  Plan.NumCores = Cores.size();
  Out.Map = assemble(D, Plan);
  Out.Fit = fitOf(Net, Chip, Out.Map);
  return Out;
}

} // namespace

Partition mapping::partitionAnalytically(const PartitionProblem &Problem) {
  // More rounds than it takes in practice; each can only ask for more.
  constexpr int MostRounds = 8;
  Hindsight Known;
  for (int Round = 1;; ++Round) {
    Partitioner Run(Problem, Known);
    Partition Out = Run.run();
    const auto &Failure = Out.Fit.Failure;
    if (!Failure || Failure->What == Limit::Chips || Round == MostRounds)
      return Out;
    // What did not get as far as a mapping tells how many blocks a sum hears.
    if (!(Out.Map.Blocks.empty() ? Known.learn(Run.placed())
                                 : Known.learn(Problem.Net, Out.Map)))
      return Out;
  }
}
