//===- simulator/engine/WindowPlan.h - Convolutions, planned ----*- C++ -*-===//
//
// What makes a convolution fast to run: which targets a source place meets is
// looked up per axis, and the kernel is stored in the order in which taps are
// met, so that all taps of a source place in one column of targets are one run
// of weights and one run of targets (without groups, and unless a dilation
// leaves targets out).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_WINDOWPLAN_H
#define SYNFIRE_SIMULATOR_ENGINE_WINDOWPLAN_H

#include "targets/Image.h"

#include <cstdint>
#include <span>
#include <vector>

namespace synfire::sim {

/// One axis of a convolution: source = target * Stride - Pad + tap * Dilation.
struct WindowAxis {
  uint32_t Source = 1, Target = 1, Kernel = 1; ///< places
  uint32_t Stride = 1, Pad = 0, Dilation = 1;

  static WindowAxis x(const image::WindowRecord &W);
  static WindowAxis y(const image::WindowRecord &W);
  /// Pairs of a target and a tap that hear a source.
  uint64_t numTaps() const;
};

/// Which targets of a range each source of an axis meets.
class AxisTaps {
public:
  /// Count targets: Target, Target + step(), ... through the taps in places
  /// Place, Place + 1, ... of the order below.
  struct Run {
    uint32_t Target = 0, Place = 0, Count = 0;
  };

  AxisTaps() = default;
  /// Of targets \p First to \p Last (behind the last).
  AxisTaps(const WindowAxis &Axis, uint32_t First, uint32_t Last);
  /// Entries that the table of these would have.
  static uint64_t sizeOf(const WindowAxis &Axis, uint32_t First, uint32_t Last);
  /// Sources that meet something lie in [first(), last()).
  uint32_t first() const { return FirstSource; }
  uint32_t last() const {
    return FirstSource + static_cast<uint32_t>(Runs.size());
  }
  Run of(uint32_t Source) const {
    const uint32_t At = Source - FirstSource;
    return At < Runs.size() ? Runs[At] : Run();
  }
  uint32_t step() const { return Step; }
  /// Where each tap stands in the order of the kernel: taps of one residue
  /// after those of another, descending.
  static std::vector<uint32_t> orderOf(const WindowAxis &Axis);

private:
  uint32_t FirstSource = 0, Step = 1;
  std::vector<Run> Runs;
};

/// The taps of one tile.
struct WindowPlan {
  AxisTaps X, Y;
  uint32_t SourceChannels = 1, ColumnSources = 1; ///< of a place, of a column
  uint32_t TargetChannels = 1, TargetHeight = 1;
  uint32_t Groups = 1;
  bool Shared = false;
  uint32_t KernelChannels = 1, KernelWidth = 1, KernelHeight = 1;
  uint32_t Cols = 1;            ///< weights of a row
  unsigned Bits = 8;            ///< of a weight as stored
  uint32_t First = 0, Last = 0; ///< targets of the tile
  /// Taps of a column of targets are one run.
  bool InRuns = false;

  static WindowPlan of(const image::WindowRecord &W,
                       const image::TileRecord &T);
  /// Entries of the tables of of().
  static uint64_t sizeOf(const image::WindowRecord &W,
                         const image::TileRecord &T);
  bool empty() const { return First == Last; }
};

/// The weights of a kernel as the engine wants them.
struct WindowKernel {
  /// [place of kx][channel][place of ky][column], a channel Stride bytes after
  /// the one before; 64 more bytes may be read.
  std::vector<int8_t> Weights;
  uint32_t Stride = 0;
  /// [place of kx][channel][place of ky + 1]: weights other than 0 of the rows
  /// before.
  std::vector<uint32_t> NonZero;

  /// Of \p Stored, the rows of the tile as the image has them.
  static WindowKernel of(const image::WindowRecord &W,
                         const image::TileRecord &T, const std::byte *Stored);
};

/// Products of one token step if every source had an event.
uint64_t denseProductsOf(const image::WindowRecord &W);

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_WINDOWPLAN_H
