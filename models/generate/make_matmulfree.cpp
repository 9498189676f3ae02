//===- models/generate/make_matmulfree.cpp - Networks of any shape --------===//
//
// synfire-make-matmulfree: writes a MatMul-free LM checkpoint with seeded
// random weights: the shape of the network that was run on Loihi 2, or any
// other.
//
//===----------------------------------------------------------------------===//

#include "models/generate/GenerateCommand.h"
#include "models/generate/MatMulFreeWeights.h"
#include "models/generate/PublishedShapes.h"

using namespace synfire::models;

int main(int Argc, char **Argv) {
  GenerateCommand Command(
      "synfire-make-matmulfree",
      "Writes a MatMul-free LM checkpoint with seeded random weights.",
      publishedMatMulFree(), "blocks", 1, "f16");
  int64_t Hidden = 0;
  Command.App
      .add_option("--hidden", Hidden,
                  "width of the gated linear unit (default: 8/3 of the "
                  "channels, up to a multiple of 256)")
      ->check(CLI::Range(1, 65536));
  return Command.run(Argc, Argv, [&](const GeneratedShape &S) {
    return matMulFreeTensors(S, Hidden);
  });
}
