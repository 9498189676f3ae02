//===- AssignMemory.cpp - Addresses within core memory --------------------===//

#include "compiler/lowering/Lowering.h"

#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

Status synfire::compiler::assignMemory(chip::SystemOp System) {
  // Parameters per neuron, by population.
  llvm::DenseMap<StringAttr, uint64_t> ParamsOf, ParamsOfProgram;
  Block &Body = System.getBody().front();
  for (auto Op : Body.getOps<chip::ProgramOp>())
    ParamsOfProgram[Op.getSymNameAttr()] = Op.getParams();
  for (auto Op : Body.getOps<chip::PopulationOp>())
    ParamsOf[Op.getNameAttr()] = ParamsOfProgram[Op.getProgramAttr().getAttr()];
  constexpr uint64_t Granule = 16;
  for (auto Core : Body.getOps<chip::CoreOp>()) {
    uint64_t Next = 0;
    auto Take = [&](uint64_t Bytes) {
      uint64_t At = Next;
      Next = (Next + Bytes + Granule - 1) / Granule * Granule;
      return At;
    };
    for (auto Op : Core.getBody().front().getOps<chip::BlockOp>())
      Op.setAddress(Take(ParamsOf[Op.getPopulationAttr()] * Op.getNeurons() *
                         sizeof(float)));
    for (auto Op : Core.getBody().front().getOps<chip::TileOp>())
      if (Op.getPlanes() == 0) // else it starts empty
        Op.setAddress(Take(Op.getRows() * Op.getStride()));
  }
  return {};
}
