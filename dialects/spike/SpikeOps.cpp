//===- SpikeOps.cpp - Verifiers of the spike ops --------------------------===//
//
// Every message starts with the tag of the rule in SpikeOps.td. Populations and
// their programs are in SpikePopulation.cpp.
//
//===----------------------------------------------------------------------===//

#include "dialects/spike/Spike.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace synfire::spike;

#define GET_OP_CLASSES
#include "dialects/spike/SpikeOps.cpp.inc"

bool synfire::spike::isConstant(Value V) {
  Operation *Def = V.getDefiningOp();
  return Def &&
         isa<WeightOp, DeriveOp, ApplyOp, RowScaleOp, QuantizeOp, MaskOp,
             GridOp, RotaryOp, CollapseOp, RepeatOp, PartOp, ConstantOp>(Def);
}

Type synfire::spike::programType(Type T) {
  if (auto Events = dyn_cast<EventsType>(T))
    return IntegerType::get(T.getContext(),
                            Events.getKind() == EventKind::Binary ? 1 : 32);
  return cast<ShapedType>(T).getElementType();
}

int64_t synfire::spike::sizeOf(Type T) {
  if (auto Events = dyn_cast<EventsType>(T))
    return Events.getSize();
  return cast<ShapedType>(T).getDimSize(0);
}

static Type elementOf(Value V) {
  return cast<ShapedType>(V.getType()).getElementType();
}
static ArrayRef<int64_t> shapeOf(Value V) {
  return cast<ShapedType>(V.getType()).getShape();
}

LogicalResult NetworkOp::verifyRegions() {
  llvm::StringSet<> Names;
  for (Operation &Op : *getBody().begin()) {
    if (!isa<SpikeDialect>(Op.getDialect()))
      return Op.emitOpError("network-1: only spike ops may stand in a network");
    SmallVector<StringRef> Own;
    llvm::TypeSwitch<Operation *>(&Op)
        .Case<PopulationOp>([&](auto P) {
          for (unsigned I = 0; I < P.getNames().size(); ++I)
            Own.push_back(P.getResultName(I));
        })
        .Case<InputOp, OutputOp, LinearOp, ConvOp, PoolOp, MatmulOp, EmbedOp,
              ReduceOp>([&](auto Named) { Own.push_back(Named.getName()); });
    for (StringRef Name : Own)
      if (!Names.insert(Name).second)
        return Op.emitOpError("network-2: the name '")
               << Name << "' stands twice in the network";
  }
  if (failed(verifyOrder(*this)))
    return failure();
  return verifySweeps(*this);
}

LogicalResult NetworkOp::verify() {
  constexpr int64_t MostSteps = 64;
  if (getSteps() < 1 || getSteps() > MostSteps)
    return emitOpError("network-3: steps is ")
           << getSteps() << ", must be 1 to " << MostSteps;
  if (getPositions() && *getPositions() < 1)
    return emitOpError("network-3: positions is ")
           << *getPositions() << ", must be at least 1";
  return success();
}

LogicalResult InputOp::verify() {
  EventsType Type = getTokens().getType();
  bool AnyEvents = getRole() == InputRole::Events;
  if (Type.getKind() != EventKind::Binary && !AnyEvents)
    return emitOpError("input-1: tokens are binary events, got ") << Type;
  if (auto Shape = getShape()) {
    // Overflow: sizes of events are at most INT32_MAX on a chip.
    bool Fits = AnyEvents && Shape->size() == 3;
    int64_t Rest = Type.getSize();
    for (int64_t Side : *Shape) {
      Fits = Fits && Side >= 1 && Rest % Side == 0;
      Rest = Fits ? Rest / Side : 0;
    }
    if (!Fits || Rest != 1)
      return emitOpError("input-3: the shape is [channels, height, width] of ")
             << Type.getSize() << " events, and for the role events only";
  }
  if (getRole() != InputRole::Position)
    return success();
  auto Positions = cast<NetworkOp>((*this)->getParentOp()).getPositions();
  if (!Positions || static_cast<int64_t>(*Positions) != Type.getSize())
    return emitOpError("input-2: the input has ")
           << Type.getSize() << " positions, the network "
           << (Positions ? *Positions : 0);
  return success();
}

LogicalResult WeightOp::verify() {
  StringRef D = getDtype();
  if (!llvm::is_contained(
          {"f32", "f64", "f16", "bf16", "i64", "i32", "i16", "i8", "u8"}, D))
    return emitOpError("weight-1: dtype '")
           << D << "' is none of f32, f64, f16, bf16, i64, i32, i16, i8, u8";
  auto Rank = static_cast<size_t>(cast<ShapedType>(getType()).getRank());
  if (getStrides() && getStrides()->size() != Rank)
    return emitOpError("weight-2: ")
           << getStrides()->size() << " strides for " << Rank << " dimensions";
  return success();
}

LogicalResult DeriveOp::verify() {
  ArrayRef<int64_t> Shape = shapeOf(getValue());
  Block &Body = getBody().front();
  if (Body.getNumArguments() != getInputs().size())
    return emitOpError("derive-3: the region has ")
           << Body.getNumArguments() << " arguments for " << getInputs().size()
           << " operands";
  for (auto [In, Arg] : llvm::zip(getInputs(), Body.getArguments())) {
    if (!isConstant(In))
      return emitOpError("derive-2: an operand is not a constant");
    if (shapeOf(In) != Shape && shapeOf(In) != ArrayRef<int64_t>{1} &&
        (Shape.empty() || shapeOf(In) != Shape.take_back()))
      return emitOpError("derive-1: operand ")
             << In.getType() << " does not have the shape of the result "
             << getValue().getType();
    if (elementOf(In) != Arg.getType())
      return emitOpError("derive-3: a region argument is ")
             << Arg.getType() << ", the operand holds " << elementOf(In);
  }
  auto Yield = dyn_cast<YieldOp>(Body.getTerminator());
  if (!Yield || Yield.getResults().size() != 1 || !Yield.getStates().empty() ||
      Yield.getResults().front().getType() != elementOf(getValue()))
    return emitOpError("derive-3: the region must yield one ")
           << elementOf(getValue()) << " and no state";
  for (Operation &Op : Body.without_terminator())
    if (!isProgramOp(Op))
      return Op.emitOpError("population-4: not in the neuron instruction set");
  return success();
}

LogicalResult ApplyOp::verify() {
  if (shapeOf(getMatrix())[1] != shapeOf(getVector())[0] ||
      shapeOf(getMatrix())[0] != shapeOf(getValue())[0])
    return emitOpError("apply-1: ")
           << getMatrix().getType() << " cannot be applied to "
           << getVector().getType() << " to give " << getValue().getType();
  if (!isConstant(getMatrix()) || !isConstant(getVector()))
    return emitOpError("apply-2: an operand is not a constant");
  return success();
}

LogicalResult RowScaleOp::verify() {
  if (shapeOf(getMatrix())[0] != shapeOf(getScales())[0])
    return emitOpError("row-scale-1: ")
           << shapeOf(getScales())[0] << " scales for "
           << shapeOf(getMatrix())[0] << " rows";
  if (getBits() < 2 || getBits() > 16)
    return emitOpError("row-scale-2: bits is ")
           << getBits() << ", must be 2 to 16";
  return success();
}

LogicalResult QuantizeOp::verify() {
  if (shapeOf(getMatrix()) != shapeOf(getCodes()) ||
      shapeOf(getMatrix())[0] != shapeOf(getScales())[0])
    return emitOpError("quantize-1: shapes of matrix, scales and codes "
                       "disagree");
  if (getZeros() && shapeOf(getZeros()) != shapeOf(getScales()))
    return emitOpError("quantize-1: ")
           << shapeOf(getZeros())[0] << " zeros for " << shapeOf(getScales())[0]
           << " rows";
  if (getBits() < 2 || getBits() > 8)
    return emitOpError("quantize-2: bits is ")
           << getBits() << ", must be 2 to 8";
  return success();
}

LogicalResult MaskOp::verify() {
  if (static_cast<int64_t>(getBits().size()) != shapeOf(getValue())[0] ||
      !elementOf(getValue()).isF32())
    return emitOpError("mask-1: ")
           << getBits().size() << " bits for " << getValue().getType();
  return success();
}

LogicalResult GridOp::verify() {
  if (shapeOf(getMatrix()) != shapeOf(getValue()) ||
      shapeOf(getMatrix())[0] != shapeOf(getScales())[0] ||
      !isConstant(getMatrix()) || !isConstant(getScales()))
    return emitOpError("grid-1: needs a constant matrix and a constant scale "
                       "for each of its rows");
  if (getZeros() &&
      (shapeOf(getZeros()) != shapeOf(getScales()) || !isConstant(getZeros())))
    return emitOpError("grid-1: needs a constant zero for each of the ")
           << shapeOf(getScales())[0] << " rows";
  if (getBits() < 2 || getBits() > 8)
    return emitOpError("grid-2: bits is ") << getBits() << ", must be 2 to 8";
  return success();
}

LogicalResult RotaryOp::verify() {
  int64_t Heads = getHeads(), Targets = shapeOf(getValue())[0];
  if (Heads < 1 || Targets % (2 * Heads) != 0)
    return emitOpError("rotary-1: ")
           << Targets << " values are no " << Heads << " heads of even length";
  return success();
}

LogicalResult EmbedOp::verify() {
  ArrayRef<int64_t> Shape = shapeOf(getTable());
  if (Shape[0] != getTokens().getType().getSize() ||
      Shape[1] != shapeOf(getSums())[0])
    return emitOpError("embed-1: table is ")
           << Shape[0] << "x" << Shape[1] << ", tokens "
           << getTokens().getType().getSize() << ", results "
           << shapeOf(getSums())[0];
  if (elementOf(getTable()).isF32() != elementOf(getSums()).isF32())
    return emitOpError("embed-2: an f32 table gives f32, an i1 table i32");
  return success();
}

LogicalResult LinearOp::verify() {
  ArrayRef<int64_t> Shape = shapeOf(getMatrix());
  int64_t Sources = sizeOf(getValues().getType());
  if (Shape[1] > Sources || Shape[0] != shapeOf(getSums())[0])
    return emitOpError("linear-1: matrix is ")
           << Shape[0] << "x" << Shape[1] << " (targets x sources), sources "
           << Sources << ", targets " << shapeOf(getSums())[0];
  auto Events = dyn_cast<EventsType>(getValues().getType());
  bool Integer = elementOf(getMatrix()).isInteger(8);
  if (Integer != elementOf(getSums()).isInteger(32))
    return emitOpError("linear-2: an f32 matrix gives f32, an i8 matrix i32");
  if (Integer && !Events)
    return emitOpError("linear-2: an i8 matrix needs events, got ")
           << getValues().getType();
  bool Proven = Events && Events.isAccumulateOnly();
  if (getAccumulateOnly() && *getAccumulateOnly() != Proven)
    return emitOpError("linear-3: accumulate_only is ")
           << (*getAccumulateOnly() ? "true" : "false")
           << ", but the sources are " << getValues().getType();
  if (getSumBits() && *getSumBits() > 32)
    return emitOpError("linear-4: a sum needs ")
           << *getSumBits() << " bits, at most 32 are possible";
  if (getOnly() &&
      (!getOnly().getDefiningOp<MaskOp>() || shapeOf(getOnly())[0] != Sources))
    return emitOpError("linear-5: 'only' is a spike.mask of ")
           << Sources << " sources";
  return success();
}

LogicalResult MatmulOp::verify() {
  int64_t Heads = getHeads(), KvHeads = getKvHeads();
  if (Heads < 1 || KvHeads < 1 || Heads % KvHeads != 0)
    return emitOpError("matmul-1: ")
           << Heads << " heads cannot share a memory of " << KvHeads;
  auto Positions = cast<NetworkOp>((*this)->getParentOp()).getPositions();
  if (!Positions)
    return emitOpError("network-3: a matmul needs the positions of the "
                       "network");
  int64_t Written = sizeOf(getWritten().getType());
  int64_t Columns = Heads * (Written / KvHeads);
  int64_t Rows = Heads * static_cast<int64_t>(*Positions);
  bool Keys = getAlong() == Along::Keys;
  int64_t Query = Keys ? Columns : Rows, Sums = Keys ? Rows : Columns;
  if (Written % KvHeads != 0 || sizeOf(getQuery().getType()) != Query ||
      shapeOf(getSums())[0] != Sums)
    return emitOpError("matmul-1: along ")
           << stringifyAlong(getAlong()) << " a query of " << Query
           << " values gives " << Sums << " sums, got "
           << sizeOf(getQuery().getType()) << " and " << shapeOf(getSums())[0];
  auto Asked = dyn_cast<EventsType>(getQuery().getType());
  auto Kept = dyn_cast<EventsType>(getWritten().getType());
  if (elementOf(getSums()).isF32() == (Asked && Kept))
    return emitOpError("matmul-2: events on both sides give i32 sums, anything "
                       "else f32");
  if (getAccumulateOnly() && *getAccumulateOnly() != isAccumulateOnly(*this))
    return emitOpError("matmul-3: accumulate_only is ")
           << (*getAccumulateOnly() ? "true" : "false") << ", but the query is "
           << getQuery().getType() << " and the memory "
           << getWritten().getType();
  if (getSumBits() && *getSumBits() > 32)
    return emitOpError("matmul-4: a sum needs ")
           << *getSumBits() << " bits, at most 32 are possible";
  auto OfRows = [](Operation *Op) {
    auto P = dyn_cast_or_null<PopulationOp>(Op);
    return P && P.getRows();
  };
  if (Keys ? !llvm::all_of(getSums().getUsers(), OfRows)
           : !OfRows(getQuery().getDefiningOp()))
    return emitOpError("matmul-5: ")
           << (Keys ? "its sums are read by" : "its query is")
           << " something else than a population of rows";
  return success();
}

LogicalResult RotateOp::verify() {
  int64_t N = sizeOf(getValues().getType());
  if (getValues().getType() != getRotated().getType() || getHeads() < 1 ||
      N % (2 * getHeads()) != 0)
    return emitOpError("rotate-1: ") << N << " values cannot be " << getHeads()
                                     << " parts of an even length";
  if (!getValues().getDefiningOp<PopulationOp>())
    return emitOpError("rotate-2: the operand is no result of a population");
  return success();
}

LogicalResult ReduceOp::verify() {
  auto Events = dyn_cast<EventsType>(getValues().getType());
  int64_t Groups = shapeOf(getSum())[0], Values = sizeOf(getValues().getType());
  if (Values % Groups != 0 ||
      elementOf(getSum()).isInteger(32) != static_cast<bool>(Events))
    return emitOpError("reduce-1: currents give tensor<Sxf32>, events "
                       "tensor<Sxi32>, with S a divisor of ")
           << Values;
  if (!Events)
    return success();
  if (getMax() && Events.getKind() != EventKind::Unsigned &&
      Events.getKind() != EventKind::Binary)
    return emitOpError("reduce-3: the largest of ")
           << Events << " is not defined; add an offset and make it unsigned";
  int64_t Largest = std::max(-Events.minPayload(), Events.maxPayload()) *
                    (getMax() ? 1 : Values / Groups);
  if (Largest > INT32_MAX)
    return emitOpError("reduce-2: the sum may reach ")
           << Largest << ", more than 32 bits hold; narrow the payload";
  return success();
}

LogicalResult OutputOp::verify() {
  bool Events = isa<EventsType>(getValues().getType());
  if (Events != static_cast<bool>(getScales()))
    return emitOpError("output-1: events need scales, currents have none");
  if (Events && shapeOf(getScales())[0] != sizeOf(getValues().getType()))
    return emitOpError("output-1: ")
           << shapeOf(getScales())[0] << " scales for "
           << sizeOf(getValues().getType()) << " neurons";
  return success();
}
