//===- models/generate/make_spikelm.cpp - Networks of any shape -----------===//
//
// synfire-make-spikelm: writes a SpikeLM encoder with seeded random weights,
// and its config.json under the same name: the published shape (BERT-base), or
// any other.
//
//===----------------------------------------------------------------------===//

#include "models/generate/GenerateCommand.h"
#include "models/generate/PublishedShapes.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::models;

int main(int Argc, char **Argv) {
  GenerateCommand Command(
      "synfire-make-spikelm",
      "Writes a SpikeLM checkpoint with seeded random weights.",
      publishedSpikeLm(), "blocks", 1, "f16");
  GeneratedBert Given;
  Command.addSize("--hidden", Given.Hidden, 1 << 20,
                  "width of the feed-forward");
  Command.addSize("--heads", Given.Heads, 1024, "heads of attention");
  Command.addSize("--positions", Given.Positions, 1 << 20,
                  "longest sequence, in tokens");
  Command.addSize("--steps", Given.Steps, 64,
                  "inner steps per token (default 4)");
  Command.addSize("--labels", Given.Labels, 1 << 20,
                  "of the classifier (default 2)");
  GeneratedShape Whole;
  using Made = Result<std::vector<GeneratedTensor>>;
  int Code = Command.run(Argc, Argv, [&](const GeneratedShape &S) -> Made {
    Whole = S;
    completeBert(S, Given);
    if (S.Width % Given.Heads != 0)
      return Error{Command.Name, "generate-shape",
                   fmt::format("{} heads do not divide a width of {}",
                               Given.Heads, S.Width)};
    return spikeLmTensors(S, Given);
  });
  if (Code != 0 || Whole.Layers == 0)
    return Code;
  return Command.writeConfig(spikeLmConfig(Whole, Given));
}
