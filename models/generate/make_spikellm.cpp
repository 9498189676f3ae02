//===- models/generate/make_spikellm.cpp - Networks of any shape ----------===//
//
// synfire-make-spikellm: writes a quantised SpikeLLM checkpoint with seeded
// random weights, and its config.json under the same name: published shapes of
// LLaMA, or any other, whole or a few blocks of them.
//
//===----------------------------------------------------------------------===//

#include "models/generate/GenerateCommand.h"
#include "models/generate/PublishedShapes.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::models;

int main(int Argc, char **Argv) {
  const auto &Models = publishedSpikeLlm();
  std::map<std::string, GeneratedShape> Presets;
  for (const auto &[Name, Model] : Models)
    Presets[Name] = Model.Shape;
  GenerateCommand Command(
      "synfire-make-spikellm",
      "Writes a quantised SpikeLLM checkpoint with seeded random weights.",
      Presets, "blocks", 1, "f16");
  GeneratedLlama Given;
  Command.addSize("--hidden", Given.Hidden, 1 << 20,
                  "width of the feed-forward");
  Command.addSize("--heads", Given.Heads, 1024, "heads of attention");
  Command.addSize("--kv-heads", Given.KvHeads, 1024,
                  "heads of keys and values");
  Command.addSize("--positions", Given.Positions, 1 << 20,
                  "longest sequence, in tokens");
  Command.App.add_option("--bits", Given.WeightBits, "bits of weights")
      ->check(CLI::Range(2, 7))
      ->capture_default_str();
  Command.App
      .add_option("--activation-bits", Given.Bits, "bits of low channels")
      ->check(CLI::Range(1, 8))
      ->capture_default_str();
  Command.App
      .add_option("--salient-bits", Given.AddBits,
                  "bits that salient channels have more; 0: no such channels")
      ->check(CLI::Range(0, 4))
      ->capture_default_str();
  Command.App
      .add_option("--low-share", Given.LowShare, "part of channels that is low")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  GeneratedShape Whole;
  using Made = Result<std::vector<GeneratedTensor>>;
  int Code = Command.run(Argc, Argv, [&](const GeneratedShape &S) -> Made {
    Whole = S;
    if (auto Known = Models.find(Command.Preset); Known != Models.end()) {
      const GeneratedLlama &Base = Known->second.Llama;
      for (auto Member : {&GeneratedLlama::Hidden, &GeneratedLlama::Heads,
                          &GeneratedLlama::KvHeads, &GeneratedLlama::Positions})
        if (Given.*Member == 0)
          Given.*Member = Base.*Member;
      Given.Epsilon = Base.Epsilon;
    }
    if (Given.KvHeads == 0)
      Given.KvHeads = Given.Heads;
    if (Given.Hidden == 0 || Given.Heads == 0 || Given.Positions == 0)
      return Error{Command.Name, "generate-shape",
                   "no shape; give --preset or all of hidden, heads and "
                   "positions"};
    if (Given.Heads % Given.KvHeads != 0 || S.Width % Given.Heads != 0 ||
        S.Width / Given.Heads % 2 != 0)
      return Error{Command.Name, "generate-shape",
                   fmt::format("{} heads over {} do not divide a width of {} "
                               "into parts of an even length",
                               Given.Heads, Given.KvHeads, S.Width)};
    return spikeLlmTensors(S, Given);
  });
  if (Code != 0 || Whole.Layers == 0)
    return Code;
  return Command.writeConfig(spikeLlmConfig(Whole, Given));
}
