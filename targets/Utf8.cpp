//===- targets/Utf8.cpp - Well-formed text ----------------------*- C++ -*-===//

#include "targets/Utf8.h"

#include <cstdint>

using namespace synfire;

std::optional<size_t> synfire::findInvalidUtf8(std::string_view Text) {
  size_t I = 0;
  while (I < Text.size()) {
    auto Byte = [&](size_t At) { return static_cast<uint8_t>(Text[At]); };
    uint8_t Lead = Byte(I);
    if (Lead < 0x80) {
      ++I;
      continue;
    }
    size_t Length = Lead >= 0xf0 ? 4 : Lead >= 0xe0 ? 3 : 2;
    if (Lead < 0xc2 || Lead > 0xf4 || Text.size() - I < Length)
      return I;
    // The second byte's range excludes overlong forms, surrogates and values
    // above U+10FFFF.
    uint8_t Low = Lead == 0xe0 ? 0xa0 : Lead == 0xf0 ? 0x90 : 0x80;
    uint8_t High = Lead == 0xed ? 0x9f : Lead == 0xf4 ? 0x8f : 0xbf;
    if (Byte(I + 1) < Low || Byte(I + 1) > High)
      return I;
    for (size_t K = 2; K < Length; ++K)
      if (Byte(I + K) < 0x80 || Byte(I + K) > 0xbf)
        return I;
    I += Length;
  }
  return std::nullopt;
}
