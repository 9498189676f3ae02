//===- Amplitudes.cpp - What a spike is worth -----------------------------===//

#include "models/spikelm/Amplitudes.h"

#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <span>

using namespace synfire;
using namespace synfire::models;

/// The public code takes this for "not yet set".
static constexpr float Initial = 1.0f;

std::vector<float> Amplitudes::of(const std::string &Name) {
  std::vector<float> Out;
  for (int64_t T = 0; T < Shape.Steps; ++T) {
    std::string Tensor = fmt::format("{}.{}", Name, T);
    float Value = Initial;
    if (auto Known = Given.find(Tensor); Known != Given.end()) {
      Value = Known->second;
    } else {
      const checkpoint::Tensor *Stored = From.find(Tensor);
      auto Read = Stored ? From.readFloats(*Stored)
                         : Result<std::vector<float>>(std::vector{Initial});
      if (Read && Read->size() == 1)
        Value = Read->front();
      if (Value == Initial)
        Unset.push_back(Tensor);
    }
    if (!(Value > 0) || !std::isfinite(Value)) {
      Wrong.push_back({From.path(), "spikelm-amplitude",
                       fmt::format("amplitude '{}' is {}, it must be finite "
                                   "and above 0",
                                   Tensor, Value)});
      Value = Initial;
    }
    Out.push_back(Value);
  }
  return Out;
}

Errors Amplitudes::found() const {
  Errors All = Wrong;
  if (Unset.empty())
    return All;
  constexpr size_t Most = 4;
  std::span<const std::string> Shown(Unset.data(),
                                     std::min(Most, Unset.size()));
  All.push_back(
      {From.path(), "spikelm-amplitude",
       fmt::format("{} amplitudes are not set (stored as exactly 1, or "
                   "missing): {}{}. The public code sets them from the first "
                   "batch that it sees, so results would depend on that "
                   "batch; run the network once there and store what it set",
                   Unset.size(), fmt::join(Shown, ", "),
                   Unset.size() > Most ? ", ..." : "")});
  return All;
}
