//===- models/hdf5/GlobalHeap.h - Where long strings lie --------*- C++ -*-===//

#ifndef SYNFIRE_MODELS_HDF5_GLOBALHEAP_H
#define SYNFIRE_MODELS_HDF5_GLOBALHEAP_H

#include "models/hdf5/Messages.h"

#include <map>

namespace synfire::hdf5 {

/// Finds strings of variable length; remembers the collections it has read.
class GlobalHeap {
public:
  explicit GlobalHeap(std::span<const uint8_t> File) : File(File) {}

  /// The text that the 16 bytes at \p Reference point to: length, address of a
  /// collection, index in it.
  Refusal find(const uint8_t *Reference, std::string_view &Text);

private:
  /// Text of each object, by index.
  using Collection = std::map<uint16_t, std::string_view>;
  Refusal read(uint64_t Address, Collection &Objects);

  std::span<const uint8_t> File;
  std::map<uint64_t, Collection> Collections;
  size_t NumRead = 0;
};

} // namespace synfire::hdf5

#endif // SYNFIRE_MODELS_HDF5_GLOBALHEAP_H
