//===- StudyFile.cpp - What a study asks ----------------------------------===//

#include "simulator/study/StudyFile.h"

#include "simulator/study/AxisValues.h"
#include "targets/ChipYaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace synfire;
using namespace synfire::study;
using yaml::MapReader;
using yaml::Node;
namespace fs = std::filesystem;

namespace {

constexpr double MostTokens = 1e6;

const std::string ModeNames[] = {"generate", "prefill"};
const std::string FidelityNames[] = {"analytic", "event"};
const std::string Placements[] = {"space-filling", "row-major", "shuffled"};

class Reader {
public:
  Reader(const std::string &Path) : Folder(fs::path(Path).parent_path()) {
    Out.Path = Path;
    Out.Name = fs::path(Path).stem().string();
  }

  Result<Study> read(const Node &Root) {
    if (!yaml::expectMap(Root, "study", Found))
      return Found;
    MapReader Map(Root, "", Found);
    if (const Node *N = Map.need("version"))
      yaml::readNumber(*N, "version", yaml::Unit::Count, 1, 1, true, Found);
    if (const Node *N = Map.take("name"))
      Out.Name = yaml::readText(*N, "name", Found).value_or("");
    if (const Node *N = Map.need("models"))
      readModels(*N);
    readInput(Map);
    if (const Node *N = Map.take("modes"))
      readModes(*N);
    else if (!Out.Models.empty() &&
             std::ranges::none_of(Out.Models, [](const StudyModel &M) {
               return M.Events.empty();
             }))
      Out.Modes = {sim::Mode::Prefill};
    if (const Node *N = Map.take("fidelity"))
      if (auto I = yaml::readChoice(*N, "fidelity", FidelityNames, Found))
        Out.Fidelity = *I ? sim::Fidelity::Event : sim::Fidelity::Analytic;
    if (const Node *N = Map.need("target"))
      readTargets(*N);
    if (const Node *N = Map.take("set"))
      Out.Fixed = readSettings(*N, "set");
    if (const Node *N = Map.take("axes"))
      readAxes(*N);
    if (const Node *N = Map.take("points"))
      readPoints(*N);
    Map.finish();
    checkKeys();
    if (!Found.empty())
      return Found;
    return std::move(Out);
  }

private:
  fs::path Folder;
  Study Out;
  Errors Found;

  void refuse(const std::string &Where, const char *Rule, std::string Text) {
    Found.push_back({Where, Rule, std::move(Text)});
  }
  std::string resolved(const std::string &File) const {
    return (Folder / File).lexically_normal().string();
  }
  std::string optionalText(MapReader &Map, const char *Key) {
    const Node *N = Map.take(Key);
    return N ? yaml::readText(*N, Map.pathOf(Key), Found).value_or("") : "";
  }

  void readModels(const Node &List) {
    if (!yaml::expectList(List, "models", Found))
      return;
    std::set<std::string> Names;
    for (const Node &Item : List.Items) {
      if (!yaml::expectMap(Item, "models", Found))
        continue;
      StudyModel M = readModel(
          Item, [&](const std::string &File) { return resolved(File); }, Found);
      if (!Names.insert(M.Name).second)
        refuse(Item.Where, "study-model-name",
               fmt::format("two models are called `{}`; give each a `name`",
                           M.Name));
      Out.Models.push_back(std::move(M));
    }
  }

  void readInput(MapReader &Map) {
    const Node *Text = Map.take("text"), *Prompt = Map.take("prompt");
    if (Text)
      if (auto File = yaml::readText(*Text, "text", Found))
        Out.Text = resolved(*File);
    if (Prompt)
      Out.Prompt = yaml::readText(*Prompt, "prompt", Found).value_or("");
    if (Text && Prompt)
      refuse(Prompt->Where, "study-input",
             "the chip reads `text` (a file) or `prompt`, not both");
    if (const Node *N = Map.take("tokens"))
      if (auto Count = yaml::readNumber(*N, "tokens", yaml::Unit::Count, 1,
                                        MostTokens, true, Found))
        Out.Tokens = static_cast<uint32_t>(*Count);
  }

  void readModes(const Node &List) {
    if (!yaml::expectList(List, "modes", Found))
      return;
    Out.Modes.clear();
    for (const Node &Item : List.Items)
      if (auto I = yaml::readChoice(Item, "modes", ModeNames, Found)) {
        sim::Mode M = *I ? sim::Mode::Prefill : sim::Mode::Generate;
        if (std::ranges::find(Out.Modes, M) == Out.Modes.end())
          Out.Modes.push_back(M);
        else
          refuse(Item.Where, "study-mode", "the mode is there already");
      }
  }

  void readTargets(const Node &One) {
    if (One.isList() && !yaml::expectList(One, "target", Found))
      return;
    const std::vector<Node> Single{One};
    for (const Node &Item : One.isList() ? One.Items : Single)
      if (auto Name = yaml::readText(Item, "target", Found)) {
        // As ChipSpec::load tells a file from a name.
        bool IsFile = Name->find('/') != std::string::npos ||
                      Name->ends_with(".yaml") || Name->ends_with(".yml");
        Out.Targets.push_back(
            {*Name, IsFile ? resolved(*Name) : *Name, Item.Where});
      }
  }

  std::vector<Setting> readSettings(const Node &Map, const std::string &Path) {
    std::vector<Setting> Settings;
    if (!yaml::expectMap(Map, Path, Found))
      return Settings;
    for (size_t I = 0; I < Map.Keys.size(); ++I)
      Settings.push_back(
          {Map.Keys[I].Text, flowText(Map.Items[I]), Map.Keys[I].Where});
    return Settings;
  }

  void readAxes(const Node &List) {
    if (!yaml::expectList(List, "axes", Found))
      return;
    for (const Node &Item : List.Items)
      if (yaml::expectMap(Item, "axes", Found))
        if (std::optional<Axis> A = readAxis(Item, Found))
          Out.Axes.push_back(std::move(*A));
  }

  void readPoints(const Node &List) {
    if (!yaml::expectList(List, "points", Found))
      return;
    for (const Node &Item : List.Items)
      Out.Points.push_back(readSettings(Item, "points"));
  }

  /// A key on two axes would be set twice, and the first one in vain.
  void checkKeys() {
    std::set<std::string> Seen;
    for (const Axis &A : Out.Axes)
      for (size_t K = 0; K < A.Keys.size(); ++K)
        if (!Seen.insert(A.Keys[K]).second)
          refuse(A.Steps.front()[K].Where, "study-duplicate-key",
                 fmt::format("`{}` is on two axes; keys that move together "
                             "stand in one axis, under `keys`",
                             A.Keys[K]));
    CompileChoices Ignored;
    auto Check = [&](const std::vector<Setting> &Settings) {
      for (const Setting &S : Settings)
        if (S.isCompile())
          applyCompile(S, Ignored, Found);
    };
    Check(Out.Fixed);
    for (const Axis &A : Out.Axes)
      for (const auto &Step : A.Steps)
        Check(Step);
    for (const auto &Point : Out.Points)
      Check(Point);
  }
};

} // namespace

std::string Axis::name() const {
  return fmt::format("{}", fmt::join(Keys, ", "));
}

std::string Axis::label(size_t Step) const {
  std::string Text;
  for (const Setting &S : Steps[Step])
    Text += (Text.empty() ? "" : ", ") + S.Value;
  return Text;
}

std::vector<std::string> Study::variedKeys() const {
  std::vector<std::string> Keys;
  auto Add = [&](const std::string &Key) {
    if (std::ranges::find(Keys, Key) == Keys.end())
      Keys.push_back(Key);
  };
  for (const Axis &A : Axes)
    std::ranges::for_each(A.Keys, Add);
  for (const auto &Point : Points)
    for (const Setting &S : Point)
      Add(S.Key);
  return Keys;
}

void study::applyCompile(const Setting &S, CompileChoices &To, Errors &Out) {
  static const std::string Known[] = {
      "compile.weight_bits", "compile.activation_bits",
      "compile.placement",   "compile.spread",
      "compile.seed",        "compile.defer_norms"};
  Result<Node> Value = yaml::parseDocument(S.Value, S.Where);
  if (!Value) {
    for (const Error &E : Value.errors())
      Out.push_back({S.Where, E.Rule, E.Text});
    return;
  }
  Value->Where = S.Where;
  auto Whole = [&](double Min, double Max) {
    return yaml::readNumber(*Value, S.Key, yaml::Unit::Count, Min, Max, true,
                            Out);
  };
  if (S.Key == Known[0]) {
    if (auto Bits = Whole(2, 8))
      To.WeightBits = static_cast<uint32_t>(*Bits);
  } else if (S.Key == Known[1]) {
    if (auto Bits = Whole(2, 16))
      To.ActivationBits = static_cast<uint32_t>(*Bits);
  } else if (S.Key == Known[2]) {
    if (auto I = yaml::readChoice(*Value, S.Key, Placements, Out))
      To.Placement = Placements[*I];
  } else if (S.Key == Known[3]) {
    if (auto Chips = Whole(0, 65536))
      To.Spread = static_cast<uint32_t>(*Chips);
  } else if (S.Key == Known[4]) {
    if (auto Seed = Whole(0, 1e15))
      To.Seed = static_cast<uint64_t>(*Seed);
  } else if (S.Key == Known[5]) {
    if (auto Defer = yaml::readBool(*Value, S.Key, Out))
      To.DeferNorms = *Defer;
  } else {
    auto Near = yaml::nearest(S.Key, Known);
    Out.push_back({S.Where, "yaml-unknown-key",
                   fmt::format("unknown key `{}`; {}", S.Key,
                               Near ? fmt::format("did you mean `{}`?", *Near)
                                    : fmt::format("known are {}",
                                                  fmt::join(Known, ", ")))});
  }
}

Result<Study> Study::load(const std::string &Path) {
  std::ifstream File(Path, std::ios::binary);
  std::stringstream Text;
  if (!File || !(Text << File.rdbuf()))
    return Error{Path, "study-file", "the study cannot be read"};
  Result<Study> Out = parse(Text.str(), Path);
  if (Out)
    Out->IsFile = true;
  return Out;
}

Result<Study> Study::parse(const std::string &Yaml, const std::string &Path) {
  Result<Node> Root = yaml::parseDocument(Yaml, Path);
  if (!Root)
    return Root.errors();
  return Reader(Path).read(*Root);
}
