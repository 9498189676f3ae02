//===- Writer.cpp - Writing HDF5 files ------------------------------------===//

#include "models/hdf5/Writer.h"
#include "models/hdf5/Hdf5.h"
#include "models/hdf5/Messages.h"

#include "targets/arrays/AtomicFile.h"
#include "targets/arrays/Npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

namespace synfire::hdf5 {

namespace {

/// Children of a group's tree; its symbol tables grow instead.
constexpr size_t TreeRank = 16;
constexpr size_t EntryBytes = 40;
constexpr size_t LeastRank = 4;
/// The HDF5 library reads that many bytes of a heap of texts at once.
constexpr size_t LeastHeap = 4096;
constexpr size_t TextsOfHeap = 32768;
constexpr uint64_t Alignment = 8;

size_t aligned(size_t Bytes) {
  return (Bytes + Alignment - 1) / Alignment * Alignment;
}

/// A run of little-endian numbers and bytes.
class Buffer {
public:
  template <typename T>
  Buffer &number(uint64_t Value) {
    for (size_t I = 0; I != sizeof(T); ++I)
      Out.push_back(static_cast<uint8_t>(Value >> (8 * I)));
    return *this;
  }
  Buffer &bytes(std::initializer_list<int> Values) {
    for (int V : Values)
      Out.push_back(static_cast<uint8_t>(V));
    return *this;
  }
  Buffer &append(std::span<const uint8_t> Bytes) {
    Out.insert(Out.end(), Bytes.begin(), Bytes.end());
    return *this;
  }
  Buffer &text(std::string_view Text) {
    Out.insert(Out.end(), Text.begin(), Text.end());
    return *this;
  }
  Buffer &padTo(size_t Size) {
    Out.resize(std::max(Out.size(), Size));
    return *this;
  }
  Buffer &align() { return padTo(aligned(Out.size())); }
  size_t size() const { return Out.size(); }
  std::vector<uint8_t> Out;
};

/// Appends structures; what names others comes after them.
class Encoder {
public:
  Result<std::vector<uint8_t>> run(const NewObject &Root);

private:
  Status check(const NewObject &O, const std::string &Path, unsigned Depth);
  void collectTexts(const NewObject &O);
  void writeHeaps();
  uint64_t put(const Buffer &B);
  uint64_t header(const std::vector<std::pair<MessageType, Buffer>> &Messages);
  uint64_t object(const NewObject &O) {
    return O.isGroup() ? group(O) : dataset(O);
  }
  uint64_t group(const NewObject &O);
  uint64_t dataset(const NewObject &O);
  Buffer dataOf(const NewObject &O);

  Buffer File;
  size_t Objects = 0, MostMembers = 0, Rank = LeastRank;
  std::vector<std::string_view> Texts; ///< in the order of datasets
  std::vector<uint64_t> Heaps;         ///< addresses
  size_t NextText = 0;
};

Buffer typeOf(const NewObject &O) {
  Buffer B;
  // Class and version, three bytes of flags, size; then what the class has.
  switch (O.Values.index()) {
  case 1:
    return B.bytes({0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0})
        .bytes({23, 8, 0, 23, 127, 0, 0, 0});
  case 2:
    return B.bytes({0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0})
        .bytes({52, 11, 0, 52, 0xFF, 3, 0, 0});
  case 3:
    return B.bytes({0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0});
  default: // text of variable length, UTF-8, made of bytes
    return B.bytes({0x19, 1, 1, 0, 16, 0, 0, 0})
        .bytes({0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0});
  }
}

size_t numValues(const NewObject &O) {
  return std::visit(
      [](const auto &V) -> size_t {
        if constexpr (std::is_same_v<std::decay_t<decltype(V)>, std::monostate>)
          return 0;
        else
          return V.size();
      },
      O.Values);
}

Status Encoder::check(const NewObject &O, const std::string &Path,
                      unsigned Depth) {
  auto fail = [&](const char *Rule, std::string Why) {
    return Error{printable(Path.empty() ? "/" : Path), Rule, std::move(Why)};
  };
  if (++Objects > MaxObjects || Depth > MaxDepth)
    return fail("hdf5-size",
                fmt::format("more than {} objects or {} groups in each other",
                            MaxObjects, MaxDepth));
  if (O.isGroup()) {
    MostMembers = std::max(MostMembers, O.Members.size());
    for (const auto &[Name, Member] : O.Members) {
      const std::string Below = Path + "/" + Name;
      if (Name.empty() || Name == "." ||
          Name.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
        return fail("hdf5-name", fmt::format("'{}' cannot be a name in HDF5; "
                                             "rename it",
                                             printable(Name)));
      if (Status S = check(Member, Below, Depth + 1); !S)
        return S;
    }
    return {};
  }
  const auto Count = static_cast<size_t>(std::accumulate(
      O.Shape.begin(), O.Shape.end(), int64_t(1), std::multiplies<>()));
  if (Count != numValues(O) || Count > static_cast<size_t>(MaxElements))
    return fail("hdf5-size",
                fmt::format("{} values for the shape {}; at most "
                            "{} are written",
                            numValues(O), formatShape(O.Shape), MaxElements));
  const auto *T = std::get_if<std::vector<std::string>>(&O.Values);
  if (T && (Count > static_cast<size_t>(MaxTexts) ||
            std::ranges::any_of(*T, [](const std::string &S) {
              return S.size() > MaxTextBytes;
            })))
    return fail("hdf5-size",
                fmt::format("more than {} texts, or one of more than {} bytes",
                            MaxTexts, MaxTextBytes));
  return {};
}

void Encoder::collectTexts(const NewObject &O) {
  for (const auto &[Name, Member] : O.Members)
    collectTexts(Member);
  if (const auto *T = std::get_if<std::vector<std::string>>(&O.Values))
    Texts.insert(Texts.end(), T->begin(), T->end());
}

uint64_t Encoder::put(const Buffer &B) {
  File.align();
  const uint64_t At = File.size();
  File.append(B.Out);
  return At;
}

/// Texts are objects of heaps, numbered from 1.
void Encoder::writeHeaps() {
  for (size_t First = 0; First < Texts.size(); First += TextsOfHeap) {
    Buffer Objects;
    const size_t End = std::min(First + TextsOfHeap, Texts.size());
    for (size_t I = First; I != End; ++I)
      Objects.number<uint16_t>(I - First + 1)
          .number<uint16_t>(1)
          .number<uint32_t>(0)
          .number<uint64_t>(Texts[I].size())
          .text(Texts[I])
          .align();
    // What is free is the object 0.
    constexpr size_t Head = 16;
    const size_t Size = std::max(LeastHeap, 2 * Head + Objects.size());
    Buffer Heap;
    Heap.text("GCOL").bytes({1, 0, 0, 0}).number<uint64_t>(Size);
    Heap.append(Objects.Out);
    Heap.number<uint64_t>(0).number<uint64_t>(Size - Heap.size() + 8);
    Heaps.push_back(put(Heap.padTo(Size)));
  }
}

uint64_t
Encoder::header(const std::vector<std::pair<MessageType, Buffer>> &Messages) {
  Buffer Body;
  for (const auto &[Type, Message] : Messages) {
    Body.number<uint16_t>(static_cast<uint16_t>(Type))
        .number<uint16_t>(aligned(Message.size()))
        .number<uint32_t>(0)
        .append(Message.Out)
        .align();
  }
  Buffer Head;
  Head.bytes({1, 0})
      .number<uint16_t>(Messages.size())
      .number<uint32_t>(1)
      .number<uint32_t>(Body.size())
      .align();
  return put(Head.append(Body.Out));
}

uint64_t Encoder::group(const NewObject &O) {
  std::vector<std::pair<uint64_t, uint64_t>> Entries; // name, header
  Buffer Names;
  Names.padTo(Alignment);
  for (const auto &[Name, Member] : O.Members) {
    const uint64_t At = object(Member);
    Entries.emplace_back(Names.size(), At);
    Names.text(Name).number<uint8_t>(0).align();
  }
  const uint64_t NamesAt = put(Names);
  Buffer Heap;
  Heap.text("HEAP").number<uint32_t>(0).number<uint64_t>(Names.size());
  Heap.number<uint64_t>(1).number<uint64_t>(NamesAt);
  const uint64_t HeapAt = put(Heap);

  Buffer Tree;
  const size_t PerTable = 2 * Rank;
  const size_t Tables = (Entries.size() + PerTable - 1) / PerTable;
  Tree.text("TREE").bytes({0, 0}).number<uint16_t>(Tables);
  Tree.number<uint64_t>(Undefined).number<uint64_t>(Undefined);
  // Between two tables stands the last name of the first.
  Tree.number<uint64_t>(0);
  for (size_t First = 0; First < Entries.size(); First += PerTable) {
    const size_t End = std::min(First + PerTable, Entries.size());
    Buffer Table;
    Table.text("SNOD").bytes({1, 0}).number<uint16_t>(End - First);
    for (size_t I = First; I != End; ++I)
      Table.number<uint64_t>(Entries[I].first)
          .number<uint64_t>(Entries[I].second)
          .padTo(Table.size() + EntryBytes - 16);
    Tree.number<uint64_t>(put(Table.padTo(8 + PerTable * EntryBytes)));
    Tree.number<uint64_t>(Entries[End - 1].first);
  }
  Tree.padTo(24 + (4 * TreeRank + 1) * sizeof(uint64_t));
  Buffer Table;
  Table.number<uint64_t>(put(Tree)).number<uint64_t>(HeapAt);
  return header({{MessageType::SymbolTable, Table}});
}

Buffer Encoder::dataOf(const NewObject &O) {
  Buffer Data;
  std::visit(
      [&](const auto &V) {
        using T = std::decay_t<decltype(V)>;
        if constexpr (std::is_same_v<T, std::vector<std::string>>)
          for (const std::string &Text : V) {
            Data.number<uint32_t>(Text.size())
                .number<uint64_t>(Heaps[NextText / TextsOfHeap])
                .number<uint32_t>(NextText % TextsOfHeap + 1);
            ++NextText;
          }
        else if constexpr (!std::is_same_v<T, std::monostate>)
          Data.append(asBytes(std::span(V)));
      },
      O.Values);
  return Data;
}

uint64_t Encoder::dataset(const NewObject &O) {
  const Buffer Data = dataOf(O);
  const uint64_t At = Data.size() == 0 ? Undefined : put(Data);
  Buffer Space, Fill, Layout;
  Space.bytes({1, static_cast<int>(O.Shape.size()), 0, 0, 0, 0, 0, 0});
  for (int64_t Size : O.Shape)
    Space.number<uint64_t>(static_cast<uint64_t>(Size));
  Fill.bytes({2, 2, 2, 0});
  Layout.bytes({3, 1}).number<uint64_t>(At).number<uint64_t>(Data.size());
  return header({{MessageType::Dataspace, Space},
                 {MessageType::Datatype, typeOf(O)},
                 {MessageType::Fill, Fill},
                 {MessageType::Layout, Layout}});
}

Result<std::vector<uint8_t>> Encoder::run(const NewObject &Root) {
  if (Status S = check(Root, "", 0); !S)
    return S.errors();
  // All tables of a group are children of one node of its tree.
  Rank = std::max(Rank, (MostMembers + 4 * TreeRank - 1) / (4 * TreeRank));
  constexpr size_t SuperblockBytes = 96;
  File.padTo(SuperblockBytes);
  collectTexts(Root);
  writeHeaps();
  const uint64_t RootAt = group(Root);
  File.align();
  Buffer Block;
  Block.bytes({0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'});
  Block.bytes({0, 0, 0, 0, 0, 8, 8, 0});
  Block.number<uint16_t>(Rank).number<uint16_t>(TreeRank).number<uint32_t>(0);
  Block.number<uint64_t>(0).number<uint64_t>(Undefined);
  Block.number<uint64_t>(File.size()).number<uint64_t>(Undefined);
  Block.number<uint64_t>(0).number<uint64_t>(RootAt).padTo(SuperblockBytes);
  std::ranges::copy(Block.Out, File.Out.begin());
  return std::move(File.Out);
}

} // namespace

Result<std::vector<uint8_t>> encode(const NewObject &Root) {
  return Encoder().run(Root);
}

Status write(const NewObject &Root, const std::string &Path) {
  auto Bytes = encode(Root);
  if (!Bytes)
    return Bytes.errors();
  auto File = AtomicFile::create(Path);
  if (!File)
    return File.errors();
  if (Status S = File->write(*Bytes); !S)
    return S;
  return File->commit();
}

} // namespace synfire::hdf5
