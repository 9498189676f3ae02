//===- ExplainCommand.cpp - synfire explain -------------------------------===//
//
// Prints where a number of a run comes from. Reads the run's folder only.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"

#include "simulator/report/Explain.h"

#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

using namespace synfire;
using namespace synfire::tools;

namespace {
struct ExplainOptions {
  std::string Run, Metric, Mode;
};

Status explainMetric(const ExplainOptions &O) {
  auto Summary = report::readSummary(O.Run);
  if (!Summary)
    return Summary.errors();
  Result<std::string> Text = O.Metric.empty()
                                 ? report::explainable(*Summary)
                                 : report::explain(*Summary, O.Metric, O.Mode);
  if (!Text)
    return Text.errors();
  fmt::print("{}", *Text);
  return {};
}
} // namespace

void synfire::tools::addExplain(CLI::App &App, Action &Chosen) {
  auto O = std::make_shared<ExplainOptions>();
  CLI::App *Command = App.add_subcommand(
      "explain", "say where a number of a run comes from: formula, counts, "
                 "coefficients, sources");
  Command->add_option("run", O->Run, "folder of a run")->required();
  Command->add_option("metric", O->Metric,
                      "such as energy_per_token; without it, a list");
  Command->add_option("--mode", O->Mode,
                      "generate or prefill; the run's own if not given");
  Command->callback(
      [O, &Chosen] { Chosen = [O] { return explainMetric(*O); }; });
}
