//===- tools/synfire/Diagnostics.h - MLIR diagnostics as Errors -*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_DIAGNOSTICS_H
#define SYNFIRE_TOOLS_SYNFIRE_DIAGNOSTICS_H

#include "targets/Status.h"

#include "mlir/IR/Diagnostics.h"

namespace synfire::tools {

/// Collects what MLIR reports while it lives; the op's name or the place in the
/// file says where.
class DiagnosticCollector {
public:
  /// Errors carry \p Rule.
  DiagnosticCollector(mlir::MLIRContext &Context, std::string Rule);

  /// The errors so far; when there is none, one that says \p Otherwise of
  /// \p Where.
  Errors take(const std::string &Where, const std::string &Otherwise);

private:
  std::string Rule;
  Errors Found;
  mlir::ScopedDiagnosticHandler Handler;
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_DIAGNOSTICS_H
