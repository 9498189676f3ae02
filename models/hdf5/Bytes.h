//===- models/hdf5/Bytes.h - Reading fields within bounds -------*- C++ -*-===//

#ifndef SYNFIRE_MODELS_HDF5_BYTES_H
#define SYNFIRE_MODELS_HDF5_BYTES_H

#include <cstdint>
#include <span>
#include <string_view>

namespace synfire::hdf5 {

/// The address of what is not there.
constexpr uint64_t Undefined = ~uint64_t(0);

/// Reads little-endian fields one after another. Past the end it yields zeros
/// and remembers it, so that one check at the end of a structure is enough.
class Cursor {
public:
  /// At byte \p At of \p Bytes, which need not exist.
  Cursor(std::span<const uint8_t> Bytes, uint64_t At)
      : Bytes(Bytes), At(At), Short(At > Bytes.size()) {}

  uint64_t number(unsigned Size) {
    uint64_t Value = 0;
    if (!has(Size)) {
      Short = true;
      return 0;
    }
    for (unsigned I = 0; I != Size; ++I)
      Value |= uint64_t(Bytes[At + I]) << (8 * I);
    At += Size;
    return Value;
  }
  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  uint64_t u64() { return number(8); }

  std::string_view text(uint64_t Size) {
    if (!has(Size)) {
      Short = true;
      return {};
    }
    std::string_view Out(reinterpret_cast<const char *>(Bytes.data() + At),
                         Size);
    At += Size;
    return Out;
  }
  void skip(uint64_t Size) {
    if (has(Size))
      At += Size;
    else
      Short = true;
  }
  bool eat(std::string_view Signature) {
    return text(Signature.size()) == Signature;
  }

  /// A second cursor over the same bytes, at byte \p Start.
  Cursor from(uint64_t Start) const { return {Bytes, Start}; }

  bool has(uint64_t Size) const { return !Short && Size <= Bytes.size() - At; }
  uint64_t at() const { return At; }
  uint64_t left() const { return Short ? 0 : Bytes.size() - At; }
  /// True once something was read that is not there.
  bool tooShort() const { return Short; }

private:
  std::span<const uint8_t> Bytes;
  uint64_t At;
  bool Short;
};

} // namespace synfire::hdf5

#endif // SYNFIRE_MODELS_HDF5_BYTES_H
