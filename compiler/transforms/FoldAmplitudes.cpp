//===- FoldAmplitudes.cpp - Spikes without their height -------------------===//

#include "compiler/transforms/ConstantVectors.h"
#include "compiler/transforms/LinearReaders.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/PopulationEdit.h"

#include "llvm/ADT/TypeSwitch.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_FOLDAMPLITUDES
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::EventKind;
using spike::LinearOp;
using spike::PopulationOp;

namespace {
/// A value that is `spike * Amplitude`. The spike is `Positive` (i1) minus
/// `Negative` (i1, may be null), or the integer `Code` in -1 .. 1. A null
/// amplitude is 1.
struct Amplified {
  Value Positive, Negative, Code, Amplitude;
  EventKind kind() const {
    return Negative || Code ? EventKind::Ternary : EventKind::Binary;
  }
};
} // namespace

static std::optional<float> numberOf(Value V) {
  auto C = V.getDefiningOp<arith::ConstantOp>();
  auto F = C ? dyn_cast<FloatAttr>(C.getValue()) : FloatAttr();
  return F ? std::optional(F.getValue().convertToFloat()) : std::nullopt;
}
static bool isZero(Value V) { return numberOf(V) == 0.0f; }

static bool isNegationOf(Value V, Value Of) {
  if (auto Neg = V.getDefiningOp<arith::NegFOp>())
    return Neg.getOperand() == Of;
  auto L = numberOf(V), R = numberOf(Of);
  return L && R && *L == -*R;
}

/// Bounds of an i32 value, as far as its structure proves them.
static std::optional<std::pair<int64_t, int64_t>> boundsOf(Value V) {
  Operation *Def = V.getDefiningOp();
  if (!Def)
    return std::nullopt;
  using Bounds = std::optional<std::pair<int64_t, int64_t>>;
  return llvm::TypeSwitch<Operation *, Bounds>(Def)
      .Case<arith::ConstantOp>([](auto C) -> Bounds {
        auto I = dyn_cast<IntegerAttr>(C.getValue());
        if (!I)
          return std::nullopt;
        return std::pair(I.getInt(), I.getInt());
      })
      .Case<arith::ExtUIOp>(
          [](auto) { return std::pair<int64_t, int64_t>(0, 1); })
      .Case<arith::SubIOp>([](auto Op) -> Bounds {
        auto L = boundsOf(Op.getLhs()), R = boundsOf(Op.getRhs());
        if (!L || !R)
          return std::nullopt;
        return std::pair(L->first - R->second, L->second - R->first);
      })
      .Case<arith::SelectOp>([](auto Op) -> Bounds {
        auto L = boundsOf(Op.getTrueValue()), R = boundsOf(Op.getFalseValue());
        if (!L || !R)
          return std::nullopt;
        return std::pair(std::min(L->first, R->first),
                         std::max(L->second, R->second));
      })
      .Default([](Operation *) { return std::nullopt; });
}

/// A spike as a number: uitofp of an i1, sitofp of -1 .. 1.
static std::optional<Amplified> unitSpike(Value V) {
  if (auto Op = V.getDefiningOp<arith::UIToFPOp>())
    if (Op.getIn().getType().isInteger(1))
      return Amplified{Op.getIn(), {}, {}, {}};
  if (auto Op = V.getDefiningOp<arith::SIToFPOp>()) {
    auto Range = boundsOf(Op.getIn());
    if (Range && Range->first >= -1 && Range->second <= 1)
      return Amplified{{}, {}, Op.getIn(), {}};
  }
  return std::nullopt;
}

static std::optional<Amplified> amplified(PopulationOp P, Value V) {
  if (auto Unit = unitSpike(V))
    return Unit;
  if (auto Mul = V.getDefiningOp<arith::MulFOp>()) {
    for (auto [Spike, Height] : {std::pair(Mul.getLhs(), Mul.getRhs()),
                                 std::pair(Mul.getRhs(), Mul.getLhs())})
      if (isParamOrConstant(P, Height))
        if (auto Unit = unitSpike(Spike)) {
          Unit->Amplitude = Height;
          return Unit;
        }
    return std::nullopt;
  }
  auto Select = V.getDefiningOp<arith::SelectOp>();
  if (!Select || !isParamOrConstant(P, Select.getTrueValue()))
    return std::nullopt;
  Amplified A{Select.getCondition(), {}, {}, Select.getTrueValue()};
  if (isZero(Select.getFalseValue()))
    return A;
  auto Other = Select.getFalseValue().getDefiningOp<arith::SelectOp>();
  if (!Other || !isZero(Other.getFalseValue()) ||
      !isNegationOf(Other.getTrueValue(), A.Amplitude))
    return std::nullopt;
  A.Negative = Other.getCondition();
  return A;
}

/// True if linears, at least one, and populations are all that reads \p V, and
/// all of them can take amplitudes, one per neuron of \p V.
static bool isFoldable(Value V) {
  bool Linear = false;
  int64_t N = spike::sizeOf(V.getType());
  for (Operation *User : V.getUsers()) {
    if (auto L = dyn_cast<LinearOp>(User)) {
      // Where an amplitude is 0 a source without synapses would now fire; a
      // matrix on a grid would leave it.
      if (L.getOnly() || isOnGrid(L))
        return false;
      Linear = true;
      continue;
    }
    // A population of another size reads by broadcast: it has no param of N
    // elements.
    auto P = dyn_cast<PopulationOp>(User);
    if (!P || (N != 1 && P.getNumNeurons() != N))
      return false;
  }
  return Linear;
}

/// Makes \p Reader, which read the real value \p Old, read \p New.
static void decodeIn(PopulationOp Reader, Value Old, Value New,
                     Value Amplitude) {
  PopulationEdit Edit(Reader);
  Location Loc = Reader.getLoc();
  for (auto [I, In] : llvm::enumerate(Reader.getInputs())) {
    if (In != Old)
      continue;
    Edit.decodeInput(I, New, [&](Value Code) -> Value {
      OpBuilder B = Edit.atStart();
      Value Unit =
          Code.getType().isInteger(1)
              ? Value(arith::UIToFPOp::create(B, Loc, B.getF32Type(), Code))
              : Value(arith::SIToFPOp::create(B, Loc, B.getF32Type(), Code));
      if (!Amplitude)
        return Unit;
      return arith::MulFOp::create(B, Loc, Unit, Edit.addParam(Amplitude));
    });
  }
  Edit.finish();
}

static void fold(PopulationOp P, unsigned I, const Amplified &A) {
  OpBuilder B(P);
  Location Loc = P.getLoc();
  int64_t N = P.getNumNeurons();
  PopulationEdit Edit(P);
  Value Amplitude =
      A.Amplitude ? constantOf(B, Loc, Edit, A.Amplitude, N) : Value();

  OpBuilder In = Edit.atEnd();
  Value Event = A.Code ? A.Code : A.Positive;
  if (A.Negative) {
    auto Int = [&](int C) -> Value {
      return arith::ConstantOp::create(In, Loc, In.getI32IntegerAttr(C));
    };
    Value Otherwise =
        arith::SelectOp::create(In, Loc, A.Negative, Int(-1), Int(0));
    Event = arith::SelectOp::create(In, Loc, A.Positive, Int(1), Otherwise);
  }
  Edit.Results[I].Type = spike::EventsType::get(
      B.getContext(), N, A.kind(), A.kind() == EventKind::Binary ? 1 : 2);
  Edit.Results[I].Yielded = Event;
  Edit.Results[I].ReplacesIndex = std::nullopt;
  Edit.Results[I].Range = {};
  PopulationOp New = Edit.finish(/*EraseOld=*/false);

  Value Old = P.getOutputs()[I], Events = New.getOutputs()[I];
  while (!Old.use_empty()) {
    Operation *User = *Old.user_begin();
    if (auto Reader = dyn_cast<PopulationOp>(User)) {
      decodeIn(Reader, Old, Events, Amplitude);
      continue;
    }
    auto L = cast<LinearOp>(User);
    B.setInsertionPoint(L);
    L.getValuesMutable().set(Events);
    if (Amplitude)
      L.getMatrixMutable().set(
          scaleColumns(B, L.getLoc(), L.getMatrix(), Amplitude));
  }
  P.erase();
}

namespace {
struct FoldAmplitudesPass
    : synfire::compiler::impl::FoldAmplitudesBase<FoldAmplitudesPass> {
  void runOnOperation() override {
    while (foldOne())
      ++NumFolded;
  }

private:
  bool foldOne() {
    for (auto P : getOperation().getBody().front().getOps<PopulationOp>())
      for (unsigned I = 0; I < P.getOutputs().size(); ++I) {
        Value Yielded = P.getYield().getResults()[I];
        if (!Yielded.getType().isF32() || !isFoldable(P.getOutputs()[I]))
          continue;
        if (std::optional<Amplified> A = amplified(P, Yielded)) {
          fold(P, I, *A);
          return true;
        }
      }
    return false;
  }
};
} // namespace
