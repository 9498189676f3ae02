//===- simulator/study/AxisValues.h - The steps of an axis ------*- C++ -*-===//

#ifndef SYNFIRE_SIMULATOR_STUDY_AXISVALUES_H
#define SYNFIRE_SIMULATOR_STUDY_AXISVALUES_H

#include "simulator/study/StudyFile.h"
#include "targets/ChipYaml.h"

namespace synfire::study {

/// A number with the unit behind it: `32KiB` is 32 and `KiB`.
struct UnitNumber {
  double Number = 0;
  std::string Unit;
};
/// Nothing when \p Text does not start with a decimal number.
std::optional<UnitNumber> splitUnit(std::string_view Text);

/// \p Value as YAML on one line, for `--set`.
std::string flowText(const yaml::Node &Value);

/// An item of `axes`: `key` with `values`, `keys` with lists of values, or
/// `key` with `from`, `to` and either `steps` (evenly, both ends included) or
/// `factor` (each value times the last one, up to `to`).
std::optional<Axis> readAxis(const yaml::Node &Item, Errors &Out);

} // namespace synfire::study

#endif // SYNFIRE_SIMULATOR_STUDY_AXISVALUES_H
