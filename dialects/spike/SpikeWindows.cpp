//===- SpikeWindows.cpp - Convolutions, pooling and delays ----------------===//

#include "dialects/spike/Spike.h"

#include "targets/Image.h"

#include <cmath>

using namespace mlir;
using namespace synfire;
using namespace synfire::spike;

static ArrayRef<int64_t> shapeOf(Value V) {
  return cast<ShapedType>(V.getType()).getShape();
}

/// The shape that the attributes of \p Op tell, when they have the right
/// lengths and fit 32 bits (verified).
template <typename WindowOp>
static image::WindowRecord recordOf(WindowOp Op) {
  image::WindowRecord W{};
  W.SourceChannels = Op.getFrom()[0];
  W.SourceHeight = Op.getFrom()[1];
  W.SourceWidth = Op.getFrom()[2];
  W.TargetChannels = Op.getTo()[0];
  W.TargetHeight = Op.getTo()[1];
  W.TargetWidth = Op.getTo()[2];
  W.KernelHeight = Op.getSize()[0];
  W.KernelWidth = Op.getSize()[1];
  W.StrideY = Op.getStride()[0];
  W.StrideX = Op.getStride()[1];
  W.PadY = Op.getPad()[0];
  W.PadX = Op.getPad()[1];
  return W;
}

image::WindowRecord synfire::spike::windowOf(Operation *Op) {
  if (auto Pool = dyn_cast<PoolOp>(Op)) {
    image::WindowRecord W = recordOf(Pool);
    W.Groups = W.SourceChannels;
    W.Shared = 1;
    return W;
  }
  auto Conv = cast<ConvOp>(Op);
  image::WindowRecord W = recordOf(Conv);
  W.DilationY = Conv.getDilation()[0];
  W.DilationX = Conv.getDilation()[1];
  W.Groups = Conv.getGroups();
  return W;
}

/// \p Values has \p Count elements from \p Least to what a record can hold.
static bool holds(ArrayRef<int64_t> Values, size_t Count, int64_t Least) {
  return Values.size() == Count && llvm::all_of(Values, [&](int64_t V) {
           return V >= Least && V <= (int64_t(1) << 24);
         });
}

/// Places of one side that a kernel fits, or 0.
static int64_t placesOf(int64_t Source, int64_t Pad, int64_t Size,
                        int64_t Dilation, int64_t Stride) {
  int64_t Reach = Dilation * (Size - 1) + 1;
  // Padding behind may differ from padding before; the least that a network
  // can mean is none.
  return Source + 2 * Pad < Reach ? 0 : (Source + 2 * Pad - Reach) / Stride + 1;
}

/// What holds of both ops. \p Real: whether the weights are.
template <typename WindowOp>
static LogicalResult verifyWindow(WindowOp Op, const char *Shapes) {
  if (!holds(Op.getFrom(), 3, 1) || !holds(Op.getTo(), 3, 1) ||
      !holds(Op.getSize(), 2, 1) || !holds(Op.getStride(), 2, 1) ||
      !holds(Op.getPad(), 2, 0))
    return Op.emitOpError(Shapes)
           << ": from and to are [channels, height, width], size, stride and "
              "pad [y, x]; all but pad are at least 1, none is above 2^24";
  auto Count = [](ArrayRef<int64_t> Shape) {
    return Shape[0] * Shape[1] * Shape[2];
  };
  int64_t Sums = shapeOf(Op.getSums())[0];
  int64_t Values = sizeOf(Op.getValues().getType());
  // Each factor is below 2^24, so the product of two cannot overflow.
  if (Op.getFrom()[0] * Op.getFrom()[1] > INT32_MAX ||
      Op.getTo()[0] * Op.getTo()[1] > INT32_MAX || Values < Count(Op.getFrom()))
    return Op.emitOpError("conv-2: 'from' is ")
           << Count(Op.getFrom()) << " values, the operand has " << Values;
  if (Sums != Count(Op.getTo()))
    return Op.emitOpError("conv-2: 'to' is ")
           << Count(Op.getTo()) << " sums, the result has " << Sums;
  auto Events = dyn_cast<EventsType>(Op.getValues().getType());
  bool Proven = Events && Events.isAccumulateOnly();
  if (Op.getAccumulateOnly() && *Op.getAccumulateOnly() != Proven)
    return Op.emitOpError("conv-5: accumulate_only is ")
           << (*Op.getAccumulateOnly() ? "true" : "false")
           << ", but the sources are " << Op.getValues().getType();
  if (Op.getSumBits() && *Op.getSumBits() > 32)
    return Op.emitOpError("conv-5: a sum needs ")
           << *Op.getSumBits() << " bits, at most 32 are possible";
  image::WindowRecord W = windowOf(Op);
  int64_t Height =
      placesOf(W.SourceHeight, W.PadY, W.KernelHeight, W.DilationY, W.StrideY);
  int64_t Width =
      placesOf(W.SourceWidth, W.PadX, W.KernelWidth, W.DilationX, W.StrideX);
  if (W.TargetHeight != Height || W.TargetWidth < Width)
    return Op.emitOpError("conv-4: the kernel has ")
           << Height << " x " << Width << " places (height x width), 'to' says "
           << W.TargetHeight << " x " << W.TargetWidth;
  return success();
}

LogicalResult ConvOp::verify() {
  if (!holds(getDilation(), 2, 1))
    return emitOpError("conv-1: dilation is [y, x], each at least 1");
  if (failed(verifyWindow(*this, "conv-1")))
    return failure();
  int64_t Groups = getGroups(), Source = getFrom()[0], Target = getTo()[0];
  if (Groups < 1 || Source % Groups != 0 || Target % Groups != 0)
    return emitOpError("conv-1: ")
           << Source << " and " << Target << " channels are no multiples of "
           << Groups << " groups";
  int64_t Columns = Source / Groups * getSize()[0] * getSize()[1];
  if (shapeOf(getKernel())[0] != Target || shapeOf(getKernel())[1] != Columns)
    return emitOpError("conv-1: the kernel is ")
           << shapeOf(getKernel())[0] << " x " << shapeOf(getKernel())[1]
           << ", must be " << Target << " x " << Columns;
  bool Integer =
      cast<ShapedType>(getKernel().getType()).getElementType().isInteger(8);
  if (Integer != cast<ShapedType>(getSums().getType())
                     .getElementType()
                     .isInteger(32) ||
      (Integer && !llvm::isa<EventsType>(getValues().getType())))
    return emitOpError("conv-3: an f32 kernel gives f32, an i8 kernel and "
                       "events give i32");
  return success();
}

LogicalResult PoolOp::verify() {
  if (failed(verifyWindow(*this, "pool-1")))
    return failure();
  if (getFrom()[0] != getTo()[0])
    return emitOpError("pool-1: ")
           << getFrom()[0] << " channels become " << getTo()[0];
  if (llvm::isa<EventsType>(getValues().getType()) !=
      cast<ShapedType>(getSums().getType()).getElementType().isInteger(32))
    return emitOpError("pool-3: currents give f32, events i32");
  return success();
}

LogicalResult DelayOp::verify() {
  if (getBy() < 1 || getBy() > image::MaxDelay ||
      getValues().getType() != getDelayed().getType())
    return emitOpError("delay-1: by ")
           << getBy() << " token steps, must be 1 to " << image::MaxDelay
           << ", and the type stays";
  Operation *Def = getValues().getDefiningOp();
  auto In = dyn_cast_or_null<InputOp>(Def);
  auto P = dyn_cast_or_null<PopulationOp>(Def);
  if ((!In || In.getRole() != InputRole::Events) && (!P || P.getRows()))
    return emitOpError("delay-2: the operand is no input of events, and no "
                       "result of a population without rows");
  return success();
}

LogicalResult MulShiftOp::verify() {
  if (getBy() > 62)
    return emitOpError("mul-shift-1: by is ") << getBy() << ", must be 0 to 62";
  return success();
}

LogicalResult CollapseOp::verify() {
  auto From = cast<ShapedType>(getTensor().getType());
  auto To = cast<ShapedType>(getMatrix().getType());
  if (!isConstant(getTensor()) || From.getRank() < 1 ||
      From.getDimSize(0) != To.getDimSize(0) ||
      From.getNumElements() != To.getNumElements())
    return emitOpError("collapse-1: ")
           << From << " is no constant, or does not become " << To;
  return success();
}

LogicalResult ConstantOp::verify() {
  auto Values = dyn_cast<DenseFPElementsAttr>(getValues());
  if (!Values || Values.getType() != getType() ||
      Values.getNumElements() > int64_t(1) << 24 ||
      !llvm::all_of(Values.getValues<float>(),
                    [](float V) { return std::isfinite(V); }))
    return emitOpError("constant-1: needs at most 2^24 finite binary32 "
                       "elements of its type");
  return success();
}

LogicalResult RepeatOp::verify() {
  if (!isConstant(getVector()) ||
      shapeOf(getValue())[0] % shapeOf(getVector())[0] != 0)
    return emitOpError("repeat-1: ")
           << getVector().getType() << " is no constant, or does not fill "
           << getValue().getType();
  return success();
}

LogicalResult PartOp::verify() {
  auto Whole = cast<ShapedType>(getWhole().getType());
  int64_t First = getFirst(), Count = getCount(), Of = getOf();
  if (!isConstant(getWhole()) || Whole.getRank() < 1 || Whole.getRank() > 2 ||
      Of < 1 || Whole.getDimSize(0) % Of != 0 || First < 0 || Count < 1 ||
      First > Of || Count > Of - First)
    return emitOpError("part-1: elements ")
           << First << " to " << First + Count << " of every " << Of << " of "
           << Whole << ", which must be a constant of one or two dimensions";
  SmallVector<int64_t> Shape(Whole.getShape());
  Shape[0] = Shape[0] / Of * Count;
  if (shapeOf(getValue()) != ArrayRef<int64_t>(Shape))
    return emitOpError("part-2: the result is ")
           << getValue().getType() << ", its first dimension must be "
           << Shape[0];
  return success();
}

LogicalResult JoinOp::verify() {
  if (getParts().empty())
    return emitOpError("join-1: nothing is joined");
  auto Part = cast<EventsType>(getParts().front().getType());
  auto All = cast<EventsType>(getEvents().getType());
  if (getChannels() < 1 || Part.getSize() % getChannels() != 0 ||
      llvm::any_of(getParts(), [&](Value V) { return V.getType() != Part; }) ||
      All != EventsType::get(getContext(),
                             Part.getSize() *
                                 static_cast<int64_t>(getParts().size()),
                             Part.getKind(), Part.getBits()))
    return emitOpError("join-1: ")
           << getParts().size() << " populations with " << getChannels()
           << " channels, the first " << Part << ", do not make " << All;
  auto DelayOf = [](Value V) {
    auto Delay = V.getDefiningOp<DelayOp>();
    return Delay ? static_cast<int64_t>(Delay.getBy()) : 0;
  };
  llvm::SmallDenseSet<Value> Seen;
  for (Value V : getParts()) {
    auto P = undelayed(V).getDefiningOp<PopulationOp>();
    if (!P || P.getRows() || DelayOf(V) != DelayOf(getParts().front()) ||
        !Seen.insert(undelayed(V)).second)
      return emitOpError("join-2: an operand is no result of a population "
                         "without rows, is later than the first one, or stands "
                         "twice");
  }
  return success();
}

SmallVector<std::pair<Operation *, Operation *>>
synfire::spike::circlesOf(NetworkOp Network) {
  SmallVector<std::pair<Operation *, Operation *>> Circles;
  for (auto Delay : Network.getBody().front().getOps<DelayOp>()) {
    Operation *Later = Delay.getValues().getDefiningOp();
    if (!Later || Later->isBeforeInBlock(Delay))
      continue;
    // Ops come in order, so a circle can only meet the one before it.
    if (!Circles.empty() && Delay->isBeforeInBlock(Circles.back().second)) {
      if (Circles.back().second->isBeforeInBlock(Later))
        Circles.back().second = Later;
    } else {
      Circles.push_back({Delay, Later});
    }
  }
  return Circles;
}

LogicalResult synfire::spike::verifyOrder(NetworkOp Network) {
  for (Operation &Op : Network.getBody().front())
    for (Value Read : Op.getOperands())
      if (Operation *Def = Read.getDefiningOp();
          Def && !llvm::isa<DelayOp>(Op) && !Def->isBeforeInBlock(&Op))
        return Op.emitOpError("network-5: reads what ")
               << Def->getName()
               << " gives later in the token step; read it through a "
                  "spike.delay";
  for (auto [First, Last] : circlesOf(Network))
    for (Operation *Op = First; Op != Last->getNextNode();
         Op = Op->getNextNode())
      if (auto P = dyn_cast<PopulationOp>(Op);
          llvm::isa<MatmulOp>(Op) || (P && (P.getHeld() || P.getRows())))
        return Op->emitOpError("network-5: stands in a circle that a "
                               "spike.delay closes; what is held and matmuls "
                               "cannot");
  return success();
}
