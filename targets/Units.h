//===- targets/Units.h - Strong types for quantities ------------*- C++ -*-===//
//
// A number that crosses an interface carries its unit in its type. Arithmetic
// is offered only where it means something (sum of equal units, scaling by a
// count); anything else has to say `.Value` out loud.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_UNITS_H
#define SYNFIRE_TARGETS_UNITS_H

#include <compare>
#include <cstdint>

namespace synfire {

/// A quantity of one unit; \p Tag makes each unit its own type.
template <typename Tag, typename Rep>
struct Quantity {
  Rep Value{};

  constexpr Quantity() = default;
  explicit constexpr Quantity(Rep V) : Value(V) {}
  auto operator<=>(const Quantity &) const = default;
  constexpr Quantity operator+(Quantity O) const {
    return Quantity(Value + O.Value);
  }
  constexpr Quantity operator-(Quantity O) const {
    return Quantity(Value - O.Value);
  }
  constexpr Quantity &operator+=(Quantity O) {
    Value += O.Value;
    return *this;
  }
  constexpr Quantity operator*(Rep Factor) const {
    return Quantity(Value * Factor);
  }
};

/// Bytes of memory.
using Bytes = Quantity<struct BytesTag, uint64_t>;
/// Barrier-to-barrier steps of a chip.
using Ticks = Quantity<struct TicksTag, uint64_t>;
/// Energy in picojoules.
using Picojoules = Quantity<struct PicojoulesTag, double>;
/// Time in nanoseconds.
using Nanoseconds = Quantity<struct NanosecondsTag, double>;
/// Power in watts.
using Watts = Quantity<struct WattsTag, double>;

/// A core of a system, numbered by router (row major over the whole system)
/// and then by its place at that router.
struct CoreId {
  uint32_t Value = 0;
  auto operator<=>(const CoreId &) const = default;
};

/// A router of a system: `Y * systemWidth + X` over the global grid.
struct RouterId {
  uint32_t Value = 0;
  auto operator<=>(const RouterId &) const = default;
};

} // namespace synfire

#endif // SYNFIRE_TARGETS_UNITS_H
