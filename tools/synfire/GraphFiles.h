//===- tools/synfire/GraphFiles.h - Networks of other tools -----*- C++ -*-===//
//
// Files that hold a network as a graph of layers, not as the tensors of a known
// architecture.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_GRAPHFILES_H
#define SYNFIRE_TOOLS_SYNFIRE_GRAPHFILES_H

#include "tools/synfire/Model.h"

namespace synfire::tools {

/// Whether \p Path ends like such a file: `.net` (Lava-DL), `.nir`, `.yaml` or
/// `.yml` (SANA-FE).
bool isGraphFile(const std::string &Path);
bool isSanaFile(const std::string &Path);

/// Imports M.Path into \p M; what was assumed is printed to standard error.
Status importGraphFile(Model &M, const ModelOptions &Options);

/// What a target refused of \p M, with the option that takes it away if the
/// importer of \p M has one.
Errors withImportOptions(Errors Refused, const Model &M,
                         const ModelOptions &Options);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_GRAPHFILES_H
