//===- FoldNorms.cpp - Affine tails folded into matrices ------------------===//

#include "compiler/transforms/ConstantVectors.h"
#include "compiler/transforms/LinearReaders.h"
#include "compiler/transforms/Passes.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_FOLDNORMS
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::LinearOp;
using spike::PopulationOp;

namespace {
/// `Core * Factor + Offset`; Factor or Offset may be null, not both.
struct AffineTail {
  Value Core, Factor, Offset;
};
} // namespace

/// Splits \p V = L op R into what varies and a constant or param, if it is so.
template <typename Op>
static std::optional<std::pair<Value, Value>> splitOff(PopulationOp P,
                                                       Value V) {
  auto Def = V.getDefiningOp<Op>();
  if (!Def)
    return std::nullopt;
  bool Left = isParamOrConstant(P, Def.getLhs());
  bool Right = isParamOrConstant(P, Def.getRhs());
  if (Left == Right)
    return std::nullopt;
  return Left ? std::pair(Def.getRhs(), Def.getLhs())
              : std::pair(Def.getLhs(), Def.getRhs());
}

static std::optional<AffineTail> affineTail(PopulationOp P, unsigned I) {
  if (P.getRows())
    return std::nullopt; // emits nothing, no offset either, where no row is
  Value V = P.getYield().getResults()[I];
  AffineTail Tail;
  if (auto Sum = splitOff<arith::AddFOp>(P, V))
    std::tie(V, Tail.Offset) = *Sum;
  if (auto Product = splitOff<arith::MulFOp>(P, V))
    std::tie(V, Tail.Factor) = *Product;
  Tail.Core = V;
  if (!Tail.Factor && !Tail.Offset)
    return std::nullopt;
  return Tail;
}

static void fold(PopulationOp P, unsigned I, const AffineTail &Tail,
                 ArrayRef<LinearOp> Readers) {
  OpBuilder B(P);
  PopulationEdit Edit(P);
  int64_t N = P.getNumNeurons();
  Location Loc = P.getLoc();
  Value Factor =
      Tail.Factor ? constantOf(B, Loc, Edit, Tail.Factor, N) : Value();
  Value Offset =
      Tail.Offset ? constantOf(B, Loc, Edit, Tail.Offset, N) : Value();
  Edit.Results[I].Yielded = Tail.Core;
  Edit.Results[I].Range = {}; // another value now
  Edit.finish();
  for (LinearOp L : Readers) {
    B.setInsertionPoint(L);
    Value Matrix = L.getMatrix();
    if (Offset) {
      int64_t Targets = spike::sizeOf(L.getSums().getType());
      Value Product = spike::ApplyOp::create(
          B, L.getLoc(), RankedTensorType::get({Targets}, B.getF32Type()),
          Matrix, Offset);
      changeSums(L, [&](PopulationEdit &Reader, OpBuilder &At, Value Sum) {
        return arith::AddFOp::create(At, L.getLoc(), Sum,
                                     Reader.addParam(Product))
            .getResult();
      });
    }
    if (Factor)
      L.getMatrixMutable().set(scaleColumns(B, L.getLoc(), Matrix, Factor));
  }
}

namespace {
struct FoldNormsPass : synfire::compiler::impl::FoldNormsBase<FoldNormsPass> {
  void runOnOperation() override {
    while (foldOne())
      ++NumFolded;
  }

private:
  bool foldOne() {
    for (auto P : getOperation().getBody().front().getOps<PopulationOp>())
      for (unsigned I = 0; I < P.getOutputs().size(); ++I) {
        if (!P.getYield().getResults()[I].getType().isF32())
          continue;
        SmallVector<LinearOp> Readers = onlyLinears(P.getOutputs()[I]);
        std::optional<AffineTail> Tail = affineTail(P, I);
        if (Readers.empty() || !Tail)
          continue;
        // Columns that are scaled lie on no grid any more.
        if (Tail->Factor && llvm::any_of(Readers, isOnGrid))
          continue;
        fold(P, I, *Tail, Readers);
        return true;
      }
    return false;
  }
};
} // namespace
