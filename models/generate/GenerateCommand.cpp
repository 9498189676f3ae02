//===- GenerateCommand.cpp - The generators' options ----------------------===//

#include "models/generate/GenerateCommand.h"
#include "models/generate/SafetensorsWriter.h"
#include "targets/arrays/AtomicFile.h"
#include "targets/arrays/Npy.h"

#include <filesystem>
#include <fmt/format.h>

using namespace synfire;
using namespace synfire::models;

/// Tells what went wrong; the exit code.
static int report(const Status &S) {
  for (const Error &E : S.errors())
    fmt::print(stderr, "{}\n", E.format());
  return exitCode(S.errors());
}

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

void GenerateCommand::addSize(const char *Option, int64_t &To, int64_t Most,
                              const char *What) {
  App.add_option(Option, To, What)->check(CLI::Range(int64_t(1), Most));
}

int GenerateCommand::writeConfig(const std::string &Text) {
  auto Config = std::filesystem::path(Path).replace_extension(".json");
  Result<AtomicFile> File = AtomicFile::create(Config.string());
  Status S = File ? File->write(asBytes(std::span<const char>(Text)))
                  : Status(File.errors());
  if (S)
    S = File->commit();
  return report(S);
}

int GenerateCommand::run(
    int Argc, char **Argv,
    const std::function<Result<std::vector<GeneratedTensor>>(
        const GeneratedShape &)> &Tensors) {
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
  Result<std::vector<GeneratedTensor>> Made = Tensors(Shape);
  Status S = Made ? writeSafetensors(Path, *Made, Seed,
                                     Type == "f16" ? DType::F16 : DType::F32)
                  : Status(Made.errors());
  if (!S)
    return report(S);
  int64_t Parameters = 0;
  for (const GeneratedTensor &T : *Made)
    Parameters += T.numElements();
  fmt::print("{}: {} layers, width {}, vocabulary {}, {} parameters\n", Path,
             Shape.Layers, Shape.Width, Shape.Vocabulary, Parameters);
  return 0;
}
