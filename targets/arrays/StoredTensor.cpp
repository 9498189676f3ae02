//===- targets/arrays/StoredTensor.cpp - A tensor that stays in its file --===//

#include "targets/arrays/StoredTensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>

namespace synfire {

namespace {

struct DTypeInfo {
  std::string_view Name;
  unsigned Bytes;
};
constexpr DTypeInfo DTypeTable[] = {
    {"f32", 4}, {"f64", 8}, {"f16", 2}, {"bf16", 2}, {"i64", 8},
    {"i32", 4}, {"i16", 2}, {"i8", 1},  {"u8", 1},   {"bool", 1}};

/// A tensor that repeats its storage (stride 0) may have more elements than the
/// file has bytes; beyond this many it is taken for an attack on the memory.
constexpr int64_t MaxRepeatedElements = int64_t(1) << 24;

float halfToFloat(uint16_t Half) {
  uint32_t Sign = static_cast<uint32_t>(Half & 0x8000) << 16;
  uint32_t Exponent = (Half >> 10) & 0x1f;
  uint32_t Fraction = Half & 0x3ff;
  if (Exponent == 0) // Zero and subnormals: Fraction * 2^-24, exactly.
    return std::copysign(static_cast<float>(Fraction) * 0x1p-24f,
                         std::bit_cast<float>(Sign));
  uint32_t Wide = Exponent == 31 ? 255 : Exponent + 112;
  return std::bit_cast<float>(Sign | Wide << 23 | Fraction << 13);
}

template <typename T>
T load(const uint8_t *From) {
  T Value;
  std::memcpy(&Value, From, sizeof(T));
  return Value;
}

template <typename T>
void convertRun(const uint8_t *From, int64_t Step, int64_t Count, float *To) {
  for (int64_t I = 0; I != Count; ++I)
    To[I] = static_cast<float>(load<T>(From + I * Step));
}

/// \p Count elements, \p Step bytes apart.
void toFloats(DType Type, const uint8_t *From, int64_t Step, int64_t Count,
              float *To) {
  switch (Type) {
  case DType::F32:
    if (Step == 4)
      std::memcpy(To, From, static_cast<size_t>(Count) * 4);
    else
      convertRun<float>(From, Step, Count, To);
    return;
  case DType::F64:
    return convertRun<double>(From, Step, Count, To);
  case DType::F16:
    for (int64_t I = 0; I != Count; ++I)
      To[I] = halfToFloat(load<uint16_t>(From + I * Step));
    return;
  case DType::BF16:
    for (int64_t I = 0; I != Count; ++I)
      To[I] = std::bit_cast<float>(
          static_cast<uint32_t>(load<uint16_t>(From + I * Step)) << 16);
    return;
  case DType::I64:
    return convertRun<int64_t>(From, Step, Count, To);
  case DType::I32:
    return convertRun<int32_t>(From, Step, Count, To);
  case DType::I16:
    return convertRun<int16_t>(From, Step, Count, To);
  case DType::I8:
    return convertRun<int8_t>(From, Step, Count, To);
  case DType::U8:
    return convertRun<uint8_t>(From, Step, Count, To);
  case DType::Bool:
    for (int64_t I = 0; I != Count; ++I)
      To[I] = From[I * Step] != 0 ? 1.0f : 0.0f;
    return;
  }
}

/// Calls Visit(first byte, byte step, elements) for maximal regular runs of the
/// tensor in C order; bounds have been checked.
template <typename Fn>
void forEachRun(std::span<const uint8_t> File, const StoredTensor &T,
                Fn Visit) {
  int64_t Size = byteSize(T.Type);
  int64_t Total = T.numElements();
  if (Total == 0)
    return;
  const uint8_t *Base = File.data() + T.FileOffset;
  if (T.isContiguous())
    return Visit(Base, Size, Total);
  size_t Rank = T.Shape.size();
  std::vector<int64_t> Index(Rank, 0);
  int64_t Offset = 0;
  for (;;) {
    Visit(Base + Offset * Size, T.Strides[Rank - 1] * Size, T.Shape[Rank - 1]);
    size_t D = Rank - 1;
    for (; D-- != 0;) {
      Offset += T.Strides[D];
      if (++Index[D] != T.Shape[D])
        break;
      Offset -= T.Strides[D] * T.Shape[D];
      Index[D] = 0;
    }
    if (D == static_cast<size_t>(-1))
      return;
  }
}

/// Index of the first NaN or infinity in binary floats of \p Type, or -1.
/// \p Word is the integer of the element's width, \p Mask its exponent field.
template <typename Word>
int64_t firstNonFinite(const uint8_t *Elements, int64_t Count, Word Mask) {
  constexpr int64_t Block = 4096;
  for (int64_t Begin = 0; Begin < Count; Begin += Block) {
    int64_t End = std::min(Count, Begin + Block);
    Word Bad = 0;
    for (int64_t I = Begin; I != End; ++I)
      Bad |= Word((load<Word>(Elements + I * sizeof(Word)) & Mask) == Mask);
    if (Bad == 0)
      continue;
    for (int64_t I = Begin; I != End; ++I)
      if ((load<Word>(Elements + I * sizeof(Word)) & Mask) == Mask)
        return I;
  }
  return -1;
}

int64_t firstNonFinite(DType Type, const uint8_t *Elements, int64_t Count) {
  switch (Type) {
  case DType::F32:
    return firstNonFinite<uint32_t>(Elements, Count, 0x7f800000u);
  case DType::F64:
    return firstNonFinite<uint64_t>(Elements, Count, 0x7ff0000000000000u);
  case DType::F16:
    return firstNonFinite<uint16_t>(Elements, Count, 0x7c00);
  case DType::BF16:
    return firstNonFinite<uint16_t>(Elements, Count, 0x7f80);
  default:
    return -1;
  }
}

} // namespace

std::string_view name(DType Type) {
  return DTypeTable[static_cast<unsigned>(Type)].Name;
}

std::optional<DType> parseDType(std::string_view Name) {
  for (unsigned I = 0; I != std::size(DTypeTable); ++I)
    if (DTypeTable[I].Name == Name)
      return static_cast<DType>(I);
  return std::nullopt;
}

unsigned byteSize(DType Type) {
  return DTypeTable[static_cast<unsigned>(Type)].Bytes;
}

bool isFloatingPoint(DType Type) {
  return Type == DType::F32 || Type == DType::F64 || Type == DType::F16 ||
         Type == DType::BF16;
}

int64_t StoredTensor::numElements() const {
  int64_t Count = 1;
  for (int64_t Size : Shape)
    Count *= Size;
  return Count;
}

bool StoredTensor::isContiguous() const {
  int64_t Expected = 1;
  for (size_t D = Shape.size(); D-- != 0;) {
    if (Shape[D] != 1 && Strides[D] != Expected)
      return false;
    Expected *= Shape[D];
  }
  return true;
}

std::string formatShape(std::span<const int64_t> Shape) {
  return fmt::format("[{}]", fmt::join(Shape, ", "));
}

std::vector<int64_t> contiguousStrides(std::span<const int64_t> Shape) {
  std::vector<int64_t> Strides(Shape.size());
  int64_t Stride = 1;
  for (size_t D = Shape.size(); D-- != 0;) {
    Strides[D] = Stride;
    // Shapes come from files: checkBounds() refuses what does not fit.
    if (__builtin_mul_overflow(Stride, std::max<int64_t>(Shape[D], 1), &Stride))
      Stride = INT64_MAX;
  }
  return Strides;
}

Status checkBounds(const StoredTensor &T, uint64_t FileSize) {
  auto fail = [&](const std::string &Text) {
    return Error{T.Name, "tensor-bounds", Text};
  };
  if (T.Shape.size() != T.Strides.size())
    return fail(fmt::format("{} dimensions but {} strides", T.Shape.size(),
                            T.Strides.size()));
  int64_t Count = 1, Last = 0;
  bool Overflow = false, Empty = false;
  for (size_t D = 0; D != T.Shape.size(); ++D) {
    if (T.Shape[D] < 0 || T.Strides[D] < 0)
      return fail(fmt::format("negative size or stride in shape {}, strides {}",
                              formatShape(T.Shape), formatShape(T.Strides)));
    Empty |= T.Shape[D] == 0;
    int64_t Reach = 0;
    // A zero further on makes the product zero, but not this one: a shape whose
    // other sizes overflow is refused all the same.
    Overflow |=
        __builtin_mul_overflow(Count, std::max<int64_t>(T.Shape[D], 1), &Count);
    Overflow |= __builtin_mul_overflow(std::max<int64_t>(T.Shape[D] - 1, 0),
                                       T.Strides[D], &Reach);
    Overflow |= __builtin_add_overflow(Last, Reach, &Last);
  }
  if (Overflow)
    return fail(fmt::format("shape {} with strides {} overflows 64 bits",
                            formatShape(T.Shape), formatShape(T.Strides)));
  if (Empty)
    return {};
  uint64_t Size = byteSize(T.Type);
  if (T.FileOffset > FileSize ||
      static_cast<uint64_t>(Last) >= (FileSize - T.FileOffset) / Size)
    return fail(fmt::format(
        "shape {} of {} from byte {} on needs {} elements, and the file ends "
        "at byte {}: it is truncated or damaged",
        formatShape(T.Shape), name(T.Type), T.FileOffset,
        static_cast<uint64_t>(Last) + 1, FileSize));
  if (Count - 1 > Last && Count > MaxRepeatedElements)
    return fail(fmt::format("shape {} repeats {} stored elements; more than {} "
                            "elements made by repetition are not read: save a "
                            "contiguous copy",
                            formatShape(T.Shape), Last + 1,
                            MaxRepeatedElements));
  return {};
}

Result<std::vector<float>> readFloats(std::span<const uint8_t> File,
                                      const StoredTensor &T) {
  if (Status S = checkBounds(T, File.size()); !S)
    return S.errors();
  std::vector<float> Out(static_cast<size_t>(T.numElements()));
  float *To = Out.data();
  forEachRun(File, T, [&](const uint8_t *From, int64_t Step, int64_t Count) {
    toFloats(T.Type, From, Step, Count, To);
    To += Count;
  });
  return Out;
}

Result<std::vector<float>> readFloatRows(std::span<const uint8_t> File,
                                         const StoredTensor &T,
                                         int64_t FirstRow, int64_t NumRows) {
  if (Status S = checkBounds(T, File.size()); !S)
    return S.errors();
  if (T.Shape.empty() || FirstRow < 0 || NumRows < 0 || NumRows > T.Shape[0] ||
      FirstRow > T.Shape[0] - NumRows)
    return Error{T.Name, "tensor-rows",
                 fmt::format("rows {} to {} asked of shape {}", FirstRow,
                             FirstRow + NumRows - 1, formatShape(T.Shape))};
  StoredTensor Rows = T;
  Rows.Shape[0] = NumRows;
  if (NumRows != 0)
    Rows.FileOffset +=
        static_cast<uint64_t>(FirstRow * T.Strides[0]) * byteSize(T.Type);
  return readFloats(File, Rows);
}

Result<TensorDigest> digest(std::span<const uint8_t> File,
                            const StoredTensor &T) {
  if (Status S = checkBounds(T, File.size()); !S)
    return S.errors();
  int64_t Size = byteSize(T.Type);
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> State(
      XXH3_createState(), &XXH3_freeState);
  XXH3_64bits_reset(State.get());
  TensorDigest Digest;
  int64_t Seen = 0;
  std::vector<uint8_t> Dense;
  forEachRun(File, T, [&](const uint8_t *From, int64_t Step, int64_t Count) {
    if (Step != Size) {
      Dense.resize(static_cast<size_t>(Count * Size));
      for (int64_t I = 0; I != Count; ++I)
        std::memcpy(Dense.data() + I * Size, From + I * Step,
                    static_cast<size_t>(Size));
      From = Dense.data();
    }
    // In pieces that stay in cache between the two readers.
    constexpr int64_t Piece = 16384;
    for (int64_t Begin = 0; Begin < Count; Begin += Piece) {
      int64_t N = std::min(Piece, Count - Begin);
      const uint8_t *At = From + Begin * Size;
      XXH3_64bits_update(State.get(), At, static_cast<size_t>(N * Size));
      if (!Digest.FirstNonFinite)
        if (int64_t Bad = firstNonFinite(T.Type, At, N); Bad >= 0)
          Digest.FirstNonFinite = Seen + Begin + Bad;
    }
    Seen += Count;
  });
  Digest.Hash = XXH3_64bits_digest(State.get());
  return Digest;
}

} // namespace synfire
