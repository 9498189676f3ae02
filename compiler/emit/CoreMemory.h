//===- compiler/emit/CoreMemory.h - Weights where they belong ---*- C++ -*-===//

#ifndef SYNFIRE_COMPILER_EMIT_COREMEMORY_H
#define SYNFIRE_COMPILER_EMIT_COREMEMORY_H

#include "compiler/emit/ImageRecords.h"
#include "compiler/lowering/NetworkPlan.h"
#include "compiler/reference/Constants.h"

#include <cstddef>
#include <vector>

namespace synfire::compiler {

/// The memory of core \p Core of \p Records: parameters, and the tiles' weights
/// turned from the model's [target, source] to rows of sources. Safe to call
/// from several threads.
Result<std::vector<std::byte>> coreMemoryOf(const ImageRecords &Records,
                                            size_t Core,
                                            const NetworkPlan &Plan,
                                            Constants &Values);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_EMIT_COREMEMORY_H
