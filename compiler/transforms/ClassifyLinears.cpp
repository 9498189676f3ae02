//===- ClassifyLinears.cpp - What products cost, and that sums fit --------===//

#include "compiler/reference/Constants.h"
#include "compiler/transforms/Classification.h"
#include "compiler/transforms/Passes.h"

#include <algorithm>
#include <fmt/format.h>

namespace synfire::compiler {
#define GEN_PASS_DEF_CLASSIFYLINEARS
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::EventsType;
using spike::LinearOp;
using spike::MatmulOp;

namespace {
/// The row whose sums reach furthest.
struct WidestRow {
  int64_t Row = 0;
  int64_t Low = 0, High = 0; ///< range of the row's sums
  unsigned Bits = 1;         ///< two's complement width of that range
};
} // namespace

static unsigned widthOf(int64_t Low, int64_t High) {
  unsigned Bits = 1;
  while (High > (int64_t(1) << (Bits - 1)) - 1 ||
         Low < -(int64_t(1) << (Bits - 1)))
    ++Bits;
  return Bits;
}

/// Whether the sums of \p Op are integers.
template <typename Product>
static bool hasIntegerSums(Product Op) {
  return cast<ShapedType>(Op.getSums().getType())
      .getElementType()
      .isInteger(32);
}

/// One bit per source: whether it has synapses. Empty when all have.
static ArrayRef<bool> sourcesOf(LinearOp L) {
  if (!L.getOnly())
    return {};
  return L.getOnly().getDefiningOp<spike::MaskOp>().getBits();
}

/// Of the matrix of a linear, or the kernel of a convolution, whose row meets
/// at most one event per column; \p Only as sourcesOf() tells.
static Result<WidestRow> widestRow(Value Matrix, EventsType Events,
                                   ArrayRef<bool> Only, Constants &Values) {
  auto Shape = cast<ShapedType>(Matrix.getType()).getShape();
  int64_t Low = Events.minPayload(), High = Events.maxPayload();
  const int64_t TileElements = int64_t(1) << 20;
  int64_t RowsPerTile = std::max<int64_t>(1, TileElements / Shape[1]);
  std::vector<int8_t> Tile;
  WidestRow Widest;
  for (int64_t Begin = 0; Begin < Shape[0]; Begin += RowsPerTile) {
    int64_t End = std::min(Shape[0], Begin + RowsPerTile);
    Tile.resize((End - Begin) * Shape[1]);
    if (Status S = Values.codes(Matrix, Begin, End, 0, Shape[1], Tile.data());
        !S)
      return S.errors();
    for (int64_t Row = Begin; Row < End; ++Row) {
      const int8_t *Codes = Tile.data() + (Row - Begin) * Shape[1];
      // A positive code reaches furthest up with the largest payload and
      // furthest down with the smallest; a negative one the other way round.
      int64_t Positive = 0, Negative = 0;
      for (int64_t I = 0; I < Shape[1]; ++I) {
        if (!Only.empty() && !Only[I])
          continue;
        Positive += std::max<int>(Codes[I], 0);
        Negative += std::min<int>(Codes[I], 0);
      }
      int64_t RowLow = Positive * Low + Negative * High;
      int64_t RowHigh = Positive * High + Negative * Low;
      if (std::max(-RowLow, RowHigh) > std::max(-Widest.Low, Widest.High)) {
        Widest.Row = Row;
        Widest.Low = RowLow;
        Widest.High = RowHigh;
      }
      Widest.Bits = std::max(Widest.Bits, widthOf(RowLow, RowHigh));
    }
    Values.dropRows(Matrix, Begin, End);
  }
  return Widest;
}

namespace {
struct Reach {
  int64_t Low, High, Terms;
};
} // namespace

/// What a sum of \p M can be with any payloads. Along keys it has a term for
/// each value of a head, along values one for each position.
static Reach reachOf(MatmulOp M) {
  auto Query = cast<EventsType>(M.getQuery().getType());
  auto Written = cast<EventsType>(M.getWritten().getType());
  int64_t Terms =
      Query.getSize() / static_cast<int64_t>(M.getHeads()); // d or positions
  int64_t Low = 0, High = 0; // a payload may be 0
  for (int64_t Q : {Query.minPayload(), Query.maxPayload()})
    for (int64_t W : {Written.minPayload(), Written.maxPayload()}) {
      Low = std::min(Low, Q * W);
      High = std::max(High, Q * W);
    }
  // Payloads of 32 bits on both sides: far too wide, but no overflow here.
  const int64_t Most = (int64_t(1) << 61) / Terms;
  return {std::max(Low, -Most) * Terms, std::min(High, Most) * Terms, Terms};
}

static void classifyMatmuls(spike::NetworkOp Network, unsigned AccumulatorBits,
                            LinearCounts &Counts, Errors &Found) {
  for (auto M : Network.getBody().front().getOps<MatmulOp>()) {
    bool Accumulates = spike::isAccumulateOnly(M);
    M.setAccumulateOnly(Accumulates);
    ++(Accumulates ? Counts.MatmulsAccumulate : Counts.MatmulsMultiply);
    if (!hasIntegerSums(M))
      continue;
    Reach R = reachOf(M);
    unsigned Bits = widthOf(R.Low, R.High);
    if (Bits > AccumulatorBits) {
      Found.push_back(
          {M.getName().str(), "classify-accumulator",
           fmt::format("a sum of matmul '{}' has {} terms, may lie anywhere "
                       "from {} to {} and needs {} bits, the accumulator has "
                       "{}; choose fewer activation bits or shorter sequences",
                       M.getName().str(), R.Terms, R.Low, R.High, Bits,
                       AccumulatorBits),
           ErrorKind::DoesNotFit});
      continue;
    }
    M.setSumBits(Bits);
  }
}

/// Windows are small, so that their sums of payloads fit (reduce-2 asks for
/// narrow payloads where they are many).
static void classifyPool(spike::PoolOp P, LinearCounts &Counts) {
  auto Events = dyn_cast<EventsType>(P.getValues().getType());
  bool Accumulates = Events && Events.isAccumulateOnly();
  P.setAccumulateOnly(Accumulates);
  ++(Accumulates ? Counts.Accumulate : Counts.Multiply);
  if (!hasIntegerSums(P))
    return;
  const int64_t Terms = P.getSize()[0] * P.getSize()[1];
  P.setSumBits(std::min(
      32u, widthOf(std::max(Events.minPayload() * Terms, int64_t(INT32_MIN)),
                   std::min(Events.maxPayload() * Terms, int64_t(INT32_MAX)))));
}

Result<LinearCounts> compiler::classifyLinears(spike::NetworkOp Network,
                                               WeightFiles &Files,
                                               unsigned AccumulatorBits) {
  Constants Values(Files);
  LinearCounts Counts;
  Errors Found;
  auto Classify = [&](auto L, Value Matrix, ArrayRef<bool> Only) -> Status {
    auto Events = dyn_cast<EventsType>(L.getValues().getType());
    bool Accumulates = Events && Events.isAccumulateOnly();
    L.setAccumulateOnly(Accumulates);
    ++(Accumulates ? Counts.Accumulate : Counts.Multiply);
    if (!hasIntegerSums(L))
      return {};
    Result<WidestRow> Widest = widestRow(Matrix, Events, Only, Values);
    if (!Widest)
      return Widest.errors();
    if (Widest->Bits <= AccumulatorBits) {
      L.setSumBits(Widest->Bits);
      return {};
    }
    Found.push_back(
        {L.getName().str(), "classify-accumulator",
         fmt::format("a sum of row {} of linear '{}' may lie anywhere from "
                     "{} to {} and needs {} bits, the accumulator has {}; "
                     "choose fewer activation bits or weight bits",
                     Widest->Row, L.getName().str(), Widest->Low, Widest->High,
                     Widest->Bits, AccumulatorBits),
         ErrorKind::DoesNotFit});
    return {};
  };
  for (Operation &Op : Network.getBody().front()) {
    Status Done;
    if (auto L = dyn_cast<LinearOp>(Op))
      Done = Classify(L, L.getMatrix(), sourcesOf(L));
    else if (auto C = dyn_cast<spike::ConvOp>(Op))
      Done = Classify(C, C.getKernel(), {});
    else if (auto P = dyn_cast<spike::PoolOp>(Op))
      classifyPool(P, Counts);
    if (!Done)
      return Done.errors();
  }
  classifyMatmuls(Network, AccumulatorBits, Counts, Found);
  if (!Found.empty())
    return Found;
  return Counts;
}

Result<UnprovenSums> compiler::classifyByType(spike::NetworkOp Network,
                                              unsigned AccumulatorBits) {
  UnprovenSums Unproven;
  LinearCounts Counts;
  Errors Found;
  auto Classify = [&](auto L, Value Matrix, ArrayRef<bool> Only) {
    auto Events = dyn_cast<EventsType>(L.getValues().getType());
    L.setAccumulateOnly(Events && Events.isAccumulateOnly());
    auto Codes = Matrix.getDefiningOp<spike::QuantizeOp>();
    if (!hasIntegerSums(L) || !Codes)
      return;
    int64_t Sources = Only.empty()
                          ? cast<ShapedType>(Matrix.getType()).getDimSize(1)
                          : llvm::count(Only, true);
    // Codes without their zero points reach one further down than up.
    int64_t Code = (int64_t(1) << (Codes.getBits() - 1)) - !Codes.getZeros();
    int64_t Reach =
        Sources * Code * std::max(-Events.minPayload(), Events.maxPayload());
    unsigned Bits = widthOf(-Reach, Reach);
    L.setSumBits(std::min(Bits, AccumulatorBits));
    if (Bits <= AccumulatorBits)
      return;
    ++Unproven.Linears;
    if (Bits > Unproven.MostBits) {
      Unproven.MostBits = Bits;
      Unproven.Widest = L.getName().str();
    }
  };
  for (Operation &Op : Network.getBody().front()) {
    if (auto L = dyn_cast<LinearOp>(Op))
      Classify(L, L.getMatrix(), sourcesOf(L));
    else if (auto C = dyn_cast<spike::ConvOp>(Op))
      Classify(C, C.getKernel(), {});
    else if (auto P = dyn_cast<spike::PoolOp>(Op))
      classifyPool(P, Counts);
  }
  classifyMatmuls(Network, AccumulatorBits, Counts, Found);
  if (!Found.empty())
    return Found;
  return Unproven;
}

namespace {
struct ClassifyLinearsPass
    : synfire::compiler::impl::ClassifyLinearsBase<ClassifyLinearsPass> {
  using ClassifyLinearsBase::ClassifyLinearsBase;

  void runOnOperation() override {
    if (AccumulatorBits < 2 || AccumulatorBits > 32) {
      getOperation().emitError("spike-classify-linears: accumulator-bits is ")
          << AccumulatorBits << ", must be 2 to 32";
      return signalPassFailure();
    }
    WeightFiles Files(Weights);
    Result<LinearCounts> Counts =
        classifyLinears(getOperation(), Files, AccumulatorBits);
    if (!Counts) {
      for (const Error &E : Counts.errors())
        getOperation().emitError("spike-classify-linears: ") << E.format();
      return signalPassFailure();
    }
    NumAccumulate += Counts->Accumulate + Counts->MatmulsAccumulate;
    NumMultiply += Counts->Multiply + Counts->MatmulsMultiply;
  }
};
} // namespace
