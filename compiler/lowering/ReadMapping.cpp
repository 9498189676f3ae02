//===- ReadMapping.cpp - Chip IR as a mapping -----------------------------===//

#include "compiler/lowering/ChipMapping.h"

#include "llvm/ADT/DenseMap.h"

#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

namespace {
class Reader {
public:
  Reader(chip::SystemOp System, const ChipSpec &Chip)
      : System(System), Chip(Chip) {}
  Result<ChipMapping> run();

private:
  /// What blocks need to know of their population.
  struct Known {
    chip::PopulationOp Op;
    uint32_t Index = 0; ///< among relays, or among the others
    ArrayRef<bool> Uniform;
  };

  void readPopulations();
  void readCore(chip::CoreOp Core);
  void readBlock(chip::BlockOp Op, uint32_t Core);
  void readTile(chip::TileOp Op, uint32_t Core);
  void readAxon(chip::AxonOp Op);
  void readFlow(chip::FlowOp Op);
  void countUse();

  chip::SystemOp System;
  const ChipSpec &Chip;
  ChipMapping Out;
  llvm::DenseMap<StringAttr, Known> Populations;
  llvm::DenseMap<StringAttr, uint32_t> Connections, Streams;
  std::vector<bool> IsWindow; ///< by connection
  Errors Found;
};
} // namespace

void Reader::readPopulations() {
  mapping::Mapping &Map = Out.Map;
  Block &Body = System.getBody().front();
  llvm::DenseMap<StringAttr, chip::ProgramOp> Programs;
  for (auto Op : Body.getOps<chip::ProgramOp>())
    Programs[Op.getSymNameAttr()] = Op;
  llvm::DenseMap<StringAttr, chip::StreamOp> StreamOps;
  for (auto Op : Body.getOps<chip::StreamOp>()) {
    Streams.try_emplace(Op.getNameAttr(), Streams.size());
    StreamOps[Op.getNameAttr()] = Op;
  }
  for (auto Op : Body.getOps<chip::ConnectionOp>())
    if (Connections.try_emplace(Op.getNameAttr(), Connections.size()).second)
      IsWindow.push_back(Op.getWindow().has_value());
  for (auto Op : Body.getOps<chip::PopulationOp>()) {
    Known K{Op, 0, Programs[Op.getProgramAttr().getAttr()].getUniform()};
    uint32_t Level = Op.getLevel().value_or(0);
    Map.NumLevels = std::max(Map.NumLevels, Level + 1);
    if (Op.getRelay()) {
      K.Index = Map.Relays.size();
      auto First = llvm::cast<StringAttr>(Op.getStreams()[0]);
      Map.Relays.push_back({image::None, static_cast<uint32_t>(Op.getNeurons()),
                            static_cast<uint32_t>(StreamOps[First].getBits())});
      Map.RelayLevels.push_back(Level);
    } else {
      K.Index = Map.PopulationLevels.size();
      Map.PopulationLevels.push_back(Level);
    }
    Populations[Op.getNameAttr()] = K;
  }
}

void Reader::readBlock(chip::BlockOp Op, uint32_t Core) {
  mapping::Mapping &Map = Out.Map;
  Known K = Populations[Op.getPopulationAttr()];
  mapping::MappedBlock Block;
  Block.IsRelay = K.Op.getRelay();
  Block.Index = K.Index;
  Block.FirstNeuron = Op.getFirst();
  Block.NumNeurons = Op.getNeurons();
  Block.Core = Core;
  Block.Level = K.Op.getLevel().value_or(0);
  Block.Sweep = K.Op.getSweep();
  if (K.Op.getHeld())
    Block.Holds = static_cast<image::Held>(*K.Op.getHeld());
  if (auto Reset = K.Op.getReset()) {
    Block.ResetEvery = (*Reset)[0];
    Block.ResetAt = (*Reset)[1];
  }
  if (K.Op.getRows()) {
    Block.Rows = static_cast<image::RowRule>(*K.Op.getRows());
    Block.FirstRow = Op.getFirst() % System.getPositions();
  }
  Block.FirstSlot = Map.Slots.size();
  Block.NumSlots = K.Uniform.size();
  for (size_t S = 0; S < K.Uniform.size(); ++S)
    Map.Slots.push_back(
        {K.Uniform[S] ? 1 : Block.NumNeurons, K.Uniform[S],
         K.Op.getDepths() ? static_cast<uint32_t>((*K.Op.getDepths())[S]) : 1,
         K.Op.keepsLargest(S), static_cast<uint32_t>(K.Op.entryBytesOf(S))});
  Block.FirstOutput = Map.Outputs.size();
  Block.NumOutputs = K.Op.getReduced().size();
  for (uint32_t O = 0; O < Block.NumOutputs; ++O) {
    const bool Reduced = K.Op.getReduced()[O] != 0;
    const uint64_t Group = K.Op.getNeurons() / K.Op.groupsOf(O);
    Map.Outputs.push_back(
        {static_cast<uint32_t>(Map.Blocks.size()), O, Reduced, 0, 0,
         K.Op.sendsLargest(O),
         Reduced ? static_cast<uint32_t>(Op.getFirst() / Group) : 0});
  }
  Map.Blocks.push_back(Block);
}

void Reader::readTile(chip::TileOp Op, uint32_t Core) {
  mapping::Mapping &Map = Out.Map;
  mapping::MappedTile T;
  T.Edge = Connections[Op.getConnectionAttr()];
  T.Core = Core;
  T.FirstRow = Op.getFirstRow();
  T.Rows = Op.getRows();
  T.FirstCol = Op.getFirstCol();
  T.Cols = Op.getCols();
  const mapping::MappedBlock &Block = Map.Blocks[Op.getBlock()];
  T.Slot = Block.FirstSlot + Op.getSlot();
  T.SlotOffset = Op.getOffset();
  T.Format = static_cast<image::WeightFormat>(Op.getFormat());
  T.RowStride = Op.getStride();
  T.Planes = Op.getPlanes();
  T.FirstPosition = Op.getPosition();
  if (Block.IsRelay)
    Map.Relays[Block.Index].Edge = T.Edge;
  Map.Tiles.push_back(T);
}

void Reader::readAxon(chip::AxonOp Op) {
  mapping::MappedAxon A;
  A.Flow = Op.getFlow();
  A.FirstIndex = Op.getFirst();
  A.NumIndices = Op.getCount();
  A.Offset = Op.getOffset();
  A.Kind = !Op.getTile()    ? image::AxonKind::Direct
           : Op.getWrites() ? image::AxonKind::Write
           : IsWindow[Out.Map.Tiles[*Op.getTile()].Edge]
               ? image::AxonKind::Window
               : image::AxonKind::Rows;
  A.Delay = Op.getDelay();
  A.Table = Op.getTable() ? static_cast<uint32_t>(*Op.getTable()) : image::None;
  A.Target = Op.getTile()
                 ? *Op.getTile()
                 : Out.Map.Blocks[*Op.getBlock()].FirstSlot + *Op.getSlot();
  Out.Map.Axons.push_back(A);
}

void Reader::readCore(chip::CoreOp Op) {
  mapping::Mapping &Map = Out.Map;
  mapping::MappedCore Core;
  uint32_t Number = Map.Cores.size();
  Core.FirstBlock = Map.Blocks.size();
  Core.FirstTile = Map.Tiles.size();
  Core.FirstAxon = Map.Axons.size();
  Block &Body = Op.getBody().front();
  for (auto Block : Body.getOps<chip::BlockOp>())
    readBlock(Block, Number);
  for (auto Tile : Body.getOps<chip::TileOp>())
    readTile(Tile, Number);
  for (auto Axon : Body.getOps<chip::AxonOp>())
    readAxon(Axon);
  Core.NumBlocks = Map.Blocks.size() - Core.FirstBlock;
  Core.NumTiles = Map.Tiles.size() - Core.FirstTile;
  Core.NumAxons = Map.Axons.size() - Core.FirstAxon;
  Core.Use.SynapseBytes = Op.getSynapses();
  Core.Use.ParameterBytes = Op.getParameters();
  Core.Use.StateBytes = Op.getStates();
  Core.Use.AccumulatorBytes = Op.getAccumulators();
  Core.Use.ProgramBytes = Op.getPrograms();
  Core.Use.AxonBytes = Op.getAxons();
  Core.Use.DynamicBytes = Op.getDynamic();
  Map.Cores.push_back(Core);
  Out.Places.emplace_back();
  if (!Op.getAt())
    return;
  Out.Places.back() = coreAt(Chip, *Op.getAt());
  if (!Out.Places.back())
    Found.push_back({fmt::format("core {}", Number), "chip-place-outside",
                     fmt::format("[{}] is no core of a system of '{}'",
                                 fmt::join(*Op.getAt(), ", "), Chip.Name),
                     ErrorKind::BadInput});
}

void Reader::readFlow(chip::FlowOp Op) {
  mapping::Mapping &Map = Out.Map;
  mapping::MappedFlow F;
  if (Op.getStreamAttr()) {
    F.SourceKind = image::FlowSource::Host;
    F.Source = Streams[Op.getStreamAttr()];
  } else {
    const mapping::MappedBlock &Block = Map.Blocks[*Op.getBlock()];
    F.Source = Block.FirstOutput + *Op.getOutput();
    F.SourceCore = Block.Core;
    mapping::MappedOutput &O = Map.Outputs[F.Source];
    if (O.NumFlows == 0)
      O.FirstFlow = Map.Flows.size();
    if (O.FirstFlow + O.NumFlows != Map.Flows.size())
      Found.push_back({fmt::format("flow {}", Map.Flows.size()),
                       "chip-flow-order",
                       "the flows of an output do not follow each other",
                       ErrorKind::BadInput});
    ++O.NumFlows;
  }
  F.FirstIndex = Op.getFirst();
  F.NumIndices = Op.getCount();
  F.HostOutput = Op.getHostOutput();
  F.Destinations.assign(Op.getTo().begin(), Op.getTo().end());
  F.EventsPerToken = Op.getRate() ? Op.getRateAttr().getValueAsDouble() : 0;
  Map.Flows.push_back(std::move(F));
}

/// What an image does not hold of a core's use.
void Reader::countUse() {
  mapping::Mapping &Map = Out.Map;
  uint32_t Next = 0;
  for (mapping::MappedOutput &O : Map.Outputs) {
    // Outputs without flows stand where their flows would.
    if (O.NumFlows == 0)
      O.FirstFlow = Next;
    Next = O.FirstFlow + O.NumFlows;
  }
  for (mapping::MappedCore &C : Map.Cores) {
    for (uint32_t I = C.FirstBlock; I < C.FirstBlock + C.NumBlocks; ++I) {
      const mapping::MappedBlock &Block = Map.Blocks[I];
      C.Use.Neurons += Block.NumNeurons;
      for (uint32_t O = 0; O < Block.NumOutputs; ++O)
        C.Use.OutputFlows += Map.Outputs[Block.FirstOutput + O].NumFlows;
    }
    C.Use.InputAxons = Map.indicesHeardBy(C);
  }
}

Result<ChipMapping> Reader::run() {
  Out.Map.Steps = System.getSteps();
  Out.Map.Positions = System.getPositions();
  Out.Map.Sweeps = System.getSweeps();
  readPopulations();
  Block &Body = System.getBody().front();
  for (auto Table : Body.getOps<chip::TableOp>()) {
    auto &Rows = Out.Map.Tables.emplace_back();
    for (int64_t Row : Table.getRows())
      Rows.push_back(Row < 0 ? image::None : static_cast<uint32_t>(Row));
  }
  for (auto Core : Body.getOps<chip::CoreOp>())
    readCore(Core);
  for (auto Flow : Body.getOps<chip::FlowOp>())
    readFlow(Flow);
  countUse();
  Out.NumChips = System.getChips().value_or(0);
  for (size_t I = 0; I < Out.Map.Relays.size(); ++I)
    if (Out.Map.Relays[I].Edge == image::None)
      Found.push_back({fmt::format("relay {}", I), "chip-relay",
                       "the relay has no tile", ErrorKind::BadInput});
  if (!Found.empty())
    return Found;
  return std::move(Out);
}

Result<ChipMapping> synfire::compiler::readMapping(chip::SystemOp System,
                                                   const ChipSpec &Chip) {
  return Reader(System, Chip).run();
}
