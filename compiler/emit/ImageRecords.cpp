//===- ImageRecords.cpp - Chip IR to records ------------------------------===//

#include "compiler/emit/ImageRecords.h"

#include "compiler/lowering/ChipRoutes.h"
#include "compiler/lowering/ProgramEncoding.h"

#include "llvm/ADT/DenseMap.h"

#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

namespace {
class RecordBuilder {
public:
  RecordBuilder(chip::SystemOp System, const ChipSpec &Chip)
      : Body(System.getBody().front()), System(System), Chip(Chip) {}
  Result<ImageRecords> run();

private:
  uint32_t name(StringRef Text);
  Status addPrograms();
  void addNames();
  void addCores();
  void addFlows();

  Block &Body;
  chip::SystemOp System;
  const ChipSpec &Chip;
  ChipMapping From;
  mapping::Placement Where;
  ImageRecords Out;
  llvm::DenseMap<StringAttr, uint32_t> ProgramOf, StreamOf, Names;
  std::vector<chip::PopulationOp> Populations; ///< relays last
  uint32_t NumNetworkPopulations = 0;
};
} // namespace

uint32_t RecordBuilder::name(StringRef Text) {
  auto [It, New] = Names.try_emplace(StringAttr::get(System.getContext(), Text),
                                     Out.Strings.size());
  if (New)
    Out.Strings.append(Text.str()).push_back('\0');
  return It->second;
}

Status RecordBuilder::addPrograms() {
  for (auto Op : Body.getOps<chip::ProgramOp>()) {
    Result<EncodedProgram> Code = encodeProgram(Op);
    if (!Code)
      return Code.errors();
    ProgramOf[Op.getSymNameAttr()] = Out.Programs.size();
    image::ProgramRecord P{};
    P.Name = name(Op.getSymName());
    P.FirstInstruction = Out.Instructions.size();
    P.NumInstructions = Code->Code.size();
    P.FirstStateInit = Out.StateInit.size();
    P.NumSlots = Code->UniformSlots.size();
    P.NumParams = Code->NumParams;
    P.NumStates = Code->Init.size();
    P.NumOutputs = Code->NumOutputs;
    P.NumRegisters = Code->NumRegisters;
    Out.Programs.push_back(P);
    llvm::append_range(Out.Instructions, Code->Code);
    llvm::append_range(Out.StateInit, Code->Init);
  }
  return {};
}

void RecordBuilder::addNames() {
  for (auto Op : Body.getOps<chip::PopulationOp>())
    if (!Op.getRelay())
      Populations.push_back(Op);
  NumNetworkPopulations = Populations.size();
  for (auto Op : Body.getOps<chip::PopulationOp>())
    if (Op.getRelay())
      Populations.push_back(Op);
  llvm::DenseMap<StringAttr, uint32_t> SenderOf;
  for (auto [I, Op] : llvm::enumerate(Populations)) {
    Out.Populations.push_back(
        {name(Op.getName()), static_cast<uint32_t>(Op.getNeurons()),
         ProgramOf[Op.getProgramAttr().getAttr()], Op.getRelay() ? 1u : 0u});
    for (auto Stream : Op.getStreams().getAsRange<StringAttr>())
      SenderOf.try_emplace(Stream, I);
  }
  for (auto Op : Body.getOps<chip::ConnectionOp>()) {
    Out.Connections.push_back(
        {name(Op.getName()), static_cast<uint32_t>(Op.getRows()),
         static_cast<uint32_t>(Op.getCols()),
         static_cast<uint16_t>(Op.getBits()),
         static_cast<uint16_t>(Op.getAccumulateOnly()),
         Op.getMemory()   ? static_cast<image::ConnectionKind>(*Op.getMemory())
         : Op.getWindow() ? image::ConnectionKind::Window
                          : image::ConnectionKind::Linear,
         static_cast<uint32_t>(Op.getHeads()),
         static_cast<uint32_t>(Op.getKvHeads()),
         Op.getWindow() ? static_cast<uint32_t>(Out.Windows.size())
                        : image::None});
    if (Op.getWindow())
      Out.Windows.push_back(chip::windowOf(Op));
  }
  for (auto Op : Body.getOps<chip::StreamOp>()) {
    auto Sender = SenderOf.find(Op.getNameAttr());
    StreamOf[Op.getNameAttr()] = Out.Streams.size();
    Out.Streams.push_back(
        {name(Op.getName()), static_cast<uint32_t>(Op.getNeurons()),
         static_cast<image::PayloadKind>(Op.getKind()),
         static_cast<uint16_t>(Op.getBits()),
         Sender == SenderOf.end() ? image::None : Sender->second,
         Op.getRole() ? static_cast<image::HostRole>(*Op.getRole())
                      : image::HostRole::Token});
  }
}

void RecordBuilder::addCores() {
  const mapping::Mapping &Map = From.Map;
  auto Cores = llvm::to_vector(Body.getOps<chip::CoreOp>());
  std::vector<uint64_t> BlockAddress, TileAddress;
  for (chip::CoreOp Core : Cores) {
    for (auto Op : Core.getBody().front().getOps<chip::BlockOp>())
      BlockAddress.push_back(*Op.getAddress());
    for (auto Op : Core.getBody().front().getOps<chip::TileOp>())
      TileAddress.push_back(Op.getAddress().value_or(0));
  }
  for (uint32_t I = 0; I < Map.Cores.size(); ++I) {
    const mapping::MappedCore &C = Map.Cores[I];
    uint64_t End = 0;
    for (uint32_t K = C.FirstBlock; K < C.FirstBlock + C.NumBlocks; ++K) {
      const mapping::MappedBlock &M = Map.Blocks[K];
      uint32_t P = M.Index + (M.IsRelay ? NumNetworkPopulations : 0);
      chip::PopulationOp Op = Populations[P];
      uint32_t Every = 0, At = 0;
      if (auto Reset = Op.getReset()) {
        Every = static_cast<uint32_t>((*Reset)[0]);
        At = static_cast<uint32_t>((*Reset)[1]);
      }
      Out.Blocks.push_back({P, M.FirstNeuron, M.NumNeurons, M.Level,
                            M.FirstSlot, M.NumSlots, M.FirstOutput,
                            M.NumOutputs, BlockAddress[K],
                            static_cast<uint16_t>(M.Sweep), M.Holds, M.Rows,
                            M.FirstRow, Every, At});
      uint64_t Params = Out.Programs[Out.Populations[P].Program].NumParams;
      End = std::max(End,
                     BlockAddress[K] + Params * M.NumNeurons * sizeof(float));
      for (uint32_t O = 0; O < M.NumOutputs; ++O) {
        const mapping::MappedOutput &MO = Map.Outputs[M.FirstOutput + O];
        Out.Outputs.push_back(
            {StreamOf[llvm::cast<StringAttr>(Op.getStreams()[O])],
             MO.Largest   ? 2u
             : MO.Reduced ? 1u
                          : 0u,
             MO.FirstFlow, MO.NumFlows,
             static_cast<uint32_t>(Op.getReduced()[O]), MO.ReducedIndex});
      }
    }
    for (uint32_t K = C.FirstTile; K < C.FirstTile + C.NumTiles; ++K) {
      const mapping::MappedTile &T = Map.Tiles[K];
      Out.Tiles.push_back({T.Edge, T.FirstRow, T.Rows, T.FirstCol, T.Cols,
                           T.Slot, T.SlotOffset, T.Format,
                           static_cast<uint16_t>(T.Planes), TileAddress[K],
                           T.RowStride, T.FirstPosition});
      if (!T.isDynamic())
        End = std::max(End, TileAddress[K] + T.bytes());
    }
    // Cores start on cache lines.
    End = (End + image::Alignment - 1) / image::Alignment * image::Alignment;
    Out.Cores.push_back({Where.Cores[I].Value, C.FirstBlock, C.NumBlocks,
                         C.FirstTile, C.NumTiles, C.FirstAxon, C.NumAxons, 0,
                         Out.CoreMemoryBytes, End,
                         static_cast<uint32_t>(C.Use.SynapseBytes),
                         static_cast<uint32_t>(C.Use.ParameterBytes),
                         static_cast<uint32_t>(C.Use.StateBytes),
                         static_cast<uint32_t>(C.Use.AccumulatorBytes),
                         static_cast<uint32_t>(C.Use.ProgramBytes),
                         static_cast<uint32_t>(C.Use.AxonBytes),
                         static_cast<uint32_t>(C.Use.DynamicBytes)});
    Out.CoreMemoryBytes += End;
  }
  for (const mapping::MappedSlot &S : Map.Slots)
    Out.Slots.push_back({S.Size, S.Uniform ? 1u : 0u, S.Depth,
                         static_cast<uint16_t>(S.Largest),
                         static_cast<uint16_t>(S.EntryBytes)});
  std::vector<uint32_t> TableAt;
  for (const std::vector<uint32_t> &Rows : Map.Tables) {
    TableAt.push_back(Out.AxonRows.size());
    llvm::append_range(Out.AxonRows, Rows);
  }
  for (const mapping::MappedAxon &A : Map.Axons)
    Out.Axons.push_back(
        {A.Flow, A.Kind, A.FirstIndex, A.NumIndices, A.Target, A.Offset,
         A.Table == image::None ? image::None : TableAt[A.Table], A.Delay});
  Out.Sequence = {Map.Steps, Map.Positions, Map.Sweeps, 0};
}

void RecordBuilder::addFlows() {
  mapping::Routes Routes = routesOf(System);
  for (uint32_t I = 0; I < From.Map.Flows.size(); ++I) {
    const mapping::MappedFlow &F = From.Map.Flows[I];
    bool Host = F.SourceKind == image::FlowSource::Host;
    Out.Flows.push_back({F.SourceKind, F.Source,
                         Host ? image::None : Where.Cores[F.SourceCore].Value,
                         Routes.First[I], Routes.First[I + 1] - Routes.First[I],
                         F.HostOutput ? 1u : 0u, F.FirstIndex, F.NumIndices});
  }
  Out.Hops = std::move(Routes.Hops);
}

Result<ImageRecords> RecordBuilder::run() {
  for (auto Op : Body.getOps<chip::FlowOp>())
    if (!Op.getRoute())
      return Error{fmt::format("flow {}", Op.getNumber()), "emit-not-routed",
                   "the flow has no route; run chip-route",
                   ErrorKind::BadInput};
  WalkResult Laid = System.walk([](Operation *Op) {
    auto B = llvm::dyn_cast<chip::BlockOp>(Op);
    auto T = llvm::dyn_cast<chip::TileOp>(Op);
    auto P = llvm::dyn_cast<chip::PopulationOp>(Op);
    return (B && !B.getAddress()) ||
                   (T && !T.getAddress() && T.getPlanes() == 0) ||
                   (P && (!P.getLevel() || !P.getDepths()))
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  if (Laid.wasInterrupted())
    return Error{"chip.system", "emit-not-laid-out",
                 "levels or addresses are missing; run chip-schedule and "
                 "chip-assign-memory",
                 ErrorKind::BadInput};
  Result<ChipMapping> Read = readMapping(System, Chip);
  if (!Read)
    return Read.errors();
  From = std::move(*Read);
  Result<mapping::Placement> Places = placementOf(From);
  if (!Places)
    return Places.errors();
  Where = std::move(*Places);
  if (Status S = addPrograms(); !S)
    return S.errors();
  addNames();
  addCores();
  addFlows();
  return std::move(Out);
}

Result<ImageRecords> synfire::compiler::recordsOf(chip::SystemOp System,
                                                  const ChipSpec &Chip) {
  return RecordBuilder(System, Chip).run();
}
