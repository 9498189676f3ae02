//===- simulator/report/FitTable.h - Used and available ---------*- C++ -*-===//

#ifndef SYNFIRE_SIMULATOR_REPORT_FITTABLE_H
#define SYNFIRE_SIMULATOR_REPORT_FITTABLE_H

#include "simulator/report/RunData.h"

namespace synfire::report {

/// What \p I needs of every limit of \p Spec on its fullest core, counted as
/// image::checkAgainst() counts it, then cores and chips.
std::vector<FitData> fitOf(const image::Image &I, const ChipSpec &Spec);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_FITTABLE_H
