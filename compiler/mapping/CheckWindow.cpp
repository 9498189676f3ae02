//===- compiler/mapping/CheckWindow.cpp -----------------------------------===//

#include "compiler/mapping/CheckWindow.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

using namespace synfire;
using namespace synfire::mapping;

/// The product of \p Sizes; UINT64_MAX when it is larger than that.
static uint64_t product(std::initializer_list<uint32_t> Sizes) {
  uint64_t Out = 1;
  for (uint32_t S : Sizes)
    if (__builtin_mul_overflow(Out, uint64_t(S), &Out))
      return UINT64_MAX;
  return Out;
}

Errors mapping::checkWindow(const Workload &Net, const Edge &E) {
  const image::WindowRecord &W = E.Window;
  Errors Out;
  auto Fail = [&](const char *Rule, std::string Text) {
    Out.push_back({E.Name, Rule, std::move(Text), ErrorKind::BadInput});
  };
  const std::array Sizes = {W.SourceChannels, W.SourceHeight, W.SourceWidth,
                            W.TargetChannels, W.TargetHeight, W.TargetWidth,
                            W.KernelHeight,   W.KernelWidth,  W.StrideY,
                            W.StrideX,        W.DilationY,    W.DilationX,
                            W.Groups};
  if (std::find(Sizes.begin(), Sizes.end(), 0u) != Sizes.end()) {
    Fail("workload-window", "channels, heights, widths, strides, dilations and "
                            "groups must be at least 1");
    return Out;
  }
  if (W.SourceChannels % W.Groups != 0 || W.TargetChannels % W.Groups != 0)
    Fail("workload-window",
         fmt::format("{} groups do not divide {} source and {} target channels",
                     W.Groups, W.SourceChannels, W.TargetChannels));
  if (W.Shared > 1 || (W.Shared == 1 && (W.Groups != W.SourceChannels ||
                                         W.Groups != W.TargetChannels)))
    Fail("workload-window",
         fmt::format("channels that share taps keep to themselves: {} groups "
                     "must be the {} source and the {} target channels",
                     W.Groups, W.SourceChannels, W.TargetChannels));
  const uint32_t Channels = W.Shared ? 1 : W.SourceChannels;
  if (product({Channels, W.KernelWidth, W.KernelHeight}) > UINT32_MAX)
    Fail("workload-window",
         fmt::format("a kernel of {} x {} x {} taps has more than 2^32 rows",
                     Channels, W.KernelHeight, W.KernelWidth));
  if (!E.Only.empty())
    Fail("workload-only", "a convolution hears all its sources");
  const uint64_t Sources =
      product({W.SourceWidth, W.SourceHeight, W.SourceChannels});
  const uint64_t Targets =
      product({W.TargetWidth, W.TargetHeight, W.TargetChannels});
  if (Sources > Net.sourceSize(E))
    Fail("workload-size",
         fmt::format("{} x {} x {} sources (channels, height, width) are more "
                     "than the {} neurons there are",
                     W.SourceChannels, W.SourceHeight, W.SourceWidth,
                     Net.sourceSize(E)));
  const Population &To = Net.Populations[E.To];
  if (Targets != To.Neurons)
    Fail("workload-size",
         fmt::format("{} x {} x {} targets (channels, height, width) are not "
                     "the {} neurons of '{}'",
                     W.TargetChannels, W.TargetHeight, W.TargetWidth,
                     To.Neurons, To.Name));
  return Out;
}
