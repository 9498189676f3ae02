//===- compiler/mapping/CheckWindow.h - Shapes of convolutions --*- C++ -*-===//
//
// What the shape of a convolution must be like to be mapped.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_CHECKWINDOW_H
#define SYNFIRE_COMPILER_MAPPING_CHECKWINDOW_H

#include "compiler/mapping/Workload.h"
#include "targets/Status.h"

namespace synfire::mapping {

/// Mistakes of the shape of \p E, a Window edge whose source and target exist:
/// `workload-window` (zero sizes, groups that do not divide the channels, a
/// pooling that is none) and `workload-size` (more places than the source has
/// neurons, another number of targets than the target has).
Errors checkWindow(const Workload &Net, const Edge &E);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_CHECKWINDOW_H
