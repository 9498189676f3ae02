//===- simulator/engine/WindowKernels.h - Kernels of an image ---*- C++ -*-===//
//
// The weights of an image's convolutions as the engine wants them, and what
// events meet of them. Tiles of one connection mostly hold the same kernel: it
// is kept once.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_WINDOWKERNELS_H
#define SYNFIRE_SIMULATOR_ENGINE_WINDOWKERNELS_H

#include "simulator/engine/Activity.h"
#include "simulator/kernel/Accumulate.h"

#include <span>
#include <vector>

namespace synfire::sim {

class WindowKernels {
public:
  /// \p Image and \p Plan are read now only.
  WindowKernels(const image::Image &Image, const Wiring &Plan);
  /// That of \p Tile, which is one of a convolution.
  const WindowKernel &of(uint32_t Tile) const {
    return Kernels[KernelOf[Tile]];
  }

private:
  std::vector<WindowKernel> Kernels;
  std::vector<uint32_t> KernelOf; ///< per tile
};

struct WindowCounts {
  MetCounts Met;
  uint64_t NonZero = 0; ///< weights other than 0 among those met
};

/// Of the indices of \p D, those from which something reaches its tile.
IndexRange reachOf(const DeliveryPlan &D, const WindowPlan &P);

/// What \p Events, by ascending index and within reachOf(), meet of a tile. How
/// many spikes a payload is, \p Counts says.
WindowCounts countWindow(const WindowPlan &P, const WindowKernel &K,
                         SpikeCount Counts, std::span<const Event> Events);

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_WINDOWKERNELS_H
