//===- tools/synfire/StudyPlan.h - All that a study will do -----*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_STUDYPLAN_H
#define SYNFIRE_TOOLS_SYNFIRE_STUDYPLAN_H

#include "simulator/report/Manifest.h"
#include "simulator/study/Grid.h"

#include <map>
#include <string>
#include <vector>

namespace synfire::tools {

/// Where a study keeps its files.
struct StudyFolder {
  std::string Path;

  std::string work() const { return Path + "/work"; } ///< gone at the end
  std::string activity() const { return Path + "/activity"; }
  std::string points() const { return Path + "/points"; }
  std::string point(uint64_t Key) const {
    return points() + "/" + study::keyText(Key);
  }
  std::string image(uint64_t Key) const {
    return work() + "/" + study::keyText(Key) + ".sfi";
  }
};

/// A study with its points, before anything has run. Made on one thread.
struct StudyPlan {
  study::Study Study;
  std::vector<study::Point> Points; ///< refer to Study
  /// Per point. A point whose chip contradicts itself has an entry in Broken
  /// and a key of its own.
  std::vector<study::PointKeys> Keys;
  std::map<size_t, Errors> Broken;
  std::vector<report::FileMark> Inputs;
  /// Image key -> the first point that has it: the image is compiled for that
  /// one's chip, so that it does not matter who comes first.
  std::map<uint64_t, size_t> FirstOfImage;
  size_t Distinct = 0; ///< points with different keys, broken ones included
  size_t Networks = 0; ///< different networks among them

  StudyPlan() = default;
  StudyPlan(StudyPlan &&) = default; ///< Points stay valid: vectors move whole

  /// Reads the files that a study names; every mistake at once.
  static Result<StudyPlan> make(study::Study Study);
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_STUDYPLAN_H
