//===- simulator/study/Pareto.h - What nothing else beats -------*- C++ -*-===//

#ifndef SYNFIRE_SIMULATOR_STUDY_PARETO_H
#define SYNFIRE_SIMULATOR_STUDY_PARETO_H

#include <array>
#include <cstddef>
#include <vector>

namespace synfire::study {

/// Three figures of which less is better.
using Objectives = std::array<double, 3>;

/// Whether each of \p Points is on the front: no other one is at most as large
/// in every figure and smaller in one. Equal points are on it together; a point
/// with a figure that is not finite is never on it.
std::vector<bool> paretoFront(const std::vector<Objectives> &Points);

} // namespace synfire::study

#endif // SYNFIRE_SIMULATOR_STUDY_PARETO_H
