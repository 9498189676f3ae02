//===- ChipSystem.cpp - Rules between the ops of a system -----------------===//
//
// One walk builds tables by name and number; everything is then checked
// against them, so that the time is linear in the number of ops.
//
//===----------------------------------------------------------------------===//

#include "dialects/chip/Chip.h"

#include "targets/Image.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/Sequence.h"

#include <array>
#include <bit>

using namespace mlir;
using namespace synfire;
using namespace synfire::chip;

namespace {
/// A block or tile with the core that it lies on.
template <typename OpTy>
struct Placed {
  OpTy Op;
  int64_t Core = 0;
};

/// Tables of one system, and the checks that need them.
class SystemChecker {
public:
  explicit SystemChecker(SystemOp System) : System(System) {}
  LogicalResult run();

private:
  LogicalResult collect();
  LogicalResult collectCore(CoreOp Core);
  LogicalResult check(PopulationOp Op);
  LogicalResult checkSequence();
  LogicalResult checkSequence(PopulationOp Op, size_t Slots);
  LogicalResult checkMemory(TileOp Op, ConnectionOp Of);
  LogicalResult checkTable(AxonOp Op);
  LogicalResult checkWindow(ConnectionOp Op);
  LogicalResult checkWindow(AxonOp Op, ConnectionOp Of);
  LogicalResult check(BlockOp Op);
  LogicalResult check(TileOp Op, int64_t Core);
  LogicalResult check(FlowOp Op);
  LogicalResult check(CoreOp Op);
  LogicalResult check(AxonOp Op, int64_t Core);
  /// Places of slot \p Slot of \p Block; nothing when there is no such slot.
  std::optional<int64_t> slotSize(BlockOp Block, int64_t Slot);
  template <typename OpTy>
  LogicalResult number(OpTy Op, size_t Next, const char *What) {
    if (Op.getNumber() == Next)
      return success();
    return Op.emitOpError("system-3: ")
           << What << " " << Op.getNumber() << " stands at place " << Next;
  }

  SystemOp System;
  llvm::DenseMap<StringAttr, ProgramOp> Programs;
  llvm::DenseMap<StringAttr, PopulationOp> Populations;
  llvm::DenseMap<StringAttr, StreamOp> Streams;
  llvm::DenseMap<StringAttr, ConnectionOp> Connections;
  std::vector<CoreOp> Cores;
  std::vector<Placed<BlockOp>> Blocks;
  std::vector<Placed<TileOp>> Tiles;
  std::vector<FlowOp> Flows;
  std::vector<TableOp> Tables;
};
} // namespace

/// True if [First, First + Count) is not empty and lies in [Low, High).
static bool within(int64_t First, int64_t Count, int64_t Low, int64_t High) {
  return Count >= 1 && First >= Low && First <= High && Count <= High - First;
}

LogicalResult SystemChecker::collectCore(CoreOp Core) {
  if (failed(number(Core, Cores.size(), "core")))
    return failure();
  int64_t At = Cores.size();
  Cores.push_back(Core);
  for (Operation &Op : Core.getBody().front()) {
    if (auto Block = dyn_cast<BlockOp>(Op)) {
      if (failed(number(Block, Blocks.size(), "block")))
        return failure();
      Blocks.push_back({Block, At});
    } else if (auto Tile = dyn_cast<TileOp>(Op)) {
      if (failed(number(Tile, Tiles.size(), "tile")))
        return failure();
      Tiles.push_back({Tile, At});
    } else if (!llvm::isa<AxonOp>(Op)) {
      return Op.emitOpError("core-1: a core holds blocks, tiles and axons");
    }
  }
  return success();
}

LogicalResult SystemChecker::collect() {
  auto Insert = [](auto &Table, auto Op, StringAttr Name, const char *What) {
    if (Table.try_emplace(Name, Op).second)
      return success();
    return LogicalResult(Op.emitOpError("system-2: the ")
                         << What << " '" << Name.getValue()
                         << "' stands twice in the system");
  };
  for (Operation &Op : System.getBody().front()) {
    LogicalResult Done = success();
    if (auto Program = dyn_cast<ProgramOp>(Op))
      Programs.try_emplace(Program.getSymNameAttr(), Program);
    else if (auto Population = dyn_cast<PopulationOp>(Op))
      Done = Insert(Populations, Population, Population.getNameAttr(),
                    "population");
    else if (auto Stream = dyn_cast<StreamOp>(Op))
      Done = Insert(Streams, Stream, Stream.getNameAttr(), "stream");
    else if (auto Connection = dyn_cast<ConnectionOp>(Op))
      Done = Insert(Connections, Connection, Connection.getNameAttr(),
                    "connection");
    else if (auto Core = dyn_cast<CoreOp>(Op))
      Done = collectCore(Core);
    else if (auto Table = dyn_cast<TableOp>(Op)) {
      Done = number(Table, Tables.size(), "table");
      Tables.push_back(Table);
    } else if (auto Flow = dyn_cast<FlowOp>(Op)) {
      Done = number(Flow, Flows.size(), "flow");
      Flows.push_back(Flow);
    } else
      Done = Op.emitOpError("system-1: a system holds chip ops only");
    if (failed(Done))
      return failure();
  }
  return success();
}

LogicalResult SystemChecker::check(PopulationOp Op) {
  ProgramOp Program = Programs.lookup(Op.getProgramAttr().getAttr());
  if (!Program)
    return Op.emitOpError("population-1: there is no program ")
           << Op.getProgramAttr();
  size_t Outputs = Program.getYield().getPayloads().size();
  if (Op.getStreams().size() != Outputs)
    return Op.emitOpError("population-1: ")
           << Op.getStreams().size() << " streams for " << Outputs
           << " outputs of " << Op.getProgramAttr();
  for (StringAttr Name : Op.getStreams().getAsRange<StringAttr>()) {
    StreamOp Stream = Streams.lookup(Name);
    if (!Stream)
      return Op.emitOpError("population-2: there is no stream ") << Name;
    if (Stream.getNeurons() != Op.getNeurons())
      return Op.emitOpError("population-2: stream ")
             << Name << " has " << Stream.getNeurons()
             << " neurons, the population " << Op.getNeurons();
  }
  auto Width = [](int64_t Bits) { return Bits >= 0 && Bits <= 32; };
  if (Op.getReduced().size() != Outputs ||
      !llvm::all_of(Op.getReduced(), Width))
    return Op.emitOpError("population-3: ")
           << Op.getReduced().size() << " reduced widths for " << Outputs
           << " outputs, each 0 to 32";
  if (Op.getDepths() &&
      (Op.getDepths()->size() != Program.getNumSlots() ||
       llvm::any_of(*Op.getDepths(), [](int64_t D) { return D < 1; })))
    return Op.emitOpError("population-3: ")
           << Op.getDepths()->size() << " depths for " << Program.getNumSlots()
           << " slots, each at least 1";
  return checkSequence(Op, Program.getNumSlots());
}

LogicalResult SystemChecker::checkSequence(PopulationOp Op, size_t Slots) {
  size_t Outputs = Op.getReduced().size();
  if ((Op.getGroups() && Op.getGroups()->size() != Outputs) ||
      (Op.getMaxima() && Op.getMaxima()->size() != Outputs))
    return Op.emitOpError("population-4: groups and maxima need one element "
                          "for each of ")
           << Outputs << " outputs";
  for (size_t O = 0; O < Outputs; ++O) {
    int64_t Groups = Op.groupsOf(O);
    if (Groups < 1 || Op.getNeurons() % Groups != 0 ||
        (Op.getReduced()[O] == 0 && (Groups != 1 || Op.sendsLargest(O))))
      return Op.emitOpError("population-4: output ")
             << O << " cannot be reduced by " << Groups << " groups";
  }
  if ((Op.getLargest() && Op.getLargest()->size() != Slots) ||
      (Op.getEntryBytes() && (Op.getEntryBytes()->size() != Slots ||
                              llvm::any_of(*Op.getEntryBytes(), [](int64_t B) {
                                return B < 1 || B > 4;
                              }))))
    return Op.emitOpError("population-5: largest and entry_bytes need one "
                          "element for each of ")
           << Slots << " slots, of 1 to 4 bytes";
  if (Op.getSweep() >= System.getSweeps() ||
      (Op.getHeld() && Op.getSweep() == 0))
    return Op.emitOpError("population-6: sweep ")
           << Op.getSweep() << " of " << System.getSweeps()
           << "; a held population is not of the first";
  if ((Op.getRows() || Op.getHeld()) && System.getPositions() == 0)
    return Op.emitOpError("system-4: held populations and rows need positions");
  if (Op.getRows() && Op.getNeurons() % System.getPositions() != 0)
    return Op.emitOpError("population-6: ")
           << Op.getNeurons() << " neurons are no rows of "
           << System.getPositions() << " positions";
  if (auto Reset = Op.getReset();
      Reset && (Reset->size() != 2 || (*Reset)[0] > INT32_MAX ||
                (*Reset)[1] < 0 || (*Reset)[1] >= (*Reset)[0]))
    return Op.emitOpError(
        "population-7: reset is [every, at] with 0 <= at < every");
  return success();
}

LogicalResult SystemChecker::checkSequence() {
  constexpr uint64_t MostSteps = 64, MostSweeps = 0xffff;
  uint64_t Steps = System.getSteps(), Sweeps = System.getSweeps();
  if (Steps < 1 || Steps > MostSteps || Sweeps < 1 || Sweeps > MostSweeps ||
      System.getPositions() > INT32_MAX ||
      (Sweeps > 1 && System.getPositions() == 0))
    return System.emitOpError("system-4: ")
           << Steps << " steps, " << Sweeps << " sweeps, "
           << System.getPositions() << " positions";
  return success();
}

LogicalResult SystemChecker::check(BlockOp Op) {
  PopulationOp Population = Populations.lookup(Op.getPopulationAttr());
  if (!Population)
    return Op.emitOpError("block-1: there is no population '")
           << Op.getPopulation() << "'";
  if (!within(Op.getFirst(), Op.getNeurons(), 0, Population.getNeurons()))
    return Op.emitOpError("block-1: neurons [")
           << Op.getFirst() << ", " << Op.getNeurons() << "] of '"
           << Op.getPopulation() << "', which has " << Population.getNeurons();
  if (Op.getAddress().value_or(0) % 16 != 0)
    return Op.emitOpError("block-2: the address ")
           << *Op.getAddress() << " is not a multiple of 16";
  auto Crosses = [&](uint64_t Length) {
    return Op.getFirst() / Length !=
           (Op.getFirst() + Op.getNeurons() - 1) / Length;
  };
  bool Crossed = Population.getRows() && Crosses(System.getPositions());
  for (size_t O = 0; O < Population.getReduced().size(); ++O)
    Crossed |= Crosses(Population.getNeurons() / Population.groupsOf(O));
  if (Crossed)
    return Op.emitOpError("block-3: neurons [")
           << Op.getFirst() << ", " << Op.getNeurons() << "] of '"
           << Op.getPopulation() << "' cross a group";
  return success();
}

std::optional<int64_t> SystemChecker::slotSize(BlockOp Block, int64_t Slot) {
  PopulationOp Population = Populations.lookup(Block.getPopulationAttr());
  ProgramOp Program = Programs.lookup(Population.getProgramAttr().getAttr());
  if (Slot < 0 || Slot >= static_cast<int64_t>(Program.getNumSlots()))
    return {};
  return Program.getUniform()[Slot] ? 1 : Block.getNeurons();
}

LogicalResult SystemChecker::check(TileOp Op, int64_t Core) {
  ConnectionOp Of = Connections.lookup(Op.getConnectionAttr());
  // Of a convolution the rows are those of the kernel.
  int64_t Rows = !Of ? 0 : Of.getWindow() ? windowOf(Of).rows() : Of.getRows();
  if (!Of || !within(Op.getFirstRow(), Op.getRows(), 0, Rows) ||
      !within(Op.getFirstCol(), Op.getCols(), 0, Of.getCols()))
    return Op.emitOpError("tile-1: there is no such piece of a connection '")
           << Op.getConnection() << "'";
  int64_t B = Op.getBlock();
  if (B < 0 || B >= static_cast<int64_t>(Blocks.size()) ||
      Blocks[B].Core != Core)
    return Op.emitOpError("tile-2: block ") << B << " is not on this core";
  std::optional<int64_t> Size = slotSize(Blocks[B].Op, Op.getSlot());
  if (!Size || !within(Op.getOffset(), Op.getCols(), 0, *Size))
    return Op.emitOpError("tile-2: block ")
           << B << " has no slot " << Op.getSlot() << " with places ["
           << Op.getOffset() << ", " << Op.getCols() << "]";
  uint64_t Stride = Op.getStride();
  uint64_t Bits =
      image::bitsOf(static_cast<image::WeightFormat>(Op.getFormat()));
  bool Packed =
      Op.getFormat() == Format::Bit1 || Of.getMemory() || Of.getWindow();
  uint64_t Row = Of.getWindow() ? windowOf(Of).cols() : Op.getCols();
  if (Stride < (Row * Bits + 7) / 8 || (!Packed && Stride % 16 != 0))
    return Op.emitOpError("tile-3: a stride of ")
           << Stride << " bytes does not hold a row of " << Row << " "
           << stringifyFormat(Op.getFormat());
  if (Of.getWindow() &&
      (Op.getFirstRow() != 0 || static_cast<int64_t>(Op.getRows()) != Rows))
    return Op.emitOpError("tile-3: the kernel has ")
           << Rows << " rows, the tile " << Op.getRows();
  if (Op.getAddress().value_or(0) % 16 != 0)
    return Op.emitOpError("tile-4: the address ")
           << *Op.getAddress() << " is not a multiple of 16";
  return checkMemory(Op, Of);
}

LogicalResult SystemChecker::checkMemory(TileOp Op, ConnectionOp Of) {
  if (!Of.getMemory())
    return Op.getPlanes() == 0 && Op.getPosition() == 0
               ? success()
               : LogicalResult(Op.emitOpError("tile-5: '")
                               << Of.getName() << "' is no memory");
  uint64_t Rows = Of.getRows() / Of.getHeads();
  uint64_t Cols = Of.getCols() / Of.getHeads();
  uint64_t Head = Op.getFirstCol() / Cols;
  bool Keys = *Of.getMemory() == Memory::Keys;
  uint64_t Position = Keys ? Op.getFirstCol() % Cols : Op.getFirstRow() % Rows;
  if (Op.getPlanes() != System.getSteps() || Op.getAddress() ||
      (Op.getFirstCol() + Op.getCols() - 1) / Cols != Head ||
      Op.getFirstRow() / Rows != Head ||
      (Op.getFirstRow() + Op.getRows() - 1) / Rows != Head ||
      (Keys ? Cols : Rows) != System.getPositions() ||
      Op.getPosition() != Position)
    return Op.emitOpError("tile-5: the tile of '")
           << Of.getName() << "' is not of one head of " << Rows << " by "
           << Cols << " with a plane per step, from position " << Position;
  return success();
}

LogicalResult SystemChecker::check(FlowOp Op) {
  int64_t Indices = 0;
  if (Op.getStreamAttr()) {
    StreamOp Stream = Streams.lookup(Op.getStreamAttr());
    if (!Stream)
      return Op.emitOpError("flow-1: there is no stream ")
             << Op.getStreamAttr();
    if (!within(Op.getFirst(), Op.getCount(), 0, Stream.getNeurons()))
      return Op.emitOpError("flow-2: the stream has ")
             << Stream.getNeurons() << " indices";
  } else {
    int64_t B = *Op.getBlock(), Output = *Op.getOutput();
    if (B < 0 || B >= static_cast<int64_t>(Blocks.size()))
      return Op.emitOpError("flow-1: there is no block ") << B;
    BlockOp Block = Blocks[B].Op;
    PopulationOp From = Populations.lookup(Block.getPopulationAttr());
    if (Output < 0 || Output >= static_cast<int64_t>(From.getReduced().size()))
      return Op.emitOpError("flow-1: block ")
             << B << " has no output " << Output;
    bool Reduced = From.getReduced()[Output] != 0;
    int64_t Low =
        Reduced ? Block.getFirst() / (From.getNeurons() / From.groupsOf(Output))
                : Block.getFirst();
    Indices = Reduced ? 1 : Block.getNeurons();
    if (!within(Op.getFirst(), Op.getCount(), Low, Low + Indices))
      return Op.emitOpError("flow-2: block ")
             << B << " sends indices [" << Low << ", " << Indices
             << "], the flow carries [" << Op.getFirst() << ", "
             << Op.getCount() << "]";
  }
  for (int64_t Core : Op.getTo())
    if (Core < 0 || Core >= static_cast<int64_t>(Cores.size()))
      return Op.emitOpError("flow-3: there is no core ") << Core;
  return success();
}

LogicalResult SystemChecker::check(AxonOp Op, int64_t Core) {
  int64_t F = Op.getFlow();
  if (F < 0 || F >= static_cast<int64_t>(Flows.size()) ||
      !std::binary_search(Flows[F].getTo().begin(), Flows[F].getTo().end(),
                          Core))
    return Op.emitOpError("axon-1: flow ") << F << " does not end on this core";
  FlowOp Flow = Flows[F];
  if (!within(Op.getFirst(), Op.getCount(), Flow.getFirst(),
              Flow.getFirst() + Flow.getCount()))
    return Op.emitOpError("axon-2: flow ")
           << F << " carries indices [" << Flow.getFirst() << ", "
           << Flow.getCount() << "], the axon takes [" << Op.getFirst() << ", "
           << Op.getCount() << "]";
  if (Op.getDelay() > image::MaxDelay || (Op.getWrites() && Op.getDelay() != 0))
    return Op.emitOpError("axon-6: a delay of ")
           << Op.getDelay() << " token steps, at most " << image::MaxDelay
           << " are possible, and none for writes";
  bool ToTile = Op.getTile() && !Op.getBlock() && !Op.getSlot();
  bool ToSlot = !Op.getTile() && Op.getBlock() && Op.getSlot() &&
                !Op.getWrites() && !Op.getTable();
  if (ToTile) {
    int64_t T = *Op.getTile();
    if (T >= 0 && T < static_cast<int64_t>(Tiles.size()) &&
        Tiles[T].Core == Core) {
      TileOp Tile = Tiles[T].Op;
      ConnectionOp Of = Connections.lookup(Tile.getConnectionAttr());
      if (Of.getWindow())
        return checkWindow(Op, Of);
      if (Op.getTable())
        return checkTable(Op);
      if (Op.getWrites() && !Of.getMemory())
        return Op.emitOpError("axon-5: '")
               << Of.getName() << "' is no memory and cannot be written";
      bool Columns = Op.getWrites() && *Of.getMemory() == Memory::Values;
      if (within(Op.getOffset(), Op.getCount(), 0,
                 Columns ? Tile.getCols() : Tile.getRows()))
        return success();
    }
  } else if (ToSlot) {
    int64_t B = *Op.getBlock();
    std::optional<int64_t> Size;
    if (B >= 0 && B < static_cast<int64_t>(Blocks.size()) &&
        Blocks[B].Core == Core)
      Size = slotSize(Blocks[B].Op, *Op.getSlot());
    if (Size && within(Op.getOffset(), Op.getCount(), 0, *Size))
      return success();
  }
  return Op.emitOpError("axon-3: the axon needs a tile with those rows, or a "
                        "block and slot with those places, on this core");
}

LogicalResult SystemChecker::checkWindow(ConnectionOp Op) {
  if (!Op.getWindow())
    return success();
  ArrayRef<int64_t> Numbers = *Op.getWindow();
  constexpr int64_t Most = int64_t(1) << 24;
  // Pads are numbers 10 and 11 and may be 0, as may the last.
  auto Sound = [&](size_t I) {
    const int64_t Least = I == 10 || I == 11 || I == 15 ? 0 : 1;
    return Numbers[I] >= Least && Numbers[I] <= (I == 15 ? 1 : Most);
  };
  if (Numbers.size() != 16 || Op.getMemory() ||
      !llvm::all_of(llvm::seq<size_t>(0, 16), Sound))
    return Op.emitOpError("connection-3: a window has 16 numbers in the order "
                          "of image::WindowRecord");
  image::WindowRecord W = windowOf(Op);
  if (W.SourceChannels % W.Groups != 0 || W.TargetChannels % W.Groups != 0 ||
      W.numSources() != Op.getRows() || W.numTargets() != Op.getCols())
    return Op.emitOpError("connection-3: the window has ")
           << W.numSources() << " sources and " << W.numTargets()
           << " targets, the connection is " << Op.getRows() << " by "
           << Op.getCols();
  return success();
}

LogicalResult SystemChecker::checkWindow(AxonOp Op, ConnectionOp Of) {
  if (Op.getWrites() || Op.getTable() || Op.getOffset() != 0 ||
      !within(Op.getFirst(), Op.getCount(), 0, windowOf(Of).numSources()))
    return Op.emitOpError("axon-6: indices [")
           << Op.getFirst() << ", " << Op.getCount() << "] of "
           << windowOf(Of).numSources() << " sources of '" << Of.getName()
           << "'; a convolution takes neither offset nor table nor writes";
  return success();
}

LogicalResult SystemChecker::checkTable(AxonOp Op) {
  int64_t T = *Op.getTable();
  if (T < 0 || T >= static_cast<int64_t>(Tables.size()))
    return Op.emitOpError("axon-4: there is no table ") << T;
  ArrayRef<int64_t> Rows = Tables[T].getRows();
  int64_t Most = Tiles[*Op.getTile()].Op.getRows();
  if (Op.getWrites() || Op.getOffset() != 0 || Rows.size() != Op.getCount() ||
      llvm::any_of(Rows, [&](int64_t Row) { return Row >= Most; }))
    return Op.emitOpError("axon-4: table ")
           << T << " does not give a row of the tile's " << Most
           << " for each of " << Op.getCount() << " indices";
  return success();
}

LogicalResult SystemChecker::check(CoreOp Op) {
  uint64_t FlowBefore = 0;
  for (Operation &Inner : Op.getBody().front()) {
    if (auto Tile = dyn_cast<TileOp>(Inner)) {
      if (failed(check(Tile, Op.getNumber())))
        return failure();
    } else if (auto Axon = dyn_cast<AxonOp>(Inner)) {
      if (failed(check(Axon, Op.getNumber())))
        return failure();
      if (Axon.getFlow() < FlowBefore)
        return Axon.emitOpError("axon-1: flow ")
               << Axon.getFlow() << " after flow " << FlowBefore
               << "; axons ascend by flow";
      FlowBefore = Axon.getFlow();
    }
  }
  return success();
}

LogicalResult SystemChecker::run() {
  if (failed(collect()) || failed(checkSequence()))
    return failure();
  llvm::DenseSet<std::tuple<int64_t, int64_t, int64_t>> Places;
  for (CoreOp Core : Cores) {
    if (!Core.getAt()) {
      if (System.getChips())
        return Core.emitOpError("core-3: the system has its chips, but core ")
               << Core.getNumber() << " has no place";
      continue;
    }
    ArrayRef<int64_t> At = *Core.getAt();
    if (At.size() != 3 || llvm::any_of(At, [](int64_t V) { return V < 0; }))
      return Core.emitOpError("core-2: a place is [x, y, place at the router]");
    if (!Places.insert({At[0], At[1], At[2]}).second)
      return Core.emitOpError("core-2: two cores are at [")
             << At[0] << ", " << At[1] << ", " << At[2] << "]";
  }
  for (PopulationOp Op : System.getBody().getOps<PopulationOp>())
    if (failed(check(Op)))
      return failure();
  for (ConnectionOp Op : System.getBody().getOps<ConnectionOp>())
    if (failed(checkWindow(Op)))
      return failure();
  for (auto [Op, Core] : Blocks)
    if (failed(check(Op)))
      return failure();
  for (FlowOp Op : Flows)
    if (failed(check(Op)))
      return failure();
  for (CoreOp Op : Cores)
    if (failed(check(Op)))
      return failure();
  return success();
}

image::WindowRecord synfire::chip::windowOf(ConnectionOp Op) {
  uint32_t Numbers[16] = {};
  llvm::copy(*Op.getWindow(), Numbers);
  return std::bit_cast<image::WindowRecord>(Numbers);
}

SmallVector<int64_t> synfire::chip::numbersOf(const image::WindowRecord &W) {
  static_assert(sizeof(W) == 16 * sizeof(uint32_t));
  auto Numbers = std::bit_cast<std::array<uint32_t, 16>>(W);
  return {Numbers.begin(), Numbers.end()};
}

LogicalResult SystemOp::verifyRegions() { return SystemChecker(*this).run(); }
