//===- main.cpp - The synfire command -------------------------------------===//
//
// Exit codes: 0 done, 1 the run failed, 2 bad usage or input, 3 the network
// does not fit the target.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"

#include <cstdio>
#include <fmt/format.h>
#include <map>

using namespace synfire;

/// Prints all kinds of errors, but of each kind (rule) only the first few: a
/// target that cannot multiply refuses every layer for the same reason.
static void printErrors(const Errors &All) {
  constexpr size_t MostOfAKind = 4;
  std::map<std::string, size_t> Seen;
  for (const Error &E : All)
    if (++Seen[E.Rule] <= MostOfAKind)
      fmt::print(stderr, "{}\n", E.format());
  for (const auto &[Rule, Count] : Seen)
    if (Count > MostOfAKind)
      fmt::print(stderr, "error: and {} more of [{}]\n", Count - MostOfAKind,
                 Rule);
}

int main(int Argc, char **Argv) {
  CLI::App App("Compiles trained spiking language models for neuromorphic "
               "chips, runs them, and accounts for every event.",
               "synfire");
  App.set_version_flag("--version", SYNFIRE_VERSION);
  App.require_subcommand(1);
  App.option_defaults()->always_capture_default();
  std::vector<std::string> Arguments(Argv, Argv + Argc);

  tools::Action Chosen;
  tools::addCompile(App, Chosen);
  tools::addFit(App, Chosen);
  tools::addRun(App, Chosen, Arguments);
  tools::addExplore(App, Chosen, Arguments);
  tools::addReference(App, Chosen);
  tools::addExport(App, Chosen);
  tools::addQuantize(App, Chosen);
  tools::addInspect(App, Chosen);
  tools::addTargets(App, Chosen);
  tools::addImportChip(App, Chosen);
  tools::addNoc(App, Chosen);
  tools::addBaselines(App, Chosen);
  tools::addExplain(App, Chosen);
  try {
    App.parse(Argc, Argv);
  } catch (const CLI::ParseError &E) {
    // CLI11 has exit codes of its own; ours know only one for bad usage.
    return App.exit(E) == 0 ? 0 : 2;
  }

  Status Done = Chosen();
  printErrors(Done.errors());
  return exitCode(Done.errors());
}
