//===- tools/synfire/Architectures.h - Importers by name --------*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_ARCHITECTURES_H
#define SYNFIRE_TOOLS_SYNFIRE_ARCHITECTURES_H

#include "models/checkpoint/Checkpoint.h"
#include "tools/synfire/Model.h"

namespace synfire::tools {

/// Imports \p File into \p M with the importer that M.Architecture names, or if
/// it names none, the one whose tensor names the file has. Rules
/// `model-architecture`, `model-form`.
Status importBy(Model &M, const ModelOptions &Options,
                const checkpoint::Checkpoint &File);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_ARCHITECTURES_H
