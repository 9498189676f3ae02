//===- WeightExponents.cpp - w 2^e ----------------------------------------===//

#include "compiler/transforms/WeightExponents.h"

#include "compiler/reference/Constants.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

/// The matrix or kernel that \p Op multiplies with; null for other ops, and for
/// one that is in integers already.
static Value realMatrixOf(Operation &Op) {
  Value Matrix;
  if (auto L = dyn_cast<spike::LinearOp>(Op))
    Matrix = L.getMatrix();
  else if (auto C = dyn_cast<spike::ConvOp>(Op))
    Matrix = C.getKernel();
  return Matrix && cast<ShapedType>(Matrix.getType()).getElementType().isF32()
             ? Matrix
             : Value();
}

static Result<float> largestOf(Value Matrix, Constants &Weights) {
  const ArrayRef<int64_t> Shape = cast<ShapedType>(Matrix.getType()).getShape();
  const int64_t Columns = Shape.back();
  std::vector<float> Row(Columns);
  float Largest = 0;
  for (int64_t R = 0; R < Shape.front(); ++R) {
    if (Status S = Weights.floats(Matrix, R, R + 1, 0, Columns, Row.data()); !S)
      return S.errors();
    for (float W : Row)
      Largest = std::max(Largest, std::fabs(W));
  }
  return Largest;
}

static void setExponent(Operation &Op, int64_t E) {
  Op.setAttr(WeightExponentAttr, Builder(Op.getContext()).getI64IntegerAttr(E));
}

Status compiler::chooseWeightExponents(spike::NetworkOp Network,
                                       WeightFiles &Files, unsigned Bits,
                                       unsigned ExponentBits) {
  Constants Weights(Files);
  const double MostCode = std::ldexp(1.0, static_cast<int>(Bits) - 1) - 1;
  for (Operation &Op : Network.getBody().front())
    if (Value Matrix = realMatrixOf(Op)) {
      Result<float> Largest = largestOf(Matrix, Weights);
      if (!Largest)
        return Largest.errors();
      // A matrix of zeros has any.
      setExponent(Op, *Largest > 0 ? static_cast<int64_t>(std::ceil(
                                         std::log2(*Largest / MostCode)))
                                   : 0);
    }
  const int64_t Apart = (int64_t(1) << ExponentBits) - 1;
  for (auto P : Network.getBody().front().getOps<spike::PopulationOp>()) {
    int64_t Low = std::numeric_limits<int64_t>::max(), High = -Low;
    for (Value In : P.getInputs())
      if (Operation *Maker = In.getDefiningOp())
        if (auto E = Maker->getAttrOfType<IntegerAttr>(WeightExponentAttr)) {
          Low = std::min(Low, E.getInt());
          High = std::max(High, E.getInt());
        }
    if (High > Low && High - Low > Apart)
      return Error{P.getResultName(0).str(), "weight-exponents",
                   fmt::format("its projections need weights times 2^{} and "
                               "2^{}; exponents of {} bits "
                               "(core.weight_exponent_bits) are at most {} "
                               "apart; scale the weights of one of them",
                               Low, High, ExponentBits, Apart),
                   ErrorKind::DoesNotFit};
  }
  return {};
}

void compiler::assumeWeightExponents(spike::NetworkOp Network) {
  for (Operation &Op : Network.getBody().front())
    if (realMatrixOf(Op))
      setExponent(Op, 0);
}
