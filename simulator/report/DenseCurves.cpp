//===- simulator/report/DenseCurves.cpp - Dense or spiking, by context ----===//

#include "simulator/report/DenseCurves.h"
#include "simulator/report/Analysis.h"

#include <algorithm>
#include <cmath>

namespace synfire::report {

using namespace baselines;

namespace {

Range rangeOf(const EnergyRange &E) { return {E.Low, E.Nominal, E.High}; }

/// Work of the chip's cores for one dense token, in ns over all cores, and the
/// cores and chips that it has room on.
struct DenseWork {
  double CoreNs = 0, BarrierNs = 0, Cores = 0, Chips = 0;
};

DenseWork workOf(const RunData &Run, double Context) {
  const ChipSpec &Chip = Run.Chip;
  Transformer T = transformerOf(Run.Network);
  auto ns = [&](Action A) { return Chip.Costs[A].Time.Value; };
  double Products = T.macs(Context).total();
  double BytesPerWeight = denseWeightBits(Run) / 8.0;
  double BytesRead = (Products - T.macs(Context).Attention) * BytesPerWeight +
                     T.kvRead(Context);
  double Sent = denseActivations(Run.Network);
  double Updated = Sent + Run.Network.Vocabulary;
  DenseWork W;
  W.CoreNs =
      Products * ns(Action::SynapseMultiply) / Chip.Core.AccumulateLanes +
      BytesRead * ns(Action::SynapseByteRead) +
      Updated * ns(Action::NeuronUpdate) / Chip.Core.ProgramLanes +
      Sent * ns(Action::SpikeEmit);
  double Emitted = static_cast<double>(Run.Total[Action::SpikeEmit]);
  for (Action A : {Action::AxonLookup, Action::MessageOut, Action::MessageIn})
    if (Emitted > 0)
      W.CoreNs += Sent * static_cast<double>(Run.Total[A]) / Emitted * ns(A);

  double Held = T.parameters() * BytesPerWeight + T.kvRead(Context);
  std::optional<synfire::Bytes> Pool =
      Chip.Core.UnifiedBytes ? Chip.Core.UnifiedBytes : Chip.Core.SynapseBytes;
  W.Cores = static_cast<double>(Run.Cores.size());
  if (Pool)
    W.Cores =
        std::max(W.Cores, std::ceil(Held / static_cast<double>(Pool->Value)));
  W.Chips = std::max(static_cast<double>(Run.Chips),
                     std::ceil(W.Cores / Chip.System.UsableCores));
  double PerChip = std::ceil(W.Cores / W.Chips);
  double Tiles = std::ceil(PerChip / Chip.Noc.CoresPerRouter);
  if (Chip.System.Barrier)
    W.BarrierNs = barrierTime(Chip.Costs.Barrier, static_cast<uint32_t>(Tiles),
                              static_cast<uint32_t>(W.Chips))
                      .Value;
  return W;
}

/// Static power of the run per chip, in pJ per ns.
std::optional<Range> staticPower(const RunData &Run, const ModeReport &Mode) {
  if (!Mode.Time || !Mode.Energy.HasStatic || Mode.Time->Total.Value <= 0)
    return std::nullopt;
  EnergyRange Static =
      Mode.Energy.ByComponent[static_cast<unsigned>(Component::Static)];
  return rangeOf(Static) * (1 / (Mode.Time->Total.Value * Run.Chips));
}

/// The grade of the largest included term of \p C, and its key.
Part partOf(const ModeReport &Mode, Component C, double Tokens) {
  Part P{std::string(componentName(C)),
         rangeOf(Mode.Energy.ByComponent[static_cast<unsigned>(C)]) *
             (1 / Tokens),
         "", Grade::Assumed};
  double Largest = -1;
  for (const EnergyTerm &T : Mode.Energy.Terms)
    if (T.Part == C && T.Energy.Nominal > Largest) {
      Largest = T.Energy.Nominal;
      P.Key = T.Action;
      P.Evidence = T.Evidence;
    }
  return P;
}

DenseCurve chipCurve(const RunData &Run, const ModeReport &Mode) {
  DenseCurve Curve{"this chip", Mode.Mode, 1, {}};
  std::optional<Range> Power = staticPower(Run, Mode);
  Part Static =
      partOf(Mode, Component::Static, static_cast<double>(Run.Tokens));
  double Levels = 6.0 * Run.Network.Layers + 1;
  double Barriers = Mode.Mode == "prefill" ? 1 : Levels;
  for (double Context : Contexts) {
    DenseOnChip E = denseOnChip(Run, Context);
    DenseWork W = workOf(Run, Context);
    TokenCost Cost;
    Cost.Context = Context;
    Cost.Devices = W.Chips;
    auto part = [&](const char *Name, const EnergyRange &Energy, Action A) {
      Cost.Parts.push_back({Name, rangeOf(Energy), std::string(actionKey(A)),
                            Run.Chip.Costs[A].EnergyGrade});
    };
    part("synapses", E.Synapses, Action::SynapseMultiply);
    part("neurons", E.Neurons, Action::NeuronUpdate);
    part("traffic", E.Traffic, Action::MessageOut);
    Cost.Dynamic = rangeOf(E.Dynamic);
    if (Power) {
      double Work = W.CoreNs / W.Cores, Waits = Barriers * W.BarrierNs;
      double Ns = Work + Waits;
      Cost.Step = Range{Ns, Ns, Ns};
      Cost.Bound = Waits > Work ? "barrier" : "arithmetic";
      Static.Energy = *Power * (Ns * W.Chips);
      Cost.Static = Static;
    }
    Curve.Points.push_back(std::move(Cost));
  }
  return Curve;
}

SpikingCost spikingCost(const RunData &Run, const ModeReport &Mode) {
  SpikingCost S;
  S.Mode = Mode.Mode;
  auto Tokens = static_cast<double>(Run.Tokens);
  for (Component C :
       {Component::Synapses, Component::Neurons, Component::Messages,
        Component::Hops, Component::ChipLinks})
    S.Parts.push_back(partOf(Mode, C, Tokens));
  S.Dynamic = rangeOf(Mode.DynamicPerToken);
  for (Component C : {Component::Barrier, Component::Static})
    S.Fixed.push_back(partOf(Mode, C, Tokens));
  if (Mode.Time && Mode.Energy.HasStatic)
    S.Total = rangeOf(Mode.PerToken);
  S.TokensPerSecond = Mode.TokensPerSecond;
  return S;
}

/// What is compared, so that less is better: pJ, or ns per token.
std::optional<Range> costIn(Measure What, const TokenCost &C) {
  switch (What) {
  case Measure::Dynamic:
    return C.Dynamic;
  case Measure::WithStatic:
    return C.total();
  case Measure::Speed:
    return C.Step ? std::optional(*C.Step * (1 / C.Batch)) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<Range> costIn(Measure What, const SpikingCost &S) {
  switch (What) {
  case Measure::Dynamic:
    return S.Dynamic;
  case Measure::WithStatic:
    return S.Total;
  case Measure::Speed:
    if (!S.TokensPerSecond || *S.TokensPerSecond <= 0)
      return std::nullopt;
    double Ns = 1e9 / *S.TokensPerSecond;
    return Range{Ns, Ns, Ns};
  }
  return std::nullopt;
}

/// Where a straight line between two points of a log-log plot is at \p Level.
double crossing(double X0, double Y0, double X1, double Y1, double Level) {
  if (Y0 <= 0 || Y1 <= 0 || Y0 == Y1 || Level <= 0)
    return X1;
  double Along = std::log(Level / Y0) / std::log(Y1 / Y0);
  return X0 * std::exp(Along * std::log(X1 / X0));
}

using Points = std::vector<std::pair<double, double>>;

/// A tie is nobody's win.
WinsFrom winsFrom(const Points &Dense, double Spiking) {
  size_t First = Dense.size();
  while (First > 0 && Dense[First - 1].second > Spiking)
    --First;
  if (First == Dense.size())
    return std::nullopt;
  if (First == 0)
    return Dense.front().first;
  auto [X0, Y0] = Dense[First - 1];
  auto [X1, Y1] = Dense[First];
  return crossing(X0, Y0, X1, Y1, Spiking);
}

void decide(DenseComparison &C, const TokenCost &Dense,
            const SpikingCost &Spiking) {
  C.DecidedAt = Dense.Context;
  double DenseCost = costIn(C.What, Dense)->Nominal;
  double SpikingCost = costIn(C.What, Spiking)->Nominal;
  C.SpikingLoses = SpikingCost >= DenseCost;
  if (C.What == Measure::Speed) {
    C.Decider = Dense.Bound;
    return;
  }
  std::vector<Part> Parts = C.SpikingLoses ? Spiking.Parts : Dense.Parts;
  if (C.What == Measure::WithStatic) {
    if (C.SpikingLoses)
      Parts.insert(Parts.end(), Spiking.Fixed.begin(), Spiking.Fixed.end());
    else if (Dense.Static)
      Parts.push_back(*Dense.Static);
  }
  double Loser = std::max(DenseCost, SpikingCost);
  double Winner = std::min(DenseCost, SpikingCost);
  const Part &Largest = *std::ranges::max_element(
      Parts, {}, [](const Part &P) { return P.Energy.Nominal; });
  C.Decider = Largest.Name;
  C.Key = Largest.Key;
  C.Evidence = Largest.Evidence;
  C.Share = Loser > 0 ? Largest.Energy.Nominal / Loser : 0;
  C.Turns = Loser - Largest.Energy.Nominal < Winner;
}

} // namespace

std::string_view measureName(Measure Q) {
  static constexpr std::string_view Names[] = {"dynamic", "with_static",
                                               "speed"};
  return Names[static_cast<unsigned>(Q)];
}

std::optional<DenseComparison>
compare(const DenseCurve &Curve, const SpikingCost &Spiking, Measure What) {
  std::optional<Range> Own = costIn(What, Spiking);
  if (!Own)
    return std::nullopt;
  Points Low, Nominal, High;
  std::vector<const TokenCost *> Fits;
  for (const std::optional<TokenCost> &P : Curve.Points)
    if (std::optional<Range> Cost = P ? costIn(What, *P) : std::nullopt) {
      Low.emplace_back(P->Context, Cost->Low);
      Nominal.emplace_back(P->Context, Cost->Nominal);
      High.emplace_back(P->Context, Cost->High);
      Fits.push_back(&*P);
    }
  if (Fits.empty())
    return std::nullopt;
  DenseComparison C;
  C.Mode = Spiking.Mode;
  C.What = What;
  C.Nominal = winsFrom(Nominal, Own->Nominal);
  // On one chip both rest on the same cost rows: they move together.
  bool SameRows = !Curve.Mode.empty();
  C.Best = winsFrom(SameRows ? Low : High, Own->Low);
  C.Worst = winsFrom(SameRows ? High : Low, Own->High);
  auto Earlier = [](const WinsFrom &A, const WinsFrom &B) {
    return A && (!B || *A < *B);
  };
  auto [Best, Worst] = std::minmax({C.Best, C.Nominal, C.Worst}, Earlier);
  C.Best = Best;
  C.Worst = Worst;
  // The point where the verdict was closest to turning, on the side that it
  // took.
  const TokenCost *At = Fits.back();
  if (C.Nominal)
    for (const TokenCost *P : Fits)
      if (P->Context >= *C.Nominal) {
        At = P;
        break;
      }
  decide(C, *At, Spiking);
  return C;
}

std::vector<DenseCurve> deviceCurves(const std::vector<DenseDevice> &Devices,
                                     const Transformer &T) {
  std::vector<DenseCurve> Curves;
  for (const DenseDevice &D : Devices) {
    std::vector<double> Batches = {1};
    if (D.LargeBatch)
      Batches.push_back(D.LargeBatch->Value);
    for (double Batch : Batches) {
      DenseCurve &C = Curves.emplace_back();
      C.Device = D.Name;
      C.Batch = Batch;
      for (double Context : Contexts)
        C.Points.push_back(costOf(D, T, Context, Batch));
    }
  }
  return Curves;
}

std::vector<PublishedCheck>
checkPublished(const std::vector<DenseDevice> &Devices) {
  std::vector<PublishedCheck> Checks;
  for (const DenseDevice &D : Devices)
    for (const PublishedRun &R : D.Published) {
      PublishedCheck C{D.Name, R, costOf(D, R.Shape, R.Context, R.Batch), {}};
      if (C.Model && C.Model->Step && R.TokensPerSecond)
        C.AtPublishedTime =
            1e-12 * C.Model->Dynamic.Nominal +
            D.StaticPower->Value * C.Model->Devices / *R.TokensPerSecond;
      Checks.push_back(std::move(C));
    }
  return Checks;
}

DenseCurves drawCurves(const RunData &Run, const std::vector<ModeReport> &Modes,
                       const std::vector<DenseDevice> &Devices) {
  DenseCurves Out;
  for (const ModeReport &M : Modes) {
    Out.Curves.push_back(chipCurve(Run, M));
    Out.Spiking.push_back(spikingCost(Run, M));
  }
  for (DenseCurve &C : deviceCurves(Devices, transformerOf(Run.Network)))
    Out.Curves.push_back(std::move(C));
  for (size_t I = 0; I < Out.Curves.size(); ++I)
    for (const SpikingCost &S : Out.Spiking)
      for (Measure What :
           {Measure::Dynamic, Measure::WithStatic, Measure::Speed}) {
        const DenseCurve &Curve = Out.Curves[I];
        // The same events in both modes: dynamic energy is told once.
        if (What == Measure::Dynamic && &S != &Out.Spiking.front())
          continue;
        if (!Curve.Mode.empty() && Curve.Mode != S.Mode)
          continue;
        if (auto C = compare(Curve, S, What)) {
          C->Curve = I;
          Out.Comparisons.push_back(std::move(*C));
        }
      }
  Out.Checks = checkPublished(Devices);
  return Out;
}

} // namespace synfire::report
