//===- tools/synfire/Commands.h - The subcommands ---------------*- C++ -*-===//
//
// Each command is one file: it declares its options on its CLI11 subcommand
// and, when chosen, does its work and returns the errors, which main() prints.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_COMMANDS_H
#define SYNFIRE_TOOLS_SYNFIRE_COMMANDS_H

#include "targets/Status.h"

#include <CLI/CLI.hpp>
#include <functional>

namespace synfire::tools {

/// What the chosen subcommand does when the options are parsed.
using Action = std::function<Status()>;

/// \p Arguments is the whole command line, for the manifest.
void addCompile(CLI::App &App, Action &Chosen);
void addFit(CLI::App &App, Action &Chosen);
void addRun(CLI::App &App, Action &Chosen,
            const std::vector<std::string> &Arguments);
void addExplore(CLI::App &App, Action &Chosen,
                const std::vector<std::string> &Arguments);
void addExport(CLI::App &App, Action &Chosen);
void addReference(CLI::App &App, Action &Chosen);
void addQuantize(CLI::App &App, Action &Chosen);
void addInspect(CLI::App &App, Action &Chosen);
void addTargets(CLI::App &App, Action &Chosen);
void addImportChip(CLI::App &App, Action &Chosen);
void addNoc(CLI::App &App, Action &Chosen);
void addBaselines(CLI::App &App, Action &Chosen);
void addExplain(CLI::App &App, Action &Chosen);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_COMMANDS_H
