//===- simulator/report/Sensitivity.cpp - What moves a number -------------===//

#include "simulator/report/Sensitivity.h"
#include "simulator/report/TimeSplit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace synfire::report {

namespace {

/// A figure as it stands in the chip description.
struct Figure {
  double Value, Low, High;
  Grade Evidence;
  const std::string &Source;
};

class SwingFinder {
public:
  SwingFinder(const RunData &Run, const TimeData *Time,
              const EnergyReport &Energy)
      : Run(Run), Time(Time), Energy(Energy) {}

  std::vector<Swing> find() {
    for (const EnergyTerm &T : Energy.Terms) {
      // Static power in W: a coefficient is in pJ/s.
      const bool IsPower = T.Part == Component::Static;
      const double PerUnit = IsPower ? 1e12 : 1;
      const EnergyRange C = T.Coefficient * (1 / PerUnit);
      add(T.Action, IsPower ? "power" : "energy", IsPower ? "W" : "pJ",
          {C.Nominal, C.Low, C.High, T.Evidence, T.Source}, T.Count * PerUnit,
          Energy.Total.Nominal, 1);
    }
    if (Time && Time->Total.Value > 0)
      addTimes();
    std::stable_sort(
        Out.begin(), Out.end(),
        [](const Swing &A, const Swing &B) { return A.width() > B.width(); });
    return std::move(Out);
  }

private:
  /// \p Units x the figure is a part of \p Whole; energy changes by \p Weight
  /// when the part changes by one.
  void add(const std::string &Key, const char *Quantity, const char *Unit,
           const Figure &F, double Units, double Whole, double Weight) {
    if (F.Evidence != Grade::Assumed && F.Evidence != Grade::Derived)
      return;
    Swing S{Key,  Quantity,   Unit,     F.Value, F.Low, F.High,
            true, F.Evidence, F.Source, 0,       0,     0};
    if (F.Low == F.High) {
      S.HasRange = false;
      S.Low = F.Value / 2;
      S.High = F.Value * 2;
    }
    S.Share = Units * F.Value / Whole;
    S.AtLow = perToken(Units * (S.Low - F.Value) * Weight);
    S.AtHigh = perToken(Units * (S.High - F.Value) * Weight);
    if (S.width() > 0)
      Out.push_back(std::move(S));
  }

  double perToken(double Change) const {
    return (Energy.Total.Nominal + Change) / static_cast<double>(Run.Tokens);
  }

  /// Times that \p Act counts on a core, one after the other
  /// (simulator/timing/Work.h).
  double roundsOf(Action Act, const ActionCounts &Counts) const {
    double Lanes = 1;
    switch (componentOf(Act)) {
    case Component::Synapses:
      if (Act == Action::SynapseAccumulate || Act == Action::SynapseMultiply)
        Lanes = Run.Chip.Core.AccumulateLanes;
      break;
    case Component::Neurons:
      if (Act != Action::SpikeEmit)
        Lanes = Run.Chip.Core.ProgramLanes;
      break;
    case Component::Messages:
      break;
    default: // is not a core's work
      return 0;
    }
    return static_cast<double>(Counts[Act]) / std::max(1.0, Lanes);
  }

  /// Whether the unit of a core that does \p Kind does \p Act.
  static bool isOf(sim::Stage Kind, Action Act) {
    const bool Neurons =
        componentOf(Act) == Component::Neurons || Act == Action::MessageOut;
    return Neurons ==
           (Kind == sim::Stage::Programs || Kind == sim::Stage::Sending);
  }

  /// Deals \p Ns of decided time to the actions of \p Counts by their work. \p
  /// Kind: only to those of the unit that does this, since units overlap.
  void deal(double Ns, const ActionCounts &Counts,
            std::optional<sim::Stage> Kind = std::nullopt) {
    double Work = 0;
    auto forEach = [&](auto Do) {
      for (unsigned I = 0; I < NumActions; ++I)
        if (const auto Act = static_cast<Action>(I); !Kind || isOf(*Kind, Act))
          Do(I, roundsOf(Act, Counts));
    };
    forEach([&](unsigned I, double Rounds) {
      Work += Rounds * Run.Chip.Costs.Rows[I].Time.Value;
    });
    if (Work > 0)
      forEach(
          [&](unsigned I, double Rounds) { Decided[I] += Rounds * Ns / Work; });
  }

  /// How often each action decided the simulated time.
  void findDecided() {
    std::vector<double> Cores(Time->Kinds.size());
    double Unnamed = 0; // of ticks that the barrier decided
    for (const TickData &T : Time->Each) {
      const TimeSplit S = splitOf(T, *Time);
      const ResourceKind &K = Time->Kinds[T.Resource];
      if (K.Waited == sim::Bound::Core)
        Cores[T.Resource] += S.Core + S.Network;
      else if (K.Waited == sim::Bound::Link && K.Id < Run.Links.size())
        decideByLink(Run.Links[K.Id], S.Core + S.Network);
      else
        Unnamed += S.Core;
    }
    ActionCounts All;
    std::map<uint32_t, const ActionCounts *> ById;
    for (const CoreData &C : Run.Cores) {
      ById[C.Core.Value] = &C.Counts;
      All += C.Counts;
    }
    for (size_t R = 0; R < Cores.size(); ++R)
      if (auto Of = ById.find(Time->Kinds[R].Id); Of != ById.end())
        deal(Cores[R], *Of->second,
             Run.Chip.Core.BufferedSums ? std::optional(Time->Kinds[R].Kind)
                                        : std::nullopt);
    deal(Unnamed, All);
  }

  void decideByLink(const LinkData &L, double Ns) {
    if (L.CrossesChips) {
      LinkNs += Ns;
      return;
    }
    const Action Hop =
        L.From.Y == L.To.Y ? Action::HopEastWest : Action::HopNorthSouth;
    if (double Each = Run.Chip.Costs[Hop].Time.Value; Each > 0)
      Decided[static_cast<unsigned>(Hop)] += Ns / Each;
  }

  void addTimes() {
    findDecided();
    const CostTable &Costs = Run.Chip.Costs;
    const double Total = Time->Total.Value;
    // pJ per ns
    Power =
        Energy.ByComponent[static_cast<unsigned>(Component::Static)].Nominal /
        Total;
    for (unsigned I = 0; I < NumActions; ++I) {
      const Cost &Row = Costs.Rows[I];
      add(std::string(actionKey(static_cast<Action>(I))), "time", "ns",
          {Row.Time.Value, Row.TimeLow.Value, Row.TimeHigh.Value, Row.TimeGrade,
           Row.TimeSource},
          Decided[I], Total, Power);
    }
    const ChipLink &Link = Costs.Link;
    // Its inverse is the time of a bit.
    auto perBit = [](double Rate) { return Rate > 0 ? 1 / Rate : 0; };
    add("chip_link.bandwidth", "time", "ns/bit",
        {perBit(Link.BitsPerNanosecond), perBit(Link.BitsPerNanosecondHigh),
         perBit(Link.BitsPerNanosecondLow), Link.Evidence, Link.Source},
        LinkNs * Link.BitsPerNanosecond, Total, Power);
    addBarrier();
  }

  void addBarrier() {
    const BarrierTime &B = Run.Chip.Costs.Barrier;
    const double Ticks = static_cast<double>(Time->Barriers);
    const double Total = Time->Total.Value;
    const double Chips = Run.Chips > 0 ? Run.Chips - 1 : 0;
    auto ranged = [&](const char *Key, const Ranged<Nanoseconds> &R,
                      double Units) {
      add(Key, "time", "ns",
          {R.Value, R.Low.Value, R.High.Value, R.Evidence, R.Source},
          Ticks * Units, Total, Power);
    };
    ranged("barrier.per_chip", B.PerChip, Chips);
    const double OnChip = Time->Barrier.Value - Chips * B.PerChip.Value;
    for (const BarrierStep &Step : B.Steps)
      if (std::abs(Step.Time.Value - OnChip) <= 1e-9 * (1 + OnChip)) {
        add(fmt::format("barrier.by_tiles.{}", Step.Tiles), "time", "ns",
            {Step.Time.Value, Step.Low.Value, Step.High.Value, B.StepEvidence,
             B.StepSource},
            Ticks, Total, Power);
        return;
      }
    if (!B.Steps.empty())
      return;
    ranged("barrier.base", B.Base, 1);
    if (B.PerTile.Value > 0)
      ranged("barrier.per_tile", B.PerTile,
             (OnChip - B.Base.Value) / B.PerTile.Value);
  }

  const RunData &Run;
  const TimeData *Time;
  const EnergyReport &Energy;
  std::array<double, NumActions> Decided{}; ///< times
  double LinkNs = 0;                        ///< of links between chips
  double Power = 0;                         ///< pJ per ns
  std::vector<Swing> Out;
};

} // namespace

std::vector<Swing> swingsOf(const RunData &Run, const TimeData *Time,
                            const EnergyReport &Energy) {
  return SwingFinder(Run, Time, Energy).find();
}

} // namespace synfire::report
