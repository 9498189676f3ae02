//===- GenerateCommand.cpp - The generators' options ----------------------===//

#include "models/generate/GenerateCommand.h"
#include "models/generate/SafetensorsWriter.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::models;

GenerateCommand::GenerateCommand(std::string Name,
                                 const std::string &Description,
                                 std::map<std::string, GeneratedShape> Presets,
                                 const std::string &Blocks, int FewestBlocks,
                                 std::string Type)
    : App(Description), Name(std::move(Name)), Presets(std::move(Presets)),
      Type(std::move(Type)) {
  std::string Names;
  for (const auto &[Known, Ignored] : this->Presets)
    Names += (Names.empty() ? "" : " or ") + Known;
  App.add_option("--preset", Preset, "published shape: " + Names)
      ->check(CLI::IsMember(this->Presets));
  App.add_option("--" + Blocks, Shape.Layers, "blocks")
      ->check(CLI::Range(FewestBlocks, 999));
  App.add_option("--width", Shape.Width, "channels")
      ->check(CLI::Range(2, 65536));
  App.add_option("--vocabulary", Shape.Vocabulary, "tokens")
      ->check(CLI::Range(1, 10'000'000));
  App.add_option("--seed", Seed, "seed of the weights")->capture_default_str();
  App.add_option("--dtype", this->Type, "element type: f32 or f16")
      ->check(CLI::IsMember({"f32", "f16"}))
      ->capture_default_str();
  App.add_option("-o,--output", Path, "file to write (.safetensors)")
      ->required();
}

int GenerateCommand::run(
    int Argc, char **Argv,
    const std::function<std::vector<GeneratedTensor>(const GeneratedShape &)>
        &Tensors) {
  try {
    App.parse(Argc, Argv);
  } catch (const CLI::ParseError &E) {
    return App.exit(E) == 0 ? 0 : 2;
  }
  if (!Preset.empty()) {
    const GeneratedShape &Base = Presets.at(Preset);
    for (auto Member : {&GeneratedShape::Layers, &GeneratedShape::Width,
                        &GeneratedShape::Vocabulary})
      if (Shape.*Member == 0)
        Shape.*Member = Base.*Member;
  }
  if (Shape.Layers == 0 || Shape.Width == 0 || Shape.Vocabulary == 0) {
    fmt::print(stderr,
               "{}: error: no shape; give --preset or all of blocks, "
               "width and vocabulary (--help)\n",
               Name);
    return 2;
  }
  std::vector<GeneratedTensor> All = Tensors(Shape);
  Status S = writeSafetensors(Path, All, Seed,
                              Type == "f16" ? DType::F16 : DType::F32);
  for (const Error &E : S.errors())
    fmt::print(stderr, "{}\n", E.format());
  if (!S)
    return exitCode(S.errors());
  int64_t Parameters = 0;
  for (const GeneratedTensor &T : All)
    Parameters += T.numElements();
  fmt::print("{}: {} layers, width {}, vocabulary {}, {} parameters\n", Path,
             Shape.Layers, Shape.Width, Shape.Vocabulary, Parameters);
  return 0;
}
