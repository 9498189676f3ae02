//===- models/hdf5/Hdf5.cpp - Files of the HDF5 format --------------------===//

#include "models/hdf5/Hdf5.h"
#include "models/hdf5/Structure.h"
#include "targets/Utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace synfire::hdf5 {

namespace {

constexpr std::string_view Signature = "\x89HDF\r\n\x1a\n";
constexpr size_t MaxPrinted = 200;

const Object *byName(const std::vector<Object> &Objects,
                     std::string_view Name) {
  auto Place = std::ranges::lower_bound(
      Objects, Name, {},
      [](const Object &O) -> std::string_view { return O.Name; });
  return Place != Objects.end() && Place->Name == Name ? &*Place : nullptr;
}

} // namespace

std::string printable(std::string_view Text) {
  std::string Out;
  bool Cut = Text.size() > MaxPrinted;
  Text = Text.substr(0, MaxPrinted);
  while (!Text.empty()) {
    size_t Good = findInvalidUtf8(Text).value_or(Text.size());
    for (size_t I = 0; I != std::min(Good + 1, Text.size()); ++I) {
      auto Byte = static_cast<uint8_t>(Text[I]);
      if (I == Good || Byte < 0x20 || Byte == 0x7F)
        Out += fmt::format("\\x{:02x}", Byte);
      else
        Out += Text[I];
    }
    Text.remove_prefix(std::min(Good + 1, Text.size()));
  }
  return Cut ? Out + "..." : Out;
}

int64_t StoredArray::numElements() const {
  if (std::ranges::find(Shape, 0) != Shape.end())
    return 0;
  int64_t Count = 1;
  for (int64_t Size : Shape)
    Count *= Size;
  return Count;
}

const Object *Object::find(std::string_view ChildName) const {
  return byName(Children, ChildName);
}

const Attribute *Object::attribute(std::string_view AttributeName) const {
  auto Place = std::ranges::find(Attributes, AttributeName, &Attribute::Name);
  return Place == Attributes.end() ? nullptr : &*Place;
}

bool File::looksLike(std::span<const uint8_t> Bytes) {
  return Bytes.size() >= Signature.size() &&
         std::memcmp(Bytes.data(), Signature.data(), Signature.size()) == 0;
}

Result<File> File::parse(std::span<const uint8_t> Bytes,
                         const std::string &Name) {
  File F;
  F.Name = Name;
  F.Bytes = Bytes;
  Result<Object> Root = StructureReader(Bytes, F.Name).read();
  if (!Root)
    return Root.errors();
  F.Root = std::move(*Root);
  return F;
}

Result<File> File::open(const std::string &Path) {
  Result<MappedFile> Mapped = MappedFile::open(Path);
  if (!Mapped)
    return Mapped.errors();
  Result<File> F = parse(Mapped->bytes(), Path);
  if (F)
    F->Mapped = std::move(*Mapped);
  return F;
}

} // namespace synfire::hdf5
