//===- IntegerRanges.cpp - What integers can be ---------------------------===//

#include "compiler/transforms/IntegerRanges.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::EventsType;

IntegerRange compiler::rangeOfInput(Value In) {
  if (auto Events = dyn_cast<EventsType>(In.getType()))
    return {static_cast<double>(Events.minPayload()),
            static_cast<double>(Events.maxPayload())};
  Operation *Maker = In.getDefiningOp();
  if (auto Bits = Maker ? Maker->getAttrOfType<IntegerAttr>("sum_bits")
                        : IntegerAttr()) {
    const double Most = std::ldexp(1.0, static_cast<int>(Bits.getInt()) - 1);
    return {-Most, Most - 1};
  }
  if (isa_and_nonnull<spike::EmbedOp>(Maker))
    return {0, 1};
  if (auto R = dyn_cast_or_null<spike::ReduceOp>(Maker))
    if (auto Events = dyn_cast<EventsType>(R.getValues().getType())) {
      const double Terms =
          R.getMax() ? 1
                     : static_cast<double>(Events.getSize() /
                                           spike::sizeOf(R.getSum().getType()));
      return {std::min<double>(0, Terms * Events.minPayload()),
              std::max<double>(0, Terms * Events.maxPayload())};
    }
  return {};
}

IntegerRange IntegerRanges::of(Value V) const {
  if (auto Known = Ranges.find(V); Known != Ranges.end())
    return Known->second;
  return V.getType().isInteger(1) ? IntegerRange{0, 1} : IntegerRange{};
}

/// Ends beyond 32 bits wrap: then anything can come.
static IntegerRange within32(double Low, double High) {
  return IntegerRanges::fits({Low, High}) ? IntegerRange{Low, High}
                                          : IntegerRange();
}

/// Of products of what is within both; exact below 2^53, monotone above.
static IntegerRange times(IntegerRange A, IntegerRange C) {
  const double Corners[] = {A.Low * C.Low, A.Low * C.High, A.High * C.Low,
                            A.High * C.High};
  return {*std::min_element(Corners, Corners + 4),
          *std::max_element(Corners, Corners + 4)};
}

IntegerRange IntegerRanges::ofProduct(Value A, Value C, uint64_t By) const {
  IntegerRange R = times(of(A), of(C));
  if (A == C)
    R.Low = std::max(R.Low, 0.0);
  const int Down = -static_cast<int>(By);
  return {std::floor(std::ldexp(R.Low, Down)),
          std::ceil(std::ldexp(R.High, Down))};
}

/// \p Of shifted left by the constant of \p By, or right by what is within it.
static IntegerRange shifted(IntegerRange Of, IntegerRange By, bool Left) {
  if (By.Low < 0 || By.High > 31 || (Left && By.Low != By.High))
    return {};
  const int Least = static_cast<int>(By.Low), Most = static_cast<int>(By.High);
  if (Left)
    return within32(std::ldexp(Of.Low, Least), std::ldexp(Of.High, Least));
  // Away from 0 it goes with the smallest shift.
  return {std::floor(std::ldexp(Of.Low, Of.Low < 0 ? -Least : -Most)),
          std::floor(std::ldexp(Of.High, Of.High < 0 ? -Most : -Least))};
}

IntegerRange IntegerRanges::made(Operation &Op) const {
  auto Of = [&](unsigned I) { return of(Op.getOperand(I)); };
  return llvm::TypeSwitch<Operation *, IntegerRange>(&Op)
      .Case<arith::ConstantOp>([](auto C) {
        auto Number = dyn_cast<IntegerAttr>(C.getValue());
        if (!Number)
          return IntegerRange{};
        const auto V =
            C.getType().isInteger(1)
                ? static_cast<double>(Number.getValue().getZExtValue())
                : static_cast<double>(Number.getInt());
        return IntegerRange{V, V};
      })
      .Case<arith::AddIOp>([&](auto) {
        return within32(Of(0).Low + Of(1).Low, Of(0).High + Of(1).High);
      })
      .Case<arith::SubIOp>([&](auto) {
        return within32(Of(0).Low - Of(1).High, Of(0).High - Of(1).Low);
      })
      .Case<arith::MulIOp>([&](auto) {
        const IntegerRange R = times(Of(0), Of(1));
        return within32(R.Low, R.High);
      })
      .Case<spike::MulShiftOp>([&](auto M) {
        const IntegerRange R = ofProduct(M.getLeft(), M.getRight(), M.getBy());
        return within32(R.Low, R.High);
      })
      .Case<arith::ShLIOp>([&](auto) { return shifted(Of(0), Of(1), true); })
      .Case<arith::ShRSIOp>([&](auto) { return shifted(Of(0), Of(1), false); })
      .Case<arith::AndIOp>([&](auto) {
        // No bit is set that one that is not negative has not.
        IntegerRange R;
        for (IntegerRange One : {Of(0), Of(1)})
          if (One.Low >= 0)
            R = {0, std::min(R.High, One.High)};
        return R;
      })
      .Case<arith::MinSIOp>([&](auto) {
        return IntegerRange{std::min(Of(0).Low, Of(1).Low),
                            std::min(Of(0).High, Of(1).High)};
      })
      .Case<arith::MaxSIOp>([&](auto) {
        return IntegerRange{std::max(Of(0).Low, Of(1).Low),
                            std::max(Of(0).High, Of(1).High)};
      })
      .Case<arith::SelectOp>([&](auto) {
        return IntegerRange{std::min(Of(1).Low, Of(2).Low),
                            std::max(Of(1).High, Of(2).High)};
      })
      .Case<arith::ExtUIOp>([&](auto) { return Of(0); })
      .Case<spike::StepOp>([](auto) { return IntegerRange{0, 65535}; })
      .Default([&](Operation *) {
        return Op.getResult(0).getType().isInteger(1) ? IntegerRange{0, 1}
                                                      : IntegerRange{};
      });
}
