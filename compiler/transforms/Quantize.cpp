//===- Quantize.cpp - The float network becomes integer -------------------===//
//
// One walk in network order: when an op is reached, what it reads has its
// integer form already. The float ops stay until the end, so that uses can
// still be looked at, and are erased last to first.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/ConstantVectors.h"
#include "compiler/transforms/NonNegative.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/Payload.h"
#include "compiler/transforms/PopulationEdit.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

#include <array>
#include <cmath>

namespace synfire::compiler {
#define GEN_PASS_DEF_QUANTIZE
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::EventsType;
using spike::PopulationOp;

/// True for what a step computes in floating point.
static bool isReal(Value V) {
  auto T = dyn_cast<ShapedType>(V.getType());
  return T && T.getElementType().isF32() && !spike::isConstant(V);
}

namespace {
/// An integer value and what one unit of it is worth: a constant, or a vector
/// of constants, one per neuron.
struct Coded {
  Value Code;
  float Scale = 1;
  Value Scales;
};

class Quantizer {
public:
  Quantizer(spike::NetworkOp Network, unsigned ActivationBits,
            unsigned WeightBits)
      : Network(Network), ActivationBits(ActivationBits),
        WeightBits(WeightBits), Context(Network.getContext()) {}

  LogicalResult check();
  void rewrite();

  unsigned NumMatrices = 0, NumResults = 0, NumUnsigned = 0;

private:
  spike::NetworkOp Network;
  unsigned ActivationBits, WeightBits;
  MLIRContext *Context;
  /// What stands for a real value, by reader. A sum has one form for all.
  llvm::DenseMap<Value, std::array<Coded, NumReaders>> Codes;
  llvm::DenseMap<Value, std::pair<Value, Value>> Matrices; // scales, codes
  SmallVector<Operation *> Replaced;

  const Coded &coded(OpOperand &Use) {
    auto P = Use.get().getDefiningOp<PopulationOp>();
    Reader R = P ? readerOf(Use, P.getNumNeurons()) : Reader::Linear;
    return Codes[Use.get()][static_cast<unsigned>(R)];
  }
  void setSum(Value Sum, Coded C) { Codes[Sum].fill(C); }

  void rewrite(spike::LinearOp Op);
  void rewrite(spike::ReduceOp Op);
  void rewrite(spike::OutputOp Op);
  void rewrite(PopulationOp Op);
  void addResults(PopulationOp Op, unsigned Index, PopulationEdit &Edit,
                  std::array<Coded, NumReaders> &Made,
                  std::array<int, NumReaders> &Place);
};
} // namespace

LogicalResult Quantizer::check() {
  auto SumIsReadByPopulations = [&](Operation &Op) -> LogicalResult {
    for (Operation *User : Op.getUsers())
      if (!isa<PopulationOp>(User))
        return Op.emitOpError("quantize-2: real sums are read by ")
               << User->getName()
               << ", only populations can; run spike-insert-readers (and "
                  "spike-calibrate after it) first";
    return success();
  };
  for (Operation &Op : Network.getBody().front()) {
    if (auto P = dyn_cast<PopulationOp>(Op)) {
      for (auto [I, Out] : llvm::enumerate(P.getOutputs())) {
        if (!isReal(Out) || Out.use_empty())
          continue;
        DenseF32ArrayAttr Range = rangeOf(P, I);
        if (!Range)
          return P.emitOpError("quantize-1: '")
                 << P.getResultName(I)
                 << "' has no calibrated range; run spike-calibrate first";
        if (!(std::isfinite(Range[0]) && std::isfinite(Range[1]) &&
              Range[0] >= 0 && Range[1] >= 0))
          return P.emitOpError("quantize-1: the range of '")
                 << P.getResultName(I) << "' is not finite and non-negative";
      }
    } else if (isa<spike::LinearOp, spike::ReduceOp>(Op)) {
      if (isReal(Op.getResult(0)) && failed(SumIsReadByPopulations(Op)))
        return failure();
    } else if (auto E = dyn_cast<spike::EmbedOp>(Op)) {
      if (isReal(E.getSums()))
        return E.emitOpError("quantize-3: '")
               << E.getName()
               << "' looks up real values; only a table of bits can be "
                  "quantised: run spike-fold-embedding first";
    }
  }
  return success();
}

void Quantizer::rewrite(spike::LinearOp Op) {
  if (!isReal(Op.getSums()))
    return;
  OpBuilder B(Op);
  Location Loc = Op.getLoc();
  Value Matrix = Op.getMatrix();
  auto Shape = cast<ShapedType>(Matrix.getType()).getShape();
  auto [Entry, Fresh] = Matrices.try_emplace(Matrix);
  if (Fresh) {
    Value Scales = spike::RowScaleOp::create(
        B, Loc, RankedTensorType::get({Shape[0]}, B.getF32Type()), Matrix,
        WeightBits);
    Value Codes = spike::QuantizeOp::create(
        B, Loc, RankedTensorType::get(Shape, B.getI8Type()), Matrix, Scales,
        WeightBits);
    Entry->second = {Scales, Codes};
  }
  auto [Scales, MatrixCodes] = Entry->second;
  Coded In{Op.getValues(), 1, {}};
  if (isReal(Op.getValues()))
    In = coded(Op.getValuesMutable());
  auto New = spike::LinearOp::create(
      B, Loc, RankedTensorType::get({Shape[0]}, B.getI32Type()), Op.getName(),
      In.Code, MatrixCodes, Op.getOnly(), /*accumulate_only=*/nullptr,
      /*sum_bits=*/nullptr);
  New->setDiscardableAttrs(Op->getDiscardableAttrDictionary());
  setSum(Op.getSums(),
         {New.getSums(), 1, scaledVector(B, Loc, Scales, In.Scale)});
  Replaced.push_back(Op);
  ++NumMatrices;
}

void Quantizer::rewrite(spike::ReduceOp Op) {
  if (!isReal(Op.getSum()))
    return;
  OpBuilder B(Op);
  const Coded In = coded(Op.getValuesMutable());
  auto New = spike::ReduceOp::create(B, Op.getLoc(),
                                     RankedTensorType::get({1}, B.getI32Type()),
                                     Op.getName(), In.Code);
  setSum(Op.getSum(), {New.getSum(), In.Scale, {}});
  Replaced.push_back(Op);
}

void Quantizer::rewrite(spike::OutputOp Op) {
  if (!isReal(Op.getValues()))
    return;
  OpBuilder B(Op);
  const Coded In = coded(Op.getValuesMutable());
  Value Scales = constantVector(B, Op.getLoc(),
                                spike::sizeOf(In.Code.getType()), In.Scale);
  spike::OutputOp::create(B, Op.getLoc(), Op.getName(), In.Code, Scales);
  Replaced.push_back(Op);
}

/// Appends `clamp(int(roundEven(V / scale)))` to the program.
static Value encode(OpBuilder &B, Location Loc, Value V, const Payload &P) {
  auto Int = [&](int64_t C) -> Value {
    return arith::ConstantOp::create(B, Loc,
                                     B.getI32IntegerAttr(static_cast<int>(C)));
  };
  if (P.Scale != 1.0f) {
    Value Inverse =
        arith::ConstantOp::create(B, Loc, B.getF32FloatAttr(1.0f / P.Scale));
    V = arith::MulFOp::create(B, Loc, V, Inverse);
  }
  V = math::RoundEvenOp::create(B, Loc, V);
  // Saturates, and makes 0 of NaN; clamping integers keeps both.
  V = arith::FPToSIOp::create(B, Loc, B.getI32Type(), V);
  V = arith::MaxSIOp::create(B, Loc, V, Int(P.low()));
  return arith::MinSIOp::create(B, Loc, V, Int(P.high()));
}

/// Adds to \p Edit one result per kind of reader of real result \p Index.
void Quantizer::addResults(PopulationOp Op, unsigned Index,
                           PopulationEdit &Edit,
                           std::array<Coded, NumReaders> &Made,
                           std::array<int, NumReaders> &Place) {
  Value Out = Op.getOutputs()[Index];
  int64_t N = Op.getNumNeurons();
  Value Yielded = Op.getYield().getResults()[Index];
  bool NonNegative = isProvenNonNegative(Yielded);
  std::array<bool, NumReaders> Read = {};
  for (OpOperand &Use : Out.getUses())
    Read[static_cast<unsigned>(readerOf(Use, N))] = true;

  bool PlainTaken = false;
  for (unsigned R = 0; R < NumReaders; ++R) {
    Place[R] = -1;
    if (!Read[R])
      continue;
    DenseF32ArrayAttr Range = rangeOf(Op, Index);
    Payload P = payloadFor(Context, Reader(R), N, {Range[0], Range[1]},
                           NonNegative, ActivationBits);
    OpBuilder B = Edit.atEnd();
    StringRef Suffix = PlainTaken ? suffixOf(Reader(R)) : "";
    PlainTaken = true;
    Place[R] = static_cast<int>(Edit.Results.size());
    Edit.Results.push_back({B.getStringAttr(Op.getResultName(Index) + Suffix),
                            P.Type,
                            encode(B, Op.getLoc(), Yielded, P),
                            std::nullopt,
                            {}});
    Made[R].Scale = P.Scale;
    ++NumResults;
    NumUnsigned += P.Type.getKind() == spike::EventKind::Unsigned;
  }
}

void Quantizer::rewrite(PopulationOp Op) {
  bool RealResult = llvm::any_of(Op.getOutputs(), isReal);
  if (!RealResult && llvm::none_of(Op.getInputs(), isReal))
    return;
  Location Loc = Op.getLoc();
  unsigned NumResultsBefore = Op.getOutputs().size();
  PopulationEdit Edit(Op);

  // Producer's side first: the sign of a value is read off the float program.
  Edit.Results.clear();
  std::vector<std::array<Coded, NumReaders>> Made(NumResultsBefore);
  std::vector<std::array<int, NumReaders>> Place(NumResultsBefore);
  for (unsigned I = 0; I < NumResultsBefore; ++I) {
    Value Out = Op.getOutputs()[I];
    if (isReal(Out))
      addResults(Op, I, Edit, Made[I], Place[I]);
    else
      Edit.Results.push_back({cast<StringAttr>(Op.getNames()[I]),
                              Out.getType(),
                              Op.getYield().getResults()[I],
                              I,
                              {}});
  }
  if (Edit.Results.empty()) { // nobody reads it
    Replaced.push_back(Op);
    return;
  }

  OpBuilder B = Edit.atStart();
  for (unsigned I = 0; I < Op.getInputs().size(); ++I) {
    OpOperand &Use = Op.getInputsMutable()[I];
    if (!isReal(Use.get()))
      continue;
    const Coded In = coded(Use);
    Edit.decodeInput(I, In.Code, [&](Value Code) -> Value {
      Value Number = arith::SIToFPOp::create(B, Loc, B.getF32Type(), Code);
      if (In.Scales)
        return arith::MulFOp::create(B, Loc, Number, Edit.addParam(In.Scales));
      if (In.Scale == 1.0f)
        return Number;
      Value Scale =
          arith::ConstantOp::create(B, Loc, B.getF32FloatAttr(In.Scale));
      return arith::MulFOp::create(B, Loc, Number, Scale);
    });
  }

  PopulationOp New = Edit.finish(/*EraseOld=*/false);
  for (unsigned I = 0; I < NumResultsBefore; ++I) {
    if (!isReal(Op.getOutputs()[I]))
      continue;
    for (unsigned R = 0; R < NumReaders; ++R)
      if (Place[I][R] >= 0)
        Made[I][R].Code = New.getOutputs()[Place[I][R]];
    Codes[Op.getOutputs()[I]] = Made[I];
  }
  Replaced.push_back(Op);
}

/// Erases real values that nothing reads, so that they count as no reader.
static void eraseUnread(Block &Body) {
  for (Operation &Op : llvm::make_early_inc_range(llvm::reverse(Body)))
    if (isa<PopulationOp, spike::LinearOp, spike::ReduceOp, spike::EmbedOp>(
            Op) &&
        Op.use_empty() && llvm::all_of(Op.getResults(), isReal))
      Op.erase();
}

void Quantizer::rewrite() {
  eraseUnread(Network.getBody().front());
  for (Operation &Op : llvm::make_early_inc_range(Network.getBody().front()))
    llvm::TypeSwitch<Operation *>(&Op)
        .Case<PopulationOp, spike::LinearOp, spike::ReduceOp, spike::OutputOp>(
            [&](auto Typed) { rewrite(Typed); });
  for (Operation *Op : llvm::reverse(Replaced))
    Op->erase();
}

namespace {
struct QuantizePass : synfire::compiler::impl::QuantizeBase<QuantizePass> {
  using QuantizeBase::QuantizeBase;

  void runOnOperation() override {
    spike::NetworkOp Network = getOperation();
    auto InRange = [&](StringRef Option, int64_t V, int64_t Low, int64_t High) {
      if (V >= Low && V <= High)
        return true;
      Network.emitError("spike-quantize: ")
          << Option << " is " << V << ", must be " << Low << " to " << High;
      return false;
    };
    if (!InRange("activation-bits", ActivationBits, 2, 16) ||
        !InRange("weight-bits", WeightBits, 2, 8))
      return signalPassFailure();
    Quantizer Q(Network, ActivationBits, WeightBits);
    if (failed(Q.check()))
      return signalPassFailure();
    Q.rewrite();
    NumMatrices += Q.NumMatrices;
    NumResults += Q.NumResults;
    NumUnsigned += Q.NumUnsigned;
  }
};
} // namespace
