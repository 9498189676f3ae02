//===- compiler/reference/WeightFile.cpp - Weights in their files ---------===//

#include "compiler/reference/WeightFile.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace synfire;
using namespace synfire::compiler;

WeightTensor::WeightTensor(MappedFile File, WeightPlace Place)
    : File(std::move(File)), Place(std::move(Place)) {
  const std::vector<int64_t> &Shape = this->Place.Tensor.Shape;
  if (!Shape.empty())
    Cols = Shape.back();
  Rows = this->Place.Tensor.numElements() / Cols;
}

Error WeightTensor::notFinite(int64_t Element) const {
  const std::vector<int64_t> &Shape = Place.Tensor.Shape;
  std::vector<int64_t> Index(Shape.size());
  for (size_t I = Shape.size(); I-- > 0; Element /= Shape[I])
    Index[I] = Element % Shape[I];
  return {Place.Tensor.Name, "weight-finite",
          fmt::format("element {} is NaN, infinite or too large for binary32; "
                      "every weight must be finite",
                      formatShape(Index))};
}

Status WeightTensor::verify() const {
  auto Digest = digest(File.bytes(), Place.Tensor);
  if (!Digest)
    return Digest.errors();
  dropRows(0, Rows);
  if (Digest->Hash != Place.Hash)
    return Error{Place.Tensor.Name, "weight-hash",
                 fmt::format("its elements in {} have hash {}, the network was "
                             "made from elements with hash {}; import the "
                             "model again",
                             Place.File, Digest->Hash, Place.Hash)};
  if (Digest->FirstNonFinite)
    return notFinite(*Digest->FirstNonFinite);
  return {};
}

Status WeightTensor::read(int64_t RowBegin, int64_t RowEnd, int64_t ColBegin,
                          int64_t ColEnd, float *Out) {
  assert(0 <= RowBegin && RowEnd <= Rows && 0 <= ColBegin && ColEnd <= Cols);
  std::call_once(Once, [this] { Verified = verify(); });
  if (!Verified)
    return Verified;

  // Rows of a matrix lie at a regular distance; those of a tensor of higher
  // rank only when it is dense, else each is read alone.
  const StoredTensor &T = Place.Tensor;
  size_t Rank = T.Shape.size();
  int64_t ColStride = Rank > 0 ? T.Strides[Rank - 1] : 1;
  int64_t RowStride = Rank == 2 ? T.Strides[0] : Cols;
  bool Regular = Rank <= 2 || T.isContiguous();
  int64_t Step = Regular ? RowEnd - RowBegin : 1;
  for (int64_t Row = RowBegin; Row < RowEnd; Row += Step) {
    int64_t First = Row * RowStride;
    if (!Regular) {
      First = 0;
      int64_t Rest = Row;
      for (size_t I = Rank - 1; I-- > 0; Rest /= T.Shape[I])
        First += Rest % T.Shape[I] * T.Strides[I];
    }
    StoredTensor Tile{T.Name,
                      T.Type,
                      {Step, ColEnd - ColBegin},
                      {RowStride, ColStride},
                      T.FileOffset +
                          (First + ColBegin * ColStride) *
                              static_cast<uint64_t>(byteSize(T.Type))};
    auto Values = readFloats(File.bytes(), Tile);
    if (!Values)
      return Values.errors();
    // A finite binary64 may be too large.
    if (T.Type == DType::F64)
      for (size_t I = 0; I < Values->size(); ++I)
        if (!std::isfinite((*Values)[I]))
          return notFinite(
              (Row + static_cast<int64_t>(I) / (ColEnd - ColBegin)) * Cols +
              ColBegin + static_cast<int64_t>(I) % (ColEnd - ColBegin));
    Out = std::copy(Values->begin(), Values->end(), Out);
  }
  return {};
}

void WeightTensor::dropRows(int64_t RowBegin, int64_t RowEnd) const {
  if (!Place.Tensor.isContiguous())
    return;
  uint64_t RowBytes = static_cast<uint64_t>(Cols) * byteSize(Place.Tensor.Type);
  uint64_t Begin = Place.Tensor.FileOffset + RowBegin * RowBytes;
  uint64_t End = Place.Tensor.FileOffset + RowEnd * RowBytes;
  // Whole pages only: the neighbours may be in use.
  auto Page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  Begin = (Begin + Page - 1) / Page * Page;
  End = End / Page * Page;
  if (Begin < End) // The mapping is read-only: dropping loses nothing.
    ::madvise(const_cast<uint8_t *>(File.bytes().data()) + Begin, End - Begin,
              MADV_DONTNEED);
}

Result<WeightTensor *> WeightFiles::open(const WeightPlace &Place) {
  const StoredTensor &T = Place.Tensor;
  std::string Path = Folder.empty() || Place.File.starts_with('/')
                         ? Place.File
                         : Folder + "/" + Place.File;
  std::lock_guard Lock(Mutex);
  Key Name{Path, T.FileOffset, T.Type, Place.Hash, T.Shape, T.Strides};
  if (auto Known = Tensors.find(Name); Known != Tensors.end())
    return Known->second.get();
  auto File = Files.find(Path);
  if (File == Files.end()) {
    auto Mapped = MappedFile::open(Path);
    if (!Mapped)
      return Mapped.errors();
    File = Files.emplace(Path, std::move(*Mapped)).first;
  }
  if (Status Reach = checkBounds(T, File->second.bytes().size()); !Reach)
    return Reach.errors();
  if (T.numElements() == 0)
    return Error{T.Name, "tensor-bounds",
                 fmt::format("a weight of shape {} has no elements",
                             formatShape(T.Shape))};
  auto Tensor = std::make_unique<WeightTensor>(File->second, Place);
  return Tensors.emplace(std::move(Name), std::move(Tensor))
      .first->second.get();
}
