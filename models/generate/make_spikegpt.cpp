//===- models/generate/make_spikegpt.cpp - Networks of any shape ----------===//
//
// synfire-make-spikegpt: writes a SpikeGPT checkpoint with seeded random
// weights, to try the compiler and the simulator at sizes for which no trained
// network is at hand.
//
//===----------------------------------------------------------------------===//

#include "models/generate/GenerateCommand.h"
#include "models/generate/PublishedShapes.h"
#include "models/generate/SpikeGptWeights.h"

using namespace synfire::models;

int main(int Argc, char **Argv) {
  GenerateCommand Command(
      "synfire-make-spikegpt",
      "Writes a SpikeGPT checkpoint with seeded random weights.",
      publishedSpikeGpt(), "layers", 2, "f32");
  return Command.run(Argc, Argv, spikeGptTensors);
}
