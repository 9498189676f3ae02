//===- compiler/lowering/ChipRoutes.h - Places and routes -------*- C++ -*-===//
//
// Places and routes of a chip.system as the records of compiler/mapping.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_LOWERING_CHIPROUTES_H
#define SYNFIRE_COMPILER_LOWERING_CHIPROUTES_H

#include "compiler/lowering/ChipMapping.h"
#include "compiler/mapping/RouteProblem.h"

namespace synfire::compiler {

/// Fails with `chip-not-placed` while a core has no place.
Result<mapping::Placement> placementOf(const ChipMapping &From);

/// The routes of all flows; without hops where a flow has none yet.
mapping::Routes routesOf(chip::SystemOp System);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_LOWERING_CHIPROUTES_H
