//===- targets/ChipSpec.cpp - What a chip is --------------------*- C++ -*-===//

#include "targets/ChipSpec.h"

#include "targets/ChipSpecYaml.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

using namespace synfire;

namespace {

constexpr unsigned MaxExtends = 8;
constexpr size_t MaxErrors = 40;

bool isFileName(const std::string &Name) {
  return Name.find('/') != std::string::npos || Name.ends_with(".yaml") ||
         Name.ends_with(".yml");
}

const BuiltInChip *builtIn(const std::string &Name) {
  for (const BuiltInChip &Chip : builtInChips())
    if (Chip.Name == Name)
      return &Chip;
  return nullptr;
}

Error unknownChip(const std::string &Name, const std::string &Where) {
  std::vector<std::string> Known = ChipSpec::names();
  std::string Text =
      fmt::format("no chip is called `{}`; there are {}, or give a .yaml file",
                  Name, fmt::join(Known, ", "));
  if (std::optional<std::string> Near = yaml::nearest(Name, Known))
    Text += fmt::format("; did you mean `{}`?", *Near);
  return {Where, "chip-unknown", std::move(Text)};
}

/// The document with what it extends laid beneath it.
Result<yaml::Node> parseExtended(const std::string &Text,
                                 const std::string &File, unsigned Depth) {
  Result<yaml::Node> Root = yaml::parseDocument(Text, File);
  if (!Root)
    return Root;
  const yaml::Node *Base = Root->find("extends");
  if (!Base)
    return Root;
  const BuiltInChip *Chip = builtIn(Base->Text);
  if (!Chip)
    return unknownChip(Base->Text, Base->Where);
  if (Depth == MaxExtends)
    return Error{
        Base->Where, "chip-extends",
        fmt::format("more than {} chips extend each other", MaxExtends)};
  Result<yaml::Node> Below = parseExtended(
      std::string(Chip->Yaml), std::string(Chip->Name) + ".yaml", Depth + 1);
  if (!Below)
    return Below;
  return yaml::merge(std::move(*Below), *Root);
}

/// Keeps a hopeless file from flooding the terminal.
Errors limited(Errors Faults, const std::string &File) {
  if (Faults.size() <= MaxErrors)
    return Faults;
  size_t More = Faults.size() - MaxErrors;
  Faults.resize(MaxErrors);
  Faults.push_back(
      {File, "yaml-more", fmt::format("{} more mistakes are not shown", More)});
  return Faults;
}

} // namespace

std::vector<std::string> ChipSpec::names() {
  std::vector<std::string> Names;
  for (const BuiltInChip &Chip : builtInChips())
    Names.emplace_back(Chip.Name);
  std::ranges::sort(Names);
  return Names;
}

Result<ChipSpec> ChipSpec::load(const std::string &NameOrFile,
                                const std::vector<std::string> &Overrides) {
  if (!isFileName(NameOrFile)) {
    const BuiltInChip *Chip = builtIn(NameOrFile);
    if (!Chip)
      return unknownChip(NameOrFile, "");
    return parse(std::string(Chip->Yaml), NameOrFile + ".yaml", Overrides);
  }
  struct stat Info;
  if (stat(NameOrFile.c_str(), &Info) != 0)
    return Error{NameOrFile, "chip-file",
                 fmt::format("cannot read the chip: {}", std::strerror(errno))};
  if (!S_ISREG(Info.st_mode))
    return Error{NameOrFile, "chip-file",
                 "cannot read the chip: it is not a regular file"};
  std::ifstream File(NameOrFile, std::ios::binary);
  std::ostringstream Text;
  // One byte more than the limit is enough for parse() to refuse it.
  if (File && Info.st_size > 0)
    Text << File.rdbuf();
  if (!File)
    return Error{NameOrFile, "chip-file",
                 fmt::format("cannot read the chip: {}", std::strerror(errno))};
  return parse(Text.str(), NameOrFile, Overrides);
}

Result<ChipSpec> ChipSpec::parse(const std::string &Yaml,
                                 const std::string &FileName,
                                 const std::vector<std::string> &Overrides) {
  Result<yaml::Node> Root = parseExtended(Yaml, FileName, 0);
  if (!Root)
    return limited(Root.errors(), FileName);
  Errors Faults;
  for (const std::string &Override : Overrides) {
    Status Applied = yaml::applyOverride(*Root, Override);
    for (const Error &E : Applied.errors())
      Faults.push_back(E);
  }
  ChipSpec Spec;
  std::map<std::string, std::string> Places;
  readSpec(*Root, Spec, Places, Faults);
  // Rules between keys make sense only on values that were read.
  if (Faults.empty())
    Faults = checkSpec(Spec, FileName, Places);
  if (!Faults.empty())
    return limited(std::move(Faults), FileName);
  return Spec;
}

uint64_t ChipSpec::hash() const {
  std::string Text = resolvedYaml();
  return XXH3_64bits(Text.data(), Text.size());
}

uint32_t ChipSpec::coresPerChip() const {
  return Noc.Width * Noc.Height * Noc.CoresPerRouter;
}
uint32_t ChipSpec::systemWidth() const { return Noc.Width * System.GridWidth; }
uint32_t ChipSpec::systemHeight(uint32_t Chips) const {
  return (Chips + System.GridWidth - 1) / System.GridWidth * Noc.Height;
}
Coord ChipSpec::coordOf(RouterId R) const {
  return {R.Value % systemWidth(), R.Value / systemWidth()};
}
RouterId ChipSpec::routerAt(Coord C) const {
  return RouterId{C.Y * systemWidth() + C.X};
}
RouterId ChipSpec::routerOf(CoreId C) const {
  return RouterId{C.Value / Noc.CoresPerRouter};
}
uint32_t ChipSpec::localIndexOf(CoreId C) const {
  return C.Value % Noc.CoresPerRouter;
}
uint32_t ChipSpec::chipOf(RouterId R) const {
  Coord C = coordOf(R);
  return C.Y / Noc.Height * System.GridWidth + C.X / Noc.Width;
}
std::optional<RouterId> ChipSpec::neighbour(RouterId R,
                                            image::Port Port) const {
  const Coord At = coordOf(R);
  const bool Rows = Port == image::North || Port == image::South;
  const bool Up = Port == image::South || Port == image::East;
  if (!Rows && Port != image::East && Port != image::West)
    return std::nullopt;
  const uint32_t Size = Rows ? systemHeight(System.MaxChips) : systemWidth();
  const uint32_t Edge = Up ? Size - 1 : 0;
  uint32_t Place = Rows ? At.Y : At.X;
  if (Place == Edge) {
    if (Noc.Topology != NocTopology::Torus || Size < 2)
      return std::nullopt;
    Place = Up ? 0 : Size - 1;
  } else {
    Place += Up ? 1 : -1;
  }
  return routerAt(Rows ? Coord{At.X, Place} : Coord{Place, At.Y});
}
bool ChipSpec::crossesChips(Coord A, Coord B) const {
  return A.X / Noc.Width != B.X / Noc.Width ||
         A.Y / Noc.Height != B.Y / Noc.Height;
}

CoreId ChipSpec::usableCore(uint32_t Chip, uint32_t N) const {
  uint32_t Router = N / Noc.CoresPerRouter;
  Coord C{Chip % System.GridWidth * Noc.Width + Router % Noc.Width,
          Chip / System.GridWidth * Noc.Height + Router / Noc.Width};
  return CoreId{routerAt(C).Value * Noc.CoresPerRouter +
                N % Noc.CoresPerRouter};
}
uint32_t ChipSpec::indexOnChip(CoreId C) const {
  Coord At = coordOf(routerOf(C));
  uint32_t Router = At.Y % Noc.Height * Noc.Width + At.X % Noc.Width;
  return Router * Noc.CoresPerRouter + localIndexOf(C);
}

bool ChipSpec::hasInstruction(isa::CostClass Class) const {
  return std::ranges::find(Neuron.Instructions, Class) !=
         Neuron.Instructions.end();
}
