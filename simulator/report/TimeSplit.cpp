//===- simulator/report/TimeSplit.cpp - What time went into ---------------===//

#include "simulator/report/TimeSplit.h"
#include "simulator/report/Stats.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace synfire::report {

TimeSplit splitOf(const TickData &T, const TimeData &Time) {
  TimeSplit S;
  S.Barrier = std::min(Time.Barrier.Value, T.Duration.Value);
  const double Rest = T.Duration.Value - S.Barrier;
  // What differs by rounding alone is no waiting.
  const bool IsWork = T.Core.Value >= Rest * (1 - 1e-12);
  S.Core = IsWork ? Rest : T.Core.Value;
  S.Network = Rest - S.Core;
  return S;
}

TimeSplit splitOf(const TimeData &Time) {
  TimeSplit Sum;
  for (const TickData &T : Time.Each)
    Sum += splitOf(T, Time);
  return Sum;
}

std::vector<TimeSplit> levelSplits(const TimeData &Time) {
  const size_t Depth = Time.Levels.size();
  std::vector<TimeSplit> Out(Depth);
  if (Depth == 0 || Time.Each.size() < Depth)
    return Out;
  for (size_t T = 0; T < Time.Each.size(); ++T)
    Out[T % Depth] += splitOf(Time.Each[T], Time);
  const double Tokens = static_cast<double>(Time.Each.size() / Depth);
  for (TimeSplit &S : Out)
    S = S * (1 / Tokens);
  return Out;
}

sim::CoreBusy decidingStages(const TimeData &Time) {
  sim::CoreBusy Out;
  for (const TickData &T : Time.Each)
    if (const ResourceKind &K = Time.Kinds[T.Resource];
        K.Waited == sim::Bound::Core)
      Out[K.Kind] += splitOf(T, Time).Core;
  return Out;
}

TickStrip stripOf(const TimeData &Time, size_t MostColumns) {
  TickStrip Strip;
  const size_t Ticks = Time.Each.size();
  Strip.TicksPerColumn = std::max<size_t>(
      1, (Ticks + MostColumns - 1) / std::max<size_t>(1, MostColumns));
  std::vector<double> ByResource(Time.Resources.size());
  for (size_t First = 0; First < Ticks; First += Strip.TicksPerColumn) {
    const size_t Last = std::min<size_t>(Ticks, First + Strip.TicksPerColumn);
    TickStrip::Column C;
    std::fill(ByResource.begin(), ByResource.end(), 0.0);
    for (size_t T = First; T < Last; ++T) {
      C.Mean += splitOf(Time.Each[T], Time);
      ByResource[Time.Each[T].Resource] += Time.Each[T].Duration.Value;
    }
    C.Mean = C.Mean * (1.0 / static_cast<double>(Last - First));
    C.Resource = static_cast<uint32_t>(
        std::max_element(ByResource.begin(), ByResource.end()) -
        ByResource.begin());
    Strip.Columns.push_back(C);
  }
  return Strip;
}

std::string ticksCsv(const RunData &Run) {
  std::string Out =
      "mode,tick,duration_ns,core_ns,network_ns,barrier_ns,resource\n";
  for (const TimeData &Time : Run.Times)
    for (size_t T = 0; T < Time.Each.size(); ++T) {
      const TickData &D = Time.Each[T];
      fmt::format_to(std::back_inserter(Out), "{},{},{},{},{},{},{}\n",
                     Time.Mode, T, D.Duration.Value, D.Core.Value,
                     D.Network.Value, Time.Barrier.Value,
                     csvField(Time.Resources[D.Resource]));
    }
  return Out;
}

} // namespace synfire::report
