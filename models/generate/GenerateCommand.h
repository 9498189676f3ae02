//===- models/generate/GenerateCommand.h - The generators' options -*- C++
//-*-===//
//
// What the generators (synfire-make-spikegpt and others) have in common: a
// shape by preset or by numbers, a seed, an element type, a file.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_GENERATE_GENERATECOMMAND_H
#define SYNFIRE_MODELS_GENERATE_GENERATECOMMAND_H

#include "models/generate/GeneratedTensor.h"
#include "targets/Status.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <map>
#include <string>

namespace synfire::models {

struct GenerateCommand {
  CLI::App App;
  std::string Name; ///< of the program
  std::map<std::string, GeneratedShape> Presets;
  GeneratedShape Shape;
  std::string Preset, Type, Path;
  uint64_t Seed = 1;

  /// \p Blocks is what the option for the number of blocks is called,
  /// \p FewestBlocks the least that the network can have, \p Type the default
  /// element type.
  GenerateCommand(std::string Name, const std::string &Description,
                  std::map<std::string, GeneratedShape> Presets,
                  const std::string &Blocks, int FewestBlocks,
                  std::string Type);

  /// An option for a size of 1 to \p Most that presets may tell too.
  void addSize(const char *Option, int64_t &To, int64_t Most, const char *What);
  /// Parses, completes the shape, writes what \p Tensors makes of it, or tells
  /// why it makes nothing; the exit code.
  int run(int Argc, char **Argv,
          const std::function<Result<std::vector<GeneratedTensor>>(
              const GeneratedShape &)> &Tensors);
  /// Writes what shapes do not tell beside the file, under its name with .json;
  /// the exit code.
  int writeConfig(const std::string &Text);
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_GENERATECOMMAND_H
