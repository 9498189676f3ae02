//===- ValueRanges.cpp - What programs compute ----------------------------===//

#include "compiler/transforms/ValueRanges.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <numeric>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::PopulationOp;

SmallVector<Value> compiler::realValues(PopulationOp P) {
  SmallVector<Value> Out;
  Block &Body = P.getBody().front();
  for (BlockArgument Arg : Body.getArguments())
    if (Arg.getType().isF32())
      Out.push_back(Arg);
  for (Operation &Op : Body.without_terminator())
    if (!isa<arith::ConstantOp>(Op) && Op.getResult(0).getType().isF32())
      Out.push_back(Op.getResult(0));
  return Out;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

namespace {
/// Writes float arithmetic in front of an op.
struct FloatCode {
  OpBuilder B;
  Location Loc;

  Value real(double V) {
    return arith::ConstantOp::create(B, Loc,
                                     B.getF32FloatAttr(static_cast<float>(V)));
  }
  Value add(Value L, Value R) { return arith::AddFOp::create(B, Loc, L, R); }
  Value subtract(Value L, Value R) {
    return arith::SubFOp::create(B, Loc, L, R);
  }
  Value multiply(Value L, Value R) {
    return arith::MulFOp::create(B, Loc, L, R);
  }
  Value exponential(Value V) { return math::ExpOp::create(B, Loc, V); }
  Value least(Value L, double R) {
    return arith::MinNumFOp::create(B, Loc, L, real(R));
  }
  Value polynomial(ArrayRef<double> FromHighest, Value X) {
    Value P = real(FromHighest.front());
    for (double C : FromHighest.drop_front())
      P = add(multiply(P, X), real(C));
    return P;
  }
  Value withSignOf(Value X, Value Magnitude) {
    Value Minus =
        arith::CmpFOp::create(B, Loc, arith::CmpFPredicate::OLT, X, real(0));
    return arith::SelectOp::create(
        B, Loc, Minus, arith::NegFOp::create(B, Loc, Magnitude), Magnitude);
  }

  Value tanh(Value X) {
    Value A = math::AbsFOp::create(B, Loc, X);
    Value T = exponential(multiply(A, real(-2)));
    return withSignOf(X, arith::DivFOp::create(B, Loc, subtract(real(1), T),
                                               add(real(1), T)));
  }

  /// The method of targets/Maths.h, erf.
  Value erf(Value X) {
    Value A = math::AbsFOp::create(B, Loc, X);
    Value Low = least(A, 1), High = least(A, 4);
    Value Inner =
        multiply(polynomial({7.882497448e-05, -8.018855006e-04, 5.189312156e-03,
                             -2.685432881e-02, 1.128359735e-01,
                             -3.761262596e-01, 1.128379107},
                            multiply(Low, Low)),
                 Low);
    Value Outer = subtract(
        real(1),
        exponential(arith::NegFOp::create(
            B, Loc,
            polynomial({6.582861545e-08, -3.095205557e-06, 6.006880358e-05,
                        -6.733376068e-04, 5.021044984e-03, -2.699949779e-02,
                        1.109074205e-01, 6.310888529e-01, 1.130604506,
                        -4.005005758e-04},
                       High))));
    Value IsInner =
        arith::CmpFOp::create(B, Loc, arith::CmpFPredicate::OLE, A, real(1));
    return withSignOf(X,
                      arith::SelectOp::create(B, Loc, IsInner, Inner, Outer));
  }
};
} // namespace

unsigned compiler::expandFunctions(spike::NetworkOp Network) {
  unsigned Expanded = 0;
  for (auto P : Network.getBody().front().getOps<PopulationOp>())
    for (Operation &Op :
         llvm::make_early_inc_range(P.getBody().front().without_terminator())) {
      if (!isa<math::TanhOp, math::ErfOp>(Op))
        continue;
      FloatCode Code{OpBuilder(&Op), Op.getLoc()};
      Value New = isa<math::TanhOp>(Op) ? Code.tanh(Op.getOperand(0))
                                        : Code.erf(Op.getOperand(0));
      Op.getResult(0).replaceAllUsesWith(New);
      Op.erase();
      ++Expanded;
    }
  return Expanded;
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

Status
compiler::measureValueRanges(spike::NetworkOp Network,
                             std::span<const CalibrationSequence> Sequences,
                             WeightFiles &Files) {
  if (Sequences.empty())
    return Error{"calibration", "calibrate-no-tokens",
                 "there is nothing to measure ranges on; give some text"};
  Result<Interpreter> Runner = Interpreter::create(Network, Files);
  if (!Runner)
    return Runner.errors();
  llvm::DenseMap<Operation *, std::vector<NumberRange>> Seen;
  RunOptions Options;
  Options.ObservePrograms = [&](PopulationOp P,
                                std::span<const NumberRange> Values) {
    std::vector<NumberRange> &Of = Seen[P];
    Of.resize(Values.size());
    for (size_t I = 0; I < Values.size(); ++I)
      Of[I].widen(Values[I]);
  };
  for (const CalibrationSequence &S : Sequences)
    if (Result<RunResult> Run = runOn(*Runner, S, Options); !Run)
      return Run.errors();

  for (auto P : Network.getBody().front().getOps<PopulationOp>()) {
    Block &Body = P.getBody().front();
    std::vector<float> Ranges;
    size_t At = 0;
    auto Take = [&](Type T) {
      const NumberRange R = At < Seen[P].size() ? Seen[P][At] : NumberRange();
      ++At;
      if (!T.isF32())
        return;
      const bool Any = R.Low <= R.High;
      Ranges.push_back(Any ? static_cast<float>(R.Low) : 0);
      Ranges.push_back(Any ? static_cast<float>(R.High) : 0);
    };
    for (BlockArgument Arg : Body.getArguments())
      Take(Arg.getType());
    for (Operation &Op : Body.without_terminator())
      if (!isa<arith::ConstantOp, spike::StepOp>(Op))
        Take(Op.getResult(0).getType());
    if (!Ranges.empty())
      P->setAttr(ValueRangesAttr,
                 Builder(P.getContext()).getDenseF32ArrayAttr(Ranges));
  }
  return {};
}

void compiler::assumeValueRanges(spike::NetworkOp Network) {
  for (auto P : Network.getBody().front().getOps<PopulationOp>()) {
    std::vector<float> Ranges;
    for (size_t I = realValues(P).size(); I > 0; --I)
      Ranges.insert(Ranges.end(), {0.5f, 2.0f});
    if (!Ranges.empty())
      P->setAttr(ValueRangesAttr,
                 Builder(P.getContext()).getDenseF32ArrayAttr(Ranges));
  }
}

llvm::DenseMap<Value, NumberRange> compiler::valueRangesOf(PopulationOp P) {
  llvm::DenseMap<Value, NumberRange> Out;
  auto Ranges = P->getAttrOfType<DenseF32ArrayAttr>(ValueRangesAttr);
  const SmallVector<Value> Values = realValues(P);
  if (!Ranges || static_cast<size_t>(Ranges.size()) != 2 * Values.size())
    return Out;
  for (auto [I, V] : llvm::enumerate(Values))
    Out[V] = {Ranges[2 * I], Ranges[2 * I + 1]};
  return Out;
}
