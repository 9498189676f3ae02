//===- Quantize.cpp - The float network becomes integer -------------------===//
//
// One walk in network order: when an op is reached, what it reads has its
// integer form already. The float ops stay until the end, so that uses can
// still be looked at, and are erased last to first.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/ConstantVectors.h"
#include "compiler/transforms/FoldZeros.h"
#include "compiler/transforms/NonNegative.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/Payload.h"
#include "compiler/transforms/PopulationEdit.h"
#include "compiler/transforms/WeightExponents.h"

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
/// of constants, one per neuron. An offset is taken off first; where nothing
/// came the value is 0. Of a linear without its zero points, the sum of what it
/// read, times ZeroOffsets, has to be added.
struct Coded {
  Value Code;
  float Scale = 1;
  Value Scales = {};
  int64_t Offset = 0;
  Value Total = {};
  Value ZeroOffsets = {};
};

/// A matrix as integers.
struct CodedMatrix {
  Value Scales, Codes;
  Value ZeroOffsets; ///< null unless zero points were folded
};

class Quantizer {
public:
  Quantizer(spike::NetworkOp Network, unsigned ActivationBits,
            unsigned WeightBits, bool FoldZeros)
      : Network(Network), ActivationBits(ActivationBits),
        WeightBits(WeightBits), FoldZeros(FoldZeros),
        Context(Network.getContext()) {}

  LogicalResult check();
  void rewrite();

  unsigned NumMatrices = 0, NumFolded = 0, NumResults = 0, NumUnsigned = 0;

private:
  spike::NetworkOp Network;
  unsigned ActivationBits, WeightBits;
  bool FoldZeros;
  MLIRContext *Context;
  /// What stands for a real value, by reader. A sum has one form for all.
  llvm::DenseMap<Value, std::array<Coded, NumReaders>> Codes;
  /// With zero points, and with those folded away.
  std::array<llvm::DenseMap<Value, CodedMatrix>, 2> Matrices;
  llvm::DenseMap<Value, Value> Totals; // of events
  SmallVector<Operation *> Replaced;

  const Coded &coded(OpOperand &Use) {
    return Codes[Use.get()][static_cast<unsigned>(readerOf(Use))];
  }
  /// What \p Use reads: events that were there before are worth their payload.
  Coded codedOrEvents(OpOperand &Use) {
    return isReal(Use.get()) ? coded(Use) : Coded{Use.get()};
  }
  void setSum(Value Sum, Coded C) { Codes[Sum].fill(C); }

  CodedMatrix codesOf(Value Matrix, bool Folded, OpBuilder &B, Location Loc,
                      std::optional<float> Scale = std::nullopt);
  Value totalOf(Value Events, OpBuilder &B, Location Loc);
  void rewrite(spike::LinearOp Op);
  void rewrite(spike::ConvOp Op);
  void rewrite(spike::PoolOp Op);
  void rewrite(spike::MatmulOp Op);
  void rewrite(spike::RotateOp Op);
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
    } else if (auto D = dyn_cast<spike::DelayOp>(Op)) {
      if (isReal(D.getDelayed()))
        return D.emitOpError("quantize-5: real values are delayed, only events "
                             "can be; delay what they are computed from");
    } else if (isa<spike::LinearOp, spike::ConvOp, spike::PoolOp,
                   spike::MatmulOp, spike::ReduceOp>(Op)) {
      if (isReal(Op.getResult(0)) && failed(SumIsReadByPopulations(Op)))
        return failure();
    } else if (auto R = dyn_cast<spike::RotateOp>(Op)) {
      for (OpOperand &Use : R.getRotated().getUses())
        if (isReal(R.getRotated()) && (!isa<PopulationOp>(Use.getOwner()) ||
                                       readerOf(Use) != Reader::Direct))
          return R.emitOpError(
                     "quantize-4: a rotated value is handed on one to "
                     "one, but ")
                 << Use.getOwner()->getName() << " reads it otherwise";
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

/// Row scales and codes of \p Matrix. A matrix that lies on a grid has them
/// already, unless its codes need their zero points folded and cannot have it;
/// any other gets its own, or \p Scale for all rows.
CodedMatrix Quantizer::codesOf(Value Matrix, bool Folded, OpBuilder &B,
                               Location Loc, std::optional<float> Scale) {
  auto [Entry, Fresh] = Matrices[Folded].try_emplace(Matrix);
  if (!Fresh)
    return Entry->second;
  auto Shape = cast<ShapedType>(Matrix.getType()).getShape();
  auto Grid = Matrix.getDefiningOp<spike::GridOp>();
  Value From = Grid ? Grid.getMatrix() : Matrix;
  int64_t Bits = Grid ? static_cast<int64_t>(Grid.getBits()) : WeightBits;
  if (Grid && Grid.getZeros() && !Folded) {
    std::optional<int64_t> Wide = bitsWithoutFold(Grid);
    Bits = Wide.value_or(WeightBits);
    if (!Wide)
      Grid = {};
  }
  Value Scales =
      Scale  ? constantVector(B, Loc, Shape[0], *Scale)
      : Grid ? Grid.getScales()
             : Value(spike::RowScaleOp::create(
                   B, Loc, RankedTensorType::get({Shape[0]}, B.getF32Type()),
                   Matrix, Bits));
  Value Codes = spike::QuantizeOp::create(
      B, Loc, RankedTensorType::get(Shape, B.getI8Type()), From, Scales,
      Folded ? Grid.getZeros() : Value(), Bits);
  return Entry->second = {Scales, Codes,
                          Folded ? offsetsOf(B, Loc, Grid) : Value()};
}

/// The sum of all payloads of \p Events, results of a population; one for all
/// linears that read them.
Value Quantizer::totalOf(Value Events, OpBuilder &B, Location Loc) {
  auto [Entry, Fresh] = Totals.try_emplace(Events);
  if (!Fresh)
    return Entry->second;
  auto Result = cast<OpResult>(Events);
  auto P = cast<PopulationOp>(Result.getOwner());
  std::string Name = P.getResultName(Result.getResultNumber()).str();
  Name.append(".total");
  return Entry->second = spike::ReduceOp::create(
             B, Loc, RankedTensorType::get({1}, B.getI32Type()), Name, Events,
             /*max=*/false);
}

/// What a code of 1 of the weights of \p Op is worth, if that is a power of two
/// that was chosen before.
static std::optional<float> powerOfWeights(Operation *Op) {
  auto Exponent = Op->getAttrOfType<IntegerAttr>(WeightExponentAttr);
  if (!Exponent)
    return std::nullopt;
  return std::ldexp(1.0f, static_cast<int>(Exponent.getInt()));
}

/// Sums of the type of \p Real, as integers.
static Type integerSums(Value Real) {
  return cast<RankedTensorType>(Real.getType())
      .clone(IntegerType::get(Real.getContext(), 32));
}

void Quantizer::rewrite(spike::LinearOp Op) {
  if (!isReal(Op.getSums()))
    return;
  OpBuilder B(Op);
  Location Loc = Op.getLoc();
  const Coded In = codedOrEvents(Op.getValuesMutable());
  auto Grid = Op.getMatrix().getDefiningOp<spike::GridOp>();
  const std::optional<float> Power = powerOfWeights(Op);
  const bool Folded = FoldZeros && !Power && Grid && Grid.getZeros() &&
                      foldsZeros(Op, Grid, In.Code);
  const CodedMatrix M = codesOf(Op.getMatrix(), Folded, B, Loc, Power);
  auto New = spike::LinearOp::create(
      B, Loc, integerSums(Op.getSums()), Op.getName(), In.Code, M.Codes,
      Op.getOnly(), /*accumulate_only=*/nullptr, /*sum_bits=*/nullptr);
  New->setDiscardableAttrs(Op->getDiscardableAttrDictionary());
  New->removeAttr(WeightExponentAttr);
  Coded Sum{New.getSums()};
  if (Power)
    Sum.Scale = *Power * In.Scale;
  else
    Sum.Scales = scaledVector(B, Loc, M.Scales, In.Scale);
  if (Folded) {
    Sum.Total = totalOf(In.Code, B, Loc);
    Sum.ZeroOffsets = M.ZeroOffsets;
    ++NumFolded;
  }
  setSum(Op.getSums(), Sum);
  Replaced.push_back(Op);
  ++NumMatrices;
}

void Quantizer::rewrite(spike::ConvOp Op) {
  if (!isReal(Op.getSums()))
    return;
  OpBuilder B(Op);
  Location Loc = Op.getLoc();
  const std::optional<float> Power = powerOfWeights(Op);
  const CodedMatrix M =
      codesOf(Op.getKernel(), /*Folded=*/false, B, Loc, Power);
  const Coded In = codedOrEvents(Op.getValuesMutable());
  auto New = spike::ConvOp::create(
      B, Loc, integerSums(Op.getSums()), Op.getName(), In.Code, M.Codes,
      Op.getFrom(), Op.getTo(), Op.getSize(), Op.getStride(), Op.getPad(),
      Op.getDilation(), Op.getGroups(), /*accumulate_only=*/nullptr,
      /*sum_bits=*/nullptr);
  New->setDiscardableAttrs(Op->getDiscardableAttrDictionary());
  New->removeAttr(WeightExponentAttr);
  Replaced.push_back(Op);
  ++NumMatrices;
  if (Power)
    return setSum(Op.getSums(), {New.getSums(), *Power * In.Scale});
  // A scale per channel, for all places.
  Value ByNeuron = spike::RepeatOp::create(
      B, Loc,
      RankedTensorType::get({spike::sizeOf(Op.getSums().getType())},
                            B.getF32Type()),
      scaledVector(B, Loc, M.Scales, In.Scale));
  setSum(Op.getSums(), {New.getSums(), 1, ByNeuron});
}

void Quantizer::rewrite(spike::PoolOp Op) {
  if (!isReal(Op.getSums()))
    return;
  OpBuilder B(Op);
  const Coded In = coded(Op.getValuesMutable());
  auto New = spike::PoolOp::create(
      B, Op.getLoc(), integerSums(Op.getSums()), Op.getName(), In.Code,
      Op.getFrom(), Op.getTo(), Op.getSize(), Op.getStride(), Op.getPad(),
      /*accumulate_only=*/nullptr, /*sum_bits=*/nullptr);
  New->setDiscardableAttrs(Op->getDiscardableAttrDictionary());
  setSum(Op.getSums(), {New.getSums(), In.Scale});
  Replaced.push_back(Op);
}

void Quantizer::rewrite(spike::MatmulOp Op) {
  if (!isReal(Op.getSums()))
    return;
  OpBuilder B(Op);
  const Coded Query = codedOrEvents(Op.getQueryMutable());
  const Coded Written = codedOrEvents(Op.getWrittenMutable());
  auto New = spike::MatmulOp::create(
      B, Op.getLoc(), integerSums(Op.getSums()), Op.getName(), Query.Code,
      Written.Code, Op.getAlong(), Op.getHeads(), Op.getKvHeads(),
      Op.getCausal(), /*accumulate_only=*/nullptr, /*sum_bits=*/nullptr);
  New->setDiscardableAttrs(Op->getDiscardableAttrDictionary());
  setSum(Op.getSums(), {New.getSums(), Query.Scale * Written.Scale});
  Replaced.push_back(Op);
}

void Quantizer::rewrite(spike::RotateOp Op) {
  if (!isReal(Op.getRotated()))
    return;
  OpBuilder B(Op);
  Coded In = coded(Op.getValuesMutable());
  In.Code = spike::RotateOp::create(B, Op.getLoc(), In.Code.getType(), In.Code,
                                    Op.getHeads());
  setSum(Op.getRotated(), In);
  Replaced.push_back(Op);
}

void Quantizer::rewrite(spike::ReduceOp Op) {
  if (!isReal(Op.getSum()))
    return;
  OpBuilder B(Op);
  const Coded In = coded(Op.getValuesMutable());
  auto New = spike::ReduceOp::create(B, Op.getLoc(), integerSums(Op.getSum()),
                                     Op.getName(), In.Code, Op.getMax());
  setSum(Op.getSum(), {New.getSum(), In.Scale, {}, In.Offset});
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

static Value integer(OpBuilder &B, Location Loc, int64_t C) {
  return arith::ConstantOp::create(B, Loc,
                                   B.getI32IntegerAttr(static_cast<int>(C)));
}

/// Appends `clamp(int(roundEven(V / scale))) + offset` to the program.
static Value encode(OpBuilder &B, Location Loc, Value V, const Payload &P) {
  if (P.Scale != 1.0f) {
    Value Inverse =
        arith::ConstantOp::create(B, Loc, B.getF32FloatAttr(1.0f / P.Scale));
    V = arith::MulFOp::create(B, Loc, V, Inverse);
  }
  V = math::RoundEvenOp::create(B, Loc, V);
  // Saturates, and makes 0 of NaN; clamping integers keeps both.
  V = arith::FPToSIOp::create(B, Loc, B.getI32Type(), V);
  V = arith::MaxSIOp::create(B, Loc, V, integer(B, Loc, P.low()));
  V = arith::MinSIOp::create(B, Loc, V, integer(B, Loc, P.high()));
  if (P.Offset)
    V = arith::AddIOp::create(B, Loc, V, integer(B, Loc, P.Offset));
  return V;
}

/// Appends what \p Code, read as \p In, is worth.
static Value decode(OpBuilder &B, Location Loc, Value Code, const Coded &In,
                    PopulationEdit &Edit) {
  if (In.Offset) {
    Value Nothing = integer(B, Loc, 0);
    Value Came =
        arith::CmpIOp::create(B, Loc, arith::CmpIPredicate::ne, Code, Nothing);
    Code = arith::SelectOp::create(
        B, Loc, Came,
        arith::SubIOp::create(B, Loc, Code, integer(B, Loc, In.Offset)),
        Nothing);
  }
  if (In.Total)
    Code = withZeros(B, Loc, Code, Edit.addInput(In.Total),
                     Edit.addParam(In.ZeroOffsets));
  Value Number = arith::SIToFPOp::create(B, Loc, B.getF32Type(), Code);
  if (In.Scales)
    return arith::MulFOp::create(B, Loc, Number, Edit.addParam(In.Scales));
  if (In.Scale == 1.0f)
    return Number;
  Value Scale = arith::ConstantOp::create(B, Loc, B.getF32FloatAttr(In.Scale));
  return arith::MulFOp::create(B, Loc, Number, Scale);
}

/// Who reads a real result, and with how many terms a reduce adds it up.
struct Readers {
  std::array<bool, NumReaders> Read = {};
  int64_t Terms = 1;
  bool Weighs = false; ///< the query of a matmul along values

  explicit Readers(Value Out) {
    for (OpOperand &Use : Out.getUses()) {
      Read[static_cast<unsigned>(readerOf(Use))] = true;
      if (auto R = dyn_cast<spike::ReduceOp>(Use.getOwner()))
        Terms = std::max(Terms, spike::sizeOf(Out.getType()) /
                                    spike::sizeOf(R.getSum().getType()));
      auto M = dyn_cast<spike::MatmulOp>(Use.getOwner());
      Weighs |= M && M.getAlong() == spike::Along::Values &&
                &Use == &M.getQueryMutable();
    }
  }
};

/// Adds to \p Edit one result per kind of reader of real result \p Index.
void Quantizer::addResults(PopulationOp Op, unsigned Index,
                           PopulationEdit &Edit,
                           std::array<Coded, NumReaders> &Made,
                           std::array<int, NumReaders> &Place) {
  constexpr auto Query = static_cast<unsigned>(Reader::Query);
  constexpr auto Reduce = static_cast<unsigned>(Reader::Reduce);
  Value Out = Op.getOutputs()[Index];
  Value Yielded = Op.getYield().getResults()[Index];
  Readers By(Out);
  Coding How;
  How.Neurons = Op.getNumNeurons();
  How.Terms = By.Terms;
  How.NonNegative = isProvenNonNegative(Yielded);
  How.ActivationBits = ActivationBits;
  // The weights of attention and their sum must be the same numbers: what
  // rounding takes from small weights would be missing from the products but
  // not from what divides them. It is one event less per weight as well.
  bool SumsWeights =
      By.Weighs && By.Read[Reduce] && ActivationBits <= reduceBits(By.Terms);

  bool PlainTaken = false;
  for (unsigned R = 0; R < NumReaders; ++R) {
    Place[R] = -1;
    if (!By.Read[R])
      continue;
    if (R == Reduce && SumsWeights) {
      Place[R] = Place[Query];
      Made[R] = Made[Query];
      continue;
    }
    DenseF32ArrayAttr Range = rangeOf(Op, Index);
    How.Range = {Range[0], Range[1]};
    Payload P = payloadFor(Context, Reader(R), How);
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
    Made[R].Offset = P.Offset;
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
    Edit.decodeInput(
        I, In.Code, [&](Value Code) { return decode(B, Loc, Code, In, Edit); });
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
    if (isa<PopulationOp, spike::LinearOp, spike::ConvOp, spike::PoolOp,
            spike::MatmulOp, spike::RotateOp, spike::ReduceOp, spike::EmbedOp>(
            Op) &&
        Op.use_empty() && llvm::all_of(Op.getResults(), isReal))
      Op.erase();
}

/// Lets the readers of results that are the same real value read the first of
/// them, so that it is coded, and sent, once per kind of reader.
static void shareEqualResults(PopulationOp P) {
  auto Yielded = P.getYield().getResults();
  for (unsigned I = 0; I < Yielded.size(); ++I)
    for (unsigned J = I + 1; J < Yielded.size(); ++J)
      if (Yielded[I] == Yielded[J] && isReal(P.getOutputs()[I]) &&
          isReal(P.getOutputs()[J]))
        P.getOutputs()[J].replaceAllUsesWith(P.getOutputs()[I]);
}

void Quantizer::rewrite() {
  eraseUnread(Network.getBody().front());
  for (auto P : Network.getBody().front().getOps<PopulationOp>())
    shareEqualResults(P);
  for (Operation &Op : llvm::make_early_inc_range(Network.getBody().front()))
    llvm::TypeSwitch<Operation *>(&Op)
        .Case<PopulationOp, spike::LinearOp, spike::ConvOp, spike::PoolOp,
              spike::MatmulOp, spike::RotateOp, spike::ReduceOp,
              spike::OutputOp>([&](auto Typed) { rewrite(Typed); });
  for (Operation *Op : llvm::reverse(Replaced))
    Op->erase();
  // Codes are made of what grids promise something of.
  for (auto Grid : llvm::make_early_inc_range(
           Network.getBody().front().getOps<spike::GridOp>()))
    if (Grid->use_empty())
      Grid.erase();
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
    Quantizer Q(Network, ActivationBits, WeightBits, FoldZeros);
    if (failed(Q.check()))
      return signalPassFailure();
    Q.rewrite();
    NumMatrices += Q.NumMatrices;
    NumFolded += Q.NumFolded;
    NumResults += Q.NumResults;
    NumUnsigned += Q.NumUnsigned;
  }
};
} // namespace
