//===- RunInputs.cpp - What a chip reads ----------------------------------===//

#include "tools/synfire/RunInputs.h"

#include "tools/synfire/Tokens.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace synfire;
using namespace synfire::tools;

CLI::Option *RunInputs::addTo(CLI::App &Command) {
  CLI::Option_group *Input =
      Command.add_option_group("input", "what the chip reads");
  CLI::Option *OfPrompt =
      Input->add_option("--prompt", Prompt, "text that the chip writes on");
  Input->add_option("--text", Text, "text file that the chip reads");
  CLI::Option *OfTokens = Input->add_option(
      "--tokens", Tokens,
      "token ids that it reads (.npy): [token], or [sequence, token]");
  CLI::Option *OfFill = Input->add_option(
      "--fill", Fill,
      "text with gaps that the chip fills in (networks with [MASK])");
  Events.addTo(Command, *Input);
  Input->require_option(1);
  Command.add_option("--blank", Blank, "character that stands for a gap")
      ->needs(OfFill);
  Command
      .add_option("--types", Types,
                  "types of the tokens (.npy, shaped as they are)")
      ->needs(OfTokens);
  Command
      .add_option("--mask", Mask,
                  "1 for tokens, 0 for padding (.npy, shaped likewise)")
      ->needs(OfTokens);
  return OfPrompt;
}

Result<std::optional<checkpoint::Vocabulary>>
tools::vocabularyOf(const ImageMetadata &About, const std::string &Image) {
  if (About.Symbols.empty())
    return std::optional<checkpoint::Vocabulary>();
  auto V = checkpoint::Vocabulary::parse(nlohmann::json(About.Symbols).dump(),
                                         Image);
  if (!V)
    return V.errors();
  return std::optional(std::move(*V));
}

/// The tokens that the chip is given before it writes any itself.
static Result<std::vector<int64_t>>
givenText(const RunInputs &In,
          const std::optional<checkpoint::Vocabulary> &Vocabulary) {
  if (!In.Text.empty())
    return tokensOf(In.Text, Vocabulary);
  if (!Vocabulary)
    return Error{
        In.Image, "run-vocabulary",
        "the image has no vocabulary to read a prompt with; give token "
        "ids with --tokens ids.npy"};
  auto Tokens = Vocabulary->encode(In.Prompt, "--prompt");
  if (Tokens && Tokens->empty())
    return Error{"--prompt", "run-prompt",
                 "the prompt is empty; the chip writes on from at least one "
                 "character"};
  return Tokens;
}

Result<GappedText>
tools::gapsOf(const RunInputs &In,
              const std::optional<checkpoint::Vocabulary> &Vocabulary) {
  if (!Vocabulary)
    return Error{In.Image, "run-vocabulary",
                 "the image has no vocabulary to read a text with"};
  return readGaps(In.Fill, In.Blank, *Vocabulary);
}

/// The inputs of events that an image has; none if it reads tokens.
static std::vector<EventPort> eventPortsOf(const OpenedImage &Opened) {
  std::vector<EventPort> Out;
  for (const image::StreamRecord &S : Opened.Image.streams()) {
    if (S.Population != image::None || S.Role != image::HostRole::Events)
      continue;
    EventPort P{Opened.text(S.Name), S.NumNeurons, {}, Opened.About.Dt};
    if (auto Shape = Opened.About.InputShapes.find(P.Name);
        Shape != Opened.About.InputShapes.end())
      P.Shape = Shape->second;
    Out.push_back(std::move(P));
  }
  return Out;
}

Result<Sequences>
tools::givenSequences(const RunInputs &In, const OpenedImage &Opened,
                      const std::optional<checkpoint::Vocabulary> &Vocabulary) {
  const std::vector<EventPort> Ports = eventPortsOf(Opened);
  // Biases alone may drive a network.
  const bool TakesEvents =
      !Ports.empty() ||
      std::ranges::none_of(Opened.Image.streams(),
                           [](const image::StreamRecord &S) {
                             return S.Population == image::None;
                           });
  if (TakesEvents != In.givesEvents())
    return Error{In.Image, "events-inputs",
                 TakesEvents
                     ? "the network reads events; give them with --events"
                     : "the network reads tokens, not events"};
  if (TakesEvents)
    return readEvents(In.Events, Ports);
  if (!In.Tokens.empty())
    return readSequences(In.Tokens, In.Types, In.Mask);
  if (!In.Fill.empty()) {
    auto Gaps = gapsOf(In, Vocabulary);
    if (!Gaps)
      return Gaps.errors();
    Sequences Out;
    Out.All.push_back({std::move(Gaps->Tokens), {}, {}});
    return Out;
  }
  auto Tokens = givenText(In, Vocabulary);
  if (!Tokens)
    return Tokens.errors();
  Sequences Out;
  Out.All.push_back({std::move(*Tokens), {}, {}});
  return Out;
}

Status tools::checkInputs(const RunInputs &In, const OpenedImage &Opened,
                          const Sequences &Given, const sim::Simulation &Chip) {
  const uint32_t Positions = Opened.Image.sequence().Positions;
  for (const Sequence &S : Given.All) {
    const std::string &Where = In.Tokens.empty() ? In.Image : In.Tokens;
    if (Chip.numTokens() > 0)
      if (Status Known = checkTokens(S.Tokens, Chip.numTokens(), Where); !Known)
        return Known;
    if (Status Known =
            checkTokens(S.Types, std::max(1u, Chip.numTypes()), In.Types);
        !Known)
      return Known;
    if (Positions != 0 && S.Tokens.size() > Positions)
      return Error{Where, "positions",
                   fmt::format("{} tokens, but the network was compiled for "
                               "sequences of at most {}",
                               S.Tokens.size(), Positions)};
  }
  return {};
}
