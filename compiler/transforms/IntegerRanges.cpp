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
  const IntegerRange All;
  return Low < All.Low || High > All.High ? All : IntegerRange{Low, High};
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
        const double C[] = {Of(0).Low * Of(1).Low, Of(0).Low * Of(1).High,
                            Of(0).High * Of(1).Low, Of(0).High * Of(1).High};
        return within32(*std::min_element(C, C + 4),
                        *std::max_element(C, C + 4));
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
