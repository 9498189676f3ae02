//===- models/generate/make_spikegpt.cpp - Networks of any shape ----------===//
//
// synfire-make-spikegpt: writes a SpikeGPT checkpoint with seeded random
// weights, to try the compiler and the simulator at sizes for which no trained
// network is at hand.
//
//===----------------------------------------------------------------------===//

#include "models/generate/GenerateCommand.h"
#include "models/generate/SpikeGptWeights.h"

using namespace synfire::models;

int main(int Argc, char **Argv) {
  GenerateCommand Command(
      "synfire-make-spikegpt",
      "Writes a SpikeGPT checkpoint with seeded random weights.",
      {{"46m", {12, 512, 5458}}, {"216m", {18, 768, 50277}}}, "layers", 2,
      "f32");
  return Command.run(Argc, Argv, spikeGptTensors);
}
