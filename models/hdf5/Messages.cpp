//===- models/hdf5/Messages.cpp - Messages of object headers --------------===//

#include "models/hdf5/Messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace synfire::hdf5 {

namespace {

constexpr unsigned MaxRank = 32;

Refusal damaged(std::string Text) {
  return {"hdf5-format", std::move(Text.append(": the file is damaged"))};
}
Refusal unsupported(std::string Text) {
  return {"hdf5-unsupported", std::move(Text)};
}
Refusal ended(const char *What) {
  return damaged(fmt::format("its {} message ends early", What));
}

constexpr std::string_view ClassNames[] = {
    "integer",  "float",     "time", "string",          "bit field", "opaque",
    "compound", "reference", "enum", "variable-length", "array"};

/// Where the parts of an IEEE number lie: offset, precision, exponent's place
/// and bits, mantissa's place and bits, exponent bias.
using FloatParts = std::array<uint32_t, 7>;
struct FloatFormat {
  uint32_t Size;
  std::string_view Name;
  FloatParts Parts;
};
constexpr FloatFormat FloatFormats[] = {
    {2, "float16", {0, 16, 10, 5, 0, 10, 15}},
    {4, "float32", {0, 32, 23, 8, 0, 23, 127}},
    {8, "float64", {0, 64, 52, 11, 0, 52, 1023}},
};

Refusal readInteger(Cursor &C, uint32_t Bits, ElementType &Type) {
  uint32_t Offset = C.u16(), Precision = C.u16();
  Type.K = ElementType::Kind::Integer;
  Type.BigEndian = Bits & 1;
  Type.Signed = Bits & 8;
  if (Offset != 0 || Precision != 8 * uint64_t(Type.Size) ||
      (Type.Size != 1 && Type.Size != 2 && Type.Size != 4 && Type.Size != 8))
    return unsupported(fmt::format("integers of {} bits in {} bytes are not "
                                   "read; store int8 to int64",
                                   Precision, Type.Size));
  Type.Name = fmt::format("{}int{}", Type.Signed ? "" : "u", Precision);
  return {};
}

Refusal readFloat(Cursor &C, uint32_t Bits, ElementType &Type) {
  FloatParts Parts = {C.u16(), C.u16(), C.u8(), C.u8(),
                      C.u8(),  C.u8(),  C.u32()};
  Type.K = ElementType::Kind::Float;
  Type.BigEndian = Bits & 1;
  for (const FloatFormat &F : FloatFormats)
    if (F.Size == Type.Size && F.Parts == Parts && !(Bits & 0x40)) {
      Type.Name = F.Name;
      return {};
    }
  return unsupported(fmt::format("floating-point numbers of {} bytes that are "
                                 "not IEEE binary16, 32 or 64 are not read",
                                 Type.Size));
}

Refusal readClass(Cursor &C, ElementType &Type, unsigned Depth) {
  uint8_t ClassAndVersion = C.u8();
  uint32_t Bits = static_cast<uint32_t>(C.number(3));
  Type.Size = C.u32();
  unsigned Class = ClassAndVersion & 15, Version = ClassAndVersion >> 4;
  if (C.tooShort())
    return ended("type");
  if (Version == 0 || Version > 4 || Class >= std::size(ClassNames) ||
      Type.Size == 0)
    return damaged(fmt::format("a type of class {}, version {}, {} bytes",
                               Class, Version, Type.Size));
  Type.Name = ClassNames[Class];
  Refusal R;
  switch (Class) {
  case 0:
    R = readInteger(C, Bits, Type);
    break;
  case 1:
    R = readFloat(C, Bits, Type);
    break;
  case 3:
    Type.K = ElementType::Kind::FixedText;
    Type.Padding = (Bits & 15) == 2 ? ' ' : '\0';
    break;
  case 8: {
    // NumPy's booleans are stored so; the names of the values do not matter.
    uint32_t Size = Type.Size;
    if (Depth == 0)
      R = readClass(C, Type, 1);
    if (!R && (Type.K != ElementType::Kind::Integer || Type.Size != Size))
      return damaged("an enum that is not made of integers");
    break;
  }
  case 9:
    if ((Bits & 15) == 1) {
      Type.K = ElementType::Kind::VariableText;
      Type.Name = "string";
      if (Type.Size != 16)
        return damaged(
            fmt::format("strings stored as {} bytes instead of 16", Type.Size));
    }
    break;
  default:
    break; // Refused when somebody reads it.
  }
  if (!R && C.tooShort())
    return ended("type");
  return R;
}

std::string_view paddedName(Cursor &C, uint64_t Size, bool Pad) {
  std::string_view Name = C.text(Size);
  if (Pad)
    C.skip((8 - Size % 8) % 8);
  return Name.substr(0, Name.find('\0'));
}

Refusal readChunked(Cursor &C, unsigned Version, StoredArray &Data) {
  unsigned Flags = Version == 4 ? C.u8() : 0;
  unsigned Rank = C.u8();
  if (Rank < 2 || Rank > MaxRank + 1)
    return damaged(fmt::format("chunks of {} dimensions", Rank));
  if (Version == 3)
    Data.Address = C.u64();
  unsigned Width = Version == 4 ? C.u8() : 4;
  if (Width == 0 || Width > 8)
    return damaged(fmt::format("chunk sizes of {} bytes", Width));
  Data.ChunkShape.clear();
  for (unsigned I = 0; I != Rank; ++I) {
    uint64_t Size = C.number(Width);
    if (!C.tooShort() && (Size == 0 || Size > UINT32_MAX))
      return damaged(fmt::format("a chunk dimension of {}", Size));
    Data.ChunkShape.push_back(static_cast<uint32_t>(Size));
  }
  // The last one is the element's size.
  Data.ChunkShape.pop_back();
  Data.Place = StoredArray::Layout::Chunked;
  if (Version == 3)
    return {};
  constexpr std::string_view Indexes[] = {"implicit", "fixed array",
                                          "extensible array", "B-tree 2"};
  unsigned Index = C.u8();
  if (Index > 1 && Index < 6)
    return unsupported(fmt::format("its chunks have an index of kind '{}'; "
                                   "rewrite the file with h5repack -f NONE "
                                   "-l CONTI",
                                   Indexes[Index - 2]));
  if (Index != 1)
    return damaged(fmt::format("a chunk index of kind {}", Index));
  Data.Place = StoredArray::Layout::OneChunk;
  if (Flags & 2) {
    Data.Bytes = C.u64();
    Data.FilterMask = C.u32();
  }
  Data.Address = C.u64();
  return {};
}

} // namespace

std::string filterName(uint16_t Id) {
  switch (Id) {
  case 1:
    return "deflate";
  case 2:
    return "shuffle";
  case 3:
    return "fletcher32";
  case 4:
    return "szip";
  case 5:
    return "nbit";
  case 6:
    return "scale-offset";
  case 32000:
    return "lzf";
  case 32001:
    return "blosc";
  case 32015:
    return "zstd";
  default:
    return fmt::format("number {}", Id);
  }
}

Refusal readDataspace(Cursor &C, std::vector<int64_t> &Shape) {
  unsigned Version = C.u8(), Rank = C.u8();
  C.skip(1);
  unsigned Type = C.u8();
  if (Version == 1)
    C.skip(4);
  if (C.tooShort())
    return ended("dataspace");
  if (Version != 1 && Version != 2)
    return damaged(fmt::format("a dataspace of version {}", Version));
  if (Rank > MaxRank)
    return damaged(
        fmt::format("{} dimensions; HDF5 has at most {}", Rank, MaxRank));
  Shape.clear();
  for (unsigned I = 0; I != Rank; ++I) {
    uint64_t Size = C.u64();
    if (Size > static_cast<uint64_t>(INT64_MAX))
      return damaged(fmt::format("a dimension of {}", Size));
    Shape.push_back(static_cast<int64_t>(Size));
  }
  if (C.tooShort())
    return ended("dataspace");
  if (Version == 2 && Type == 2)
    Shape = {0}; // A null space: no element.
  return {};
}

Refusal readDatatype(Cursor &C, ElementType &Type) {
  return readClass(C, Type, 0);
}

Refusal readLayout(Cursor &C, StoredArray &Data) {
  unsigned Version = C.u8();
  if (Version == 1 || Version == 2)
    return unsupported(fmt::format("its layout is of version {}, which "
                                   "libraries before HDF5 1.6 wrote; rewrite "
                                   "the file with h5repack",
                                   Version));
  unsigned Class = C.u8();
  if ((Version != 3 && Version != 4) || Class > 3)
    return damaged(
        fmt::format("a layout of version {}, class {}", Version, Class));
  Refusal R;
  switch (Class) {
  case 0:
    Data.Place = StoredArray::Layout::Compact;
    Data.Bytes = C.u16();
    Data.Address = C.at();
    C.skip(Data.Bytes);
    break;
  case 1:
    Data.Place = StoredArray::Layout::Contiguous;
    Data.Address = C.u64();
    Data.Bytes = C.u64();
    break;
  case 2:
    R = readChunked(C, Version, Data);
    break;
  default:
    return unsupported("a virtual dataset, whose data lie in other files, is "
                       "not read");
  }
  if (!R && C.tooShort())
    return ended("layout");
  if (!R && Data.Address == Undefined)
    Data.Place = StoredArray::Layout::Absent;
  return R;
}

Refusal readFilters(Cursor &C, std::vector<Filter> &Filters) {
  unsigned Version = C.u8(), Count = C.u8();
  if (Version == 1)
    C.skip(6);
  else if (Version != 2)
    return damaged(fmt::format("a list of filters of version {}", Version));
  if (Count > 32)
    return damaged(fmt::format("{} filters; HDF5 has at most 32", Count));
  for (unsigned I = 0; I != Count; ++I) {
    Filter F;
    F.Id = C.u16();
    uint64_t NameSize = Version == 1 || F.Id >= 256 ? C.u16() : 0;
    C.skip(2);
    uint64_t NumValues = C.u16();
    paddedName(C, NameSize, Version == 1);
    C.skip(4 * (NumValues + (Version == 1 ? NumValues % 2 : 0)));
    F.Name = filterName(F.Id);
    Filters.push_back(std::move(F));
  }
  return C.tooShort() ? ended("filter") : Refusal();
}

Refusal readFill(Cursor &C, bool Old) {
  uint64_t Size = 0;
  if (Old) {
    Size = C.u32();
  } else {
    unsigned Version = C.u8();
    if (Version == 3) {
      if (C.u8() & 0x20)
        Size = C.u32();
    } else if (Version == 1 || Version == 2) {
      C.skip(2);
      if (C.u8() || Version == 1)
        Size = C.u32();
      if (Size == UINT32_MAX) // -1: none was set.
        Size = 0;
    } else {
      return damaged(fmt::format("a fill value of version {}", Version));
    }
  }
  std::string_view Value = C.text(Size);
  if (C.tooShort())
    return ended("fill value");
  if (std::ranges::any_of(Value, [](char Byte) { return Byte != 0; }))
    return unsupported("it has a fill value other than zero and is not written "
                       "in full; write all of it");
  return {};
}

Refusal readAttribute(Cursor &C, Attribute &A) {
  unsigned Version = C.u8(), Flags = C.u8();
  uint64_t NameSize = C.u16(), TypeSize = C.u16(), SpaceSize = C.u16();
  if (Version < 1 || Version > 3)
    return damaged(fmt::format("an attribute of version {}", Version));
  if (Version == 3)
    C.skip(1);
  bool Pad = Version == 1;
  A.Name = paddedName(C, NameSize, Pad);
  if (Version != 1 && (Flags & 3))
    return unsupported("its type is shared with other objects");
  auto padded = [&](uint64_t Size) { return Pad ? (Size + 7) / 8 * 8 : Size; };
  uint64_t TypeAt = C.at(), SpaceAt = TypeAt + padded(TypeSize);
  C.skip(padded(TypeSize));
  C.skip(padded(SpaceSize));
  if (C.tooShort())
    return ended("attribute");
  A.Value.Place = StoredArray::Layout::Compact;
  A.Value.Address = C.at();
  A.Value.Bytes = C.left();
  Cursor Type = C.from(TypeAt), Space = C.from(SpaceAt);
  if (Refusal R = readDatatype(Type, A.Value.Type))
    return R;
  return readDataspace(Space, A.Value.Shape);
}

Refusal checkExtent(const StoredArray &Data, uint64_t FileSize) {
  const ElementType &Type = Data.Type;
  int64_t Limit = Type.isText() ? MaxTexts : MaxElements;
  uint64_t Count = 1;
  for (int64_t Size : Data.Shape)
    if (__builtin_mul_overflow(Count, static_cast<uint64_t>(Size), &Count))
      Count = UINT64_MAX;
  if (std::ranges::find(Data.Shape, 0) != Data.Shape.end())
    Count = 0;
  if (Count > static_cast<uint64_t>(Limit))
    return {"hdf5-size",
            fmt::format("shape {} has {} elements, at most {} are read",
                        formatShape(Data.Shape),
                        Count == UINT64_MAX ? "more than 2^64"
                                            : std::to_string(Count),
                        Limit)};
  uint64_t Needed = 0;
  if (__builtin_mul_overflow(Count, uint64_t(Type.Size), &Needed))
    Needed = UINT64_MAX;
  bool InChunks = Data.Place == StoredArray::Layout::Chunked ||
                  Data.Place == StoredArray::Layout::OneChunk;
  bool Absent = Data.Place == StoredArray::Layout::Absent;
  if (!InChunks && !Absent && !Data.Filters.empty())
    return damaged("filters on data that are not in chunks");
  if (InChunks || Absent) {
    if (Needed / MaxInflation > FileSize)
      return {"hdf5-size",
              fmt::format("shape {} of {} takes {} bytes, more than a file of "
                          "{} bytes can hold compressed ({} to one): it is not "
                          "written in full or damaged",
                          formatShape(Data.Shape), Type.Name, Needed, FileSize,
                          MaxInflation)};
    if (InChunks && Data.ChunkShape.size() != Data.Shape.size())
      return damaged(fmt::format("chunks of {} dimensions for {}",
                                 Data.ChunkShape.size(), Data.Shape.size()));
    return {};
  }
  if (Needed > Data.Bytes)
    return damaged(fmt::format("shape {} of {} takes {} bytes, {} are there",
                               formatShape(Data.Shape), Type.Name, Needed,
                               Data.Bytes));
  if (Data.Address > FileSize || Data.Bytes > FileSize - Data.Address)
    return {"hdf5-truncated",
            fmt::format("its {} bytes begin at byte {}, and the file ends at "
                        "{}: it is truncated; copy it again",
                        Data.Bytes, Data.Address, FileSize)};
  return {};
}

} // namespace synfire::hdf5
