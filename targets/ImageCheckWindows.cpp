//===- targets/ImageCheckWindows.cpp - Shapes of convolutions ---*- C++ -*-===//

#include "targets/ImageCheck.h"

using namespace synfire;
using namespace synfire::image;

namespace {

/// Places, steps and neurons are also used as signed 32-bit numbers; products
/// of two of them fit 64 bits.
constexpr uint64_t MaxCount = 0x7fffffff;

/// The product of three counts, or more than MaxCount.
uint64_t productOf(uint64_t A, uint64_t B, uint64_t C) {
  const uint64_t First = A * B;
  return First > MaxCount ? First : First * C;
}

bool areCounts(const WindowRecord &W) {
  for (uint32_t N :
       {W.SourceChannels, W.SourceHeight, W.SourceWidth, W.TargetChannels,
        W.TargetHeight, W.TargetWidth, W.KernelHeight, W.KernelWidth, W.StrideY,
        W.StrideX, W.DilationY, W.DilationX, W.Groups})
    if (N < 1 || N > MaxCount)
      return false;
  return W.PadY <= MaxCount && W.PadX <= MaxCount && W.Shared <= 1;
}

void check(const WindowRecord &W, uint64_t Index, FaultList &Faults) {
  if (!areCounts(W))
    return Faults.add(
        Index, "image-window",
        fmt::format("a side, a number of channels or groups, a stride or a "
                    "dilation is not 1 to {}, a pad is larger, or Shared is "
                    "not 0 or 1",
                    MaxCount));
  if (W.SourceChannels % W.Groups != 0 || W.TargetChannels % W.Groups != 0)
    Faults.add(Index, "image-window",
               fmt::format("{} groups do not divide {} source and {} target "
                           "channels",
                           W.Groups, W.SourceChannels, W.TargetChannels));
  if (W.Shared &&
      (W.Groups != W.SourceChannels || W.Groups != W.TargetChannels))
    Faults.add(
        Index, "image-window",
        fmt::format("taps that all channels share need as many groups as "
                    "channels on both sides, not {} of {} and {}",
                    W.Groups, W.SourceChannels, W.TargetChannels));
  for (auto [What, A, B, C] :
       {std::tuple("sources", W.SourceChannels, W.SourceHeight, W.SourceWidth),
        std::tuple("targets", W.TargetChannels, W.TargetHeight, W.TargetWidth),
        std::tuple("rows of the kernel", W.Shared ? 1 : W.SourceChannels,
                   W.KernelHeight, W.KernelWidth)})
    if (productOf(A, B, C) > MaxCount)
      Faults.add(Index, "image-window",
                 fmt::format("{} x {} x {} {} are more than {}", A, B, C, What,
                             MaxCount));
}

} // namespace

void image::checkWindows(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "windows");
  for (uint64_t I = 0; I < R.Windows.size(); ++I)
    check(R.Windows[I], I, Faults);
  Faults.moveTo(Out);
}

void image::checkWindowOf(const Records &R, const ConnectionRecord &C,
                          uint64_t Index, FaultList &Faults) {
  if (C.Kind != ConnectionKind::Window) {
    if (C.Window != None)
      Faults.add(Index, "image-connection",
                 fmt::format("window {} of what is no convolution", C.Window));
    return;
  }
  if (C.Window >= R.Windows.size())
    return Faults.add(
        Index, "image-index",
        fmt::format("window {} of {}", C.Window, R.Windows.size()));
  const WindowRecord &W = R.Windows[C.Window];
  if (areCounts(W) && (C.Rows != W.numSources() || C.Cols != W.numTargets()))
    Faults.add(
        Index, "image-connection",
        fmt::format("{} rows and {} columns, but window {} has {} sources "
                    "and {} targets",
                    C.Rows, C.Cols, C.Window, W.numSources(), W.numTargets()));
}
