//===- WriteMapping.cpp - A mapping as chip IR ----------------------------===//

#include "compiler/lowering/ChipMapping.h"

#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

std::array<int64_t, 3> synfire::compiler::placeOf(const ChipSpec &Chip,
                                                  CoreId Core) {
  Coord At = Chip.coordOf(Chip.routerOf(Core));
  return {At.X, At.Y, Chip.localIndexOf(Core)};
}

std::optional<CoreId> synfire::compiler::coreAt(const ChipSpec &Chip,
                                                ArrayRef<int64_t> At) {
  if (At.size() != 3 || At[0] < 0 || At[0] >= Chip.systemWidth() || At[1] < 0 ||
      At[1] >= Chip.systemHeight(Chip.System.MaxChips) || At[2] < 0 ||
      At[2] >= Chip.Noc.CoresPerRouter)
    return {};
  RouterId Router = Chip.routerAt(
      {static_cast<uint32_t>(At[0]), static_cast<uint32_t>(At[1])});
  return CoreId{Router.Value * Chip.Noc.CoresPerRouter +
                static_cast<uint32_t>(At[2])};
}

namespace {
/// Appends ops to the end of a system.
class Writer {
public:
  explicit Writer(chip::SystemOp System)
      : System(System), B(OpBuilder::atBlockEnd(&System.getBody().front())),
        Loc(UnknownLoc::get(System.getContext())) {
    for (auto P : System.getBody().front().getOps<chip::PopulationOp>())
      (P.getRelay() ? Relays : Populations).push_back(P.getNameAttr());
    for (auto C : System.getBody().front().getOps<chip::ConnectionOp>())
      Connections.push_back(C.getNameAttr());
    for (auto S : System.getBody().front().getOps<chip::StreamOp>())
      Streams.push_back(S.getNameAttr());
  }
  void core(const ChipMapping &From, uint32_t Number, const ChipSpec &Chip);
  void flow(const ChipMapping &From, uint32_t Number);

private:
  IntegerAttr number(uint64_t V) { return B.getI64IntegerAttr(V); }
  /// Slots are numbered per block in the chip IR.
  void findBlocks(const mapping::Mapping &Map) {
    if (!BlockOfSlot.empty())
      return;
    BlockOfSlot.resize(Map.Slots.size());
    for (uint32_t I = 0; I < Map.Blocks.size(); ++I)
      for (uint32_t S = 0; S < Map.Blocks[I].NumSlots; ++S)
        BlockOfSlot[Map.Blocks[I].FirstSlot + S] = I;
  }

  chip::SystemOp System;
  OpBuilder B;
  Location Loc;
  std::vector<StringAttr> Populations, Relays, Connections, Streams;
  std::vector<uint32_t> BlockOfSlot;
};
} // namespace

void Writer::core(const ChipMapping &From, uint32_t Number,
                  const ChipSpec &Chip) {
  const mapping::Mapping &Map = From.Map;
  findBlocks(Map);
  const mapping::MappedCore &C = Map.Cores[Number];
  DenseI64ArrayAttr At;
  if (From.Places[Number])
    At = B.getDenseI64ArrayAttr(placeOf(Chip, *From.Places[Number]));
  auto Core = chip::CoreOp::create(
      B, Loc, number(Number), At, number(C.Use.SynapseBytes),
      number(C.Use.ParameterBytes), number(C.Use.StateBytes),
      number(C.Use.AccumulatorBytes), number(C.Use.ProgramBytes),
      number(C.Use.AxonBytes));
  OpBuilder::InsertionGuard Guard(B);
  B.setInsertionPointToEnd(&Core.getBody().emplaceBlock());
  for (uint32_t I = C.FirstBlock; I < C.FirstBlock + C.NumBlocks; ++I) {
    const mapping::MappedBlock &Block = Map.Blocks[I];
    chip::BlockOp::create(
        B, Loc, number(I),
        Block.IsRelay ? Relays[Block.Index] : Populations[Block.Index],
        number(Block.FirstNeuron), number(Block.NumNeurons), IntegerAttr());
  }
  for (uint32_t I = C.FirstTile; I < C.FirstTile + C.NumTiles; ++I) {
    const mapping::MappedTile &T = Map.Tiles[I];
    uint32_t Block = BlockOfSlot[T.Slot];
    chip::TileOp::create(
        B, Loc, number(I), Connections[T.Edge], number(T.FirstRow),
        number(T.Rows), number(T.FirstCol), number(T.Cols), number(Block),
        number(T.Slot - Map.Blocks[Block].FirstSlot), number(T.SlotOffset),
        chip::FormatAttr::get(B.getContext(),
                              static_cast<chip::Format>(T.Format)),
        number(T.RowStride), IntegerAttr());
  }
  for (uint32_t I = C.FirstAxon; I < C.FirstAxon + C.NumAxons; ++I) {
    const mapping::MappedAxon &A = Map.Axons[I];
    IntegerAttr Tile, Block, Slot;
    if (A.Kind == image::AxonKind::Rows) {
      Tile = number(A.Target);
    } else {
      Block = number(BlockOfSlot[A.Target]);
      Slot = number(A.Target - Map.Blocks[BlockOfSlot[A.Target]].FirstSlot);
    }
    chip::AxonOp::create(B, Loc, number(A.Flow), number(A.FirstIndex),
                         number(A.NumIndices), Tile, Block, Slot,
                         number(A.Offset));
  }
}

void Writer::flow(const ChipMapping &From, uint32_t Number) {
  const mapping::MappedFlow &F = From.Map.Flows[Number];
  IntegerAttr Block, Output;
  StringAttr Stream;
  if (F.SourceKind == image::FlowSource::Host) {
    Stream = Streams[F.Source];
  } else {
    Block = number(From.Map.Outputs[F.Source].Block);
    Output = number(From.Map.Outputs[F.Source].Output);
  }
  SmallVector<int64_t> To(F.Destinations.begin(), F.Destinations.end());
  chip::FlowOp::create(
      B, Loc, number(Number), Block, Output, Stream, number(F.FirstIndex),
      number(F.NumIndices), B.getDenseI64ArrayAttr(To),
      F.HostOutput ? B.getUnitAttr() : UnitAttr(),
      F.EventsPerToken > 0 ? B.getF64FloatAttr(F.EventsPerToken) : FloatAttr(),
      DenseI64ArrayAttr());
}

void synfire::compiler::writeCores(chip::SystemOp System,
                                   const ChipMapping &From,
                                   const ChipSpec &Chip) {
  for (Operation &Op : llvm::make_early_inc_range(System.getBody().front()))
    if (llvm::isa<chip::CoreOp, chip::FlowOp>(Op))
      Op.erase();
  Writer W(System);
  for (uint32_t I = 0; I < From.Map.Cores.size(); ++I)
    W.core(From, I, Chip);
  for (uint32_t I = 0; I < From.Map.Flows.size(); ++I)
    W.flow(From, I);
  if (From.NumChips != 0)
    System.setChips(From.NumChips);
}

/// The program of relays: hand on the sum.
static EncodedProgram relayProgram() {
  EncodedProgram Out;
  Out.UniformSlots = Out.BitSlots = {false};
  Out.NumOutputs = 1;
  Out.NumRegisters = 1;
  Out.Code.resize(2);
  Out.Code[0].Op = isa::Opcode::LoadAccumulator;
  Out.Code[1].Op = isa::Opcode::Emit;
  return Out;
}

Result<chip::SystemOp>
synfire::compiler::createSystem(ModuleOp Module, const NetworkPlan &Plan,
                                const mapping::Mapping &Map,
                                const ChipSpec &Chip) {
  OpBuilder B = OpBuilder::atBlockEnd(Module.getBody());
  Location Loc = UnknownLoc::get(B.getContext());
  auto System = chip::SystemOp::create(
      B, Loc, B.getStringAttr("system"), B.getStringAttr(Chip.Name),
      IntegerAttr::get(B.getIntegerType(64, false), Chip.hash()),
      IntegerAttr());
  B.setInsertionPointToEnd(&System.getBody().emplaceBlock());
  auto Number = [&](uint64_t V) { return B.getI64IntegerAttr(V); };
  auto ProgramName = [](size_t I) { return fmt::format("p{}", I); };

  std::vector<EncodedProgram> Programs = Plan.Programs;
  if (!Map.Relays.empty())
    Programs.push_back(relayProgram());
  for (size_t I = 0; I < Programs.size(); ++I)
    if (auto Op = decodeProgram(B, ProgramName(I), Programs[I]); !Op) {
      System.erase();
      return Op.errors();
    }
  auto Stream = [&](const std::string &Name, uint64_t Neurons,
                    chip::Payload Kind, uint64_t Bits) {
    chip::StreamOp::create(B, Loc, B.getStringAttr(Name), Number(Neurons),
                           chip::PayloadAttr::get(B.getContext(), Kind),
                           Number(Bits));
  };
  auto RelayName = [&](const mapping::Relay &R) {
    return Plan.Net.Edges[R.Edge].Name + ".partial";
  };
  for (const PlannedStream &S : Plan.Streams)
    Stream(
        S.Name, S.Type.getSize(), static_cast<chip::Payload>(S.Type.getKind()),
        S.Type.getKind() == spike::EventKind::Ternary ? 2 : S.Type.getBits());
  for (const mapping::Relay &R : Map.Relays)
    Stream(RelayName(R), R.Neurons, chip::Payload::Signed, R.PayloadBits);

  auto Population = [&](const std::string &Name, uint64_t Neurons,
                        size_t Program, ArrayRef<StringRef> Sends,
                        ArrayRef<int64_t> Reduced, bool Relay) {
    chip::PopulationOp::create(
        B, Loc, B.getStringAttr(Name), Number(Neurons),
        FlatSymbolRefAttr::get(B.getContext(), ProgramName(Program)),
        B.getStrArrayAttr(Sends), B.getDenseI64ArrayAttr(Reduced),
        Relay ? B.getUnitAttr() : UnitAttr(), IntegerAttr(),
        DenseI64ArrayAttr());
  };
  for (size_t I = 0; I < Plan.Populations.size(); ++I) {
    const mapping::Population &P = Plan.Net.Populations[I];
    SmallVector<StringRef> Sends;
    SmallVector<int64_t> Reduced;
    for (size_t O = 0; O < P.Outputs.size(); ++O) {
      Sends.push_back(Plan.Streams[Plan.Populations[I].Streams[O]].Name);
      Reduced.push_back(P.Outputs[O].Reduced ? P.Outputs[O].ReducedBits : 0);
    }
    Population(P.Name, P.Neurons, P.Program, Sends, Reduced, false);
  }
  for (const mapping::Relay &R : Map.Relays) {
    std::string Name = RelayName(R);
    Population(Name, R.Neurons, Programs.size() - 1, {Name}, {0}, true);
  }
  for (size_t I = 0; I < Plan.Linears.size(); ++I) {
    const mapping::Edge &E = Plan.Net.Edges[I];
    chip::ConnectionOp::create(
        B, Loc, B.getStringAttr(E.Name), Number(Plan.Net.sourceSize(E)),
        Number(Plan.Net.Populations[E.To].Neurons), Number(E.WeightBits),
        E.AccumulateOnly ? B.getUnitAttr() : UnitAttr());
  }
  ChipMapping From{Map, {}, 0};
  From.Places.resize(Map.Cores.size());
  writeCores(System, From, Chip);
  return System;
}
