//===- simulator/noc/Wheel.h - What happens when ----------------*- C++ -*-===//
//
// A timing wheel: one list of events per quantum of the near future, and a bit
// per list, so that time without events is skipped and not walked through.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_WHEEL_H
#define SYNFIRE_SIMULATOR_NOC_WHEEL_H

#include <bit>
#include <cstdint>
#include <vector>

namespace synfire::sim::noc {

/// Internal time: quanta, within one epoch of an engine.
using Tick = uint32_t;
inline constexpr Tick Never = ~Tick(0);

class Wheel {
public:
  /// \p Horizon: the longest delay that an event is scheduled ahead.
  void reset(uint32_t Horizon) {
    uint32_t Size = std::bit_ceil(Horizon + 2 < 64 ? 64 : Horizon + 2);
    Mask = Size - 1;
    Slots.assign(Size, {});
    Used.assign(Size / 64, 0);
  }
  void clear() {
    for (auto &Slot : Slots)
      Slot.clear();
    for (uint64_t &Word : Used)
      Word = 0;
  }
  void add(Tick At, uint32_t Event) {
    uint32_t I = At & Mask;
    Slots[I].push_back(Event);
    Used[I / 64] |= uint64_t(1) << (I % 64);
  }
  /// The first moment at or after \p Now with an event; Never if there is none.
  Tick next(Tick Now) const {
    uint32_t I = Now & Mask, Word = I / 64, Words = (Mask + 1) / 64;
    uint64_t Late = Used[Word] >> (I % 64) << (I % 64);
    for (uint32_t Step = 0; Step <= Words; ++Step) {
      if (Late) {
        uint32_t At = Word * 64 + static_cast<uint32_t>(std::countr_zero(Late));
        return Now + ((At - I) & Mask);
      }
      Word = Word + 1 == Words ? 0 : Word + 1;
      Late = Used[Word];
    }
    return Never;
  }
  /// Takes the events of \p Now out, in the order in which they were added.
  /// \p Events is emptied first; its memory goes to the wheel.
  void take(Tick Now, std::vector<uint32_t> &Events) {
    uint32_t I = Now & Mask;
    Events.clear();
    Events.swap(Slots[I]);
    Used[I / 64] &= ~(uint64_t(1) << (I % 64));
  }

private:
  uint32_t Mask = 0;
  std::vector<std::vector<uint32_t>> Slots;
  std::vector<uint64_t> Used;
};

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_WHEEL_H
