//===- models/hdf5/Chunks.cpp - Data cut into chunks ----------------------===//

#include "models/hdf5/Chunks.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace synfire::hdf5 {

namespace {

constexpr int MaxLevel = 16;
/// Chunks are smaller than 2^32 bytes (specification, IV.A.2.i).
constexpr uint64_t MaxChunkBytes = UINT32_MAX;
enum : uint16_t { Deflate = 1, Shuffle = 2, Fletcher32 = 3 };

Refusal damaged(uint64_t At, std::string_view What) {
  return {"hdf5-data",
          fmt::format("at byte {}: {}: the file is damaged", At, What)};
}

/// Fletcher's sum as HDF5 takes it: 16-bit words, high byte first.
uint32_t fletcher32(std::span<const uint8_t> Data) {
  uint32_t Sum1 = 0, Sum2 = 0;
  auto add = [&](uint32_t Word) {
    Sum1 = (Sum1 + Word) % 65535;
    Sum2 = (Sum2 + Sum1) % 65535;
  };
  size_t I = 0;
  for (; I + 1 < Data.size(); I += 2)
    add(uint32_t(Data[I]) << 8 | Data[I + 1]);
  if (I < Data.size())
    add(uint32_t(Data[I]) << 8);
  return Sum2 << 16 | Sum1;
}

class ChunkReader {
public:
  ChunkReader(std::span<const uint8_t> File, const StoredArray &Data,
              std::vector<uint8_t> &Out)
      : File(File), Data(Data), Out(Out) {}

  Refusal read();

private:
  Refusal readTree(uint64_t Address, int Level);
  Refusal readChunk(uint64_t Address, uint64_t Bytes, uint32_t Mask,
                    const std::vector<uint64_t> &Corner);
  Refusal undo(uint16_t Filter, uint64_t Address, bool Last,
               std::vector<uint8_t> &Chunk) const;
  Refusal inflateAll(uint64_t Address, uint64_t Limit,
                     std::vector<uint8_t> &Chunk) const;
  void place(const std::vector<uint8_t> &Chunk,
             const std::vector<uint64_t> &Corner);

  std::span<const uint8_t> File;
  const StoredArray &Data;
  std::vector<uint8_t> &Out;
  uint64_t ChunkBytes = 0;
  size_t NumNodes = 0;
  uint64_t StoredBytes = 0;
};

Refusal ChunkReader::inflateAll(uint64_t Address, uint64_t Limit,
                                std::vector<uint8_t> &Chunk) const {
  if (Limit / MaxInflation > Chunk.size())
    return damaged(Address, fmt::format("a chunk of {} bytes in {} compressed "
                                        "ones, more than deflate can pack",
                                        Limit, Chunk.size()));
  std::vector<uint8_t> Plain(Limit);
  z_stream Stream = {};
  if (inflateInit(&Stream) != Z_OK)
    return damaged(Address, "zlib has no memory");
  Stream.next_in = Chunk.data();
  Stream.avail_in = static_cast<uInt>(Chunk.size());
  Stream.next_out = Plain.data();
  Stream.avail_out = static_cast<uInt>(Plain.size());
  int Code = inflate(&Stream, Z_FINISH);
  Plain.resize(Plain.size() - Stream.avail_out);
  inflateEnd(&Stream);
  if (Code != Z_STREAM_END)
    return damaged(Address, "a chunk that deflate cannot unpack into its size");
  Chunk = std::move(Plain);
  return {};
}

Refusal ChunkReader::undo(uint16_t Filter, uint64_t Address, bool Last,
                          std::vector<uint8_t> &Chunk) const {
  switch (Filter) {
  case Deflate:
    // A checksum may have been added before it was packed.
    return inflateAll(Address, ChunkBytes + (Last ? 0 : 4), Chunk);
  case Shuffle: {
    size_t Size = Data.Type.Size, Count = Chunk.size() / Size;
    std::vector<uint8_t> Plain(Chunk);
    for (size_t I = 0; I != Count; ++I)
      for (size_t Byte = 0; Byte != Size; ++Byte)
        Plain[I * Size + Byte] = Chunk[Byte * Count + I];
    Chunk = std::move(Plain);
    return {};
  }
  default: { // Fletcher32; others were refused.
    if (Chunk.size() < 4)
      return damaged(Address, "a chunk without its checksum");
    size_t Size = Chunk.size() - 4;
    uint32_t Sum = fletcher32(std::span(Chunk).first(Size));
    uint32_t Stored = Cursor(Chunk, Size).u32();
    Chunk.resize(Size);
    return Sum == Stored ? Refusal() : damaged(Address, "a wrong checksum");
  }
  }
}

void ChunkReader::place(const std::vector<uint8_t> &Chunk,
                        const std::vector<uint64_t> &Corner) {
  size_t Rank = Data.Shape.size(), Size = Data.Type.Size;
  std::vector<uint64_t> Index(Rank, 0);
  // Row by row of the chunk, without what hangs over the array's edge.
  uint64_t RowInChunk = Data.ChunkShape[Rank - 1];
  uint64_t Columns = std::min<uint64_t>(
      RowInChunk,
      static_cast<uint64_t>(Data.Shape[Rank - 1]) - Corner[Rank - 1]);
  for (;;) {
    uint64_t From = 0, To = 0;
    bool Inside = true;
    for (size_t D = 0; D != Rank; ++D) {
      uint64_t At = Corner[D] + Index[D];
      Inside &= At < static_cast<uint64_t>(Data.Shape[D]);
      From = From * Data.ChunkShape[D] + Index[D];
      To = To * static_cast<uint64_t>(Data.Shape[D]) + At;
    }
    if (Inside)
      std::memcpy(&Out[To * Size], &Chunk[From * Size], Columns * Size);
    size_t D = Rank - 1;
    while (D != 0 && (++Index[D - 1] == Data.ChunkShape[D - 1] ||
                      Corner[D - 1] + Index[D - 1] >=
                          static_cast<uint64_t>(Data.Shape[D - 1])))
      Index[--D] = 0;
    if (D == 0)
      return;
  }
}

Refusal ChunkReader::readChunk(uint64_t Address, uint64_t Bytes, uint32_t Mask,
                               const std::vector<uint64_t> &Corner) {
  for (size_t D = 0; D != Data.Shape.size(); ++D)
    if (Corner[D] >= static_cast<uint64_t>(Data.Shape[D]) ||
        Corner[D] % Data.ChunkShape[D] != 0)
      return damaged(Address, "a chunk that lies outside the array");
  if (Address > File.size() || Bytes > File.size() - Address)
    return {"hdf5-truncated",
            fmt::format("a chunk of {} bytes begins at byte {}, and the file "
                        "ends at {}: it is truncated; copy it again",
                        Bytes, Address, File.size())};
  // Chunks do not overlap, so they are no larger than the file.
  StoredBytes += Bytes;
  if (StoredBytes > File.size())
    return damaged(Address, "chunks that overlap");
  auto Begin = File.begin() + static_cast<ptrdiff_t>(Address);
  std::vector<uint8_t> Chunk(Begin, Begin + static_cast<ptrdiff_t>(Bytes));
  // Filters were applied first to last.
  for (size_t I = Data.Filters.size(); I-- != 0;)
    if (!(Mask >> I & 1))
      if (Refusal R = undo(Data.Filters[I].Id, Address, I == 0, Chunk))
        return R;
  if (Chunk.size() != ChunkBytes)
    return damaged(Address, fmt::format("a chunk of {} bytes instead of {}",
                                        Chunk.size(), ChunkBytes));
  place(Chunk, Corner);
  return {};
}

Refusal ChunkReader::readTree(uint64_t Address, int Level) {
  size_t Rank = Data.Shape.size();
  Cursor C(File, Address);
  bool Signed = C.eat("TREE");
  unsigned Type = C.u8();
  int Here = C.u8();
  unsigned Count = C.u16();
  C.skip(16);
  // Each node takes bytes of the file that no other one takes.
  if (!Signed || Type != 1 || Here > MaxLevel ||
      (Level >= 0 && Here != Level) || ++NumNodes > File.size() / 24 + 1 ||
      !C.has(Count * (8 + 8 * (Rank + 1) + 8)))
    return damaged(Address, "no tree of chunks there");
  std::vector<uint64_t> Corner(Rank);
  for (unsigned I = 0; I != Count; ++I) {
    uint64_t Bytes = C.u32();
    uint32_t Mask = C.u32();
    for (uint64_t &At : Corner)
      At = C.u64();
    C.skip(8);
    uint64_t Child = C.u64();
    Refusal R = Here == 0 ? readChunk(Child, Bytes, Mask, Corner)
                          : readTree(Child, Here - 1);
    if (R)
      return R;
  }
  return {};
}

Refusal ChunkReader::read() {
  for (const Filter &F : Data.Filters)
    if (F.Id != Deflate && F.Id != Shuffle && F.Id != Fletcher32)
      return {"hdf5-filter",
              fmt::format("compressed with filter {}, which is not read; write "
                          "it with gzip or uncompressed (h5py: "
                          "compression='gzip')",
                          F.Name)};
  ChunkBytes = Data.Type.Size;
  for (uint32_t Size : Data.ChunkShape)
    if (__builtin_mul_overflow(ChunkBytes, Size, &ChunkBytes) ||
        ChunkBytes > MaxChunkBytes)
      return damaged(Data.Address, "a chunk of more than 2^32 bytes");
  Out.assign(static_cast<size_t>(Data.numElements()) * Data.Type.Size, 0);
  if (Out.empty())
    return {};
  if (Data.Shape.empty())
    return damaged(Data.Address, "a chunked scalar");
  if (Data.Place == StoredArray::Layout::Chunked)
    return readTree(Data.Address, -1);
  uint64_t Bytes = Data.Filters.empty() ? ChunkBytes : Data.Bytes;
  return readChunk(Data.Address, Bytes, Data.FilterMask,
                   std::vector<uint64_t>(Data.Shape.size(), 0));
}

} // namespace

Refusal readChunks(std::span<const uint8_t> File, const StoredArray &Data,
                   std::vector<uint8_t> &Out) {
  return ChunkReader(File, Data, Out).read();
}

} // namespace synfire::hdf5
