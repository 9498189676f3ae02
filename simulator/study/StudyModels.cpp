//===- StudyModels.cpp - Networks of a study ------------------------------===//

#include "simulator/study/StudyModels.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

using namespace synfire;
using namespace synfire::study;
using yaml::MapReader;
using yaml::Node;

namespace {

constexpr ModelOptionKey Keys[] = {{"membrane"},
                                   {"head"},
                                   {"coding"},
                                   {"k_range"},
                                   {"positions"},
                                   {"calibrate", true},
                                   {"calibrate_alphas"},
                                   {"masks", true},
                                   {"dense"},
                                   {"bias", true},
                                   {"reset_every"},
                                   {"reset_offset"},
                                   {"block_columns"},
                                   {"preset"},
                                   {"dt"},
                                   {"reset"},
                                   {"if_convention"},
                                   {"input_bits"},
                                   {"input_scale"},
                                   {"record_membrane"},
                                   {"beside", true},
                                   {"ignore_mapping"}};

constexpr double MostSteps = 1 << 26;

class EntryReader {
public:
  EntryReader(const Node &Item,
              const std::function<std::string(const std::string &)> &Resolved,
              Errors &Out)
      : Map(Item, "models", Out), Resolved(Resolved), Out(Out) {}

  StudyModel read(const Node &Item) {
    StudyModel M;
    M.Where = Item.Where;
    if (const Node *N = Map.need("path"))
      M.Path = Resolved(textOf(*N, "path"));
    M.Name = optional("name");
    if (M.Name.empty())
      M.Name = std::filesystem::path(M.Path).stem().string();
    M.Architecture = optional("arch");
    M.Form = optional("form");
    M.Prefix = optional("prefix");
    for (const ModelOptionKey &K : Keys)
      if (const Node *N = Map.take(K.Key)) {
        ModelOption O{K, textOf(*N, std::string(K.Key).c_str())};
        if (K.IsFile && !O.isWord())
          O.Value = Resolved(O.Value);
        M.Options.push_back(std::move(O));
      }
    if (const Node *N = Map.take("events"))
      readEvents(*N, M);
    if (const Node *N = Map.take("steps"))
      readSteps(*N, M);
    Map.finish();
    return M;
  }

private:
  MapReader Map;
  const std::function<std::string(const std::string &)> &Resolved;
  Errors &Out;

  std::string textOf(const Node &N, const char *Key) {
    return yaml::readText(N, Map.pathOf(Key), Out).value_or("");
  }
  std::string optional(const char *Key) {
    const Node *N = Map.take(Key);
    return N ? textOf(*N, Key) : "";
  }

  void addEvents(const std::string &Input, const Node &File, StudyModel &To) {
    std::string Name = textOf(File, "events");
    if (Name != "none")
      Name = Resolved(Name);
    To.Events.push_back({Input, std::move(Name)});
  }
  void readEvents(const Node &N, StudyModel &To) {
    if (!N.isMap()) {
      addEvents("", N, To);
      return;
    }
    for (size_t I = 0; I < N.Keys.size(); ++I)
      addEvents(N.Keys[I].Text, N.Items[I], To);
  }

  void readSteps(const Node &N, StudyModel &To) {
    if (auto Count = yaml::readNumber(N, "models.steps", yaml::Unit::Count, 1,
                                      MostSteps, true, Out))
      To.Steps = static_cast<uint32_t>(*Count);
    if (To.Events.empty())
      Out.push_back({N.Where, "study-events",
                     "`steps` are token steps of `events`; give those too "
                     "(`none` is silence)"});
  }
};

} // namespace

std::string ModelOptionKey::option() const {
  std::string Out = "--" + std::string(Key);
  std::ranges::replace(Out, '_', '-');
  return Out;
}

bool ModelOption::isWord() const {
  return Of.Key == "masks" && (Value == "compute" || Value == "checkpoint");
}

std::span<const ModelOptionKey> study::modelOptionKeys() { return Keys; }

std::string EventSource::path() const {
  return File == "none" ? "" : File.substr(0, File.rfind('#'));
}

StudyModel study::readModel(
    const Node &Item,
    const std::function<std::string(const std::string &)> &Resolved,
    Errors &Out) {
  StudyModel M = EntryReader(Item, Resolved, Out).read(Item);
  const bool Silent = std::ranges::all_of(
      M.Events, [](const EventSource &E) { return E.File == "none"; });
  if (!M.Events.empty() && Silent && M.Steps == 0)
    Out.push_back({M.Where, "study-events",
                   fmt::format("silence has no length; give model `{}` `steps`",
                               M.Name)});
  return M;
}
