//===- tools/synfire/MadeOnce.h - A file that one process makes -*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_MADEONCE_H
#define SYNFIRE_TOOLS_SYNFIRE_MADEONCE_H

#include "targets/Status.h"

#include <functional>
#include <string>

namespace synfire::tools {

/// Has \p Make write the file \p Path, under a temporary name in \p Work on the
/// same file system, unless it is there. Of several processes one makes it and
/// the others wait; when that one dies, the next one tries. A failure is kept
/// in \p Work and told to all. Returns whether this call made it.
Result<bool> makeOnce(const std::string &Path, const std::string &Work,
                      const std::function<Status(const std::string &)> &Make);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_MADEONCE_H
