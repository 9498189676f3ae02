//===- simulator/report/RunData.cpp - What a report is made of ------------===//

#include "simulator/report/RunData.h"

#include <algorithm>
#include <cctype>

namespace synfire::report {

const TimeData *timeOf(const RunData &Run, std::string_view Mode) {
  for (const TimeData &T : Run.Times)
    if (T.Mode == Mode)
      return &T;
  return nullptr;
}

uint32_t contextOf(const RunData &Run) {
  if (Run.Network.Context)
    return Run.Network.Context;
  return static_cast<uint32_t>(std::clamp<uint64_t>(Run.Tokens, 1, UINT32_MAX));
}

std::string layerOf(const std::string &Name) {
  size_t Dot = Name.find('.');
  if (Dot == std::string::npos)
    return Name;
  size_t End = Name.find('.', Dot + 1);
  std::string Second = Name.substr(Dot + 1, End - Dot - 1);
  bool IsNumber = !Second.empty() &&
                  std::all_of(Second.begin(), Second.end(),
                              [](unsigned char C) { return isdigit(C); });
  return IsNumber ? Name.substr(0, End) : Name.substr(0, Dot);
}

} // namespace synfire::report
