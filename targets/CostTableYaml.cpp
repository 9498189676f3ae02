//===- targets/CostTableYaml.cpp - Costs as text ----------------*- C++ -*-===//

#include "targets/ChipSpecYaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace synfire;
using yaml::MapReader;
using yaml::Node;
using yaml::Unit;

namespace {

constexpr double MaxEnergy = 1e12; // pJ: one joule per action is no chip.
constexpr double MaxTime = 1e12;   // ns
constexpr double MaxPower = 1e6;   // W
constexpr double MaxBandwidth = 1e9;
constexpr size_t MaxSteps = 64;

constexpr const char *AbsentRow = "the chip has no such action";

const std::string Scopes[] = {"incremental", "all_in"};

/// Where a number with its range and its evidence is kept.
struct Figure {
  Unit Dimension;
  double Max;
  double *Value, *Low, *High;
  Grade *Evidence;
  std::string *Source;
};

/// Grade and source that a group states for all its numbers.
struct GroupEvidence {
  Grade Evidence = Grade::Assumed;
  std::string Source;
};

void checkRange(const Node &N, const std::string &Path, double Low,
                double Value, double High, Errors &Out) {
  if (Low <= Value && Value <= High)
    return;
  Out.push_back(
      {N.Where, "chip-cost-range",
       fmt::format("`{}`: low {} <= value {} <= high {} does not hold; give a "
                   "range around the value, or the number alone when it is "
                   "exact",
                   Path, Low, Value, High)});
}

/// Reads `x` or `{value: x, low, high, grade, source}`; \p More takes further
/// keys of the map.
template <typename Callback>
void readFigure(const Node &N, const std::string &Path, const Figure &F,
                const GroupEvidence *Group, Errors &Out, Callback More) {
  auto Number = [&](const Node &At, const std::string &Name, double &Held) {
    if (auto V = readNumber(At, Name, F.Dimension, 0, F.Max, false, Out))
      Held = *V;
  };
  if (!N.isMap()) {
    Number(N, Path, *F.Value);
    *F.Low = *F.High = *F.Value;
    *F.Source = bareSource(N);
    if (Group && !N.FromOverride) {
      *F.Evidence = Group->Evidence;
      *F.Source = Group->Source;
    }
    return;
  }
  size_t Before = Out.size();
  MapReader Reader(N, Path, Out);
  const Node *Value = Reader.need("value");
  if (Value)
    Number(*Value, Path, *F.Value);
  *F.Low = *F.High = *F.Value;
  if (const Node *Low = Reader.take("low"))
    Number(*Low, Reader.pathOf("low"), *F.Low);
  if (const Node *High = Reader.take("high"))
    Number(*High, Reader.pathOf("high"), *F.High);
  More(Reader);
  bool Own = N.find("grade") || N.find("source");
  bool Overridden = Value && Value->FromOverride;
  readEvidence(Reader, Overridden, *F.Evidence, *F.Source, Out);
  if (Group && !Own && !Overridden) {
    *F.Evidence = Group->Evidence;
    *F.Source = Group->Source;
  }
  Reader.finish();
  if (Out.size() == Before)
    checkRange(N, Path, *F.Low, *F.Value, *F.High, Out);
}

Figure energyOf(Cost &Row) {
  return {Unit::Picojoules,      MaxEnergy,
          &Row.Energy.Value,     &Row.EnergyLow.Value,
          &Row.EnergyHigh.Value, &Row.EnergyGrade,
          &Row.EnergySource};
}

Figure timeOf(Cost &Row) {
  return {
      Unit::Nanoseconds,   MaxTime,        &Row.Time.Value, &Row.TimeLow.Value,
      &Row.TimeHigh.Value, &Row.TimeGrade, &Row.TimeSource};
}

bool isHop(Action A) {
  return A == Action::HopEastWest || A == Action::HopNorthSouth;
}

void readRow(const Node &N, const std::string &Path, Cost &Row, bool IsHop,
             std::map<std::string, std::string> &Places, Errors &Out) {
  if (!expectMap(N, Path, Out))
    return;
  MapReader Reader(N, Path, Out);
  if (const Node *Reason = Reader.take("not_applicable")) {
    if (auto V = readText(*Reason, Reader.pathOf("not_applicable"), Out)) {
      Row.NotApplicable = *V;
      if (V->empty())
        Out.push_back(
            {Reason->Where, "chip-cost-missing",
             fmt::format("`{}.not_applicable` needs a reason", Path)});
    }
    Reader.finish();
    return;
  }
  if (const Node *Energy = Reader.need("energy_pj")) {
    Places[Reader.pathOf("energy_pj")] = Energy->Where;
    auto Scope = [&](MapReader &Map) {
      if (const Node *At = Map.take("scope"))
        if (auto V = readChoice(*At, Map.pathOf("scope"), Scopes, Out))
          Row.EnergyScope = static_cast<synfire::Scope>(*V);
    };
    readFigure(*Energy, Reader.pathOf("energy_pj"), energyOf(Row), nullptr, Out,
               Scope);
  }
  if (IsHop) {
    if (const Node *Time = Reader.take("time_ns"))
      Out.push_back(
          {Time->Where, "chip-hop-time",
           fmt::format("`{}.time_ns`: the time of a hop is stated once, by "
                       "noc.hop_ns, or by noc.clock_mhz and the pipeline of a "
                       "router; move it there",
                       Path)});
  } else if (const Node *Time = Reader.need("time_ns")) {
    readFigure(*Time, Reader.pathOf("time_ns"), timeOf(Row), nullptr, Out,
               [](MapReader &) {});
  }
  Reader.finish();
}

/// A number of a group.
struct GroupNumber {
  std::string_view Key;
  Figure Held;
  bool IsOptional = false; ///< 0 when absent, with this reason
  std::string_view WhenAbsent = "";
};

/// The groups of a cost table, for reading and writing alike.
struct Group {
  std::string_view Key;
  std::vector<GroupNumber> Numbers;
};

template <typename Q>
Figure figure(Ranged<Q> &R, Unit Dimension, double Max) {
  return {Dimension,     Max,         &R.Value, &R.Low.Value,
          &R.High.Value, &R.Evidence, &R.Source};
}

constexpr std::string_view BarrierGroup = "barrier_time";
constexpr std::string_view ByTiles = "by_tiles";

std::vector<Group> groupsOf(CostTable &C) {
  auto power = [](Ranged<Watts> &R) {
    return figure(R, Unit::Watts, MaxPower);
  };
  auto time = [](Ranged<Nanoseconds> &R) {
    return figure(R, Unit::Nanoseconds, MaxTime);
  };
  ChipLink &L = C.Link;
  Group Barrier{BarrierGroup, {}};
  if (C.Barrier.Steps.empty())
    Barrier.Numbers = {{"base_ns", time(C.Barrier.Base)},
                       {"per_tile_ns", time(C.Barrier.PerTile)}};
  Barrier.Numbers.push_back({"per_chip_ns", time(C.Barrier.PerChip)});
  return {
      {"static_power",
       {{"per_chip_w", power(C.Static.PerChip)},
        {"per_core_w", power(C.Static.PerCore)},
        {"per_idle_core_w", power(C.Static.PerIdleCore), true,
         "not stated apart: idle cores are in per_chip_w"},
        {"host_processor_w", power(C.Static.HostProcessor), true,
         "not stated apart: not charged"}}},
      std::move(Barrier),
      {"chip_link",
       {{"bits_per_ns",
         {Unit::BitsPerNanosecond, MaxBandwidth, &L.BitsPerNanosecond,
          &L.BitsPerNanosecondLow, &L.BitsPerNanosecondHigh, &L.Evidence,
          &L.Source}},
        {"latency_ns", time(L.Latency)}}},
  };
}

/// `[[tiles, ns], ...]` or `[tiles, ns, low, high]` items, alone or as the
/// value of a map with evidence.
void readSteps(const Node &N, const std::string &Path, BarrierTime &B,
               const GroupEvidence &Group, Errors &Out) {
  const Node *List = &N;
  B.StepEvidence = Group.Evidence;
  B.StepSource = N.FromOverride ? bareSource(N) : Group.Source;
  if (N.isMap()) {
    MapReader Reader(N, Path, Out);
    List = Reader.need("value");
    readEvidence(Reader, List && List->FromOverride, B.StepEvidence,
                 B.StepSource, Out);
    Reader.finish();
  }
  auto Refuse = [&](const Node &At, std::string Text) {
    Out.push_back(
        {At.Where, "chip-barrier", fmt::format("`{}`: {}", Path, Text)});
  };
  if (!List || !expectList(*List, Path, Out))
    return;
  if (List->Items.size() > MaxSteps)
    return Refuse(*List, fmt::format("{} steps; at most {} are held",
                                     List->Items.size(), MaxSteps));
  for (const Node &Item : List->Items) {
    size_t Size = Item.Items.size();
    if (!Item.isList() || (Size != 2 && Size != 4))
      return Refuse(Item, "a step is [tiles, ns] or [tiles, ns, low, high]");
    std::vector<double> Numbers;
    for (size_t I = 0; I < Size; ++I)
      if (auto V = readNumber(Item.Items[I], Path,
                              I ? Unit::Nanoseconds : Unit::Count, I ? 0 : 1,
                              I ? MaxTime : 1 << 20, I == 0, Out))
        Numbers.push_back(*V);
    if (Numbers.size() != Size)
      return;
    double Low = Numbers[Size == 4 ? 2 : 1], High = Numbers[Size == 4 ? 3 : 1];
    checkRange(Item, Path, Low, Numbers[1], High, Out);
    auto Tiles = static_cast<uint32_t>(Numbers[0]);
    if (B.Steps.empty() ? Tiles != 1 : Tiles <= B.Steps.back().Tiles)
      return Refuse(Item, "tiles start at 1 and rise from step to step");
    B.Steps.push_back(
        {Tiles, Nanoseconds(Numbers[1]), Nanoseconds(Low), Nanoseconds(High)});
  }
}

void readGroup(const Node &N, std::string_view Key, CostTable &Costs,
               const std::string &Path, Errors &Out) {
  if (!expectMap(N, Path, Out))
    return;
  MapReader Reader(N, Path, Out);
  GroupEvidence Evidence;
  readEvidence(Reader, false, Evidence.Evidence, Evidence.Source, Out);
  if (Key == BarrierGroup)
    if (const Node *Steps = Reader.take(ByTiles)) {
      readSteps(*Steps, Reader.pathOf(ByTiles), Costs.Barrier, Evidence, Out);
      for (std::string_view Line : {"base_ns", "per_tile_ns"})
        if (const Node *Also = Reader.take(Line))
          Out.push_back({Also->Where, "chip-barrier",
                         fmt::format("`{}` stands beside by_tiles; give the "
                                     "line or the table",
                                     Reader.pathOf(Line))});
    }
  for (const Group &G : groupsOf(Costs)) {
    if (G.Key != Key)
      continue;
    for (const GroupNumber &Number : G.Numbers) {
      if (const Node *Value = Number.IsOptional ? Reader.take(Number.Key)
                                                : Reader.need(Number.Key))
        readFigure(*Value, Reader.pathOf(Number.Key), Number.Held, &Evidence,
                   Out, [](MapReader &) {});
      else
        *Number.Held.Source = Number.WhenAbsent;
    }
  }
  Reader.finish();
}

std::string figureText(const Figure &F, std::string_view Scope = "") {
  return fmt::format(
      "{{value: {}, low: {}, high: {}, {}grade: {}, source: {}}}", *F.Value,
      *F.Low, *F.High, Scope, gradeLetter(*F.Evidence), yaml::quote(*F.Source));
}

SpecRow figureRow(std::string Key, const Figure &F, std::string Scope = "") {
  SpecRow Row{std::move(Key),
              fmt::format("{}", *F.Value),
              std::string(unitName(F.Dimension)),
              gradeLetter(*F.Evidence),
              std::move(Scope),
              *F.Source};
  if (*F.Low != *F.High) {
    Row.Low = fmt::format("{}", *F.Low);
    Row.High = fmt::format("{}", *F.High);
  }
  return Row;
}

} // namespace

void synfire::readCosts(const Node &Map, CostTable &Costs,
                        std::map<std::string, std::string> &Places,
                        Errors &Out) {
  MapReader Reader(Map, "costs", Out);
  Places["costs"] = Map.Where;
  if (const Node *N = Reader.need("operating_point"))
    if (auto V = readText(*N, "costs.operating_point", Out))
      Costs.OperatingPoint = *V;
  for (std::string_view Key : {"static_power", "barrier_time", "chip_link"})
    if (const Node *N = Reader.need(Key)) {
      Places[Reader.pathOf(Key)] = N->Where;
      readGroup(*N, Key, Costs, Reader.pathOf(Key), Out);
    }
  for (unsigned A = 0; A < NumActions; ++A) {
    std::string_view Key = actionKey(static_cast<Action>(A));
    // Rules between keys know whether the chip can do without the row.
    Costs.Rows[A].NotApplicable = AbsentRow;
    if (const Node *N = Reader.take(Key)) {
      Costs.Rows[A].NotApplicable.clear();
      Places[Reader.pathOf(Key)] = N->Where;
      readRow(*N, Reader.pathOf(Key), Costs.Rows[A],
              isHop(static_cast<Action>(A)), Places, Out);
    }
  }
  Reader.finish();
}

std::string synfire::writeCosts(const CostTable &Costs) {
  std::string Out = fmt::format("costs:\n  operating_point: {}\n",
                                yaml::quote(Costs.OperatingPoint));
  CostTable Copy = Costs; // Figures point to fields that they may set.
  for (const Group &G : groupsOf(Copy)) {
    Out += fmt::format("  {}:\n", G.Key);
    if (G.Key == BarrierGroup && !Copy.Barrier.Steps.empty()) {
      std::vector<std::string> Steps;
      for (const BarrierStep &S : Copy.Barrier.Steps)
        Steps.push_back(fmt::format("[{}, {}, {}, {}]", S.Tiles, S.Time.Value,
                                    S.Low.Value, S.High.Value));
      Out += fmt::format("    {}: {{value: [{}], grade: {}, source: {}}}\n",
                         ByTiles, fmt::join(Steps, ", "),
                         gradeLetter(Copy.Barrier.StepEvidence),
                         yaml::quote(Copy.Barrier.StepSource));
    }
    for (const GroupNumber &Number : G.Numbers)
      Out += fmt::format("    {}: {}\n", Number.Key, figureText(Number.Held));
  }
  for (unsigned A = 0; A < NumActions; ++A) {
    Cost &Row = Copy.Rows[A];
    Out += fmt::format("  {}:\n", actionKey(static_cast<Action>(A)));
    if (!Row.NotApplicable.empty()) {
      Out += fmt::format("    not_applicable: {}\n",
                         yaml::quote(Row.NotApplicable));
      continue;
    }
    std::string Scope = fmt::format(
        "scope: {}, ", Scopes[static_cast<unsigned>(Row.EnergyScope)]);
    Out += fmt::format("    energy_pj: {}\n", figureText(energyOf(Row), Scope));
    if (!isHop(static_cast<Action>(A)))
      Out += fmt::format("    time_ns: {}\n", figureText(timeOf(Row)));
  }
  return Out;
}

void synfire::describeCosts(const CostTable &Costs,
                            std::vector<SpecRow> &Rows) {
  CostTable Copy = Costs;
  const BarrierTime &B = Copy.Barrier;
  for (const Group &G : groupsOf(Copy)) {
    if (G.Key == BarrierGroup)
      for (const BarrierStep &S : B.Steps) {
        double Value = S.Time.Value, Low = S.Low.Value, High = S.High.Value;
        Grade Evidence = B.StepEvidence;
        std::string Source = B.StepSource;
        Rows.push_back(
            figureRow(fmt::format("costs.{}.{}.{}", G.Key, ByTiles, S.Tiles),
                      {Unit::Nanoseconds, MaxTime, &Value, &Low, &High,
                       &Evidence, &Source}));
      }
    for (const GroupNumber &Number : G.Numbers)
      Rows.push_back(figureRow(fmt::format("costs.{}.{}", G.Key, Number.Key),
                               Number.Held));
  }
  for (unsigned A = 0; A < NumActions; ++A) {
    Cost &Row = Copy.Rows[A];
    std::string Key =
        fmt::format("costs.{}", actionKey(static_cast<Action>(A)));
    if (!Row.NotApplicable.empty()) {
      Rows.push_back({Key, "not applicable", "", gradeLetter(Row.EnergyGrade),
                      "", Row.NotApplicable});
      continue;
    }
    Rows.push_back(figureRow(Key + ".energy_pj", energyOf(Row),
                             Scopes[static_cast<unsigned>(Row.EnergyScope)]));
    if (!isHop(static_cast<Action>(A)))
      Rows.push_back(figureRow(Key + ".time_ns", timeOf(Row)));
  }
}

void synfire::readHopTime(const Node &N, const std::string &Path, Cost &Row,
                          Errors &Out) {
  readFigure(N, Path, timeOf(Row), nullptr, Out, [](MapReader &) {});
}

std::string synfire::hopTimeText(const Cost &Row) {
  Cost Copy = Row; // A figure points to fields that it may set.
  return figureText(timeOf(Copy));
}

SpecRow synfire::hopTimeRow(const std::string &Key, const Cost &Row) {
  Cost Copy = Row;
  return figureRow(Key, timeOf(Copy));
}
