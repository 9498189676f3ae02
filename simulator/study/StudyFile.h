//===- simulator/study/StudyFile.h - What a study asks ----------*- C++ -*-===//
//
// The study.yaml of `synfire explore`, checked: models, targets, what is read,
// and which keys of the chip and of the compiler take which values.
// docs/explore.md lists the keys.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_STUDY_STUDYFILE_H
#define SYNFIRE_SIMULATOR_STUDY_STUDYFILE_H

#include "simulator/study/CompileChoices.h"
#include "simulator/study/StudyModels.h"
#include "simulator/timing/Timing.h"
#include "targets/Status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::study {

struct StudyTarget {
  std::string Name;       ///< as the study writes it
  std::string NameOrFile; ///< for ChipSpec::load
  std::string Where;
};

/// One key with one value, and where the study says so.
struct Setting {
  std::string Key;   ///< of the chip as `--set` takes it, or `compile.*`
  std::string Value; ///< as YAML text
  std::string Where;

  bool isCompile() const { return Key.starts_with("compile."); }
  /// As `--set` takes it.
  std::string assignment() const { return Key + "=" + Value; }
};

/// Keys that take their values together. A step is one setting per key.
struct Axis {
  std::vector<std::string> Keys;
  std::vector<std::vector<Setting>> Steps;

  /// `noc.width, noc.height`.
  std::string name() const;
  /// `4, 8`.
  std::string label(size_t Step) const;
};

struct Study {
  std::string Path, Name;
  bool IsFile = false;              ///< what Path names was read
  std::vector<StudyModel> Models;   ///< at least one
  std::vector<StudyTarget> Targets; ///< at least one
  /// What the chip reads: a file, or a prompt; both empty: the model's own
  /// evaluation text.
  std::string Text, Prompt;
  uint32_t Tokens = 128; ///< of it, at most
  /// Both, unless told; prefill where every model is sent events, whose token
  /// steps are the ticks of the chip.
  std::vector<sim::Mode> Modes{sim::Mode::Generate, sim::Mode::Prefill};
  sim::Fidelity Fidelity = sim::Fidelity::Analytic;
  std::vector<Setting> Fixed;               ///< `set:`, for every point
  std::vector<Axis> Axes;                   ///< their product is the grid
  std::vector<std::vector<Setting>> Points; ///< beside the grid

  /// Every key that some point sets on its own, in order of appearance.
  std::vector<std::string> variedKeys() const;

  /// Reads a study; all mistakes at once, each with file:line:column.
  static Result<Study> load(const std::string &Path);
  /// The same from text. Files that it names are relative to the folder of
  /// \p Path, or absolute.
  static Result<Study> parse(const std::string &Yaml, const std::string &Path);
};

/// Applies a `compile.*` setting; reports an unknown key or a bad value at its
/// place.
void applyCompile(const Setting &S, CompileChoices &To, Errors &Out);

} // namespace synfire::study

#endif // SYNFIRE_SIMULATOR_STUDY_STUDYFILE_H
