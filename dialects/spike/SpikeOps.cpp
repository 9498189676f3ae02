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
  return Def && isa<WeightOp, DeriveOp, ApplyOp, RowScaleOp, QuantizeOp>(Def);
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
        .Case<InputOp, OutputOp, LinearOp, EmbedOp, ReduceOp>(
            [&](auto Named) { Own.push_back(Named.getName()); });
    for (StringRef Name : Own)
      if (!Names.insert(Name).second)
        return Op.emitOpError("network-2: the name '")
               << Name << "' stands twice in the network";
  }
  return success();
}

LogicalResult InputOp::verify() {
  if (getTokens().getType().getKind() != EventKind::Binary)
    return emitOpError("input-1: tokens are binary events, got ")
           << getTokens().getType();
  return success();
}

LogicalResult WeightOp::verify() {
  StringRef D = getDtype();
  if (D != "f32" && D != "f64" && D != "f16" && D != "bf16")
    return emitOpError("weight-1: dtype '")
           << D << "' is none of f32, f64, f16, bf16";
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
  if (getBits() < 2 || getBits() > 8)
    return emitOpError("quantize-2: bits is ")
           << getBits() << ", must be 2 to 8";
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
  if (Shape[1] != Sources || Shape[0] != shapeOf(getSums())[0])
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
  return success();
}

LogicalResult ReduceOp::verify() {
  auto Events = dyn_cast<EventsType>(getValues().getType());
  if (shapeOf(getSum())[0] != 1 ||
      elementOf(getSum()).isInteger(32) != static_cast<bool>(Events))
    return emitOpError("reduce-1: currents give tensor<1xf32>, events "
                       "tensor<1xi32>");
  if (!Events)
    return success();
  int64_t Largest =
      std::max(-Events.minPayload(), Events.maxPayload()) * Events.getSize();
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
