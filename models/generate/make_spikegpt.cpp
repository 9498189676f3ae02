//===- models/generate/make_spikegpt.cpp - Networks of any shape ----------===//
//
// synfire-make-spikegpt: writes a SpikeGPT checkpoint with seeded random
// weights, to try the compiler and the simulator at sizes for which no trained
// network is at hand.
//
//===----------------------------------------------------------------------===//

#include "models/generate/SafetensorsWriter.h"
#include "models/generate/SpikeGptWeights.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <map>

using namespace synfire;

int main(int Argc, char **Argv) {
  CLI::App App("Writes a SpikeGPT checkpoint with seeded random weights.");
  const std::map<std::string, models::GeneratedShape> Presets = {
      {"46m", {12, 512, 5458}}, {"216m", {18, 768, 50277}}};
  models::GeneratedShape Shape;
  std::string Preset, Type = "f32", Path;
  uint64_t Seed = 1;
  App.add_option("--preset", Preset, "published shape: 46m or 216m")
      ->check(CLI::IsMember(Presets));
  App.add_option("--layers", Shape.Layers, "blocks")->check(CLI::Range(2, 999));
  App.add_option("--width", Shape.Width, "channels")
      ->check(CLI::Range(2, 65536));
  App.add_option("--vocabulary", Shape.Vocabulary, "tokens")
      ->check(CLI::Range(1, 10'000'000));
  App.add_option("--seed", Seed, "seed of the weights")->capture_default_str();
  App.add_option("--dtype", Type, "element type: f32 or f16")
      ->check(CLI::IsMember({"f32", "f16"}))
      ->capture_default_str();
  App.add_option("-o,--output", Path, "file to write (.safetensors)")
      ->required();
  try {
    App.parse(Argc, Argv);
  } catch (const CLI::ParseError &E) {
    return App.exit(E) == 0 ? 0 : 2;
  }
  if (!Preset.empty()) {
    const models::GeneratedShape &Base = Presets.at(Preset);
    for (auto Member :
         {&models::GeneratedShape::Layers, &models::GeneratedShape::Width,
          &models::GeneratedShape::Vocabulary})
      if (Shape.*Member == 0)
        Shape.*Member = Base.*Member;
  }
  if (Shape.Layers == 0 || Shape.Width == 0 || Shape.Vocabulary == 0) {
    fmt::print(stderr, "synfire-make-spikegpt: error: no shape; give --preset "
                       "or --layers, --width and --vocabulary\n");
    return 2;
  }
  std::vector<models::GeneratedTensor> Tensors = models::spikeGptTensors(Shape);
  Status S = models::writeSafetensors(Path, Tensors, Seed,
                                      Type == "f16" ? DType::F16 : DType::F32);
  for (const Error &E : S.errors())
    fmt::print(stderr, "{}\n", E.format());
  if (!S)
    return exitCode(S.errors());
  int64_t Parameters = 0;
  for (const models::GeneratedTensor &T : Tensors)
    Parameters += T.numElements();
  fmt::print("{}: {} layers, width {}, vocabulary {}, {} parameters\n", Path,
             Shape.Layers, Shape.Width, Shape.Vocabulary, Parameters);
  return 0;
}
