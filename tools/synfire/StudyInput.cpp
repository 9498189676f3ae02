//===- StudyInput.cpp - What a study runs ---------------------------------===//

#include "tools/synfire/StudyInput.h"

#include "tools/synfire/EventFiles.h"
#include "tools/synfire/Texts.h"
#include "tools/synfire/Tokens.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

using namespace synfire;
using namespace synfire::tools;

namespace {

/// Keeps the first \p Most tokens of all.
void cutTo(Sequences &S, size_t Most) {
  for (Sequence &One : S.All) {
    const size_t Size = std::min(One.Tokens.size(), Most);
    One.Tokens.resize(Size);
    One.Types.resize(std::min(One.Types.size(), Size));
    One.Valid.resize(std::min(One.Valid.size(), Size));
    Most -= Size;
  }
  std::erase_if(S.All, [](const Sequence &One) { return One.Tokens.empty(); });
}

Result<Sequences> windowsOf(const study::Study &S, Model &Network,
                            uint64_t Seed) {
  Result<WindowedText> Text = evaluationText(Network, S.Text, Seed);
  if (!Text)
    return Text.errors();
  Sequences Out;
  Out.Batched = true;
  Out.All = std::move(Text->Windows);
  return Out;
}

Result<Sequences> textOf(const study::Study &S, Model &Network,
                         const image::SequenceRecord &Kind, uint64_t Seed) {
  if (S.Prompt.empty() && (Kind.Sweeps > 1 || Kind.Positions != 0))
    return windowsOf(S, Network, Seed);
  Result<std::vector<int64_t>> Tokens = std::vector<int64_t>();
  if (!S.Text.empty()) {
    Tokens = tokensOf(S.Text, Network.Vocabulary);
  } else if (!S.Prompt.empty()) {
    Tokens = Network.Vocabulary->encode(S.Prompt, S.Path + ": prompt");
  } else {
    auto Windows = windowsOf(S, Network, Seed);
    if (!Windows)
      return Windows;
    for (const Sequence &Window : Windows->All)
      Tokens->insert(Tokens->end(), Window.Tokens.begin(), Window.Tokens.end());
  }
  if (!Tokens)
    return Tokens.errors();
  Sequences Out;
  Out.All.push_back({std::move(*Tokens), {}, {}});
  return Out;
}

Error askForEvents(const study::StudyModel &M, Model &Network) {
  const std::vector<EventPort> Ports = Network.eventPorts();
  if (Ports.empty())
    return {M.Where, "study-events",
            fmt::format("biases drive model `{}`; give it `events: none` and "
                        "`steps`",
                        M.Name)};
  std::vector<std::string> Names;
  for (const EventPort &P : Ports)
    Names.push_back(fmt::format("'{}' ({} neurons)", P.Name, P.Neurons));
  return {M.Where, "study-events",
          fmt::format("model `{}` reads events at {}; give it `events` (a "
                      "file, a map from inputs to files, or `none` with "
                      "`steps`)",
                      M.Name, fmt::join(Names, ", "))};
}

} // namespace

Result<StudyOptions> tools::optionsOf(const study::StudyModel &M) {
  StudyOptions Out;
  Out.Parser = std::make_unique<CLI::App>();
  ModelOptions Parsed;
  Parsed.addTo(*Out.Parser);
  const std::pair<const char *, const std::string &> Found[] = {
      {"--arch=", M.Architecture},
      {"--form=", M.Form},
      {"--prefix=", M.Prefix}};
  // CLI11 takes them last first.
  std::vector<std::string> Arguments = {M.Path};
  for (const auto &[Option, Value] : Found)
    if (!Value.empty())
      Arguments.push_back(Option + Value);
  for (const study::ModelOption &O : M.Options)
    Arguments.push_back(O.Of.option() + "=" + O.Value);
  try {
    Out.Parser->parse(std::move(Arguments));
  } catch (const CLI::Error &E) {
    return Error{M.Where, "study-option",
                 fmt::format("model `{}`: {}", M.Name, E.what()),
                 ErrorKind::BadInput};
  }
  if (Status S = Parsed.check(); !S)
    return S.errors();
  Out.Model = Parsed;
  return Out;
}

Result<Sequences> tools::inputOf(const study::Study &S,
                                 const study::StudyModel &M, Model &Network,
                                 const image::SequenceRecord &Kind,
                                 uint64_t Seed) {
  if (Network.takesEvents()) {
    if (M.Events.empty())
      return askForEvents(M, Network);
    EventOptions Options;
    Options.Steps = M.Steps;
    for (const study::EventSource &E : M.Events)
      Options.Files.push_back(E.argument());
    return readEvents(Options, Network.eventPorts());
  }
  if (!M.Events.empty())
    return Error{M.Where, "study-events",
                 fmt::format("model `{}` reads tokens, not events; leave "
                             "`events` out and give the study `text` or "
                             "`prompt`",
                             M.Name)};
  Result<Sequences> Out = textOf(S, Network, Kind, Seed);
  if (Out)
    cutTo(*Out, S.Tokens);
  return Out;
}
