//===- ChipOps.cpp - Verifiers of single ops ------------------------------===//
//
// Every message starts with the tag of the rule in ChipOps.td. Rules between
// ops are in ChipSystem.cpp.
//
//===----------------------------------------------------------------------===//

#include "dialects/chip/Chip.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "targets/Image.h"

using namespace mlir;
using namespace synfire;
using namespace synfire::chip;

//===----------------------------------------------------------------------===//
// Routes: `[3 east, 4 south cores(0), 12 cores(0, 2)]`
//===----------------------------------------------------------------------===//

static constexpr std::pair<uint16_t, const char *> PortNames[] = {
    {image::North, "north"}, {image::East, "east"}, {image::South, "south"},
    {image::West, "west"},   {image::Host, "host"},
};

static ParseResult parseRoute(OpAsmParser &Parser, DenseI64ArrayAttr &Route) {
  SmallVector<int64_t> Words;
  auto ParseHop = [&]() -> ParseResult {
    int64_t Router = 0, Ports = 0, Cores = 0;
    if (Parser.parseInteger(Router))
      return failure();
    for (auto [Bit, Name] : PortNames)
      if (succeeded(Parser.parseOptionalKeyword(Name)))
        Ports |= Bit;
    auto ParseCore = [&]() -> ParseResult {
      int64_t Core = 0;
      SMLoc Where = Parser.getCurrentLocation();
      if (Parser.parseInteger(Core))
        return failure();
      if (Core < 0 || Core > 15)
        return Parser.emitError(Where, "a router has local cores 0 to 15, got ")
               << Core;
      Cores |= int64_t(1) << Core;
      return success();
    };
    if (succeeded(Parser.parseOptionalKeyword("cores")) &&
        Parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, ParseCore))
      return failure();
    Words.append({Router, Ports, Cores});
    return success();
  };
  if (Parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, ParseHop))
    return failure();
  Route = DenseI64ArrayAttr::get(Parser.getContext(), Words);
  return success();
}

static void printRoute(OpAsmPrinter &Printer, FlowOp, DenseI64ArrayAttr Route) {
  ArrayRef<int64_t> Words = Route.asArrayRef();
  Printer << "[";
  for (size_t I = 0; I + 2 < Words.size(); I += 3) {
    Printer << (I == 0 ? "" : ", ") << Words[I];
    for (auto [Bit, Name] : PortNames)
      if (Words[I + 1] & Bit)
        Printer << " " << Name;
    if (Words[I + 2] == 0)
      continue;
    SmallVector<int> Cores;
    for (int Core = 0; Core < 16; ++Core)
      if (Words[I + 2] >> Core & 1)
        Cores.push_back(Core);
    Printer << " cores(";
    llvm::interleaveComma(Cores, Printer);
    Printer << ")";
  }
  Printer << "]";
}

#define GET_OP_CLASSES
#include "dialects/chip/ChipOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

YieldOp ProgramOp::getYield() {
  return cast<YieldOp>(getBody().front().getTerminator());
}

LogicalResult ProgramOp::verify() {
  Block &Body = getBody().front();
  size_t Slots = getNumSlots(), States = getInit().size();
  if (getParams() > 0xffff ||
      Body.getNumArguments() != Slots + getParams() + States)
    return emitOpError("program-1: the region has ")
           << Body.getNumArguments() << " arguments, slots, params and states "
           << "are " << Slots << " + " << getParams() << " + " << States;
  for (BlockArgument Arg : Body.getArguments()) {
    Type T = Arg.getType();
    bool IsSlot = Arg.getArgNumber() < Slots;
    if (IsSlot ? !T.isInteger(32) && !T.isInteger(1)
               : !T.isF32() && !T.isInteger(32))
      return emitOpError("program-1: argument ")
             << Arg.getArgNumber() << " is " << T << ", a "
             << (IsSlot ? "slot is i32 or i1" : "param or state is f32 or i32");
  }
  return success();
}

LogicalResult ProgramOp::verifyRegions() {
  Block &Body = getBody().front();
  auto Yield = Body.empty() ? YieldOp() : dyn_cast<YieldOp>(Body.back());
  if (!Yield || Yield.getStates().size() != getInit().size())
    return emitOpError("program-2: the region must end in chip.yield with ")
           << getInit().size() << " states";
  for (auto [Arg, Next, Init] :
       llvm::zip(Body.getArguments().take_back(getInit().size()),
                 Yield.getStates(), getInit()))
    if (Arg.getType() != Next.getType() ||
        (Arg.getType().isInteger(32) &&
         (Init != std::trunc(Init) || std::abs(Init) >= 0x1p31f)))
      return emitOpError("program-2: a state is ")
             << Arg.getType() << ", yielded is " << Next.getType()
             << ", it begins at " << Init;
  for (Operation &Op : Body.without_terminator())
    if (!encodingOf(Op))
      return Op.emitOpError("program-3: no neuron instruction computes this");
  return success();
}

//===----------------------------------------------------------------------===//
// Streams, connections, flows
//===----------------------------------------------------------------------===//

LogicalResult StreamOp::verify() {
  bool Binary = getKind() == Payload::Binary;
  bool Graded = !Binary && getKind() != Payload::Ternary;
  uint64_t Fixed = Binary ? 1 : 2;
  if (Graded ? getBits() < 1 || getBits() > 32 : getBits() != Fixed)
    return emitOpError("stream-1: a ")
           << stringifyPayload(getKind()) << " payload of " << getBits()
           << " bits; binary has 1, ternary 2, others 1 to 32";
  return success();
}

LogicalResult ConnectionOp::verify() {
  if (getBits() < 1 || getBits() > 8)
    return emitOpError("connection-1: weights of ")
           << getBits() << " bits, must be 1 to 8";
  uint64_t Heads = getHeads(), KvHeads = getKvHeads();
  if (getMemory() ? Heads < 1 || KvHeads < 1 || Heads % KvHeads != 0 ||
                        getRows() % Heads != 0 || getCols() % Heads != 0
                  : Heads != 1 || KvHeads != 1)
    return emitOpError("connection-2: ")
           << Heads << " heads over " << KvHeads << " of " << getRows()
           << " rows by " << getCols();
  return success();
}

LogicalResult TableOp::verify() {
  if (getRows().empty() || llvm::any_of(getRows(), [](int64_t Row) {
        return Row < -1 || Row >= int64_t(image::None);
      }))
    return emitOpError("table-1: a table has rows, each -1 or a row's number");
  return success();
}

LogicalResult FlowOp::verify() {
  if (getStream() ? getBlock() || getOutput() : !getBlock() || !getOutput())
    return emitOpError(
        "flow-1: a flow starts at an output of a block or at the host");
  if (getTo().empty() && !getHostOutput())
    return emitOpError("flow-3: the flow has no end");
  for (size_t I = 1; I < getTo().size(); ++I)
    if (getTo()[I - 1] >= getTo()[I])
      return emitOpError("flow-3: destinations must ascend, got ")
             << getTo()[I - 1] << " before " << getTo()[I];
  if (!getRoute())
    return success();
  ArrayRef<int64_t> Words = *getRoute();
  if (Words.empty() || Words.size() % 3 != 0)
    return emitOpError("flow-4: a route has at least one hop, each of router, "
                       "ports and cores");
  for (size_t I = 0; I < Words.size(); I += 3)
    if (Words[I] < 0 || Words[I] > UINT32_MAX || Words[I + 1] < 0 ||
        Words[I + 1] > 31 || Words[I + 2] < 0 || Words[I + 2] > UINT16_MAX)
      return emitOpError("flow-4: hop ") << I / 3 << " is out of range";
  return success();
}
