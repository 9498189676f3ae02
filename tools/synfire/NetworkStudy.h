//===- tools/synfire/NetworkStudy.h - A study without a file ----*- C++ -*-===//
//
// `synfire explore NETWORK --target CHIP --axis KEY=VALUES`: what a study would
// say of one network, as options.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_NETWORKSTUDY_H
#define SYNFIRE_TOOLS_SYNFIRE_NETWORKSTUDY_H

#include "simulator/study/StudyFile.h"
#include "tools/synfire/Model.h"

namespace synfire::tools {

class NetworkStudy {
public:
  /// Declares the options of a network, and beside them those of a study. The
  /// positional `model` takes a study too.
  void addTo(CLI::App &Command);

  /// The study: that of the file if it is one, else of the network in it. Rule
  /// `study-option` when options do not go with it or one is missing.
  Result<study::Study> read() const;

private:
  const CLI::App *Command = nullptr;
  ModelOptions Model;
  EventOptions Events;
  std::vector<std::string> Targets, Overrides, Axes;
  std::string Text, Prompt, Fidelity;
  std::vector<std::string> Modes;
  uint32_t Tokens = 0;
  std::vector<const CLI::Option *>
      OfNetwork; ///< that a study file has no use for

  Result<std::string> asYaml() const;
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_NETWORKSTUDY_H
