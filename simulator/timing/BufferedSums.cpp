//===- simulator/timing/BufferedSums.cpp - Ticks that overlap -------------===//

#include "simulator/timing/BufferedSums.h"

#include <algorithm>
#include <limits>

namespace synfire::sim {

using image::None;

namespace {

constexpr double Never = std::numeric_limits<double>::infinity();

/// The larger part of what a core's synapse unit does in a tick.
Stage kindOf(const CoreBusy &Busy) {
  return Busy[Stage::Receiving] > Busy[Stage::Synapses] ? Stage::Receiving
                                                        : Stage::Synapses;
}

} // namespace

void BufferedSums::begin(const TickWork &Work,
                         std::span<const SynapseUnit> Units) {
  Cores.assign(Units.size(), {0, 0, 0, 0, 0, Never, Stage::Programs});
  for (const TakenLoad &T : Work.Taken)
    Cores[T.Core].Before += T.Ns;
  for (uint32_t C = 0; C < Cores.size(); ++C)
    Cores[C].Free = Units[C].free(Cores[C].Before);
  for (const TakenLoad &G : Work.Given) {
    Core &Of = Cores[G.Core];
    Of.Free = std::max(Of.Free, 0.0) + G.Ns;
    Of.Before += G.Ns;
  }
  for (uint32_t C = 0; C < Cores.size(); ++C) {
    Core &Of = Cores[C];
    const CoreBusy &Busy = Work.Cores[C];
    const double Neurons = Busy[Stage::Programs] + Busy[Stage::Sending];
    Of.Begin = std::max(Of.Free, 0.0);
    Of.Sent = Of.Begin + Neurons;
    // A sum less its parts: what rounding leaves is no work.
    const double All = Busy[Stage::Receiving] + Busy[Stage::Synapses];
    Of.After = All - Of.Before > 1e-9 * All ? All - Of.Before : 0;
    if (Of.Begin > Neurons)
      Of.Kind = Of.Before > 0 ? kindOf(Busy) : Units[C].Kind;
    else if (Busy[Stage::Sending] > Busy[Stage::Programs])
      Of.Kind = Stage::Sending;
  }
}

void BufferedSums::arrive(uint32_t C, double At) {
  Cores[C].First = std::min(Cores[C].First, At);
}

double BufferedSums::arrive(std::span<const FlowLoad> Loads) {
  double Leaves = Never;
  for (const FlowLoad &Load : Loads) {
    const FlowPlan &F = Plan.Flows[Load.Flow];
    const double At = F.Core == None ? 0 : Cores[F.Core].Begin;
    Leaves = std::min(Leaves, At);
    if (F.Core == None)
      continue;
    for (uint32_t A = 0; A < F.NumArrivals; ++A)
      if (uint32_t To = Plan.Arrivals[F.FirstArrival + A].Core; To != None)
        arrive(To, At);
  }
  return Leaves == Never ? 0 : Leaves;
}

double BufferedSums::beginsAfter(uint32_t C) const {
  const Core &Of = Cores[C];
  // Without a message, what the core tells itself when its neurons begin; what
  // waits for a delay and came earlier, from the begin of the tick on.
  const double First = Of.First != Never ? Of.First
                       : Of.After > 0    ? Of.Begin
                                         : 0;
  return std::max(Of.Free, First);
}

void BufferedSums::end(const TickWork &Work, std::span<const double> Queued,
                       std::span<SynapseUnit> Units) const {
  for (uint32_t C = 0; C < Cores.size(); ++C) {
    const Core &Of = Cores[C];
    Units[C].Done = beginsAfter(C) + Of.After;
    Units[C].Queued = Queued.empty() ? Units[C].Done : Queued[C];
    Units[C].Kind = Of.After > 0 ? kindOf(Work.Cores[C]) : Stage::Synapses;
  }
}

uint32_t BufferedSums::last() const {
  uint32_t Last = None;
  for (uint32_t C = 0; C < Cores.size(); ++C)
    if (Last == None || Cores[C].Sent > Cores[Last].Sent)
      Last = C;
  return Last;
}

} // namespace synfire::sim
