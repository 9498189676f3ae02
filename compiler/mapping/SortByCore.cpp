//===- compiler/mapping/SortByCore.cpp - Mapping in image order -----------===//

#include "compiler/mapping/PlaceProblem.h"

#include <algorithm>
#include <numeric>

using namespace synfire;
using namespace synfire::mapping;

namespace {

/// Where the elements of an array went.
struct Moved {
  explicit Moved(size_t Size) : To(Size) {}
  std::vector<uint32_t> To;

  /// Appends Count elements of \p From to \p Into; the first new index.
  template <typename T>
  uint32_t move(const std::vector<T> &From, uint32_t First, uint32_t Count,
                std::vector<T> &Into) {
    const uint32_t Start = Into.size();
    for (uint32_t I = First; I != First + Count; ++I) {
      To[I] = Into.size();
      Into.push_back(From[I]);
    }
    return Start;
  }
};

} // namespace

void mapping::sortByCoreId(Mapping &Map, Placement &Where) {
  std::vector<uint32_t> Order(Map.Cores.size()), NewCore(Map.Cores.size());
  std::iota(Order.begin(), Order.end(), 0);
  std::sort(Order.begin(), Order.end(), [&](uint32_t A, uint32_t B) {
    return Where.Cores[A] < Where.Cores[B];
  });
  for (uint32_t I = 0; I != Order.size(); ++I)
    NewCore[Order[I]] = I;

  Mapping Out;
  Out.Steps = Map.Steps;
  Out.Positions = Map.Positions;
  Out.Sweeps = Map.Sweeps;
  Out.Tables = Map.Tables;
  Out.Relays = Map.Relays;
  Out.PopulationLevels = Map.PopulationLevels;
  Out.RelayLevels = Map.RelayLevels;
  Out.NumLevels = Map.NumLevels;
  Moved Blocks(Map.Blocks.size()), Slots(Map.Slots.size()),
      Outputs(Map.Outputs.size()), Tiles(Map.Tiles.size()),
      Flows(Map.Flows.size());
  for (uint32_t Old : Order) {
    MappedCore Core = Map.Cores[Old];
    Core.FirstBlock =
        Blocks.move(Map.Blocks, Core.FirstBlock, Core.NumBlocks, Out.Blocks);
    for (uint32_t B = Core.FirstBlock; B != Core.FirstBlock + Core.NumBlocks;
         ++B) {
      MappedBlock &Block = Out.Blocks[B];
      Block.Core = NewCore[Old];
      Block.FirstSlot =
          Slots.move(Map.Slots, Block.FirstSlot, Block.NumSlots, Out.Slots);
      Block.FirstOutput = Outputs.move(Map.Outputs, Block.FirstOutput,
                                       Block.NumOutputs, Out.Outputs);
    }
    Core.FirstTile =
        Tiles.move(Map.Tiles, Core.FirstTile, Core.NumTiles, Out.Tiles);
    Out.Cores.push_back(Core);
  }
  for (MappedOutput &O : Out.Outputs) {
    O.Block = Blocks.To[O.Block];
    O.FirstFlow = Flows.move(Map.Flows, O.FirstFlow, O.NumFlows, Out.Flows);
  }
  for (uint32_t F = 0; F != Map.Flows.size(); ++F)
    if (Map.Flows[F].SourceKind == image::FlowSource::Host)
      Flows.move(Map.Flows, F, 1, Out.Flows);
  for (MappedFlow &F : Out.Flows) {
    if (F.SourceKind == image::FlowSource::Output) {
      F.Source = Outputs.To[F.Source];
      F.SourceCore = NewCore[F.SourceCore];
    }
    for (uint32_t &Core : F.Destinations)
      Core = NewCore[Core];
    std::sort(F.Destinations.begin(), F.Destinations.end());
  }
  for (MappedTile &T : Out.Tiles) {
    T.Core = NewCore[T.Core];
    T.Slot = Slots.To[T.Slot];
  }
  for (uint32_t C = 0; C != Order.size(); ++C) {
    const MappedCore &Old = Map.Cores[Order[C]];
    MappedCore &Core = Out.Cores[C];
    Core.FirstAxon = Out.Axons.size();
    for (uint32_t A = Old.FirstAxon; A != Old.FirstAxon + Old.NumAxons; ++A) {
      MappedAxon Axon = Map.Axons[A];
      Axon.Flow = Flows.To[Axon.Flow];
      Axon.Target = Axon.Kind == image::AxonKind::Direct
                        ? Slots.To[Axon.Target]
                        : Tiles.To[Axon.Target];
      Out.Axons.push_back(Axon);
    }
    std::stable_sort(Out.Axons.begin() + Core.FirstAxon, Out.Axons.end(),
                     [](const MappedAxon &A, const MappedAxon &B) {
                       return A.Flow < B.Flow;
                     });
  }
  Map = std::move(Out);
  std::sort(Where.Cores.begin(), Where.Cores.end());
}
