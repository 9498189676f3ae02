//===- tools/synfire/StudyRunner.h - One point after the other --*- C++ -*-===//
//
// What a process of `synfire explore` does with a point: compile an image, or
// take the one of a chip that the compiler cannot tell from this one; run the
// network, or take the events of another run of the same partition; replay them
// on this chip. What several points need is made once, by whoever comes first.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_STUDYRUNNER_H
#define SYNFIRE_TOOLS_SYNFIRE_STUDYRUNNER_H

#include "simulator/study/PointResult.h"
#include "tools/synfire/StudyPlan.h"

#include <memory>

namespace synfire::tools {

/// What was done for a point, beside its figures.
struct PointWork {
  uint32_t Images = 0;      ///< compiled
  uint32_t NetworkRuns = 0; ///< runs of the whole network
  uint32_t Replays = 0;
};

class StudyRunner {
public:
  /// \p Plan must outlive it. \p Threads are for what runs on several.
  StudyRunner(const StudyPlan &Plan, StudyFolder Folder, uint32_t Threads);
  ~StudyRunner();

  /// Does point \p Index and writes its folder, unless it failed.
  study::PointResult run(size_t Index, PointWork &Work);

private:
  class Workshop;
  std::unique_ptr<Workshop> Held;
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_STUDYRUNNER_H
