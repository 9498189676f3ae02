//===- Schedule.cpp - Levels and depths of a system -----------------------===//

#include "compiler/mapping/Schedule.h"
#include "compiler/lowering/Lowering.h"

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

Status synfire::compiler::scheduleSystem(chip::SystemOp System,
                                         const ChipSpec &Chip) {
  Result<ChipMapping> From = readMapping(System, Chip);
  if (!From)
    return From.errors();
  mapping::Mapping &Map = From->Map;
  uint32_t NumPopulations = Map.PopulationLevels.size();
  if (Errors Mistakes = mapping::scheduleByAxons(Map, NumPopulations);
      !Mistakes.empty())
    return Mistakes;

  // Populations as the mapping numbers them: relays last.
  std::vector<chip::PopulationOp> Ops, Relays;
  for (auto Op : System.getBody().front().getOps<chip::PopulationOp>())
    (Op.getRelay() ? Relays : Ops).push_back(Op);
  Ops.insert(Ops.end(), Relays.begin(), Relays.end());
  std::vector<uint64_t> Accumulators(Map.Cores.size(), 0);
  for (const mapping::MappedBlock &B : Map.Blocks) {
    SmallVector<int64_t> Depths;
    for (uint32_t S = B.FirstSlot; S < B.FirstSlot + B.NumSlots; ++S) {
      const mapping::MappedSlot &Slot = Map.Slots[S];
      Depths.push_back(Slot.Depth);
      Accumulators[B.Core] += Slot.bytes();
    }
    chip::PopulationOp Op = Ops[B.IsRelay ? NumPopulations + B.Index : B.Index];
    Op.setLevel(B.Level);
    Op.setDepths(Depths);
  }
  for (auto Core : System.getBody().front().getOps<chip::CoreOp>())
    Core.setAccumulators(Accumulators[Core.getNumber()]);
  return {};
}
