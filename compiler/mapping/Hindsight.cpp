//===- compiler/mapping/Hindsight.cpp -------------------------------------===//

#include "compiler/mapping/Hindsight.h"

#include <algorithm>

using namespace synfire;
using namespace synfire::mapping;

bool Hindsight::learn(const Workload &Net, const Mapping &Map) {
  std::vector<uint32_t> FirstSlot;
  uint32_t NumSlots = 0;
  for (const Population &P : Net.Populations) {
    FirstSlot.push_back(NumSlots);
    NumSlots += P.Slots.size();
  }
  WindowAxons.resize(Net.Edges.size());
  Blocks.resize(Net.Populations.size());
  Depths.resize(NumSlots);
  RelayDepths.resize(Net.Edges.size());
  bool News = false;
  auto Take = [&](uint32_t &Known, uint32_t Needed) {
    News |= Needed > Known;
    Known = std::max(Known, Needed);
  };
  std::vector<uint32_t> AxonsOf(Map.Tiles.size()),
      BlocksOf(Net.Populations.size());
  for (const MappedAxon &A : Map.Axons)
    if (A.Kind == image::AxonKind::Window)
      Take(WindowAxons[Map.Tiles[A.Target].Edge], ++AxonsOf[A.Target]);
  for (const MappedBlock &B : Map.Blocks) {
    if (B.IsRelay) {
      Take(RelayDepths[Map.Relays[B.Index].Edge], Map.Slots[B.FirstSlot].Depth);
      continue;
    }
    Take(Blocks[B.Index], ++BlocksOf[B.Index]);
    for (uint32_t S = 0; S != B.NumSlots; ++S)
      Take(Depths[FirstSlot[B.Index] + S], Map.Slots[B.FirstSlot + S].Depth);
  }
  return News;
}

bool Hindsight::learn(const std::vector<uint32_t> &Placed) {
  Blocks.resize(Placed.size());
  bool News = false;
  for (size_t I = 0; I != Placed.size(); ++I) {
    News |= Placed[I] > Blocks[I];
    Blocks[I] = std::max(Blocks[I], Placed[I]);
  }
  return News;
}
