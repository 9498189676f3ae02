//===- ImportChipCommand.cpp - synfire import-chip ------------------------===//
//
// An architecture of SANA-FE as a chip file.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"

#include "models/sanafe/SanaArch.h"
#include "targets/ChipSpec.h"
#include "targets/arrays/AtomicFile.h"
#include "targets/arrays/MappedFile.h"

#include <fmt/format.h>
#include <memory>

using namespace synfire;
using namespace synfire::tools;

namespace {
struct ImportChipOptions {
  std::string Path, Output;
  sanafe::UnitNames Units;
};

Status importChip(const ImportChipOptions &O) {
  auto Bytes = MappedFile::open(O.Path);
  if (!Bytes)
    return Bytes.errors();
  auto Arch = sanafe::Arch::parse(
      {Bytes->bytes().begin(), Bytes->bytes().end()}, O.Path, O.Units);
  if (!Arch)
    return Arch.errors();
  const std::string Yaml = Arch->toChipYaml();
  if (auto Chip = ChipSpec::parse(Yaml, O.Output); !Chip)
    return Chip.errors();
  for (const std::string &Note : Arch->Notes)
    fmt::print(stderr, "{}: note: {}\n", O.Path, Note);
  auto File = AtomicFile::create(O.Output);
  if (!File)
    return File.errors();
  if (Status S = File->write(
          {reinterpret_cast<const uint8_t *>(Yaml.data()), Yaml.size()});
      !S)
    return S;
  return File->commit();
}
} // namespace

void synfire::tools::addImportChip(CLI::App &App, Action &Chosen) {
  auto O = std::make_shared<ImportChipOptions>();
  CLI::App *Command = App.add_subcommand(
      "import-chip", "turn an architecture of SANA-FE into a chip file");
  Command->add_option("architecture", O->Path, "its .yaml file")->required();
  Command->add_option("-o,--output", O->Output, "chip file to write")
      ->required();
  Command->add_option("--synapse", O->Units.Synapse,
                      "synapse unit that the chip has (default: the first)");
  Command->add_option("--dendrite", O->Units.Dendrite, "the same of dendrites");
  Command->add_option("--soma", O->Units.Soma, "the same of somas");
  Command->callback([O, &Chosen] { Chosen = [O] { return importChip(*O); }; });
}
