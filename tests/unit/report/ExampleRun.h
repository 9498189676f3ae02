//===- tests/unit/report/ExampleRun.h - A run made by hand ------*- C++ -*-===//

#ifndef SYNFIRE_TESTS_UNIT_REPORT_EXAMPLERUN_H
#define SYNFIRE_TESTS_UNIT_REPORT_EXAMPLERUN_H

#include "simulator/report/RunData.h"

namespace synfire::report {

/// A SpikeGPT of 4 layers and 128 channels on two cores of a Loihi 2, 64
/// tokens, both modes timed. Its counts are consistent; its values are made up.
RunData exampleRun();

} // namespace synfire::report

#endif // SYNFIRE_TESTS_UNIT_REPORT_EXAMPLERUN_H
