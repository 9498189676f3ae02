//===- compiler/mapping/PartitionVerify.cpp - Recount a mapping -----------===//
//
// The order of the rules, and the one that the others rely on: grouping.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/PartitionVerifier.h"

using namespace synfire;
using namespace synfire::mapping;

/// Ranges are consecutive, indices exist, back references agree; what follows
/// relies on it.
bool PartitionVerifier::verifyGrouping() {
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
        A.Target >= (A.Kind == image::AxonKind::Direct ? Map.Slots.size()
                                                       : Map.Tiles.size()) ||
        (A.Table != image::None &&
         (A.Table >= Map.Tables.size() ||
          Map.Tables[A.Table].size() != A.NumIndices)))
      fail("grouping", "an axon names no flow, target or table");
  return Out.empty();
}

std::vector<Violation> PartitionVerifier::run() {
  if (!verifyGrouping())
    return Out;
  verifyBlocks();
  verifySequence();
  verifyTiles();
  verifyMemories();
  verifyOwnCores();
  verifyOutputs();
  verifyFlows();
  verifyAxons();
  verifyDeliveries();
  verifyRelays();
  verifyLevels();
  verifyLimits();
  return Out;
}

std::vector<Violation> PartitionProblem::verify(const Mapping &Solution) const {
  return PartitionVerifier(*this, Solution).run();
}
