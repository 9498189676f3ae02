//===- NetworkStudy.cpp - A study without a file --------------------------===//

#include "tools/synfire/NetworkStudy.h"

#include "targets/ChipYaml.h"
#include "tools/synfire/GraphFiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace synfire;
using namespace synfire::tools;

namespace {

Error refuse(const std::string &Where, std::string Text) {
  return {Where, "study-option", std::move(Text), ErrorKind::BadInput};
}

/// Whether a YAML file is a network of SANA-FE and no study.
bool holdsNetwork(const std::string &Path) {
  std::ifstream File(Path);
  for (std::string Line; std::getline(File, Line);)
    if (Line.starts_with("network:") || Line.starts_with("mappings:"))
      return true;
  return false;
}

/// `KEY=V1,V2` as an item of `axes`; commas within brackets stay.
Result<std::string> axisOf(const std::string &Given) {
  const size_t Mark = Given.find('=');
  if (Mark == 0 || Mark == std::string::npos || Mark + 1 == Given.size())
    return refuse("--axis " + Given, "a key and its values are needed, such as "
                                     "noc.clock_mhz=250,500,1000");
  return fmt::format("  - {{key: {}, values: [{}]}}\n",
                     yaml::quote(Given.substr(0, Mark)),
                     Given.substr(Mark + 1));
}

/// `FILE`, or `INPUT=FILE` for each of several, as `events` of an entry.
std::string eventsOf(const std::vector<std::string> &Given) {
  if (Given.size() == 1 && Given[0].find('=') == std::string::npos)
    return yaml::quote(Given[0]);
  std::string Out;
  for (const std::string &G : Given) {
    const size_t Mark = G.find('=');
    Out += fmt::format(
        "{}{}: {}", Out.empty() ? "{" : ", ", yaml::quote(G.substr(0, Mark)),
        yaml::quote(Mark == std::string::npos ? "" : G.substr(Mark + 1)));
  }
  return Out + "}";
}

std::string listOf(const std::vector<std::string> &Items) {
  std::string Out;
  for (const std::string &I : Items)
    Out += (Out.empty() ? "" : ", ") + yaml::quote(I);
  return "[" + Out + "]";
}

} // namespace

void NetworkStudy::addTo(CLI::App &Of) {
  Command = &Of;
  const std::vector<CLI::Option *> Before = Of.get_options();
  Model.addTo(Of);
  Of.get_option("model")->description(
      "study (.yaml, docs/explore.md), or a network as synfire compile takes "
      "it; then --target and the options below are what a study would say");
  Events.addTo(Of, Of);
  Of.add_option("--target", Targets,
                "chip by name or .yaml file; several: once each")
      ->allow_extra_args(false);
  Of.add_option("--set", Overrides,
                "override of every chip, such as noc.link_width_bits=64")
      ->allow_extra_args(false);
  Of.add_option("--axis", Axes,
                "key of the chip or compile.* with values to try, such as "
                "noc.clock_mhz=250,500; the grid is the product of all")
      ->allow_extra_args(false);
  auto *TextOption =
      Of.add_option("--text", Text, "text or token ids (.npy) that chips read");
  Of.add_option("--prompt", Prompt, "prompt that chips read")
      ->excludes(TextOption);
  Of.add_option("--tokens", Tokens, "tokens of it, at most (default 128)")
      ->check(CLI::Range(1, 1000000));
  Of.add_option("--mode", Modes, "generate or prefill; the first one decides")
      ->check(CLI::IsMember({"generate", "prefill"}))
      ->allow_extra_args(false);
  Of.add_option("--fidelity", Fidelity, "analytic (default) or event")
      ->check(CLI::IsMember({"analytic", "event"}));
  for (const CLI::Option *O : Of.get_options())
    if (std::ranges::find(Before, O) == Before.end() && !O->get_positional())
      OfNetwork.push_back(O);
}

Result<std::string> NetworkStudy::asYaml() const {
  std::string Out =
      "version: 1\nmodels:\n  - {path: " + yaml::quote(Model.Path);
  const std::pair<const char *, const std::string &> Found[] = {
      {"arch", Model.Architecture},
      {"form", Model.Form},
      {"prefix", Model.Prefix}};
  for (const auto &[Key, Value] : Found)
    if (!Value.empty())
      Out += fmt::format(", {}: {}", Key, yaml::quote(Value));
  for (const study::ModelOptionKey &K : study::modelOptionKeys())
    if (const CLI::Option *O = Command->get_option(K.option()); O->count() > 0)
      Out += fmt::format(", {}: {}", K.Key, yaml::quote(O->results().front()));
  if (Events.asked())
    Out += ", events: " + eventsOf(Events.Files);
  if (Events.Steps != 0)
    Out += fmt::format(", steps: {}", Events.Steps);
  Out += "}\ntarget: " + listOf(Targets) + "\n";
  if (!Text.empty())
    Out += "text: " + yaml::quote(Text) + "\n";
  if (!Prompt.empty())
    Out += "prompt: " + yaml::quote(Prompt) + "\n";
  if (Tokens != 0)
    Out += fmt::format("tokens: {}\n", Tokens);
  if (!Modes.empty())
    Out += "modes: " + listOf(Modes) + "\n";
  if (!Fidelity.empty())
    Out += "fidelity: " + Fidelity + "\n";
  for (const std::string &Set : Overrides) {
    const size_t Mark = Set.find('=');
    if (Mark == std::string::npos)
      return refuse("--set " + Set, "key=value is needed");
    if (&Set == &Overrides.front())
      Out += "set:\n";
    Out += fmt::format("  {}: {}\n", yaml::quote(Set.substr(0, Mark)),
                       Set.substr(Mark + 1));
  }
  for (const std::string &Given : Axes) {
    auto Axis = axisOf(Given);
    if (!Axis)
      return Axis;
    if (&Given == &Axes.front())
      Out += "axes:\n";
    Out += *Axis;
  }
  return Out;
}

Result<study::Study> NetworkStudy::read() const {
  const std::string &Path = Model.Path;
  if (isSanaFile(Path) && !holdsNetwork(Path)) {
    for (const CLI::Option *O : OfNetwork)
      if (O->count() > 0)
        return refuse(O->get_name(), "of a network only; " + Path +
                                         " is a study, which says it itself "
                                         "(docs/explore.md)");
    return study::Study::load(Path);
  }
  std::error_code Code;
  if (!std::filesystem::exists(Path, Code))
    return refuse(Path, "there is no such study or network");
  if (Targets.empty())
    return refuse(Path, "a network needs a chip: --target NAME or FILE.yaml "
                        "(synfire targets lists them), and --axis KEY=V1,V2 "
                        "says what to vary");
  Result<std::string> Yaml = asYaml();
  if (!Yaml)
    return Yaml.errors();
  // Files that it names are relative to where the command runs.
  auto Study = study::Study::parse(*Yaml, "options");
  if (!Study)
    return Study;
  Study->Name = std::filesystem::path(Path).filename().string();
  return Study;
}
