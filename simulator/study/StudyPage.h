//===- simulator/study/StudyPage.h - study.html -----------------*- C++ -*-===//
//
// The study as one page that loads nothing: the front, what each axis did, the
// points as a table that can be sorted, what has no figures and why, inputs.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_STUDY_STUDYPAGE_H
#define SYNFIRE_SIMULATOR_STUDY_STUDYPAGE_H

#include "simulator/report/Manifest.h"
#include "simulator/study/StudyTable.h"

namespace synfire::study {

/// \p Inputs are the files that went in; \p Planned the points of the study,
/// reached or not.
std::string studyPage(const StudyTable &Table,
                      const std::vector<report::FileMark> &Inputs,
                      size_t Planned);

} // namespace synfire::study

#endif // SYNFIRE_SIMULATOR_STUDY_STUDYPAGE_H
