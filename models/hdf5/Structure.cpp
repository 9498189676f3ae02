//===- models/hdf5/Structure.cpp - Headers of objects ---------------------===//

#include "models/hdf5/Structure.h"
#include "targets/Utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace synfire::hdf5 {

namespace {

/// Messages, tree nodes and table entries of one file. A network of 2^16
/// objects needs about 20 for each.
constexpr size_t MaxStructures = size_t(1) << 21;
/// Blocks of one header, each telling where the next one is.
constexpr size_t MaxHeaderBlocks = 1024;

Refusal damaged(std::string Text) {
  return {"hdf5-format", std::move(Text.append(": the file is damaged"))};
}

} // namespace

struct StructureReader::Header {
  bool HasSpace = false, HasType = false, HasLayout = false;
  bool HasLinks = false;                       ///< a group of the newer form
  uint64_t Tree = Undefined, Heap = Undefined; ///< a group of the older form
  std::vector<LinkEntry> Links;
  Refusal FillFault;
  /// Begin and end of the blocks of messages that are still to be read.
  std::vector<std::pair<uint64_t, uint64_t>> Blocks;
};

Error StructureReader::error(const Refusal &R, const std::string &Path) const {
  return Error{FileName, R.Rule,
               fmt::format("'{}': {}", printable(Path), R.Text)};
}

Refusal StructureReader::spend() {
  if (++Spent > MaxStructures)
    return {"hdf5-size", fmt::format("the file has more than {} messages and "
                                     "table entries, which is the limit",
                                     MaxStructures)};
  return {};
}

Result<uint64_t> StructureReader::rootAddress() const {
  auto fail = [&](const char *Rule, std::string Text) {
    return Error{FileName, Rule, std::move(Text)};
  };
  if (!File::looksLike(Bytes))
    return fail("hdf5-format", "at byte 0: not an HDF5 file (its first 8 bytes "
                               "are not the signature of one)");
  Cursor C(Bytes, 8);
  unsigned Version = C.u8();
  unsigned OffsetSize = 0, LengthSize = 0;
  if (Version < 2)
    C.skip(4);
  OffsetSize = C.u8();
  LengthSize = C.u8();
  C.skip(1);
  if (Version < 2)
    C.skip(Version == 0 ? 8 : 12);
  uint64_t Base = C.u64();
  C.skip(8);
  uint64_t End = C.u64();
  if (Version < 2)
    C.skip(16); // Driver information; where the root's name is.
  uint64_t Root = C.u64();
  if (C.tooShort())
    return fail("hdf5-truncated", fmt::format("the file ends at byte {}, "
                                              "inside its superblock",
                                              Bytes.size()));
  if (Version > 3)
    return fail("hdf5-unsupported",
                fmt::format("at byte 8: a superblock of version {}; 0 to 3 are "
                            "read",
                            Version));
  if (OffsetSize != 8 || LengthSize != 8 || Base != 0)
    return fail("hdf5-unsupported",
                fmt::format("addresses of {} and lengths of {} bytes from byte "
                            "{}; 8, 8 and 0 are read: rewrite the file with "
                            "h5repack",
                            OffsetSize, LengthSize, Base));
  if (End > Bytes.size())
    return fail("hdf5-truncated",
                fmt::format("it says that it has {} bytes, and it ends at {}: "
                            "it is truncated; copy it again",
                            End, Bytes.size()));
  return Root;
}

Refusal StructureReader::readLinkMessage(Cursor &C, Header &H) {
  unsigned Version = C.u8(), Flags = C.u8();
  if (Version != 1)
    return damaged(fmt::format("a link of version {}", Version));
  unsigned Type = Flags & 8 ? C.u8() : 0;
  if (Flags & 4)
    C.skip(8);
  if (Flags & 16)
    C.skip(1);
  uint64_t NameSize = C.number(1u << (Flags & 3));
  LinkEntry Link;
  Link.Name = C.text(NameSize);
  if (Type == 0)
    Link.Address = C.u64();
  else
    Link.NotHard = Type == 1    ? "soft"
                   : Type == 64 ? "external"
                                : "user-defined";
  if (C.tooShort())
    return damaged("a link message ends early");
  H.Links.push_back(std::move(Link));
  H.HasLinks = true;
  return {};
}

Refusal StructureReader::readMessage(MessageType Type, unsigned Flags,
                                     Cursor &C, Header &H, Object &O) {
  constexpr unsigned Shared = 2;
  switch (Type) {
  case MessageType::Dataspace:
  case MessageType::Datatype:
  case MessageType::Layout:
  case MessageType::Filters:
  case MessageType::Attribute:
    if (Flags & Shared)
      return {"hdf5-unsupported",
              "a part of its header is shared with other objects (a named "
              "type); write it without"};
    break;
  default:
    break;
  }
  switch (Type) {
  case MessageType::Dataspace:
    H.HasSpace = true;
    return readDataspace(C, O.Data.Shape);
  case MessageType::Datatype:
    H.HasType = true;
    return readDatatype(C, O.Data.Type);
  case MessageType::Layout:
    H.HasLayout = true;
    return readLayout(C, O.Data);
  case MessageType::Filters:
    O.Data.Filters.clear();
    return readFilters(C, O.Data.Filters);
  case MessageType::Fill:
  case MessageType::FillOld:
    if (!(Flags & Shared) && !H.FillFault)
      H.FillFault = readFill(C, Type == MessageType::FillOld);
    return {};
  case MessageType::ExternalFiles:
    return {"hdf5-unsupported", "its data lie in another file"};
  case MessageType::Link:
    return readLinkMessage(C, H);
  case MessageType::SymbolTable:
    H.Tree = C.u64();
    H.Heap = C.u64();
    return C.tooShort() ? damaged("a symbol table message ends early")
                        : Refusal();
  case MessageType::LinkInfo:
  case MessageType::AttributeInfo: {
    C.skip(1);
    bool Links = Type == MessageType::LinkInfo;
    if (C.u8() & 1)
      C.skip(Links ? 8 : 2);
    bool Dense = C.u64() != Undefined;
    H.HasLinks |= Links;
    if (!C.tooShort() && Dense)
      return {
          "hdf5-unsupported",
          fmt::format("it has many {} (in a fractal heap); rewrite the file "
                      "with h5repack -f NONE -l CONTI",
                      Links ? "members" : "attributes")};
    return {};
  }
  case MessageType::Attribute: {
    struct Attribute A;
    Refusal R = readAttribute(C, A);
    if (!R) {
      R = checkExtent(A.Value, Bytes.size());
      O.Attributes.push_back(std::move(A));
    }
    return R;
  }
  case MessageType::Continuation: {
    uint64_t Begin = C.u64(), Size = C.u64();
    if (C.tooShort() || Begin > Bytes.size() || Size > Bytes.size() - Begin)
      return {"hdf5-truncated",
              fmt::format("its header goes on at bytes {} to {}+{}, and the "
                          "file ends at {}: it is truncated or damaged",
                          Begin, Begin, Size, Bytes.size())};
    H.Blocks.emplace_back(Begin, Begin + Size);
    return {};
  }
  default:
    return {};
  }
}

Refusal StructureReader::readBlock(uint64_t Begin, uint64_t End, bool Version2,
                                   bool HasOrder, Header &H, Object &O) {
  Cursor C(Bytes.first(End), Begin);
  uint64_t Prefix = Version2 ? 4 + (HasOrder ? 2 : 0) : 8;
  while (C.left() >= Prefix) {
    if (Refusal R = spend())
      return R;
    auto Type = static_cast<MessageType>(Version2 ? C.u8() : C.u16());
    uint64_t Size = C.u16();
    unsigned Flags = C.u8();
    C.skip(Prefix - (Version2 ? 4 : 5));
    uint64_t At = C.at();
    if (!C.has(Size))
      return damaged(fmt::format("at byte {}: a message of {} bytes where {} "
                                 "are left",
                                 At, Size, C.left()));
    Cursor Message(Bytes.first(At + Size), At);
    if (Refusal R = readMessage(Type, Flags, Message, H, O))
      return R;
    C.skip(Size);
  }
  return {};
}

Refusal StructureReader::readHeader(uint64_t Address, Header &H, Object &O) {
  Cursor C(Bytes, Address);
  bool Version2 = C.eat("OHDR"), HasOrder = false;
  if (Version2) {
    unsigned Version = C.u8(), Flags = C.u8();
    if (Version != 2)
      return damaged(
          fmt::format("at byte {}: a header of version {}", Address, Version));
    C.skip((Flags & 0x20 ? 16 : 0) + (Flags & 0x10 ? 4 : 0));
    HasOrder = Flags & 4;
    uint64_t Size = C.number(1u << (Flags & 3));
    if (C.has(Size))
      H.Blocks.emplace_back(C.at(), C.at() + Size);
  } else {
    C = Cursor(Bytes, Address);
    unsigned Version = C.u8();
    C.skip(7);
    uint64_t Size = C.u32();
    C.skip(4);
    if (!C.tooShort() && Version != 1)
      return damaged(
          fmt::format("at byte {}: no object header there", Address));
    if (C.has(Size))
      H.Blocks.emplace_back(C.at(), C.at() + Size);
  }
  if (H.Blocks.empty())
    return {"hdf5-truncated",
            fmt::format("its header at byte {} does not end inside the file, "
                        "which has {} bytes: it is truncated or damaged",
                        Address, Bytes.size())};
  for (size_t I = 0; I != H.Blocks.size(); ++I) {
    auto [Begin, End] = H.Blocks[I];
    if (I == MaxHeaderBlocks)
      return damaged(
          fmt::format("its header has more than {} blocks", MaxHeaderBlocks));
    if (Version2 && I != 0) {
      // `OCHK`, messages, checksum.
      Cursor Block(Bytes, Begin);
      if (End - Begin < 8 || !Block.eat("OCHK"))
        return damaged(fmt::format("at byte {}: its header does not go on "
                                   "there",
                                   Begin));
      Begin += 4;
      End -= 4;
    }
    if (Refusal R = readBlock(Begin, End, Version2, HasOrder, H, O))
      return R;
  }
  return {};
}

Status StructureReader::readObject(uint64_t Address, Object &O,
                                   unsigned Depth) {
  auto [Known, New] = Seen.emplace(Address, O.Path);
  if (!New) {
    O.Fault = error({"hdf5-link",
                     fmt::format("a second link to the object at '{}'; a cycle "
                                 "or a shared object is not followed: copy it",
                                 printable(Known->second))},
                    O.Path);
    return {};
  }
  Header H;
  Refusal R = readHeader(Address, H, O);
  O.IsGroup = H.HasLinks || H.Tree != Undefined;
  if (!R && H.Tree != Undefined)
    R = readSymbolTable(H.Tree, H.Heap, H.Links);
  if (!R && !O.IsGroup) {
    if (!H.HasSpace || !H.HasType || !H.HasLayout)
      R = {"hdf5-format", "neither a group nor a dataset"};
    else
      R = checkExtent(O.Data, Bytes.size());
    if (!R && (O.Data.Place == StoredArray::Layout::Absent ||
               O.Data.Place == StoredArray::Layout::Chunked))
      R = std::move(H.FillFault);
  }
  if (R) {
    O.Fault = error(R, O.Path);
    return {};
  }
  if (!O.IsGroup)
    return {};
  if (Depth == MaxDepth) {
    O.Fault = error(
        {"hdf5-depth", fmt::format("lies deeper than {} groups", MaxDepth)},
        O.Path);
    return {};
  }
  return readChildren(std::move(H.Links), O, Depth);
}

Status StructureReader::readChildren(std::vector<LinkEntry> Links, Object &O,
                                     unsigned Depth) {
  NumLinks += Links.size();
  if (NumLinks > MaxObjects)
    return Error{FileName, "hdf5-size",
                 fmt::format("more than {} groups and datasets, which is the "
                             "limit",
                             MaxObjects)};
  std::ranges::sort(Links, {}, &LinkEntry::Name);
  for (size_t I = 0; I != Links.size(); ++I) {
    LinkEntry &Link = Links[I];
    std::string Path = O.Path == "/" ? "/" : O.Path + "/";
    Path += Link.Name;
    if (Link.Name.empty() || Link.Name.size() > MaxTextBytes ||
        Link.Name.find('/') != std::string::npos ||
        (I != 0 && Link.Name == Links[I - 1].Name))
      return error({"hdf5-format", "a name that is empty, twice there or holds "
                                   "a slash: the file is damaged"},
                   Path);
    if (findInvalidUtf8(Link.Name))
      return error({"hdf5-text", "a name that is not UTF-8; rename it"}, Path);
    Object Child;
    Child.Name = std::move(Link.Name);
    Child.Path = std::move(Path);
    if (!Link.NotHard.empty())
      Child.Fault = error(
          {"hdf5-link", fmt::format("a {} link is not followed; copy what it "
                                    "points to in its place",
                                    Link.NotHard)},
          Child.Path);
    else if (Status S = readObject(Link.Address, Child, Depth + 1); !S)
      return S;
    O.Children.push_back(std::move(Child));
  }
  return {};
}

Result<Object> StructureReader::read() {
  Result<uint64_t> Address = rootAddress();
  if (!Address)
    return Address.errors();
  Object Root;
  Root.Path = "/";
  if (Status S = readObject(*Address, Root, 0); !S)
    return S.errors();
  if (Root.Fault)
    return *Root.Fault;
  if (!Root.IsGroup)
    return Error{FileName, "hdf5-format", "the root is not a group"};
  return Root;
}

} // namespace synfire::hdf5
