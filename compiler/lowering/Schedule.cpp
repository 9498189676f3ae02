//===- Schedule.cpp - Levels and depths of a system -----------------------===//

#include "compiler/mapping/Schedule.h"
#include "compiler/lowering/Lowering.h"

#include <set>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

Status synfire::compiler::scheduleSystem(chip::SystemOp System,
                                         const ChipSpec &Chip) {
  Result<ChipMapping> From = readMapping(System, Chip);
  if (!From)
    return From.errors();
  const mapping::Mapping &Map = From->Map;
  // Nodes: the populations, relays last, as they stand.
  uint32_t NumPopulations = Map.PopulationLevels.size();
  auto NodeOf = [&](const mapping::MappedBlock &B) {
    return B.IsRelay ? NumPopulations + B.Index : B.Index;
  };
  std::vector<chip::PopulationOp> Ops, Relays;
  for (auto Op : System.getBody().front().getOps<chip::PopulationOp>())
    (Op.getRelay() ? Relays : Ops).push_back(Op);
  Ops.insert(Ops.end(), Relays.begin(), Relays.end());

  mapping::ScheduleProblem Problem;
  Problem.NumNodes = Ops.size();
  std::vector<uint32_t> FirstSlot(Ops.size() + 1, 0);
  std::vector<uint32_t> NumSlots(Ops.size(), 0);
  for (const mapping::MappedBlock &B : Map.Blocks)
    NumSlots[NodeOf(B)] = B.NumSlots;
  for (size_t N = 0; N < Ops.size(); ++N)
    FirstSlot[N + 1] = FirstSlot[N] + NumSlots[N];
  std::vector<std::set<uint32_t>> Writers(FirstSlot.back());
  std::vector<uint32_t> SlotNode(Map.Slots.size());
  for (const mapping::MappedBlock &B : Map.Blocks)
    for (uint32_t S = 0; S < B.NumSlots; ++S)
      SlotNode[B.FirstSlot + S] = FirstSlot[NodeOf(B)] + S;
  for (const mapping::MappedAxon &A : Map.Axons) {
    const mapping::MappedFlow &F = Map.Flows[A.Flow];
    uint32_t Slot =
        A.Kind == image::AxonKind::Rows ? Map.Tiles[A.Target].Slot : A.Target;
    Writers[SlotNode[Slot]].insert(
        F.SourceKind == image::FlowSource::Host
            ? mapping::ScheduleProblem::HostNode
            : NodeOf(Map.Blocks[Map.Outputs[F.Source].Block]));
  }
  for (uint32_t N = 0; N < Ops.size(); ++N)
    for (uint32_t S = FirstSlot[N]; S < FirstSlot[N + 1]; ++S)
      Problem.Slots.push_back({N, {Writers[S].begin(), Writers[S].end()}});
  if (Errors Mistakes = Problem.check(); !Mistakes.empty())
    return Mistakes;
  mapping::Schedule Made = mapping::scheduleEarliest(Problem);
  for (uint32_t N = 0; N < Ops.size(); ++N) {
    SmallVector<int64_t> Depths(Made.Depths.begin() + FirstSlot[N],
                                Made.Depths.begin() + FirstSlot[N + 1]);
    Ops[N].setLevel(Made.Levels[N]);
    Ops[N].setDepths(Depths);
  }

  // Partitioning charged the depths that it could foresee; these are exact.
  std::vector<uint64_t> Bytes(Map.Cores.size(), 0);
  for (const mapping::MappedBlock &B : Map.Blocks)
    for (uint32_t S = B.FirstSlot; S < B.FirstSlot + B.NumSlots; ++S)
      Bytes[B.Core] += sizeof(int32_t) * uint64_t(Map.Slots[S].Size) *
                       Made.Depths[SlotNode[S]];
  for (auto Core : System.getBody().front().getOps<chip::CoreOp>())
    Core.setAccumulators(Bytes[Core.getNumber()]);
  return {};
}
