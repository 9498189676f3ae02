//===- Grid.cpp - The points of a study -----------------------------------===//

#include "simulator/study/Grid.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <map>
#include <set>

using namespace synfire;
using namespace synfire::study;

namespace {

/// Points of one model on one target, or nothing when it overflows.
std::optional<uint64_t> pointsPerTarget(const Study &S) {
  // Without axes the grid is one point, unless only single points are asked
  // for.
  uint64_t Grid = S.Axes.empty() && !S.Points.empty() ? 0 : 1;
  for (const Axis &A : S.Axes)
    if (__builtin_mul_overflow(Grid, A.Steps.size(), &Grid))
      return std::nullopt;
  if (__builtin_add_overflow(Grid, S.Points.size(), &Grid))
    return std::nullopt;
  return Grid;
}

Point fresh(const Study &S, uint32_t Model, uint32_t Target) {
  Point P;
  P.Model = Model;
  P.Target = Target;
  for (const Setting &F : S.Fixed)
    P.Settings.push_back(&F);
  return P;
}

void addGrid(const Study &S, const Point &Base, std::vector<Point> &Out) {
  std::vector<uint32_t> Steps(S.Axes.size());
  for (;;) {
    Point P = Base;
    P.Steps = Steps;
    for (size_t A = 0; A < S.Axes.size(); ++A)
      for (const Setting &Set : S.Axes[A].Steps[Steps[A]])
        P.Settings.push_back(&Set);
    Out.push_back(std::move(P));
    size_t A = S.Axes.size();
    while (A > 0 && ++Steps[A - 1] == S.Axes[A - 1].Steps.size())
      Steps[--A] = 0;
    if (A == 0)
      return;
  }
}

std::vector<std::string> overridesOf(const std::vector<const Setting *> &All) {
  std::vector<std::string> Out;
  for (const Setting *S : All)
    if (!S->isCompile())
      Out.push_back(S->assignment());
  return Out;
}

/// Errors that name an override are moved to where the study gives it.
Errors placed(const Errors &Told, const std::vector<const Setting *> &All) {
  Errors Out = Told;
  for (Error &E : Out)
    for (const Setting *S : All)
      if (E.Where == "--set " + S->assignment())
        E.Where = S->Where;
  return Out;
}

uint64_t hashOf(const std::string &Text) {
  return XXH3_64bits(Text.data(), Text.size());
}

} // namespace

std::optional<std::string> Point::valueOf(const std::string &Key) const {
  for (size_t I = Settings.size(); I-- > 0;)
    if (Settings[I]->Key == Key)
      return Settings[I]->Value;
  return std::nullopt;
}

Result<std::vector<Point>> study::expand(const Study &S, uint64_t Most) {
  const uint64_t Pairs = S.Models.size() * S.Targets.size();
  std::optional<uint64_t> Each = pointsPerTarget(S);
  uint64_t Count = 0;
  if (!Each || __builtin_mul_overflow(*Each, Pairs, &Count) || Count > Most) {
    std::string Product = fmt::format("{} models x {} targets", S.Models.size(),
                                      S.Targets.size());
    for (const Axis &A : S.Axes)
      Product += fmt::format(" x {}", A.Steps.size());
    return Error{
        S.Path, "study-size",
        fmt::format("the study has {} points ({}), at most {} are "
                    "taken; shorten an axis, or split the study",
                    Each && Count ? std::to_string(Count) : "more than 2^64",
                    Product, Most)};
  }
  std::vector<Point> Out;
  Out.reserve(Count);
  for (uint32_t M = 0; M < S.Models.size(); ++M)
    for (uint32_t T = 0; T < S.Targets.size(); ++T) {
      const Point Base = fresh(S, M, T);
      if (!S.Axes.empty() || S.Points.empty())
        addGrid(S, Base, Out);
      for (const std::vector<Setting> &Given : S.Points) {
        Point P = Base;
        for (const Setting &Set : Given)
          P.Settings.push_back(&Set);
        Out.push_back(std::move(P));
      }
    }
  return Out;
}

Status study::checkSettings(const Study &S) {
  std::vector<std::vector<const Setting *>> Trials(1);
  auto Add = [&](const std::vector<Setting> &Settings) {
    std::vector<const Setting *> Trial;
    for (const Setting &Set : Settings)
      if (!Set.isCompile())
        Trial.push_back(&Set);
    if (!Trial.empty())
      Trials.push_back(std::move(Trial));
  };
  Add(S.Fixed);
  for (const Axis &A : S.Axes)
    std::ranges::for_each(A.Steps, Add);
  std::ranges::for_each(S.Points, Add);

  Errors Out;
  std::set<std::string> Seen;
  for (const StudyTarget &T : S.Targets)
    for (const auto &Trial : Trials) {
      Result<ChipSpec> Chip = ChipSpec::load(T.NameOrFile, overridesOf(Trial));
      if (Chip)
        continue;
      for (Error &E : placed(Chip.errors(), Trial)) {
        const bool Contradiction =
            E.Rule.starts_with("chip-") && !Trial.empty();
        if (E.Where.empty() || E.Where == T.NameOrFile)
          E.Where = T.Where;
        if (!Contradiction && Seen.insert(E.format()).second)
          Out.push_back(std::move(E));
      }
    }
  return Out;
}

Result<Configuration> study::configure(const Study &S, const Point &P) {
  Result<ChipSpec> Chip =
      ChipSpec::load(S.Targets[P.Target].NameOrFile, overridesOf(P.Settings));
  if (!Chip)
    return placed(Chip.errors(), P.Settings);
  Configuration C{std::move(*Chip), {}};
  Errors Found;
  for (const Setting *Set : P.Settings)
    if (Set->isCompile())
      applyCompile(*Set, C.Compile, Found);
  if (!Found.empty())
    return Found;
  return C;
}

ChipSpec study::mappingView(ChipSpec Chip) {
  const NocSpec Plain;
  Chip.Name = Chip.Summary = Chip.Limits = "";
  Chip.Costs = {};
  Chip.Origins = {};
  NocSpec &N = Chip.Noc;
  N.VirtualChannels = Plain.VirtualChannels;
  N.BufferFlits = Plain.BufferFlits;
  N.RoutingCycles = Plain.RoutingCycles;
  N.VcAllocationCycles = Plain.VcAllocationCycles;
  N.SwitchAllocationCycles = Plain.SwitchAllocationCycles;
  N.SwitchTraversalCycles = Plain.SwitchTraversalCycles;
  N.LinkCycles = Plain.LinkCycles;
  N.CreditCycles = Plain.CreditCycles;
  N.InjectionFlitsPerCycle = Plain.InjectionFlitsPerCycle;
  N.EjectionFlitsPerCycle = Plain.EjectionFlitsPerCycle;
  N.ClockMhz = Plain.ClockMhz;
  N.HopTime = Plain.HopTime;
  return Chip;
}

PointKeys study::keysOf(const Study &S, const Point &P, const Configuration &C,
                        const InputHashes &Inputs) {
  PointKeys Keys;
  const CompileChoices &Told = C.Compile;
  const StudyModel &M = S.Models[P.Model];
  std::string Network = fmt::format(
      "model {} {} {} {}\nweight_bits {}\nactivation_bits {}\nseed {}\n"
      "defer_norms {}\n",
      keyText(Inputs.Models[P.Model]), M.Architecture, M.Form, M.Prefix,
      Told.WeightBits, Told.ActivationBits, Told.Seed, Told.DeferNorms);
  // Of a file its bytes count, not its name.
  for (const ModelOption &O : M.Options)
    Network += fmt::format("{} {}\n", O.Of.Key, O.Of.IsFile ? "" : O.Value);
  // A mapping of SANA-FE counts tiles by columns.
  if (M.isYaml())
    Network += fmt::format("mesh_height {}\n", C.Chip.Noc.Height);
  const std::string Mapping =
      fmt::format("placement {}\nspread {}\n", Told.Placement,
                  Told.Spread ? std::to_string(*Told.Spread) : "none");
  const std::string Input =
      fmt::format("text {} {}\n", keyText(Inputs.Texts[P.Model]), S.Tokens);
  std::string Run =
      fmt::format("fidelity {}\nmodes", sim::fidelityName(S.Fidelity));
  for (sim::Mode Mode : S.Modes)
    Run += Mode == sim::Mode::Generate ? " generate" : " prefill";
  Keys.Network = hashOf(Network);
  Keys.Input = hashOf(Input);
  Keys.Image = hashOf(Network + Mapping + keyText(mappingView(C.Chip).hash()));
  Keys.Point =
      hashOf(fmt::format("format {}\n{}{}{}{}\nchip {}", PointFormatVersion,
                         Network, Mapping, Input, Run, keyText(C.Chip.hash())));
  return Keys;
}

std::string study::keyText(uint64_t Key) { return fmt::format("{:016x}", Key); }
