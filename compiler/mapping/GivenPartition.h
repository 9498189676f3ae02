//===- compiler/mapping/GivenPartition.h - From outside ---------*- C++ -*-===//
//
// A network whose file says which core each population lies on.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_GIVENPARTITION_H
#define SYNFIRE_COMPILER_MAPPING_GIVENPARTITION_H

#include "compiler/mapping/PartitionProblem.h"

namespace synfire::mapping {

/// Each population whole on its core of \p Given; logical cores ascend by
/// those. What does not fit so is a misfit.
Partition partitionAsGiven(const PartitionProblem &Problem,
                           const std::vector<CoreId> &Given);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_GIVENPARTITION_H
