//===- Diagnostics.cpp - MLIR diagnostics as Errors -----------------------===//

#include "tools/synfire/Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

/// `file:line:column`, or the name that the importer gave the op.
static std::string placeOf(mlir::Location Loc) {
  if (auto File = llvm::dyn_cast<mlir::FileLineColLoc>(Loc))
    return fmt::format("{}:{}:{}", File.getFilename().str(), File.getLine(),
                       File.getColumn());
  if (auto Name = llvm::dyn_cast<mlir::NameLoc>(Loc))
    return Name.getName().str();
  if (auto Fused = llvm::dyn_cast<mlir::FusedLoc>(Loc))
    return Fused.getLocations().empty() ? ""
                                        : placeOf(Fused.getLocations().front());
  return "";
}

DiagnosticCollector::DiagnosticCollector(mlir::MLIRContext &Context,
                                         std::string Rule)
    : Rule(std::move(Rule)), Handler(&Context, [this](mlir::Diagnostic &D) {
        if (D.getSeverity() != mlir::DiagnosticSeverity::Error)
          return mlir::success();
        std::string Text = D.str();
        for (const mlir::Diagnostic &Note : D.getNotes())
          Text += "; " + Note.str();
        Found.push_back({placeOf(D.getLocation()), this->Rule, Text});
        return mlir::success();
      }) {}

Errors DiagnosticCollector::take(const std::string &Where,
                                 const std::string &Otherwise) {
  if (Found.empty())
    Found.push_back({Where, Rule, Otherwise});
  return std::move(Found);
}
