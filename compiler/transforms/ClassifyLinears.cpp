//===- ClassifyLinears.cpp - What linears cost, and that sums fit ---------===//

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

static Result<WidestRow> widestRow(LinearOp L, Constants &Values) {
  auto Shape = cast<ShapedType>(L.getMatrix().getType()).getShape();
  auto Events = cast<EventsType>(L.getValues().getType());
  int64_t Low = Events.minPayload(), High = Events.maxPayload();
  const int64_t TileElements = int64_t(1) << 20;
  int64_t RowsPerTile = std::max<int64_t>(1, TileElements / Shape[1]);
  std::vector<int8_t> Tile;
  WidestRow Widest;
  for (int64_t Begin = 0; Begin < Shape[0]; Begin += RowsPerTile) {
    int64_t End = std::min(Shape[0], Begin + RowsPerTile);
    Tile.resize((End - Begin) * Shape[1]);
    if (Status S =
            Values.codes(L.getMatrix(), Begin, End, 0, Shape[1], Tile.data());
        !S)
      return S.errors();
    for (int64_t Row = Begin; Row < End; ++Row) {
      const int8_t *Codes = Tile.data() + (Row - Begin) * Shape[1];
      // A positive code reaches furthest up with the largest payload and
      // furthest down with the smallest; a negative one the other way round.
      int64_t Positive = 0, Negative = 0;
      for (int64_t I = 0; I < Shape[1]; ++I) {
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
    Values.dropRows(L.getMatrix(), Begin, End);
  }
  return Widest;
}

Result<LinearCounts> compiler::classifyLinears(spike::NetworkOp Network,
                                               WeightFiles &Files,
                                               unsigned AccumulatorBits) {
  Constants Values(Files);
  LinearCounts Counts;
  Errors Found;
  for (auto L : Network.getBody().front().getOps<LinearOp>()) {
    auto Events = dyn_cast<EventsType>(L.getValues().getType());
    bool Accumulates = Events && Events.isAccumulateOnly();
    L.setAccumulateOnly(Accumulates);
    ++(Accumulates ? Counts.Accumulate : Counts.Multiply);
    if (!cast<ShapedType>(L.getSums().getType()).getElementType().isInteger(32))
      continue;
    Result<WidestRow> Widest = widestRow(L, Values);
    if (!Widest)
      return Widest.errors();
    if (Widest->Bits > AccumulatorBits) {
      Found.push_back(
          {L.getName().str(), "classify-accumulator",
           fmt::format("a sum of row {} of linear '{}' may lie anywhere from "
                       "{} to {} and needs {} bits, the accumulator has {}; "
                       "choose fewer activation bits or weight bits",
                       Widest->Row, L.getName().str(), Widest->Low,
                       Widest->High, Widest->Bits, AccumulatorBits),
           ErrorKind::DoesNotFit});
      continue;
    }
    L.setSumBits(Widest->Bits);
  }
  if (!Found.empty())
    return Found;
  return Counts;
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
    NumAccumulate += Counts->Accumulate;
    NumMultiply += Counts->Multiply;
  }
};
} // namespace
