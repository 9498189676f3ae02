//===- models/hdf5/Values.cpp - Numbers and strings -----------------------===//

#include "models/hdf5/Chunks.h"
#include "models/hdf5/GlobalHeap.h"
#include "models/hdf5/Hdf5.h"
#include "models/hdf5/Structure.h"
#include "targets/Utf8.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

namespace synfire::hdf5 {

namespace {

/// Integers beyond it are not all binary64 numbers.
constexpr int64_t MaxExact = int64_t(1) << 53;

Error fault(const std::string &FileName, const std::string &Path,
            const Refusal &R) {
  return Error{FileName, R.Rule,
               fmt::format("'{}': {}", printable(Path), R.Text)};
}

/// The elements as stored, in C order.
Refusal readBytes(std::span<const uint8_t> File, const StoredArray &Data,
                  std::vector<uint8_t> &Out) {
  if (Refusal R = checkExtent(Data, File.size()))
    return R;
  uint64_t Size = static_cast<uint64_t>(Data.numElements()) * Data.Type.Size;
  switch (Data.Place) {
  case StoredArray::Layout::Absent:
    Out.assign(Size, 0);
    return {};
  case StoredArray::Layout::Compact:
  case StoredArray::Layout::Contiguous: {
    auto Begin = File.begin() + static_cast<ptrdiff_t>(Data.Address);
    Out.assign(Begin, Begin + static_cast<ptrdiff_t>(Size));
    return {};
  }
  default:
    return readChunks(File, Data, Out);
  }
}

uint64_t bitsOf(const uint8_t *At, const ElementType &Type) {
  uint64_t Bits = 0;
  for (unsigned I = 0; I != Type.Size; ++I)
    Bits |= uint64_t(At[Type.BigEndian ? Type.Size - 1 - I : I]) << (8 * I);
  return Bits;
}

int64_t integerOf(uint64_t Bits, const ElementType &Type) {
  unsigned Unused = 64 - 8 * Type.Size;
  return Type.Signed ? static_cast<int64_t>(Bits << Unused) >> Unused
                     : static_cast<int64_t>(Bits);
}

double halfOf(uint64_t Bits) {
  int Exponent = Bits >> 10 & 31;
  double Mantissa = static_cast<double>(Bits & 1023);
  double Size = Exponent == 31  ? (Mantissa != 0 ? NAN : INFINITY)
                : Exponent == 0 ? std::ldexp(Mantissa, -24)
                                : std::ldexp(1024 + Mantissa, Exponent - 25);
  return Bits & 0x8000 ? -Size : Size;
}

double floatOf(uint64_t Bits, const ElementType &Type) {
  if (Type.Size == 2)
    return halfOf(Bits);
  if (Type.Size == 4) {
    float Value;
    auto Word = static_cast<uint32_t>(Bits);
    std::memcpy(&Value, &Word, sizeof(Value));
    return Value;
  }
  double Value;
  std::memcpy(&Value, &Bits, sizeof(Value));
  return Value;
}

Error notNumbers(const std::string &FileName, const std::string &Path,
                 const ElementType &Type, std::string_view Wanted) {
  return fault(FileName, Path,
               {"hdf5-type", fmt::format("holds elements of type '{}' where {} "
                                         "are expected",
                                         Type.Name, Wanted)});
}

/// The one element of a scalar or an array of one.
template <typename T>
Result<T> only(Result<std::vector<T>> Values, const std::string &FileName,
               const std::string &Path) {
  if (!Values)
    return Values.errors();
  if (Values->size() != 1)
    return fault(FileName, Path,
                 {"hdf5-shape", fmt::format("holds {} values where one is "
                                            "expected",
                                            Values->size())});
  return std::move(Values->front());
}

/// A dataset that can be read, or why not.
Status checkDataset(const std::string &FileName, const Object &O) {
  if (O.Fault)
    return *O.Fault;
  if (O.IsGroup)
    return fault(FileName, O.Path,
                 {"hdf5-type", "a group where a dataset is expected"});
  return {};
}

} // namespace

Result<std::vector<double>> File::doubles(const StoredArray &A,
                                          const std::string &Path) const {
  if (!A.Type.isNumber())
    return notNumbers(Name, Path, A.Type, "numbers");
  std::vector<uint8_t> Raw;
  if (Refusal R = readBytes(Bytes, A, Raw))
    return fault(Name, Path, R);
  std::vector<double> Out(Raw.size() / A.Type.Size);
  for (size_t I = 0; I != Out.size(); ++I) {
    uint64_t Bits = bitsOf(&Raw[I * A.Type.Size], A.Type);
    if (A.Type.K == ElementType::Kind::Float) {
      Out[I] = floatOf(Bits, A.Type);
      continue;
    }
    int64_t Value = integerOf(Bits, A.Type);
    if (Value > MaxExact || Value < -MaxExact || (!A.Type.Signed && Value < 0))
      return fault(Name, Path,
                   {"hdf5-data", fmt::format("element {} is beyond 2^53", I)});
    Out[I] = static_cast<double>(Value);
  }
  return Out;
}

Result<std::vector<double>> File::readDoubles(const Object &Dataset) const {
  if (Status S = checkDataset(Name, Dataset); !S)
    return S.errors();
  return doubles(Dataset.Data, Dataset.Path);
}

Result<std::vector<float>> File::readFloats(const Object &Dataset) const {
  Result<std::vector<double>> Wide = readDoubles(Dataset);
  if (!Wide)
    return Wide.errors();
  std::vector<float> Out(Wide->size());
  for (size_t I = 0; I != Out.size(); ++I)
    Out[I] = static_cast<float>((*Wide)[I]);
  return Out;
}

Result<std::vector<int64_t>> File::readIntegers(const Object &Dataset) const {
  Result<std::vector<double>> Wide = readDoubles(Dataset);
  if (!Wide)
    return Wide.errors();
  std::vector<int64_t> Out(Wide->size());
  for (size_t I = 0; I != Out.size(); ++I) {
    double Value = (*Wide)[I];
    if (!(std::fabs(Value) <= static_cast<double>(MaxExact)) ||
        Value != std::floor(Value))
      return fault(Name, Dataset.Path,
                   {"hdf5-integer",
                    fmt::format("element {} is {} where a whole number is "
                                "expected",
                                I, Value)});
    Out[I] = static_cast<int64_t>(Value);
  }
  return Out;
}

Result<std::vector<std::string>> File::texts(const StoredArray &A,
                                             const std::string &Path) const {
  if (!A.Type.isText())
    return notNumbers(Name, Path, A.Type, "strings");
  std::vector<uint8_t> Raw;
  if (Refusal R = readBytes(Bytes, A, Raw))
    return fault(Name, Path, R);
  std::vector<std::string> Out;
  GlobalHeap Heap(Bytes);
  size_t Total = 0;
  for (size_t At = 0; At != Raw.size(); At += A.Type.Size) {
    std::string_view Text(reinterpret_cast<const char *>(&Raw[At]),
                          A.Type.Size);
    if (A.Type.K == ElementType::Kind::VariableText)
      if (Refusal R = Heap.find(&Raw[At], Text))
        return fault(Name, Path, R);
    if (A.Type.Padding == ' ')
      while (!Text.empty() && Text.back() == ' ')
        Text.remove_suffix(1);
    Text = Text.substr(0, Text.find('\0'));
    Total += Text.size();
    if (Text.size() > MaxTextBytes || Total > MaxTextsBytes)
      return fault(Name, Path,
                   {"hdf5-size",
                    fmt::format("string {} has {} bytes ({} with those before "
                                "it); at most {} ({}) are read",
                                Out.size(), Text.size(), Total, MaxTextBytes,
                                MaxTextsBytes)});
    if (findInvalidUtf8(Text))
      return fault(Name, Path,
                   {"hdf5-text", fmt::format("string {}, '{}', is not UTF-8",
                                             Out.size(), printable(Text))});
    Out.emplace_back(Text);
  }
  return Out;
}

Result<std::vector<std::string>> File::readTexts(const Object &Dataset) const {
  if (Status S = checkDataset(Name, Dataset); !S)
    return S.errors();
  return texts(Dataset.Data, Dataset.Path);
}

Result<int64_t> File::readInteger(const Object &Dataset) const {
  return only(readIntegers(Dataset), Name, Dataset.Path);
}
Result<double> File::readDouble(const Object &Dataset) const {
  return only(readDoubles(Dataset), Name, Dataset.Path);
}
Result<std::string> File::readText(const Object &Dataset) const {
  return only(readTexts(Dataset), Name, Dataset.Path);
}

Result<double> File::readDouble(const Object &Owner, const Attribute &A) const {
  std::string Path = Owner.Path + "@" + A.Name;
  return only(doubles(A.Value, Path), Name, Path);
}
Result<std::string> File::readText(const Object &Owner,
                                   const Attribute &A) const {
  std::string Path = Owner.Path + "@" + A.Name;
  return only(texts(A.Value, Path), Name, Path);
}

std::optional<StoredTensor> File::stored(const Object &Dataset) const {
  const StoredArray &A = Dataset.Data;
  if (Dataset.Fault || Dataset.IsGroup || !A.Type.isNumber() ||
      A.Type.BigEndian || A.Place != StoredArray::Layout::Contiguous)
    return std::nullopt;
  std::optional<DType> Type;
  if (A.Type.K == ElementType::Kind::Float || A.Type.Signed)
    Type = parseDType(
        fmt::format("{}{}", A.Type.K == ElementType::Kind::Float ? 'f' : 'i',
                    8 * A.Type.Size));
  else if (A.Type.Size == 1)
    Type = DType::U8;
  if (!Type)
    return std::nullopt;
  return StoredTensor{Dataset.Path, *Type, A.Shape, contiguousStrides(A.Shape),
                      A.Address};
}

} // namespace synfire::hdf5
