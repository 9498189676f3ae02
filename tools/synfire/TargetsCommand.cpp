//===- TargetsCommand.cpp - synfire targets -------------------------------===//
//
// Lists the chips, or prints one fully resolved: every number with its unit,
// grade and source.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"

#include "targets/ChipSpec.h"

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
    fmt::print("{:<12} {}\n", Name, Chip->Summary);
  }
  return {};
}

void printTable(const ChipSpec &Chip) {
  fmt::print("{}: {}\n\n", Chip.Name, Chip.Summary);
  size_t Widest = 0;
  for (const SpecRow &Row : describe(Chip))
    Widest = std::max(Widest, Row.Key.size());
  for (const SpecRow &Row : describe(Chip))
    fmt::print("{:<{}}  {:>14} {:<10} {} {:<11}  {}\n", Row.Key, Widest,
               Row.Value, Row.Unit, Row.Evidence, Row.Scope, Row.Source);
  fmt::print("\nGrades: M measured on silicon, P published, D derived, A "
             "assumed.\n");
}

void printJson(const ChipSpec &Chip) {
  nlohmann::ordered_json Rows = nlohmann::ordered_json::array();
  for (const SpecRow &Row : describe(Chip))
    Rows.push_back({{"key", Row.Key},
                    {"value", Row.Value},
                    {"unit", Row.Unit},
                    {"grade", std::string(1, Row.Evidence)},
                    {"scope", Row.Scope},
                    {"source", Row.Source}});
  nlohmann::ordered_json J = {{"name", Chip.Name},
                              {"summary", Chip.Summary},
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
