//===- models/generate/make_spikellm.cpp - Networks of any shape ----------===//
//
// synfire-make-spikellm: writes a quantised SpikeLLM checkpoint with seeded
// random weights, and its config.json under the same name: published shapes of
// LLaMA, or any other, whole or a few blocks of them.
//
//===----------------------------------------------------------------------===//

#include "models/generate/GenerateCommand.h"
#include "models/generate/SpikeLlmWeights.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::models;

int main(int Argc, char **Argv) {
  struct Published {
    GeneratedShape Shape;
    GeneratedLlama Llama;
  };
  // arXiv 2302.13971, table 2, and 2307.09288, table 1.
  const std::map<std::string, Published> Models = {
      {"7b", {{32, 4096, 32000}, {11008, 32, 32, 2048}}},
      {"13b", {{40, 5120, 32000}, {13824, 40, 40, 2048}}},
      {"30b", {{60, 6656, 32000}, {17920, 52, 52, 2048}}},
      {"65b", {{80, 8192, 32000}, {22016, 64, 64, 2048}}},
      {"70b", {{80, 8192, 32000}, {28672, 64, 8, 4096, 1e-5}}},
  };
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
