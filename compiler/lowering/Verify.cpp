//===- Verify.cpp - Is the system what it should be? ----------------------===//

#include "compiler/lowering/ChipRoutes.h"
#include "compiler/lowering/Lowering.h"
#include "compiler/mapping/PartitionProblem.h"

#include "llvm/ADT/DenseMap.h"

#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

static void append(Errors &Out, const char *Phase,
                   const std::vector<mapping::Violation> &Broken) {
  constexpr size_t MostTold = 8;
  for (size_t I = 0; I < std::min(Broken.size(), MostTold); ++I)
    Out.push_back({"chip.system", fmt::format("{}-{}", Phase, Broken[I].Rule),
                   Broken[I].Text, ErrorKind::RunFailed});
  if (Broken.size() > MostTold)
    Out.push_back({"chip.system", fmt::format("{}-more", Phase),
                   fmt::format("{} more", Broken.size() - MostTold),
                   ErrorKind::RunFailed});
}

/// Parameters and tiles have addresses and do not overlap.
static Errors verifyMemory(chip::SystemOp System) {
  Errors Out;
  llvm::DenseMap<StringAttr, uint64_t> Params;
  Block &Body = System.getBody().front();
  for (auto Op : Body.getOps<chip::PopulationOp>()) {
    auto Program = llvm::cast<chip::ProgramOp>(
        SymbolTable::lookupSymbolIn(System, Op.getProgramAttr()));
    Params[Op.getNameAttr()] = Program.getParams() * sizeof(float);
  }
  for (auto Core : Body.getOps<chip::CoreOp>()) {
    std::vector<std::pair<uint64_t, uint64_t>> Ranges;
    bool Missing = false;
    auto Use = [&](std::optional<uint64_t> At, uint64_t Bytes) {
      Missing |= !At;
      if (At && Bytes != 0)
        Ranges.push_back({*At, *At + Bytes});
    };
    for (auto Op : Core.getBody().front().getOps<chip::BlockOp>())
      Use(Op.getAddress(), Params[Op.getPopulationAttr()] * Op.getNeurons());
    for (auto Op : Core.getBody().front().getOps<chip::TileOp>())
      if (Op.getPlanes() == 0)
        Use(Op.getAddress(), Op.getRows() * Op.getStride());
    llvm::sort(Ranges);
    std::string Where = fmt::format("core {}", Core.getNumber());
    if (Missing)
      Out.push_back({Where, "memory-address",
                     "something has no address; run chip-assign-memory",
                     ErrorKind::RunFailed});
    for (size_t I = 1; I < Ranges.size(); ++I)
      if (Ranges[I].first < Ranges[I - 1].second)
        Out.push_back(
            {Where, "memory-overlap",
             fmt::format("bytes from {} on are used twice", Ranges[I].first),
             ErrorKind::RunFailed});
  }
  return Out;
}

Status synfire::compiler::verifySystem(ModuleOp Module, const ChipSpec &Chip,
                                       ChipStage Stage) {
  Result<spike::NetworkOp> Network = networkOf(Module);
  if (!Network)
    return Network.errors();
  Result<chip::SystemOp> System = systemOf(Module);
  if (!System)
    return System.errors();
  if (System->getHash() != Chip.hash())
    return Error{"chip.system", "chip-target",
                 fmt::format("the system was made for another '{}' than this "
                             "'{}'",
                             System->getTarget().str(), Chip.Name),
                 ErrorKind::BadInput};
  Result<NetworkPlan> Plan = planNetwork(*Network);
  if (!Plan)
    return Plan.errors();
  Result<ChipMapping> From = readMapping(*System, Chip);
  if (!From)
    return From.errors();
  Errors Out;
  append(Out, "partition",
         mapping::PartitionProblem{Plan->Net, Chip}.verify(From->Map));
  if (Stage == ChipStage::Partitioned || !Out.empty())
    return Out;
  Result<mapping::Placement> Where = placementOf(*From);
  if (!Where)
    return Where.errors();
  append(Out, "place", mapping::PlaceProblem{From->Map, Chip}.verify(*Where));
  if (!std::is_sorted(Where->Cores.begin(), Where->Cores.end()))
    Out.push_back({"chip.system", "place-order",
                   "cores are not numbered by place", ErrorKind::RunFailed});
  if (Stage == ChipStage::Placed || !Out.empty())
    return Out;
  append(Out, "route",
         mapping::routeProblemOf(Chip, From->Map, *Where)
             .verify(routesOf(*System)));
  if (Stage == ChipStage::Routed || !Out.empty())
    return Out;
  return verifyMemory(*System);
}
