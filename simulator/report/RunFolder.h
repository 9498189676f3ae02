//===- simulator/report/RunFolder.h - The files of a run --------*- C++ -*-===//

#ifndef SYNFIRE_SIMULATOR_REPORT_RUNFOLDER_H
#define SYNFIRE_SIMULATOR_REPORT_RUNFOLDER_H

#include "simulator/report/Analysis.h"
#include "simulator/report/Manifest.h"

#include <nlohmann/json_fwd.hpp>

namespace synfire::report {

/// Writes summary.json, stats.csv, report.html and, when time was simulated,
/// ticks.csv of \p A into the existing folder \p Folder and, last,
/// manifest.json of \p About, to whose outputs they are added (others, such as
/// outputs.npz, are listed by the caller). Each file appears only when it is
/// complete. Returns the summary.
Result<nlohmann::ordered_json>
writeRunFolder(const std::string &Folder, const Analysis &A, Manifest About);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_RUNFOLDER_H
