//===- simulator/study/StudyModels.h - Networks of a study ------*- C++ -*-===//
//
// An entry of `models`: a file, how it is read, and what the host sends to it.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_STUDY_STUDYMODELS_H
#define SYNFIRE_SIMULATOR_STUDY_STUDYMODELS_H

#include "targets/ChipYaml.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::study {

/// An option that `synfire compile` has for a network, as key of an entry:
/// `reset_every` for `--reset-every`.
struct ModelOptionKey {
  std::string_view Key;
  bool IsFile = false;
  /// `--reset-every`.
  std::string option() const;
};
std::span<const ModelOptionKey> modelOptionKeys();

struct ModelOption {
  ModelOptionKey Of;
  std::string Value; ///< a file from where the command runs
  /// A word stands where a file may.
  bool isWord() const;
};

/// What one input is sent.
struct EventSource {
  std::string Input; ///< empty: the only one, or all
  std::string File;  ///< from where the command runs; `none`: silence

  /// As `--events` takes it.
  std::string argument() const {
    return Input.empty() ? File : Input + "=" + File;
  }
  /// Without what chooses within it; empty for silence.
  std::string path() const;
};

/// A network as `synfire compile` takes it.
struct StudyModel {
  std::string Name; ///< in tables; by default the file's name without ending
  std::string Path; ///< from where the command runs
  std::string Architecture, Form, Prefix; ///< empty: found out
  std::vector<ModelOption> Options;
  std::vector<EventSource> Events; ///< empty: it reads tokens
  uint32_t Steps = 0; ///< token steps of the events; 0: as many as the files
  std::string Where;

  /// The file may hold a network or an architecture of SANA-FE.
  bool isYaml() const {
    return Path.ends_with(".yaml") || Path.ends_with(".yml");
  }
};

/// Reads an entry. \p Resolved turns a file's name into one from where the
/// command runs.
StudyModel
readModel(const yaml::Node &Item,
          const std::function<std::string(const std::string &)> &Resolved,
          Errors &Out);

} // namespace synfire::study

#endif // SYNFIRE_SIMULATOR_STUDY_STUDYMODELS_H
