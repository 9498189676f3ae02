//===- models/checkpoint/Checkpoint.cpp - Trained networks in files -------===//

#include "models/checkpoint/Checkpoint.h"
#include "models/checkpoint/Formats.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace synfire::checkpoint {

namespace {

bool startsWith(std::span<const uint8_t> Bytes, std::string_view Magic) {
  return Bytes.size() >= Magic.size() &&
         std::equal(Magic.begin(), Magic.end(), Bytes.begin(),
                    [](char A, uint8_t B) { return uint8_t(A) == B; });
}

/// Number of tensors by what stands before the first dot of their names.
std::map<std::string, size_t>
countByOuterName(std::span<const Tensor> Tensors) {
  std::map<std::string, size_t> Counts;
  for (const Tensor &T : Tensors)
    ++Counts[T.Name.substr(0, T.Name.find('.'))];
  return Counts;
}

/// `state_dict (24 tensors), optimizer (48 tensors)`, at most eight.
std::string listCandidates(std::span<const Tensor> Tensors) {
  std::vector<std::string> Names;
  std::map<std::string, size_t> Counts = countByOuterName(Tensors);
  for (const auto &[Name, Count] : Counts)
    if (Names.size() != 8)
      Names.push_back(fmt::format("{} ({} tensors)", Name, Count));
  std::string List = fmt::format("{}", fmt::join(Names, ", "));
  if (Counts.size() > Names.size())
    List += fmt::format(" and {} more", Counts.size() - Names.size());
  return List;
}

/// Keeps the tensors below \p Prefix and cuts it off.
Status select(std::vector<Tensor> &Tensors, const std::string &Prefix,
              const std::string &Path) {
  std::vector<Tensor> Kept;
  for (const Tensor &T : Tensors) {
    if (!T.Name.starts_with(Prefix) || T.Name.size() == Prefix.size())
      continue;
    size_t Cut = Prefix.size();
    if (Cut != 0 && Prefix.back() != '.' && T.Name[Cut] == '.')
      ++Cut;
    Kept.push_back(T);
    Kept.back().Name.erase(0, Cut);
  }
  if (Kept.empty())
    return Error{Path, "checkpoint-prefix",
                 fmt::format("no tensor's name begins with '{}'; there are: {}",
                             Prefix, listCandidates(Tensors))};
  Tensors = std::move(Kept);
  return {};
}

/// Tensors that all lie in dictionaries: takes the only one, or asks.
Status unwrap(std::vector<Tensor> &Tensors, const std::string &Path) {
  std::map<std::string, size_t> Counts = countByOuterName(Tensors);
  if (Counts.size() == 1)
    return select(Tensors, Counts.begin()->first + ".", Path);
  return Error{Path, "checkpoint-prefix",
               fmt::format("the file wraps its tensors; choose with --prefix: "
                           "{}",
                           listCandidates(Tensors))};
}

} // namespace

Result<Contents> readTensors(std::span<const uint8_t> Bytes,
                             const std::string &FileName, std::string &Format) {
  auto refused = [&](const std::string &Text) {
    return Error{FileName, "checkpoint-format", Text};
  };
  if (startsWith(Bytes, "PK\x03\x04")) {
    Format = "pytorch-zip";
    return readPytorchZip(Bytes, FileName);
  }
  if (startsWith(Bytes, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50"
                        "\x19"))
    return refused("a file of PyTorch before 1.6; load it there and save it "
                   "again with torch.save of a newer PyTorch");
  if (startsWith(Bytes, "\x89HDF\r\n\x1a\n"))
    return refused("an HDF5 file; .pth (torch.save) and .safetensors are read");
  // Before pickles: of 32 lengths of a header one begins with 0x80 as they do.
  if (Bytes.size() > 8 && Bytes[8] == '{') {
    Format = "safetensors";
    return readSafetensors(Bytes, FileName);
  }
  if (startsWith(Bytes, "\x80"))
    return refused("a bare pickle; save `model.state_dict()` by torch.save");
  if (startsWith(Bytes, "{"))
    return refused("a JSON file; if it is the index of a model in several "
                   "files, merge them into one .safetensors");
  return refused(fmt::format("not a checkpoint: {}; .pth (torch.save) and "
                             ".safetensors are read",
                             Bytes.empty() ? "the file is empty"
                                           : "its first bytes belong to no "
                                             "known format"));
}

Result<Checkpoint> Checkpoint::open(const std::string &Path,
                                    const std::string &Prefix) {
  Result<MappedFile> File = MappedFile::open(Path);
  if (!File)
    return File.errors();
  Checkpoint C;
  C.Path = File->path();
  C.File = std::move(*File);
  Result<Contents> Found = readTensors(C.bytes(), Path, C.Format);
  if (!Found)
    return Found.errors();
  C.Tensors = std::move(Found->Tensors);
  if (C.Tensors.empty())
    return Error{Path, "checkpoint-empty",
                 "holds no tensors; save `model.state_dict()`"};
  if (!Prefix.empty()) {
    if (Status S = select(C.Tensors, Prefix, Path); !S)
      return S.errors();
  } else if (Found->Wrapped) {
    if (Status S = unwrap(C.Tensors, Path); !S)
      return S.errors();
  }
  if (Status S = C.index(); !S)
    return S.errors();
  return C;
}

Result<Checkpoint> Checkpoint::declare(std::string Name,
                                       std::vector<Tensor> Tensors,
                                       ElementSource Elements,
                                       std::optional<std::string> Config) {
  Checkpoint C;
  C.Path = std::move(Name);
  C.Format = "declared";
  C.Config = std::move(Config);
  C.Elements = std::move(Elements);
  C.Tensors = std::move(Tensors);
  uint64_t Offset = 0;
  for (Tensor &T : C.Tensors) {
    T.Strides = contiguousStrides(T.Shape);
    T.FileOffset = Offset;
    Offset += static_cast<uint64_t>(T.numElements()) * byteSize(T.Type);
  }
  if (Status S = C.index(); !S)
    return S.errors();
  return C;
}

Status Checkpoint::index() {
  ByName.resize(Tensors.size());
  for (uint32_t I = 0; I != ByName.size(); ++I)
    ByName[I] = I;
  auto nameOf = [&](uint32_t I) -> std::string_view { return Tensors[I].Name; };
  std::ranges::sort(ByName, {}, nameOf);
  if (auto Twice = std::ranges::adjacent_find(ByName, {}, nameOf);
      Twice != ByName.end())
    return Error{Path, "checkpoint-names",
                 fmt::format("two tensors are named '{}'", nameOf(*Twice))};
  return {};
}

const Tensor *Checkpoint::find(std::string_view Name) const {
  auto nameOf = [&](uint32_t I) -> std::string_view { return Tensors[I].Name; };
  auto It = std::ranges::lower_bound(ByName, Name, {}, nameOf);
  return It == ByName.end() || nameOf(*It) != Name ? nullptr : &Tensors[*It];
}

Result<std::vector<float>> Checkpoint::readFloats(const Tensor &T) const {
  if (!isDeclared())
    return synfire::readFloats(bytes(), T);
  const Tensor *Whole = find(T.Name);
  if (!Whole || Whole->Shape != T.Shape)
    return Error{
        Path, "checkpoint-declared",
        fmt::format("'{}' is declared, a part of it cannot be read", T.Name)};
  std::vector<uint8_t> Made =
      Elements(static_cast<size_t>(Whole - Tensors.data()));
  Tensor Alone = *Whole;
  Alone.FileOffset = 0;
  return synfire::readFloats(Made, Alone);
}

} // namespace synfire::checkpoint
