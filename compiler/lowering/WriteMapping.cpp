//===- WriteMapping.cpp - A mapping as chip IR ----------------------------===//

#include "compiler/lowering/ChipMapping.h"

#include "compiler/mapping/Demand.h"

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
  void table(const mapping::Mapping &Map, uint32_t Number);
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

void Writer::table(const mapping::Mapping &Map, uint32_t Number) {
  SmallVector<int64_t> Rows;
  for (uint32_t Row : Map.Tables[Number])
    Rows.push_back(Row == image::None ? -1 : int64_t(Row));
  chip::TableOp::create(B, Loc, number(Number), B.getDenseI64ArrayAttr(Rows));
}

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
      number(C.Use.AxonBytes), number(C.Use.DynamicBytes));
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
        number(T.RowStride), IntegerAttr(), number(T.Planes),
        number(T.FirstPosition));
  }
  for (uint32_t I = C.FirstAxon; I < C.FirstAxon + C.NumAxons; ++I) {
    const mapping::MappedAxon &A = Map.Axons[I];
    IntegerAttr Tile, Block, Slot, Table;
    if (A.Table != image::None)
      Table = number(A.Table);
    if (A.Kind != image::AxonKind::Direct) {
      Tile = number(A.Target);
    } else {
      Block = number(BlockOfSlot[A.Target]);
      Slot = number(A.Target - Map.Blocks[BlockOfSlot[A.Target]].FirstSlot);
    }
    chip::AxonOp::create(
        B, Loc, number(A.Flow), number(A.FirstIndex), number(A.NumIndices),
        Tile, Block, Slot, number(A.Offset),
        A.Kind == image::AxonKind::Write ? B.getUnitAttr() : UnitAttr(), Table,
        number(A.Delay));
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
    if (llvm::isa<chip::TableOp, chip::CoreOp, chip::FlowOp>(Op))
      Op.erase();
  Writer W(System);
  for (uint32_t I = 0; I < From.Map.Tables.size(); ++I)
    W.table(From.Map, I);
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

namespace {
/// Everything of a system but its cores and flows.
class SystemWriter {
public:
  SystemWriter(chip::SystemOp System, const NetworkPlan &Plan,
               const mapping::Mapping &Map)
      : System(System), Plan(Plan), Map(Map),
        B(OpBuilder::atBlockEnd(&System.getBody().front())),
        Loc(System.getLoc()) {}
  Status run();

private:
  IntegerAttr number(uint64_t V) { return B.getI64IntegerAttr(V); }
  static std::string programName(size_t I) { return fmt::format("p{}", I); }
  std::string relayName(const mapping::Relay &R) const {
    return Plan.Net.Edges[R.Edge].Name + ".partial";
  }
  void stream(const std::string &Name, uint64_t Neurons, chip::Payload Kind,
              uint64_t Bits, image::HostRole Role);
  void population(uint32_t Index);
  void relay(const mapping::Relay &R, size_t Program);
  void connection(const mapping::Edge &E);

  chip::SystemOp System;
  const NetworkPlan &Plan;
  const mapping::Mapping &Map;
  OpBuilder B;
  Location Loc;
};
} // namespace

void SystemWriter::stream(const std::string &Name, uint64_t Neurons,
                          chip::Payload Kind, uint64_t Bits,
                          image::HostRole Role) {
  chip::StreamOp::create(B, Loc, B.getStringAttr(Name), number(Neurons),
                         chip::PayloadAttr::get(B.getContext(), Kind),
                         number(Bits), roleAttr(B.getContext(), Role));
}

void SystemWriter::population(uint32_t Index) {
  const mapping::Population &P = Plan.Net.Populations[Index];
  SmallVector<StringRef> Sends;
  SmallVector<int64_t> Reduced;
  SequenceTraits Traits;
  Traits.Sweep = P.Sweep;
  Traits.Holds = P.Held;
  Traits.Rows = P.Rows;
  Traits.ResetEvery = P.ResetEvery;
  Traits.ResetAt = P.ResetAt;
  for (size_t O = 0; O < P.Outputs.size(); ++O) {
    const mapping::Output &Out = P.Outputs[O];
    Sends.push_back(Plan.Streams[Plan.Populations[Index].Streams[O]].Name);
    Reduced.push_back(Out.Reduced ? Out.ReducedBits : 0);
    Traits.Groups.push_back(Out.Reduced ? Out.ReducedGroups : 1);
    Traits.Maxima.push_back(Out.Reduced && Out.Largest);
  }
  for (const mapping::Slot &S : P.Slots) {
    Traits.Largest.push_back(S.Largest);
    Traits.EntryBytes.push_back(mapping::entryBytes(P, S));
  }
  createPopulation(
      B, {P.Name, P.Neurons, programName(P.Program), Sends, Reduced, false},
      Traits);
}

void SystemWriter::relay(const mapping::Relay &R, size_t Program) {
  const std::string Name = relayName(R);
  // It sums in the sweep in which its sources send.
  const mapping::Population &To =
      Plan.Net.Populations[Plan.Net.Edges[R.Edge].To];
  SequenceTraits Traits;
  Traits.Sweep = To.Sweep - (To.Held != image::Held::No);
  createPopulation(
      B, {Name, R.Neurons, programName(Program), {Name}, {0}, true}, Traits);
}

void SystemWriter::connection(const mapping::Edge &E) {
  chip::MemoryAttr Memory;
  if (mapping::isDynamic(E))
    Memory =
        chip::MemoryAttr::get(B.getContext(), E.Kind == mapping::EdgeKind::Keys
                                                  ? chip::Memory::Keys
                                                  : chip::Memory::Values);
  const bool Window = E.Kind == mapping::EdgeKind::Window;
  DenseI64ArrayAttr Shape;
  if (Window)
    Shape = B.getDenseI64ArrayAttr(chip::numbersOf(E.Window));
  // Sources without synapses have no row.
  chip::ConnectionOp::create(
      B, Loc, B.getStringAttr(E.Name),
      number(Window ? E.Window.numSources()
                    : uint64_t(Plan.Net.rows(E)) * E.Heads),
      number(Plan.Net.Populations[E.To].Neurons), number(E.WeightBits),
      E.AccumulateOnly ? B.getUnitAttr() : UnitAttr(), Memory, number(E.Heads),
      number(E.KvHeads), Shape);
}

Status SystemWriter::run() {
  std::vector<EncodedProgram> Programs = Plan.Programs;
  if (!Map.Relays.empty())
    Programs.push_back(relayProgram());
  for (size_t I = 0; I < Programs.size(); ++I)
    if (auto Op = decodeProgram(B, programName(I), Programs[I]); !Op)
      return Op.errors();
  for (const PlannedStream &S : Plan.Streams)
    stream(S.Name, S.Type.getSize(),
           static_cast<chip::Payload>(S.Type.getKind()),
           S.Type.getKind() == spike::EventKind::Ternary ? 2 : S.Type.getBits(),
           S.Role);
  for (const mapping::Relay &R : Map.Relays)
    stream(relayName(R), R.Neurons, chip::Payload::Signed, R.PayloadBits,
           image::HostRole::Token);
  for (uint32_t I = 0; I < Plan.Populations.size(); ++I)
    population(I);
  for (const mapping::Relay &R : Map.Relays)
    relay(R, Programs.size() - 1);
  for (size_t I = 0; I < Plan.Linears.size(); ++I)
    connection(Plan.Net.Edges[I]);
  return {};
}

chip::RoleAttr synfire::compiler::roleAttr(MLIRContext *Context,
                                           image::HostRole Role) {
  if (Role == image::HostRole::Token)
    return {};
  return chip::RoleAttr::get(Context, static_cast<chip::Role>(Role));
}

chip::PopulationOp
synfire::compiler::createPopulation(OpBuilder &B, const PopulationNames &Of,
                                    const SequenceTraits &T) {
  auto Op = chip::PopulationOp::create(
      B, B.getUnknownLoc(), B.getStringAttr(Of.Name),
      B.getI64IntegerAttr(Of.Neurons),
      FlatSymbolRefAttr::get(B.getContext(), Of.Program),
      B.getStrArrayAttr(Of.Sends), B.getDenseI64ArrayAttr(Of.Reduced),
      Of.Relay ? B.getUnitAttr() : UnitAttr(), DenseI64ArrayAttr(),
      DenseBoolArrayAttr(), DenseBoolArrayAttr(), DenseI64ArrayAttr(),
      B.getI64IntegerAttr(T.Sweep), chip::HeldAttr(), chip::RowsAttr(),
      DenseI64ArrayAttr(), IntegerAttr(), DenseI64ArrayAttr());
  // What says nothing is left out.
  if (llvm::any_of(T.Groups, [](int64_t G) { return G != 1; }))
    Op.setGroups(T.Groups);
  if (llvm::is_contained(T.Maxima, true))
    Op.setMaxima(T.Maxima);
  if (llvm::is_contained(T.Largest, true))
    Op.setLargest(T.Largest);
  if (llvm::any_of(T.EntryBytes, [](int64_t Bytes) { return Bytes != 4; }))
    Op.setEntryBytes(T.EntryBytes);
  if (T.Holds != image::Held::No)
    Op.setHeld(static_cast<chip::Held>(T.Holds));
  if (T.Rows != image::RowRule::None)
    Op.setRows(static_cast<chip::Rows>(T.Rows));
  if (T.ResetEvery != 0)
    Op.setReset(ArrayRef<int64_t>{T.ResetEvery, T.ResetAt});
  return Op;
}

Result<chip::SystemOp>
synfire::compiler::createSystem(ModuleOp Module, const NetworkPlan &Plan,
                                const mapping::Mapping &Map,
                                const ChipSpec &Chip) {
  OpBuilder B = OpBuilder::atBlockEnd(Module.getBody());
  auto System = chip::SystemOp::create(
      B, UnknownLoc::get(B.getContext()), B.getStringAttr("system"),
      B.getStringAttr(Chip.Name),
      IntegerAttr::get(B.getIntegerType(64, false), Chip.hash()), IntegerAttr(),
      B.getI64IntegerAttr(Plan.Net.Steps),
      B.getI64IntegerAttr(Plan.Net.Positions),
      B.getI64IntegerAttr(Plan.Net.Sweeps));
  System.getBody().emplaceBlock();
  if (Status S = SystemWriter(System, Plan, Map).run(); !S) {
    System.erase();
    return S.errors();
  }
  ChipMapping From{Map, {}, 0};
  From.Places.resize(Map.Cores.size());
  writeCores(System, From, Chip);
  return System;
}
