//===- ImageToChip.cpp - Image back to chip IR ----------------------------===//
//
// An image holds slots, levels and outputs per block, chip IR per population:
// they are taken from the first block of each and compared with the others.
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/ImageToChip.h"

#include "compiler/lowering/ChipMapping.h"
#include "compiler/lowering/ProgramEncoding.h"

#include "mlir/IR/Verifier.h"

#include <fmt/format.h>

#include <map>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

namespace {
class ImageReader {
public:
  ImageReader(const image::Image &From, const ChipSpec &Chip, ModuleOp Module)
      : From(From), Chip(Chip), Module(Module), B(Module.getContext()),
        Loc(B.getUnknownLoc()) {}
  Result<chip::SystemOp> run();

private:
  StringRef name(uint32_t Offset) {
    std::string_view Text = From.string(Offset);
    return {Text.data(), Text.size()};
  }
  IntegerAttr number(uint64_t V) { return B.getI64IntegerAttr(V); }
  Status compareBlocks();
  Status addPrograms();
  void addNames();
  void findGroups();
  Status findTables(mapping::Mapping &Map);
  Result<ChipMapping> mapping();
  void addAddressesAndRoutes();
  std::vector<bool> bitSlots(uint32_t Population);

  const image::Image &From;
  const ChipSpec &Chip;
  ModuleOp Module;
  OpBuilder B;
  Location Loc;
  chip::SystemOp System;
  /// First block of each population.
  std::vector<uint32_t> BlockOf;
  /// Slot -> true if only single binary events reach it.
  std::vector<bool> BitSlot;
  /// Population of the image -> place among relays or among the others.
  std::vector<uint32_t> Index;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> GroupsOf; ///< by output
  /// Table number by place in the section and length.
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> TableAt;
};
} // namespace

Status ImageReader::compareBlocks() {
  BlockOf.assign(From.populations().size(), image::None);
  for (uint32_t I = 0; I < From.blocks().size(); ++I) {
    const image::BlockRecord &Block = From.blocks()[I];
    uint32_t &First = BlockOf[Block.Population];
    if (First == image::None) {
      First = I;
      continue;
    }
    const image::BlockRecord &Other = From.blocks()[First];
    bool Same = Block.Level == Other.Level && Block.Sweep == Other.Sweep &&
                Block.Holds == Other.Holds && Block.Rows == Other.Rows &&
                Block.ResetEvery == Other.ResetEvery &&
                Block.ResetAt == Other.ResetAt;
    for (uint32_t S = 0; Same && S < Block.NumSlots; ++S) {
      const image::SlotRecord &A = From.slots()[Block.FirstSlot + S];
      const image::SlotRecord &O = From.slots()[Other.FirstSlot + S];
      Same = A.Uniform == O.Uniform && A.Depth == O.Depth &&
             A.Largest == O.Largest && A.EntryBytes == O.EntryBytes;
    }
    for (uint32_t K = 0; Same && K < Block.NumOutputs; ++K) {
      const image::OutputRecord &A = From.outputs()[Block.FirstOutput + K];
      const image::OutputRecord &O = From.outputs()[Other.FirstOutput + K];
      Same = A.Stream == O.Stream && A.Reduced == O.Reduced &&
             A.ReducedBits == O.ReducedBits;
    }
    if (!Same)
      return Error{fmt::format("block {}", I), "image-blocks-differ",
                   "two blocks of one population differ in level, slots or "
                   "outputs",
                   ErrorKind::BadInput};
  }
  return {};
}

std::vector<bool> ImageReader::bitSlots(uint32_t Population) {
  const image::BlockRecord &Block = From.blocks()[BlockOf[Population]];
  auto First = BitSlot.begin() + Block.FirstSlot;
  return {First, First + Block.NumSlots};
}

Status ImageReader::addPrograms() {
  std::vector<uint32_t> UserOf(From.programs().size(), image::None);
  for (uint32_t P = From.populations().size(); P-- > 0;)
    if (BlockOf[P] != image::None)
      UserOf[From.populations()[P].Program] = P;
  // A slot that binary events reach, one for each neuron, is seen as i1.
  std::vector<bool> Heard(From.slots().size(), false);
  BitSlot.assign(From.slots().size(), true);
  for (const image::TileRecord &T : From.tiles())
    BitSlot[T.Slot] = false;
  for (const image::AxonRecord &A : From.axons()) {
    if (A.Kind != image::AxonKind::Direct)
      continue;
    const image::FlowRecord &F = From.flows()[A.Flow];
    bool Host = F.SourceKind == image::FlowSource::Host;
    uint32_t Stream = Host ? F.Source : From.outputs()[F.Source].Stream;
    bool Bit = (Host || !From.outputs()[F.Source].Reduced) &&
               From.streams()[Stream].Kind == image::PayloadKind::Binary;
    Heard[A.Target] = true;
    if (!Bit)
      BitSlot[A.Target] = false;
  }
  for (size_t S = 0; S < Heard.size(); ++S)
    BitSlot[S] = BitSlot[S] && Heard[S];

  for (uint32_t I = 0; I < From.programs().size(); ++I) {
    const image::ProgramRecord &P = From.programs()[I];
    EncodedProgram Code;
    auto All = From.instructions();
    Code.Code.assign(All.begin() + P.FirstInstruction,
                     All.begin() + P.FirstInstruction + P.NumInstructions);
    for (uint32_t Word :
         From.stateInit().subspan(P.FirstStateInit, P.NumStates))
      Code.Init.push_back(Word);
    Code.NumParams = P.NumParams;
    Code.NumOutputs = P.NumOutputs;
    Code.NumRegisters = P.NumRegisters;
    Code.UniformSlots.assign(P.NumSlots, false);
    Code.BitSlots.assign(P.NumSlots, false);
    if (UserOf[I] != image::None) {
      const image::BlockRecord &Block = From.blocks()[BlockOf[UserOf[I]]];
      Code.BitSlots = bitSlots(UserOf[I]);
      for (uint32_t S = 0; S < Block.NumSlots; ++S)
        Code.UniformSlots[S] = From.slots()[Block.FirstSlot + S].Uniform;
    }
    if (auto Op = decodeProgram(B, name(P.Name), Code); !Op)
      return Op.errors();
  }
  return {};
}

void ImageReader::addNames() {
  for (const image::StreamRecord &S : From.streams())
    chip::StreamOp::create(
        B, Loc, B.getStringAttr(name(S.Name)), number(S.NumNeurons),
        chip::PayloadAttr::get(B.getContext(),
                               static_cast<chip::Payload>(S.Kind)),
        number(S.PayloadBits), roleAttr(B.getContext(), S.Role));
  uint32_t Counts[2] = {0, 0};
  for (uint32_t I = 0; I < From.populations().size(); ++I) {
    const image::PopulationRecord &P = From.populations()[I];
    Index.push_back(Counts[P.IsRelay]++);
    SmallVector<StringRef> Sends;
    SmallVector<int64_t> Reduced, Depths;
    IntegerAttr Level = number(0);
    SequenceTraits Traits;
    if (BlockOf[I] != image::None) {
      const image::BlockRecord &Block = From.blocks()[BlockOf[I]];
      Level = number(Block.Level);
      Traits.Sweep = Block.Sweep;
      Traits.Holds = Block.Holds;
      Traits.Rows = Block.Rows;
      Traits.ResetEvery = Block.ResetEvery;
      Traits.ResetAt = Block.ResetAt;
      for (uint32_t K = 0; K < Block.NumOutputs; ++K) {
        const image::OutputRecord &O = From.outputs()[Block.FirstOutput + K];
        Sends.push_back(name(From.streams()[O.Stream].Name));
        Reduced.push_back(O.ReducedBits);
        Traits.Groups.push_back(GroupsOf[{I, K}]);
        Traits.Maxima.push_back(O.Reduced == 2);
      }
      for (uint32_t S = 0; S < Block.NumSlots; ++S) {
        const image::SlotRecord &Slot = From.slots()[Block.FirstSlot + S];
        Depths.push_back(Slot.Depth);
        Traits.Largest.push_back(Slot.Largest);
        Traits.EntryBytes.push_back(Slot.EntryBytes);
      }
    }
    auto Op = createPopulation(B,
                               {name(P.Name).str(), P.NumNeurons,
                                name(From.programs()[P.Program].Name).str(),
                                Sends, Reduced, P.IsRelay != 0},
                               Traits);
    Op.setLevelAttr(Level);
    Op.setDepths(Depths);
  }
  for (const image::ConnectionRecord &C : From.connections()) {
    chip::MemoryAttr Memory;
    DenseI64ArrayAttr Shape;
    if (C.Kind == image::ConnectionKind::Window)
      Shape = B.getDenseI64ArrayAttr(chip::numbersOf(From.windows()[C.Window]));
    else if (C.Kind != image::ConnectionKind::Linear)
      Memory = chip::MemoryAttr::get(B.getContext(),
                                     static_cast<chip::Memory>(C.Kind));
    chip::ConnectionOp::create(
        B, Loc, B.getStringAttr(name(C.Name)), number(C.Rows), number(C.Cols),
        number(C.WeightBits), C.AccumulateOnly ? B.getUnitAttr() : UnitAttr(),
        Memory, number(C.Heads), number(C.KvHeads), Shape);
  }
}

/// Groups that a reduced output is made by: its largest group number is that of
/// the population's last block.
void ImageReader::findGroups() {
  for (const image::BlockRecord &Block : From.blocks())
    for (uint32_t K = 0; K < Block.NumOutputs; ++K) {
      const image::OutputRecord &O = From.outputs()[Block.FirstOutput + K];
      uint32_t &Groups = GroupsOf[{Block.Population, K}];
      Groups = std::max(Groups, O.Reduced ? O.ReducedIndex + 1 : 1);
    }
}

/// Axons name tables by their place; equal places are one table, and tables
/// follow each other.
Status ImageReader::findTables(mapping::Mapping &Map) {
  for (const image::AxonRecord &A : From.axons())
    if (A.Table != image::None)
      TableAt.try_emplace({A.Table, A.NumIndices}, 0);
  uint64_t Next = 0;
  for (auto &[Place, Number] : TableAt) {
    if (Place.first != Next)
      break;
    Number = Map.Tables.size();
    auto Rows = From.axonRows().subspan(Place.first, Place.second);
    Map.Tables.emplace_back(Rows.begin(), Rows.end());
    Next += Place.second;
  }
  if (Next == From.axonRows().size() && Map.Tables.size() == TableAt.size())
    return {};
  return Error{"axon-rows", "image-tables-overlap",
               "the tables of axons overlap or leave gaps",
               ErrorKind::BadInput};
}

Result<ChipMapping> ImageReader::mapping() {
  ChipMapping Out;
  mapping::Mapping &Map = Out.Map;
  if (Status S = findTables(Map); !S)
    return S.errors();
  llvm::DenseMap<uint32_t, uint32_t> NumberOf; // core id -> number
  for (const image::CoreRecord &C : From.cores()) {
    NumberOf[C.Core] = Map.Cores.size();
    mapping::MappedCore Core{C.FirstBlock, C.NumBlocks, C.FirstTile, C.NumTiles,
                             C.FirstAxon,  C.NumAxons,  {}};
    Core.Use.SynapseBytes = C.SynapseBytes;
    Core.Use.ParameterBytes = C.ParameterBytes;
    Core.Use.StateBytes = C.StateBytes;
    Core.Use.AccumulatorBytes = C.AccumulatorBytes;
    Core.Use.ProgramBytes = C.ProgramBytes;
    Core.Use.AxonBytes = C.AxonBytes;
    Core.Use.DynamicBytes = C.DynamicBytes;
    Map.Cores.push_back(Core);
    Out.Places.push_back(CoreId{C.Core});
    Out.NumChips =
        std::max(Out.NumChips, Chip.chipOf(Chip.routerOf(CoreId{C.Core})) + 1);
  }
  for (const image::BlockRecord &R : From.blocks()) {
    mapping::MappedBlock Block;
    Block.IsRelay = From.populations()[R.Population].IsRelay;
    Block.Index = Index[R.Population];
    Block.FirstNeuron = R.FirstNeuron;
    Block.ResetEvery = R.ResetEvery;
    Block.ResetAt = R.ResetAt;
    Block.NumNeurons = R.NumNeurons;
    Block.FirstSlot = R.FirstSlot;
    Block.NumSlots = R.NumSlots;
    for (uint32_t O = 0; O < R.NumOutputs; ++O)
      Map.Outputs.push_back(
          {static_cast<uint32_t>(Map.Blocks.size()), O, false, 0, 0});
    Map.Blocks.push_back(Block);
  }
  Map.Slots.resize(From.slots().size());
  for (const image::TileRecord &T : From.tiles())
    Map.Tiles.push_back({T.Connection, 0, T.FirstRow, T.Rows, T.FirstCol,
                         T.Cols, T.Slot, T.SlotOffset, T.Format, T.RowStride,
                         T.Planes, T.FirstPosition});
  for (const image::AxonRecord &A : From.axons())
    Map.Axons.push_back(
        {A.Flow, A.Kind, A.FirstIndex, A.NumIndices, A.Target, A.Offset,
         A.Table == image::None ? image::None
                                : TableAt[{A.Table, A.NumIndices}],
         A.Delay});
  for (const image::FlowRecord &F : From.flows()) {
    mapping::MappedFlow Flow;
    Flow.SourceKind = F.SourceKind;
    Flow.Source = F.Source;
    Flow.FirstIndex = F.FirstIndex;
    Flow.NumIndices = F.NumIndices;
    Flow.HostOutput = F.HostOutput;
    for (uint32_t H = F.FirstHop; H < F.FirstHop + F.NumHops; ++H) {
      const image::HopRecord &Hop = From.hops()[H];
      for (uint32_t K = 0; K < Chip.Noc.CoresPerRouter; ++K)
        if (Hop.Cores >> K & 1)
          if (auto It = NumberOf.find(Hop.Router * Chip.Noc.CoresPerRouter + K);
              It != NumberOf.end())
            Flow.Destinations.push_back(It->second);
    }
    llvm::sort(Flow.Destinations);
    Map.Flows.push_back(std::move(Flow));
  }
  return Out;
}

void ImageReader::addAddressesAndRoutes() {
  uint32_t Block = 0, Tile = 0, Flow = 0;
  for (Operation &Op : System.getBody().front()) {
    if (auto Core = llvm::dyn_cast<chip::CoreOp>(Op)) {
      for (auto It : Core.getBody().front().getOps<chip::BlockOp>())
        It.setAddress(From.blocks()[Block++].ParamOffset);
      for (auto It : Core.getBody().front().getOps<chip::TileOp>())
        if (const image::TileRecord &T = From.tiles()[Tile++]; T.Planes == 0)
          It.setAddress(T.WeightOffset);
    } else if (auto It = llvm::dyn_cast<chip::FlowOp>(Op)) {
      const image::FlowRecord &F = From.flows()[Flow++];
      SmallVector<int64_t> Words;
      for (const image::HopRecord &Hop :
           From.hops().subspan(F.FirstHop, F.NumHops))
        Words.append({Hop.Router, Hop.Ports, Hop.Cores});
      It.setRoute(Words);
    }
  }
}

Result<chip::SystemOp> ImageReader::run() {
  for (const image::CoreRecord &C : From.cores())
    if (!coreAt(Chip, placeOf(Chip, CoreId{C.Core})))
      return Error{fmt::format("core {}", C.Core), "image-core-place",
                   "the core is outside the system of the image's target",
                   ErrorKind::BadInput};
  if (Status S = compareBlocks(); !S)
    return S.errors();
  B.setInsertionPointToEnd(Module.getBody());
  System = chip::SystemOp::create(
      B, Loc, B.getStringAttr("system"), B.getStringAttr(Chip.Name),
      IntegerAttr::get(B.getIntegerType(64, false), Chip.hash()), IntegerAttr(),
      number(From.sequence().Steps), number(From.sequence().Positions),
      number(From.sequence().Sweeps));
  B.setInsertionPointToEnd(&System.getBody().emplaceBlock());
  Status Made = addPrograms();
  findGroups();
  if (Made)
    addNames();
  Result<ChipMapping> Map =
      Made ? mapping() : Result<ChipMapping>(Made.errors());
  if (!Map) {
    System.erase();
    return Map.errors();
  }
  writeCores(System, *Map, Chip);
  addAddressesAndRoutes();
  if (succeeded(verify(System)))
    return System;
  System.erase();
  return Error{"image", "image-system",
               "the image does not give a chip.system that verifies",
               ErrorKind::BadInput};
}

Result<chip::SystemOp> synfire::compiler::imageToChip(const image::Image &From,
                                                      const ChipSpec &Chip,
                                                      ModuleOp Module) {
  return ImageReader(From, Chip, Module).run();
}
