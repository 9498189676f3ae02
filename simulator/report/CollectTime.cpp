//===- simulator/report/CollectTime.cpp - What time went into -------------===//

#include "simulator/report/Collect.h"
#include "simulator/report/Format.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace synfire::report {

const char *modeName(sim::Mode M) {
  return M == sim::Mode::Prefill ? "prefill" : "generate";
}

Coord beyond(const sim::Link &L, const ChipSpec &Spec) {
  return Spec.coordOf(Spec.neighbour(L.Router, L.Port).value_or(L.Router));
}

std::string linkName(const sim::Link &L, const ChipSpec &Spec) {
  Coord From = Spec.coordOf(L.Router), To = beyond(L, Spec);
  if (L.Port == image::Host)
    return fmt::format("link ({},{}) to host", From.X, From.Y);
  return fmt::format("link ({},{}) to ({},{})", From.X, From.Y, To.X, To.Y);
}

std::string resourceName(const sim::TickTime &T, const RunView &Run) {
  switch (T.Waited) {
  case sim::Bound::Core:
    return fmt::format("core {}: {}", T.Id, sim::stageName(T.Kind));
  case sim::Bound::Link:
    if (T.Id < Run.Plan.Links.size())
      return linkName(Run.Plan.Links[T.Id].Where, Run.Spec);
    return "network";
  case sim::Bound::Barrier:
    break;
  }
  return "barrier";
}

namespace {

/// How many bounds are told apart before the rest is summed up.
constexpr size_t MaxBounds = 12;
/// How many populations of a level are named.
constexpr size_t MaxNames = 4;

/// Fills Resources, and Each with what every tick waited for.
void nameResources(const sim::Timing &Time, const RunView &Run, TimeData &Out) {
  std::map<std::tuple<sim::Bound, sim::Stage, uint32_t>, uint32_t> Known;
  for (const sim::TickTime &T : Time.Ticks) {
    auto Kind = T.Waited == sim::Bound::Core ? T.Kind : sim::Stage::Programs;
    auto [At, Fresh] = Known.try_emplace(
        {T.Waited, Kind, T.Id}, static_cast<uint32_t>(Out.Resources.size()));
    if (Fresh) {
      Out.Resources.push_back(resourceName(T, Run));
      Out.Kinds.push_back({T.Waited, Kind, T.Id});
    }
    Out.Each.push_back({T.Duration, T.Core, T.Network, At->second});
  }
}

std::vector<BoundData> boundsOf(const TimeData &Time) {
  std::vector<BoundData> Out;
  for (const std::string &Name : Time.Resources)
    Out.push_back({Name, 0, {}});
  for (const TickData &T : Time.Each) {
    ++Out[T.Resource].Ticks;
    Out[T.Resource].TotalTime += T.Duration;
  }
  std::stable_sort(Out.begin(), Out.end(), [](const auto &A, const auto &B) {
    return A.TotalTime > B.TotalTime;
  });
  if (Out.size() > MaxBounds) {
    BoundData Rest;
    Rest.Resource = plural(fmt::format("{}", Out.size() - MaxBounds), "other");
    for (size_t I = MaxBounds; I < Out.size(); ++I) {
      Rest.Ticks += Out[I].Ticks;
      Rest.TotalTime += Out[I].TotalTime;
    }
    Out.resize(MaxBounds);
    Out.push_back(std::move(Rest));
  }
  return Out;
}

/// In generate mode a tick runs one level, so ticks tell each level's time.
std::vector<LevelData> levelsOf(const sim::Timing &Time, const RunView &Run) {
  const auto &Levels = Run.Plan.Levels;
  std::vector<LevelData> Out;
  if (Time.TokenMode != sim::Mode::Generate || Time.Tokens == 0)
    return Out;
  for (size_t L = 0; L < Levels.size(); ++L) {
    LevelData D;
    D.Level = static_cast<uint32_t>(L);
    for (size_t T = L; T < Time.Ticks.size(); T += Levels.size())
      D.MeanTime += Time.Ticks[T].Duration;
    D.MeanTime.Value /= static_cast<double>(Time.Tokens);
    std::vector<uint32_t> Of;
    for (uint32_t B : Levels[L]) {
      uint32_t P = Run.Plan.Blocks[B].Population;
      if (std::find(Of.begin(), Of.end(), P) == Of.end())
        Of.push_back(P);
    }
    const image::Image &I = Run.Image;
    for (size_t N = 0; N < Of.size() && N < MaxNames; ++N)
      D.Populations +=
          (N ? ", " : "") + std::string(I.string(I.populations()[Of[N]].Name));
    if (Of.size() > MaxNames)
      D.Populations += fmt::format(" and {} more", Of.size() - MaxNames);
    Out.push_back(std::move(D));
  }
  return Out;
}

} // namespace

TimeData timeData(const sim::Timing &Time, const RunView &Run) {
  TimeData Out;
  Out.Mode = modeName(Time.TokenMode);
  Out.Ticks = Time.Ticks.size();
  Out.Barriers = Run.Spec.System.Barrier ? Out.Ticks : 0;
  Out.Total = Time.Total;
  if (!Time.Latency.empty())
    Out.FirstToken = Time.Latency.front();
  Out.Fidelity = sim::fidelityName(Time.Model);
  Out.Barrier = Time.Barrier;
  Out.CoreBusy = Time.Cores;
  Out.LinkUse = Time.Links;
  nameResources(Time, Run, Out);
  Out.Bounds = boundsOf(Out);
  Out.Levels = levelsOf(Time, Run);
  return Out;
}

} // namespace synfire::report
