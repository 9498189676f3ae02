//===- simulator/engine/WindowKernels.cpp - Kernels of an image -----------===//

#include "simulator/engine/WindowKernels.h"

#include <algorithm>

namespace synfire::sim {

WindowKernels::WindowKernels(const image::Image &Image, const Wiring &Plan)
    : KernelOf(Image.tiles().size(), image::None) {
  // Of each connection, tiles whose kernels differ.
  std::vector<std::vector<uint32_t>> Seen(Image.connections().size());
  const auto stored = [&](uint32_t Tile, uint32_t Core) {
    const image::TileRecord &T = Image.tiles()[Tile];
    return Image.coreMemory().subspan(Image.cores()[Core].MemoryOffset +
                                          T.WeightOffset,
                                      size_t(T.Rows) * T.RowStride);
  };
  std::vector<uint32_t> CoreOf(Image.tiles().size());
  for (uint32_t C = 0; C < Image.cores().size(); ++C) {
    const image::CoreRecord &Core = Image.cores()[C];
    for (uint32_t I = Core.FirstTile; I < Core.FirstTile + Core.NumTiles; ++I) {
      CoreOf[I] = C;
      if (Plan.Windows[I].empty())
        continue;
      const image::TileRecord &T = Image.tiles()[I];
      std::vector<uint32_t> &Others = Seen[T.Connection];
      const auto Bytes = stored(I, C);
      auto Same = std::ranges::find_if(Others, [&](uint32_t Other) {
        return Image.tiles()[Other].Format == T.Format &&
               std::ranges::equal(stored(Other, CoreOf[Other]), Bytes);
      });
      if (Same != Others.end()) {
        KernelOf[I] = KernelOf[*Same];
        continue;
      }
      // One more is enough to compare with: most are like the first.
      if (Others.size() < 4)
        Others.push_back(I);
      KernelOf[I] = static_cast<uint32_t>(Kernels.size());
      Kernels.push_back(WindowKernel::of(
          Image.windows()[Image.connections()[T.Connection].Window], T,
          Bytes.data()));
    }
  }
}

} // namespace synfire::sim
