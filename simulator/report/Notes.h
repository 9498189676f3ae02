//===- simulator/report/Notes.h - What a reader must be told ----*- C++ -*-===//
//
// Sentences that follow from the figures of a run and keep them from being read
// for more than they are. Every sentence is composed from counts; none is
// printed because a certain model ran.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_NOTES_H
#define SYNFIRE_SIMULATOR_REPORT_NOTES_H

#include <string>
#include <vector>

namespace synfire::report {

struct Analysis;

/// The notes of \p A (all fields but Notes are filled), most important first.
std::vector<std::string> composeNotes(const Analysis &A);

/// What spikes drive on the chip: the sentence that stands next to the paper's
/// figure.
std::string spikeDrivenNote(const Analysis &A);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_NOTES_H
