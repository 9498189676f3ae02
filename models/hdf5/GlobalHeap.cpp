//===- models/hdf5/GlobalHeap.cpp - Where long strings lie ----------------===//

#include "models/hdf5/GlobalHeap.h"

#include <fmt/format.h>

#include <algorithm>

namespace synfire::hdf5 {

namespace {

/// Objects of all collections that one array of strings may need.
constexpr size_t MaxHeapObjects = size_t(1) << 21;

Refusal damaged(uint64_t At, std::string_view What) {
  return {"hdf5-data",
          fmt::format("at byte {}: {}: the file is damaged", At, What)};
}

} // namespace

Refusal GlobalHeap::read(uint64_t Address, Collection &Objects) {
  Cursor Head(File, Address);
  bool Signed = Head.eat("GCOL");
  unsigned Version = Head.u8();
  Head.skip(3);
  uint64_t Size = Head.u64();
  if (!Signed || Version != 1 || Head.tooShort() ||
      Size > File.size() - Address || Size < 16)
    return damaged(Address, "no heap of strings there");
  Cursor C(File.first(Address + Size), Head.at());
  while (C.left() >= 16) {
    uint16_t Index = C.u16();
    C.skip(6);
    uint64_t Bytes = C.u64();
    if (Index == 0)
      return {}; // The free space at the end.
    if (++NumRead > MaxHeapObjects)
      return {"hdf5-size", fmt::format("more than {} strings in its heaps, "
                                       "which is the limit",
                                       MaxHeapObjects)};
    if (!C.has(Bytes))
      return damaged(C.at(), "a string that does not end in its heap");
    Objects.emplace(Index, C.text(Bytes));
    C.skip(std::min<uint64_t>((8 - Bytes % 8) % 8, C.left()));
  }
  return {};
}

Refusal GlobalHeap::find(const uint8_t *Reference, std::string_view &Text) {
  Cursor C({Reference, 16}, 0);
  uint64_t Length = C.u32(), Address = C.u64();
  uint32_t Index = C.u32();
  Text = {};
  if (Length == 0 || Address == 0 || Address == Undefined)
    return {}; // The empty string has no object.
  auto [Place, New] = Collections.try_emplace(Address);
  if (New)
    if (Refusal R = read(Address, Place->second))
      return R;
  auto Found = Index > UINT16_MAX
                   ? Place->second.end()
                   : Place->second.find(static_cast<uint16_t>(Index));
  if (Found == Place->second.end() || Found->second.size() < Length)
    return damaged(
        Address, fmt::format("no string {} of {} bytes there", Index, Length));
  Text = Found->second.substr(0, Length);
  return {};
}

} // namespace synfire::hdf5
