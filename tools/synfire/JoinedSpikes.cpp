//===- JoinedSpikes.cpp - One array per layer -----------------------------===//

#include "tools/synfire/JoinedSpikes.h"

#include <algorithm>
#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

void synfire::tools::joinSpikes(std::vector<SpikeArray> &Spikes,
                                const ChannelParts &Splits) {
  for (const auto &[Name, Split] : Splits) {
    const auto [NumParts, Channels] = Split;
    std::vector<size_t> At;
    for (int64_t I = 0; I != NumParts; ++I) {
      const auto Found = std::ranges::find(
          Spikes, fmt::format("{}/{}", Name, I), &SpikeArray::Name);
      if (Found != Spikes.end() && Found->Neurons % Channels == 0)
        At.push_back(static_cast<size_t>(Found - Spikes.begin()));
    }
    if (At.empty() || static_cast<int64_t>(At.size()) != NumParts)
      continue;
    SpikeArray All = Spikes[At[0]];
    All.Name = Name;
    All.Neurons *= NumParts;
    // Each part has so many channels of every place of every step.
    const auto Places = static_cast<int64_t>(All.Payloads.size()) / Channels;
    All.Payloads.resize(All.Payloads.size() * At.size());
    for (int64_t I = 0; I != NumParts; ++I)
      for (int64_t P = 0; P != Places; ++P)
        std::copy_n(Spikes[At[I]].Payloads.begin() + P * Channels, Channels,
                    All.Payloads.begin() + (P * NumParts + I) * Channels);
    Spikes[At[0]] = std::move(All);
    std::sort(At.begin() + 1, At.end(), std::greater<>());
    for (size_t I = 1; I != At.size(); ++I)
      Spikes.erase(Spikes.begin() + static_cast<std::ptrdiff_t>(At[I]));
  }
}
