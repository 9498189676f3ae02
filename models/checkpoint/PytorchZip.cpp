//===- models/checkpoint/PytorchZip.cpp - Files of torch.save -------------===//
//
// A zip archive `<top>/data.pkl`, `<top>/data/<key>`, `<top>/version`. The
// pickle says which views of which storages there are; the storages are stored
// entries, so a tensor's elements lie at a fixed place of the file.
//
//===----------------------------------------------------------------------===//

#include "models/checkpoint/Formats.h"
#include "models/checkpoint/Pickle.h"
#include "targets/arrays/Zip.h"

#include <fmt/format.h>

#include <algorithm>

namespace synfire::checkpoint {

namespace {

constexpr size_t MaxTensors = size_t(1) << 18;
constexpr size_t MaxNameBytes = 1024;
/// Dictionaries inside dictionaries: a wrapper, a state dict, one to spare.
constexpr unsigned MaxNesting = 3;

class PytorchZip {
public:
  PytorchZip(const ZipArchive &Zip, const std::string &FileName)
      : Zip(Zip), FileName(FileName) {}

  Result<Contents> read();

private:
  Error damaged(const std::string &Text) const {
    return Error{FileName, "pytorch-format", Text};
  }
  Result<std::string> topFolder() const;
  Status checkByteOrder(const std::string &Top) const;
  Status collect(const Pickle &P, const Pickle::Value &Dict,
                 const std::string &Prefix, unsigned Depth);
  Status addTensor(const PickledTensor &T, std::string Name);
  /// The archive entry of a storage, its size and checksum checked.
  Result<const ZipEntry *> storage(const PickledStorage &S,
                                   const std::string &TensorName);

  const ZipArchive &Zip;
  const std::string &FileName;
  std::string DataFolder;
  std::vector<const ZipEntry *> Checked; ///< sorted by address
  Contents Found;
  size_t Visited = 0;
};

Result<std::string> PytorchZip::topFolder() const {
  std::string Top;
  for (const ZipEntry &E : Zip.entries()) {
    size_t Slash = E.Name.find('/');
    if (Slash == std::string::npos)
      continue;
    std::string_view Inside = std::string_view(E.Name).substr(Slash + 1);
    if (Inside == "constants.pkl" || Inside.starts_with("code/"))
      return Error{FileName, "pickle-refused",
                   "this is a TorchScript archive, which holds a program; save "
                   "`model.state_dict()` by torch.save instead"};
    if (Inside == "data.pkl")
      Top = E.Name.substr(0, Slash);
  }
  if (Top.empty())
    return damaged("a zip archive without `<name>/data.pkl`: not a file of "
                   "torch.save");
  return Top;
}

Status PytorchZip::checkByteOrder(const std::string &Top) const {
  const ZipEntry *Order = Zip.find(Top + "/byteorder");
  if (!Order)
    return {};
  Result<std::vector<uint8_t>> Bytes = Zip.read(*Order, 64);
  if (!Bytes)
    return Bytes.errors();
  if (std::string_view(reinterpret_cast<const char *>(Bytes->data()),
                       Bytes->size()) != "little")
    return damaged("its numbers are not little-endian; save it on a "
                   "little-endian machine");
  return {};
}

Result<const ZipEntry *> PytorchZip::storage(const PickledStorage &S,
                                             const std::string &TensorName) {
  const ZipEntry *Entry = Zip.find(DataFolder + S.Key);
  if (!Entry)
    return damaged(fmt::format("tensor '{}' lies in storage '{}', which the "
                               "archive lacks: the file is damaged",
                               TensorName, S.Key));
  uint64_t Size = byteSize(S.Type);
  if (S.NumElements < 0 || Entry->Size % Size != 0 ||
      Entry->Size / Size != static_cast<uint64_t>(S.NumElements))
    return damaged(fmt::format("at byte {}: storage '{}' has {} bytes, tensor "
                               "'{}' expects {} elements of {}",
                               Entry->DataOffset, S.Key, Entry->Size,
                               TensorName, S.NumElements, name(S.Type)));
  auto Place = std::lower_bound(Checked.begin(), Checked.end(), Entry);
  if (Place != Checked.end() && *Place == Entry)
    return Entry;
  // PyTorch can be told not to compute checksums; it then writes none.
  if (Entry->Crc != 0 || Entry->Method != 0)
    if (Status Ok = Zip.checkStored(*Entry); !Ok)
      return Ok.errors();
  Checked.insert(Place, Entry);
  return Entry;
}

Status PytorchZip::addTensor(const PickledTensor &P, std::string Name) {
  if (Found.Tensors.size() == MaxTensors)
    return damaged(fmt::format("more than {} tensors", MaxTensors));
  Result<const ZipEntry *> Entry = storage(P.Storage, Name);
  if (!Entry)
    return Entry.errors();
  // Bounds are those of the storage: it is treated as a file of its own first.
  uint64_t Size = byteSize(P.Type);
  if (P.Offset < 0 || static_cast<uint64_t>(P.Offset) > (*Entry)->Size / Size)
    return damaged(fmt::format("tensor '{}' begins at element {} of storage "
                               "'{}', which has {}",
                               Name, P.Offset, P.Storage.Key,
                               (*Entry)->Size / Size));
  Tensor T{std::move(Name), P.Type, P.Shape, P.Strides,
           static_cast<uint64_t>(P.Offset) * Size};
  if (Status S = checkBounds(T, (*Entry)->Size); !S)
    return Error{FileName, "tensor-bounds",
                 fmt::format("tensor '{}' in storage '{}' (file bytes {} to "
                             "{}): {}",
                             T.Name, P.Storage.Key, (*Entry)->DataOffset,
                             (*Entry)->DataOffset + (*Entry)->Size,
                             S.errors().front().Text)};
  T.FileOffset += (*Entry)->DataOffset;
  Found.Tensors.push_back(std::move(T));
  return {};
}

Status PytorchZip::collect(const Pickle &P, const Pickle::Value &Dict,
                           const std::string &Prefix, unsigned Depth) {
  for (size_t I = 0; I + 1 < Dict.Items.size(); I += 2) {
    if (++Visited > MaxTensors * 16)
      return damaged("dictionaries that refer to each other too often");
    const Pickle::Value &Key = P.value(Dict.Items[I]);
    const Pickle::Value &Item = P.value(Dict.Items[I + 1]);
    if (Item.K != Pickle::Kind::Tensor && Item.K != Pickle::Kind::Dict)
      continue; // Settings and counters of a trainer.
    if (Key.K != Pickle::Kind::String && Key.K != Pickle::Kind::Int)
      continue;
    std::string Name =
        Prefix +
        (Key.K == Pickle::Kind::String ? Key.Text : std::to_string(Key.Int));
    if (Name.size() > MaxNameBytes)
      return damaged(fmt::format("a tensor name of {} bytes", Name.size()));
    Status S;
    if (Item.K == Pickle::Kind::Tensor)
      S = addTensor(P.tensor(Item), std::move(Name));
    else if (Depth != MaxNesting)
      S = collect(P, Item, Name + ".", Depth + 1);
    if (!S)
      return S;
  }
  return {};
}

Result<Contents> PytorchZip::read() {
  Result<std::string> Top = topFolder();
  if (!Top)
    return Top.errors();
  if (Status S = checkByteOrder(*Top); !S)
    return S.errors();
  DataFolder = *Top + "/data/";
  const ZipEntry *Entry = Zip.find(*Top + "/data.pkl");
  if (Status S = Zip.checkStored(*Entry); !S)
    return S.errors();
  Result<Pickle> P =
      Pickle::parse(Zip.raw(*Entry), FileName, Entry->DataOffset);
  if (!P)
    return P.errors();
  if (P->root().K == Pickle::Kind::Tensor) {
    if (Status S = addTensor(P->tensor(P->root()), "tensor"); !S)
      return S.errors();
  } else if (P->root().K == Pickle::Kind::Dict) {
    if (Status S = collect(*P, P->root(), "", 0); !S)
      return S.errors();
    Found.Wrapped = true;
    const std::vector<Pickle::Id> &Items = P->root().Items;
    // Numbered dictionaries are the layers of one network, not wrappers.
    for (size_t I = 0; I + 1 < Items.size(); I += 2)
      if (P->value(Items[I + 1]).K == Pickle::Kind::Tensor ||
          P->value(Items[I]).K == Pickle::Kind::Int)
        Found.Wrapped = false;
  } else {
    return damaged("it holds no dictionary of tensors; save "
                   "`model.state_dict()` by torch.save");
  }
  return std::move(Found);
}

} // namespace

Result<Contents> readPytorchZip(std::span<const uint8_t> Bytes,
                                const std::string &FileName) {
  Result<ZipArchive> Zip = ZipArchive::parse(Bytes, FileName);
  if (!Zip)
    return Zip.errors();
  return PytorchZip(*Zip, FileName).read();
}

} // namespace synfire::checkpoint
