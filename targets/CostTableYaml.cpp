//===- targets/CostTableYaml.cpp - Costs as text ----------------*- C++ -*-===//

#include "targets/ChipSpecYaml.h"

#include <fmt/format.h>

using namespace synfire;
using yaml::MapReader;
using yaml::Node;
using yaml::Unit;

namespace {

constexpr double MaxEnergy = 1e12; // pJ: one joule per action is no chip.
constexpr double MaxTime = 1e12;   // ns
constexpr double MaxPower = 1e6;   // W
constexpr double MaxBandwidth = 1e9;

const std::string Scopes[] = {"incremental", "all_in"};

void readEnergy(const Node &N, const std::string &Path, Cost &Row,
                Errors &Out) {
  auto Number = [&](const Node &At, const std::string &Name, Picojoules &Held) {
    if (auto V =
            readNumber(At, Name, Unit::Picojoules, 0, MaxEnergy, false, Out))
      Held = Picojoules(*V);
  };
  if (!N.isMap()) {
    Number(N, Path, Row.Energy);
    Row.EnergyLow = Row.EnergyHigh = Row.Energy;
    Row.EnergySource = bareSource(N);
    return;
  }
  size_t Before = Out.size();
  MapReader Reader(N, Path, Out);
  const Node *Value = Reader.need("value");
  if (Value)
    Number(*Value, Path, Row.Energy);
  Row.EnergyLow = Row.EnergyHigh = Row.Energy;
  if (const Node *Low = Reader.take("low"))
    Number(*Low, Reader.pathOf("low"), Row.EnergyLow);
  if (const Node *High = Reader.take("high"))
    Number(*High, Reader.pathOf("high"), Row.EnergyHigh);
  if (const Node *Scope = Reader.take("scope"))
    if (auto V = readChoice(*Scope, Reader.pathOf("scope"), Scopes, Out))
      Row.EnergyScope = static_cast<synfire::Scope>(*V);
  readEvidence(Reader, Value && Value->FromOverride, Row.EnergyGrade,
               Row.EnergySource, Out);
  Reader.finish();
  if (Out.size() == Before &&
      !(Row.EnergyLow <= Row.Energy && Row.Energy <= Row.EnergyHigh))
    Out.push_back({N.Where, "chip-cost-range",
                   fmt::format("`{}`: low {} <= value {} <= high {} does not "
                               "hold",
                               Path, Row.EnergyLow.Value, Row.Energy.Value,
                               Row.EnergyHigh.Value)});
}

void readTime(const Node &N, const std::string &Path, Cost &Row, Errors &Out) {
  const Node *Value = &N;
  if (!N.isMap()) {
    Row.TimeSource = bareSource(N);
  } else {
    MapReader Reader(N, Path, Out);
    Value = Reader.need("value");
    readEvidence(Reader, Value && Value->FromOverride, Row.TimeGrade,
                 Row.TimeSource, Out);
    Reader.finish();
  }
  if (Value)
    if (auto V =
            readNumber(*Value, Path, Unit::Nanoseconds, 0, MaxTime, false, Out))
      Row.Time = Nanoseconds(*V);
}

void readRow(const Node &N, const std::string &Path, Cost &Row, Errors &Out) {
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
  if (const Node *Energy = Reader.need("energy_pj"))
    readEnergy(*Energy, Reader.pathOf("energy_pj"), Row, Out);
  if (const Node *Time = Reader.need("time_ns"))
    readTime(*Time, Reader.pathOf("time_ns"), Row, Out);
  Reader.finish();
}

/// A number of a group that has one evidence.
struct GroupNumber {
  std::string_view Key;
  Unit Dimension;
  double Max;
  double *Value;
};

/// The groups of a cost table, for reading and writing alike.
struct Group {
  std::string_view Key;
  std::vector<GroupNumber> Numbers;
  Grade *Evidence;
  std::string *Source;
};

std::vector<Group> groupsOf(CostTable &C) {
  return {
      {"static_power",
       {{"per_chip_w", Unit::Watts, MaxPower, &C.Static.PerChip.Value},
        {"per_core_w", Unit::Watts, MaxPower, &C.Static.PerCore.Value}},
       &C.Static.Evidence,
       &C.Static.Source},
      {"barrier_time",
       {{"base_ns", Unit::Nanoseconds, MaxTime, &C.Barrier.Base.Value},
        {"per_tile_ns", Unit::Nanoseconds, MaxTime, &C.Barrier.PerTile.Value},
        {"per_chip_ns", Unit::Nanoseconds, MaxTime, &C.Barrier.PerChip.Value}},
       &C.Barrier.Evidence,
       &C.Barrier.Source},
      {"chip_link",
       {{"bits_per_ns", Unit::BitsPerNanosecond, MaxBandwidth,
         &C.Link.BitsPerNanosecond},
        {"latency_ns", Unit::Nanoseconds, MaxTime, &C.Link.Latency.Value}},
       &C.Link.Evidence,
       &C.Link.Source},
  };
}

void readGroup(const Node &N, const Group &G, const std::string &Path,
               Errors &Out) {
  if (!expectMap(N, Path, Out))
    return;
  MapReader Reader(N, Path, Out);
  bool Overridden = false;
  for (const GroupNumber &Number : G.Numbers)
    if (const Node *Value = Reader.need(Number.Key)) {
      Overridden |= Value->FromOverride;
      if (auto V = readNumber(*Value, Reader.pathOf(Number.Key),
                              Number.Dimension, 0, Number.Max, false, Out))
        *Number.Value = *V;
    }
  readEvidence(Reader, Overridden, *G.Evidence, *G.Source, Out);
  Reader.finish();
}

std::string evidenceText(Grade Evidence, const std::string &Source) {
  return fmt::format("grade: {}, source: {}", gradeLetter(Evidence),
                     yaml::quote(Source));
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
  for (const Group &G : groupsOf(Costs))
    if (const Node *N = Reader.need(G.Key)) {
      Places[Reader.pathOf(G.Key)] = N->Where;
      readGroup(*N, G, Reader.pathOf(G.Key), Out);
    }
  for (unsigned A = 0; A < NumActions; ++A) {
    std::string_view Key = actionKey(static_cast<Action>(A));
    if (const Node *N = Reader.need(Key)) {
      Places[Reader.pathOf(Key)] = N->Where;
      readRow(*N, Reader.pathOf(Key), Costs.Rows[A], Out);
    }
  }
  Reader.finish();
}

std::string synfire::writeCosts(const CostTable &Costs) {
  std::string Out = fmt::format("costs:\n  operating_point: {}\n",
                                yaml::quote(Costs.OperatingPoint));
  CostTable Copy = Costs; // The groups hold pointers to fields they may set.
  for (const Group &G : groupsOf(Copy)) {
    Out += fmt::format("  {}: {{", G.Key);
    for (const GroupNumber &Number : G.Numbers)
      Out += fmt::format("{}: {}, ", Number.Key, *Number.Value);
    Out += evidenceText(*G.Evidence, *G.Source) + "}\n";
  }
  for (unsigned A = 0; A < NumActions; ++A) {
    const Cost &Row = Costs.Rows[A];
    Out += fmt::format("  {}:\n", actionKey(static_cast<Action>(A)));
    if (!Row.NotApplicable.empty()) {
      Out += fmt::format("    not_applicable: {}\n",
                         yaml::quote(Row.NotApplicable));
      continue;
    }
    Out += fmt::format(
        "    energy_pj: {{value: {}, low: {}, high: {}, scope: {}, {}}}\n",
        Row.Energy.Value, Row.EnergyLow.Value, Row.EnergyHigh.Value,
        Scopes[static_cast<unsigned>(Row.EnergyScope)],
        evidenceText(Row.EnergyGrade, Row.EnergySource));
    Out += fmt::format("    time_ns: {{value: {}, {}}}\n", Row.Time.Value,
                       evidenceText(Row.TimeGrade, Row.TimeSource));
  }
  return Out;
}

void synfire::describeCosts(const CostTable &Costs,
                            std::vector<SpecRow> &Rows) {
  CostTable Copy = Costs;
  for (const Group &G : groupsOf(Copy))
    for (const GroupNumber &Number : G.Numbers)
      Rows.push_back({fmt::format("costs.{}.{}", G.Key, Number.Key),
                      fmt::format("{}", *Number.Value),
                      std::string(unitName(Number.Dimension)),
                      gradeLetter(*G.Evidence), "", *G.Source});
  for (unsigned A = 0; A < NumActions; ++A) {
    const Cost &Row = Costs.Rows[A];
    std::string Key =
        fmt::format("costs.{}", actionKey(static_cast<Action>(A)));
    if (!Row.NotApplicable.empty()) {
      Rows.push_back({Key, "not applicable", "", gradeLetter(Row.EnergyGrade),
                      "", Row.NotApplicable});
      continue;
    }
    std::string Value = fmt::format("{}", Row.Energy.Value);
    if (Row.EnergyLow != Row.EnergyHigh)
      Value +=
          fmt::format(" ({} to {})", Row.EnergyLow.Value, Row.EnergyHigh.Value);
    Rows.push_back({Key + ".energy_pj", std::move(Value), "pJ",
                    gradeLetter(Row.EnergyGrade),
                    Scopes[static_cast<unsigned>(Row.EnergyScope)],
                    Row.EnergySource});
    Rows.push_back({Key + ".time_ns", fmt::format("{}", Row.Time.Value), "ns",
                    gradeLetter(Row.TimeGrade), "", Row.TimeSource});
  }
}
