//===- models/hdf5/Groups.cpp - Groups with a symbol table ----------------===//
//
// The older form of a group, which is the usual one: a B-tree whose leaves are
// tables of (place of the name, address of the object), and a heap of names.
//
//===----------------------------------------------------------------------===//

#include "models/hdf5/Structure.h"

#include <fmt/format.h>

#include <algorithm>

namespace synfire::hdf5 {

namespace {

constexpr int MaxLevel = 16;
constexpr uint32_t SoftLink = 2;

Refusal damaged(uint64_t At, std::string_view What) {
  return {"hdf5-format",
          fmt::format("at byte {}: {}: the file is damaged", At, What)};
}

} // namespace

Refusal StructureReader::readSymbols(uint64_t Address, Cursor Names,
                                     std::vector<LinkEntry> &Links) {
  Cursor C(Bytes, Address);
  bool Signed = C.eat("SNOD");
  unsigned Version = C.u8();
  C.skip(1);
  unsigned Count = C.u16();
  if (!Signed || Version != 1 || !C.has(uint64_t(Count) * 40))
    return damaged(Address, "no table of a group there");
  for (unsigned I = 0; I != Count; ++I) {
    if (Refusal R = spend())
      return R;
    LinkEntry Link;
    uint64_t NameAt = C.u64();
    if (NameAt >= Names.left())
      return damaged(Address, "a name that lies outside its heap");
    Cursor Name = Names.from(Names.at() + NameAt);
    Link.Address = C.u64();
    if (C.u32() == SoftLink)
      Link.NotHard = "soft";
    C.skip(20);
    std::string_view Rest =
        Name.text(std::min<uint64_t>(Name.left(), MaxTextBytes + 1));
    size_t End = Rest.find('\0');
    if (End == std::string_view::npos)
      return damaged(Address, "a name that lies outside its heap");
    Link.Name = Rest.substr(0, End);
    Links.push_back(std::move(Link));
    if (Links.size() > MaxObjects)
      return {"hdf5-size", fmt::format("more than {} members, which is the "
                                       "limit",
                                       MaxObjects)};
  }
  return {};
}

Refusal StructureReader::readGroupTree(uint64_t Address, int Level,
                                       Cursor Names,
                                       std::vector<LinkEntry> &Links) {
  if (Refusal R = spend())
    return R;
  Cursor C(Bytes, Address);
  bool Signed = C.eat("TREE");
  unsigned Type = C.u8();
  int Here = C.u8();
  unsigned Count = C.u16();
  C.skip(16);
  if (!Signed || Type != 0 || Here > MaxLevel ||
      (Level >= 0 && Here != Level) || !C.has(uint64_t(Count) * 16))
    return damaged(Address, "no tree of a group there");
  for (unsigned I = 0; I != Count; ++I) {
    C.skip(8);
    uint64_t Child = C.u64();
    Refusal R = Here == 0 ? readSymbols(Child, Names, Links)
                          : readGroupTree(Child, Here - 1, Names, Links);
    if (R)
      return R;
  }
  return {};
}

Refusal StructureReader::readSymbolTable(uint64_t Tree, uint64_t Heap,
                                         std::vector<LinkEntry> &Links) {
  Cursor C(Bytes, Heap);
  bool Signed = C.eat("HEAP");
  C.skip(4);
  uint64_t Size = C.u64();
  C.skip(8);
  uint64_t Data = C.u64();
  if (!Signed || C.tooShort() || Data > Bytes.size() ||
      Size > Bytes.size() - Data)
    return damaged(Heap, "no heap of names there");
  return readGroupTree(Tree, -1, Cursor(Bytes.first(Data + Size), Data), Links);
}

} // namespace synfire::hdf5
