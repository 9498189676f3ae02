//===- TargetsCommand.cpp - synfire targets -------------------------------===//
//
// Lists the chips, or prints one fully resolved: every number with its unit,
// grade and source.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"

#include "targets/ChipSpec.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

using namespace synfire;
using namespace synfire::tools;

namespace {
struct TargetsOptions {
  std::string Name;
  std::vector<std::string> Overrides;
  bool Json = false, Yaml = false;
};

Status listAll() {
  for (const std::string &Name : ChipSpec::names()) {
    Result<ChipSpec> Chip = ChipSpec::load(Name);
    if (!Chip)
      return Chip.errors();
    fmt::print("{:<13} {}\n", Name, Chip->Summary);
  }
  return {};
}

std::string rangeText(const SpecRow &Row) {
  return Row.Low.empty() ? "" : fmt::format("{} to {}", Row.Low, Row.High);
}

/// Columns are as wide as what stands in them; a long list overflows its own.
void printTable(const ChipSpec &Chip) {
  constexpr size_t LongestAligned = 16;
  const std::vector<SpecRow> Rows = describe(Chip);
  size_t Key = 3, Value = 5, Unit = 4, Range = 5;
  for (const SpecRow &Row : Rows) {
    Key = std::max(Key, Row.Key.size());
    if (Row.Value.size() <= LongestAligned)
      Value = std::max(Value, Row.Value.size());
    Unit = std::max(Unit, Row.Unit.size());
    Range = std::max(Range, rangeText(Row).size());
  }
  fmt::print("{}: {}\n", Chip.Name, Chip.Summary);
  if (!Chip.Limits.empty())
    fmt::print("Limits: {}.\n", Chip.Limits);
  fmt::print("Costs at: {}.\n", Chip.Costs.OperatingPoint);
  auto line = [&](const auto &...Cells) {
    std::string Line = fmt::format(
        fmt::runtime("{:<{}}  {:>{}} {:<{}}  {:<{}}  {:<5}  {:<11}  "
                     "{}"),
        Cells...);
    fmt::print("{}\n", Line);
  };
  std::string Section;
  for (const SpecRow &Row : Rows) {
    if (std::string Now = Row.Key.substr(0, Row.Key.find('.'));
        Now != Section) {
      Section = Now;
      fmt::print("\n");
      line(Section, Key, "value", Value, "unit", Unit, "range", Range, "grade",
           "scope", "source");
    }
    line(Row.Key, Key, Row.Value, Value, Row.Unit, Unit, rangeText(Row), Range,
         std::string(1, Row.Evidence), Row.Scope, Row.Source);
  }
  fmt::print(
      "\nGrades: M measured on silicon, P published, D derived by "
      "arithmetic, A assumed. [v]: seen in the source, [r]: recalled.\n");
}

void printJson(const ChipSpec &Chip) {
  nlohmann::ordered_json Rows = nlohmann::ordered_json::array();
  for (const SpecRow &Row : describe(Chip))
    Rows.push_back({{"key", Row.Key},
                    {"value", Row.Value},
                    {"low", Row.Low.empty() ? Row.Value : Row.Low},
                    {"high", Row.High.empty() ? Row.Value : Row.High},
                    {"unit", Row.Unit},
                    {"grade", std::string(1, Row.Evidence)},
                    {"scope", Row.Scope},
                    {"source", Row.Source}});
  nlohmann::ordered_json J = {{"name", Chip.Name},
                              {"summary", Chip.Summary},
                              {"limits", Chip.Limits},
                              {"operating_point", Chip.Costs.OperatingPoint},
                              {"xxh3", fmt::format("{:016x}", Chip.hash())},
                              {"rows", Rows}};
  fmt::print("{}\n", J.dump(1));
}

Status targets(const TargetsOptions &O) {
  if (O.Name.empty())
    return listAll();
  Result<ChipSpec> Chip = ChipSpec::load(O.Name, O.Overrides);
  if (!Chip)
    return Chip.errors();
  if (O.Yaml)
    fmt::print("{}", Chip->resolvedYaml());
  else if (O.Json)
    printJson(*Chip);
  else
    printTable(*Chip);
  return {};
}
} // namespace

void synfire::tools::addTargets(CLI::App &App, Action &Chosen) {
  auto O = std::make_shared<TargetsOptions>();
  CLI::App *Command = App.add_subcommand(
      "targets", "list the chips, or print one with its sources");
  Command->add_option("name", O->Name, "chip by name or .yaml file");
  Command->add_option("--set", O->Overrides, "override, such as noc.width=8")
      ->allow_extra_args(false);
  Command->add_flag("--json", O->Json, "as JSON");
  Command->add_flag("--yaml", O->Yaml, "as a chip file");
  Command->callback([O, &Chosen] { Chosen = [O] { return targets(*O); }; });
}
