//===- simulator/noc/Bits.h - Sets of a few channels ------------*- C++ -*-===//
//
// A fixed-size set of small numbers, for round-robin arbitration.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_BITS_H
#define SYNFIRE_SIMULATOR_NOC_BITS_H

#include <array>
#include <bit>
#include <cstdint>

namespace synfire::sim::noc {

/// The first member of \p Set at or after \p Start, else the first of all.
/// \p Set is not empty.
inline uint32_t nextFrom(uint32_t Set, uint32_t Start) {
  uint32_t Late = Start < 32 ? Set >> Start << Start : 0;
  return static_cast<uint32_t>(std::countr_zero(Late ? Late : Set));
}

/// Members 0 .. 64 * W - 1.
template <unsigned W>
struct Bits {
  std::array<uint64_t, W> Words{};

  void set(unsigned I) { Words[I / 64] |= uint64_t(1) << (I % 64); }
  void clear(unsigned I) { Words[I / 64] &= ~(uint64_t(1) << (I % 64)); }
  bool test(unsigned I) const { return Words[I / 64] >> (I % 64) & 1; }
  bool any() const {
    uint64_t All = 0;
    for (uint64_t Word : Words)
      All |= Word;
    return All != 0;
  }
  Bits &operator|=(const Bits &O) {
    for (unsigned I = 0; I < W; ++I)
      Words[I] |= O.Words[I];
    return *this;
  }
  /// Calls \p F with each member, ascending. The set may change meanwhile; F
  /// sees it as it was, word by word.
  template <typename Fn>
  void forEach(Fn F) const {
    for (unsigned I = 0; I < W; ++I)
      for (uint64_t Word = Words[I]; Word; Word &= Word - 1)
        F(I * 64 + static_cast<unsigned>(std::countr_zero(Word)));
  }
  /// As the function above.
  unsigned nextFrom(unsigned Start) const {
    unsigned First = Start / 64;
    if (First < W) {
      uint64_t Late = Words[First] >> (Start % 64) << (Start % 64);
      for (unsigned I = First;;) {
        if (Late)
          return I * 64 + static_cast<unsigned>(std::countr_zero(Late));
        if (++I == W)
          break;
        Late = Words[I];
      }
    }
    for (unsigned I = 0; I < W; ++I)
      if (Words[I])
        return I * 64 + static_cast<unsigned>(std::countr_zero(Words[I]));
    return 0;
  }
};

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_BITS_H
