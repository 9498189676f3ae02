//===- FoldZeros.cpp - Zero points of weights -----------------------------===//

#include "compiler/transforms/FoldZeros.h"

#include "compiler/transforms/ConstantVectors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <bit>

using namespace mlir;
using namespace synfire;

/// What a code of \p Bits takes in an image (targets/Image.h, WeightFormat).
static int64_t storedBits(int64_t Bits) {
  return static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(Bits)));
}

std::optional<int64_t> compiler::bitsWithoutFold(spike::GridOp Grid) {
  constexpr int64_t MostWeightBits = 8;
  auto Bits = static_cast<int64_t>(Grid.getBits()) + 1;
  if (Bits > MostWeightBits)
    return std::nullopt;
  return Bits;
}

bool compiler::foldsZeros(spike::LinearOp L, spike::GridOp Grid, Value Events) {
  if (!Events.getDefiningOp<spike::PopulationOp>())
    return false;
  const std::optional<int64_t> Wide = bitsWithoutFold(Grid);
  if (!Wide)
    return true;
  int64_t Sources = spike::sizeOf(Events.getType());
  if (L.getOnly())
    Sources =
        llvm::count(L.getOnly().getDefiningOp<spike::MaskOp>().getBits(), true);
  constexpr int64_t ParamBits = 32;
  return Sources * (storedBits(*Wide) - storedBits(*Wide - 1)) > ParamBits;
}

Value compiler::offsetsOf(OpBuilder &B, Location Loc, spike::GridOp Grid) {
  auto Half = static_cast<float>(int64_t(1) << (Grid.getBits() - 1));
  return differenceVector(B, Loc, Half, Grid.getZeros());
}

Value compiler::withZeros(OpBuilder &B, Location Loc, Value Sum, Value Total,
                          Value Offset) {
  Value Integer = arith::FPToSIOp::create(B, Loc, B.getI32Type(), Offset);
  Value Missing = arith::MulIOp::create(B, Loc, Integer, Total);
  return arith::AddIOp::create(B, Loc, Sum, Missing);
}
