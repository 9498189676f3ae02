//===- ExportCommand.cpp - synfire export ---------------------------------===//
//
// A network of other tools as a NIR file.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"

#include "models/lavadl/LavaToNir.h"

#include <fmt/format.h>
#include <memory>
#include <optional>

using namespace synfire;
using namespace synfire::tools;

namespace {
constexpr double DefaultDt = 1e-4;

struct ExportOptions {
  std::string Network, Output;
  std::optional<double> Dt; ///< of .net
};

Result<nir::NewGraph> graphOf(const ExportOptions &O) {
  if (O.Network.ends_with(".nir")) {
    if (O.Dt)
      return Error{"--dt", "nir-export",
                   "the time constants of a NIR graph stay what they are; "
                   "leave it out"};
    auto G = nir::Graph::read(O.Network);
    if (!G)
      return G.errors();
    for (const nir::Note &N : G->Notes)
      fmt::print(stderr, "{}\n", N.format());
    return nir::rewritten(*G);
  }
  if (O.Network.ends_with(".net")) {
    auto Net = lavadl::LavaNet::read(O.Network);
    if (!Net)
      return Net.errors();
    for (const std::string &Note : Net->Notes)
      fmt::print(stderr, "{}: note: {}\n", O.Network, Note);
    return lavadl::toNir(*Net, O.Network, O.Dt.value_or(DefaultDt));
  }
  return Error{O.Network, "nir-export",
               ".nir and .net are exported; NIR has no word for the programs, "
               "rows and attention of language models and of spike IR, nor "
               "for the resets of SANA-FE"};
}

Status exportNetwork(const ExportOptions &O) {
  auto G = graphOf(O);
  if (!G)
    return G.errors();
  if (Status S = nir::write(*G, O.Output); !S)
    return S;
  for (const std::string &Note : G->Notes)
    fmt::print(stderr, "{}: note: {}\n", O.Output, Note);
  fmt::print("{}: {} nodes, {} edges\n", O.Output, G->Nodes.size(),
             G->Edges.size());
  return {};
}
} // namespace

void synfire::tools::addExport(CLI::App &App, Action &Chosen) {
  auto O = std::make_shared<ExportOptions>();
  CLI::App *Command = App.add_subcommand(
      "export", "write a network of other tools as a NIR file");
  Command->add_option("network", O->Network, "NIR graph or Lava-DL network")
      ->required();
  Command
      ->add_option("--dt", O->Dt,
                   "of .net: one step, in the unit of time of the file to be "
                   "written (default 1e-4)")
      ->check(CLI::PositiveNumber);
  Command->add_option("-o,--output", O->Output, "file to write (.nir)")
      ->required();
  Command->callback(
      [O, &Chosen] { Chosen = [O] { return exportNetwork(*O); }; });
}
