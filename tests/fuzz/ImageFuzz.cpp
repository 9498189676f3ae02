//===- tests/fuzz/ImageFuzz.cpp - Hostile images ----------------*- C++ -*-===//
//
// An even first byte: the rest patches a sound image (one with attention when
// its second bit is set, else one with a convolution when its third is), three
// bytes at a time (16-bit position, new byte). An
// odd one: the rest is the image. Checksums are made right again in both cases,
// so that the checks behind them are reached.
//
//===----------------------------------------------------------------------===//

#include "targets/ImageFit.h"
#include "tests/unit/targets/ImageFixture.h"

#include <cstdio>
#include <cstdlib>

using namespace synfire;
using namespace synfire::image;

static std::vector<std::byte> bytesOf(const ImageParts &Parts) {
  std::string Path = temporaryPath("fuzz.sfi");
  if (!Parts.write(Path))
    std::abort();
  std::vector<std::byte> Read = readAll(Path);
  std::remove(Path.c_str());
  return Read;
}

static const std::vector<std::byte> &soundImage(uint8_t Bits) {
  static const std::vector<std::byte> Images[] = {
      bytesOf(ImageParts::small()), bytesOf(ImageParts::attention()),
      bytesOf(ImageParts::convolution())};
  return Images[Bits & 2 ? 1 : Bits & 4 ? 2 : 0];
}

static const ChipSpec &chip() {
  static const ChipSpec Spec = *ChipSpec::load("tiny");
  return Spec;
}

/// Uses what an accepted image promises, as the simulator would.
static uint64_t touch(const Image &I) {
  uint64_t Sum = 0;
  for (const PopulationRecord &P : I.populations())
    Sum += I.string(P.Name).size() + I.programs()[P.Program].NumSlots;
  for (const CoreRecord &C : I.cores()) {
    auto Memory = I.coreMemory().subspan(C.MemoryOffset, C.MemoryBytes);
    for (const TileRecord &T : I.tiles().subspan(C.FirstTile, C.NumTiles))
      for (uint64_t R = 0; T.Planes == 0 && R < T.Rows; ++R)
        Sum +=
            std::to_integer<uint64_t>(Memory[T.WeightOffset + R * T.RowStride]);
    for (const BlockRecord &B : I.blocks().subspan(C.FirstBlock, C.NumBlocks))
      for (const SlotRecord &S : I.slots().subspan(B.FirstSlot, B.NumSlots))
        Sum += S.Size;
    for (const AxonRecord &A : I.axons().subspan(C.FirstAxon, C.NumAxons))
      Sum += I.flows()[A.Flow].NumHops +
             (A.Table == None ? 0 : I.axonRows()[A.Table + A.NumIndices - 1]);
  }
  for (const ConnectionRecord &C : I.connections())
    if (C.Kind == ConnectionKind::Window)
      Sum += I.windows()[C.Window].rows() * I.windows()[C.Window].cols();
  for (const isa::Instruction &Code : I.instructions())
    Sum += isa::disassemble(Code).size();
  return Sum;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  if (Size == 0)
    return 0;
  std::span<const std::byte> Rest =
      std::as_bytes(std::span(Data, Size)).subspan(1);
  bool Patch = Data[0] % 2 == 0;
  AlignedBytes Bytes(Patch ? std::span(soundImage(Data[0])) : Rest);
  std::span<std::byte> View = Bytes.span();
  if (Patch)
    for (; Rest.size() >= 3; Rest = Rest.subspan(3)) {
      size_t At = std::to_integer<size_t>(Rest[0]) << 8 |
                  std::to_integer<size_t>(Rest[1]);
      View[At % View.size()] = Rest[2];
    }
  resealForTest(View);
  Result<Image> I = Image::view(View, "fuzz");
  if (!I)
    return 0;
  volatile uint64_t Used = touch(*I);
  (void)Used;
  // Only that it returns matters: either answer is right.
  (void)static_cast<bool>(checkAgainst(*I, chip()));
  return 0;
}
