//===- StudyPlan.cpp - All that a study will do ---------------------------===//

#include "tools/synfire/StudyPlan.h"

#include "models/checkpoint/ModelCard.h"
#include "models/network/ConfigFile.h"
#include "tools/synfire/GraphFiles.h"
#include "tools/synfire/StudyInput.h"

#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <xxhash.h>

using namespace synfire;
using namespace synfire::tools;

namespace {

/// Marks files, each once, and hashes groups of them.
class InputReader {
public:
  InputReader(StudyPlan &Plan, Errors &Out) : Plan(Plan), Out(Out) {}

  /// Hash of a file; \p Where says who names it.
  uint64_t file(const std::string &Role, const std::string &Path,
                const std::string &Where) {
    auto Mark = report::markFile(
        Role + " " + std::filesystem::path(Path).filename().string(), Path);
    if (!Mark) {
      Out.push_back({Where, "study-input",
                     fmt::format("{}: {}", Path, Mark.errors().front().Text)});
      return 0;
    }
    if (Known.insert(Path).second)
      Plan.Inputs.push_back(*Mark);
    return Mark->Hash;
  }

  /// Adds model \p M to \p Into: the checkpoint with its card, vocabulary and
  /// texts, and what it is to read.
  void model(const study::StudyModel &M, study::InputHashes &Into) {
    if (auto Options = optionsOf(M); !Options)
      Out.insert(Out.end(), Options.errors().begin(), Options.errors().end());
    std::vector<uint64_t> Hashes{file("model", M.Path, M.Where)};
    // A network of SANA-FE has the name that a card beside it would have.
    auto Card = M.isYaml() ? checkpoint::ModelCard()
                           : checkpoint::ModelCard::besides(M.Path);
    if (!Card) {
      Out.insert(Out.end(), Card.errors().begin(), Card.errors().end());
      Card = checkpoint::ModelCard{};
    }
    const std::pair<const char *, const std::string &> Parts[] = {
        {"card", Card->Path},
        {"vocabulary", Card->Vocabulary},
        {"calibration text", Card->Calibrate},
        {"evaluation text", Card->Evaluate}};
    for (const auto &[Role, Path] : Parts)
      Hashes.push_back(Path.empty() ? 0 : file(Role, Path, M.Where));
    const uint64_t Evaluate = Hashes.back();
    for (const auto &[Role, Path] :
         {std::pair("evaluation labels", Card->EvaluateLabels),
          std::pair("evaluation mask", Card->EvaluateMask)})
      if (!Path.empty())
        Hashes.push_back(file(Role, Path, M.Where));
    // What the importers of some architectures read beside the tensors.
    if (!isGraphFile(M.Path))
      if (auto Config = models::ConfigFile::besides(M.Path, ""))
        Hashes.push_back(file("config", Config->path(), M.Where));
    for (const study::ModelOption &O : M.Options)
      if (O.Of.IsFile && !O.isWord())
        Hashes.push_back(file(std::string(O.Of.Key), O.Value, M.Where));
    Into.Models.push_back(
        XXH3_64bits(Hashes.data(), Hashes.size() * sizeof(uint64_t)));

    const study::Study &S = Plan.Study;
    if (isGraphFile(M.Path) && M.Events.empty())
      Out.push_back({M.Where, "study-events",
                     fmt::format("model `{}` reads events; give it `events` (a "
                                 "file, a map from inputs to files, or `none` "
                                 "with `steps`)",
                                 M.Name)});
    if (!M.Events.empty())
      Into.Texts.push_back(events(M));
    else if (!S.Text.empty())
      Into.Texts.push_back(file("text", S.Text, S.Path));
    else if (!S.Prompt.empty())
      Into.Texts.push_back(XXH3_64bits(S.Prompt.data(), S.Prompt.size()));
    else
      Into.Texts.push_back(Evaluate);
    if (M.Events.empty() && !S.Prompt.empty() && Card->Vocabulary.empty())
      Out.push_back({M.Where, "study-prompt",
                     fmt::format("model `{}` has no vocabulary to read a "
                                 "prompt with; give `text: ids.npy`",
                                 M.Name)});
  }

private:
  /// Hash of what the inputs of \p M are sent.
  uint64_t events(const study::StudyModel &M) {
    std::string Text = fmt::format("steps {}\n", M.Steps);
    for (const study::EventSource &E : M.Events) {
      const std::string Path = E.path();
      Text += fmt::format(
          "{} {} {}\n", E.Input, E.File.substr(Path.size()),
          study::keyText(Path.empty() ? 0 : file("events", Path, M.Where)));
    }
    return XXH3_64bits(Text.data(), Text.size());
  }

  StudyPlan &Plan;
  Errors &Out;
  std::set<std::string> Known;
};

/// A point that has no chip is known by what it asks for.
uint64_t keyOfBroken(const StudyPlan &Plan, const study::Point &P) {
  std::string Text = fmt::format("broken {} {}", P.Model,
                                 Plan.Study.Targets[P.Target].NameOrFile);
  for (const study::Setting *S : P.Settings)
    Text.append("\n").append(S->assignment());
  return XXH3_64bits(Text.data(), Text.size());
}

} // namespace

Result<StudyPlan> StudyPlan::make(study::Study Study) {
  StudyPlan Plan;
  Plan.Study = std::move(Study);
  Errors Found;
  study::InputHashes Hashes;
  InputReader Inputs(Plan, Found);
  if (Plan.Study.IsFile)
    Inputs.file("study", Plan.Study.Path, Plan.Study.Path);
  for (const study::StudyModel &M : Plan.Study.Models)
    Inputs.model(M, Hashes);
  Result<std::vector<study::Point>> Points = study::expand(Plan.Study);
  if (!Points)
    Found.insert(Found.end(), Points.errors().begin(), Points.errors().end());
  Status Settings = study::checkSettings(Plan.Study);
  Found.insert(Found.end(), Settings.errors().begin(), Settings.errors().end());
  if (!Found.empty())
    return Found;

  Plan.Points = std::move(*Points);
  std::set<uint64_t> Distinct, Networks;
  for (size_t I = 0; I < Plan.Points.size(); ++I) {
    const study::Point &P = Plan.Points[I];
    auto Configured = study::configure(Plan.Study, P);
    if (Configured) {
      Plan.Keys.push_back(study::keysOf(Plan.Study, P, *Configured, Hashes));
      Plan.FirstOfImage.try_emplace(Plan.Keys.back().Image, I);
      Networks.insert(Plan.Keys.back().Network);
    } else {
      Plan.Keys.push_back({.Point = keyOfBroken(Plan, P)});
      Plan.Broken.emplace(I, Configured.errors());
    }
    Distinct.insert(Plan.Keys.back().Point);
  }
  Plan.Distinct = Distinct.size();
  Plan.Networks = Networks.size();
  return Plan;
}
