//===- compiler/transforms/PopulationEdit.h - Change a population -*- C++ -*-=//
//
// A population's operands, results and program change together; MLIR ops keep
// their number of results for life. An edit collects the changes and builds
// the new op.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_POPULATIONEDIT_H
#define SYNFIRE_COMPILER_TRANSFORMS_POPULATIONEDIT_H

#include "dialects/spike/Spike.h"

#include <optional>
#include <vector>

namespace synfire::compiler {

/// Name of the attribute that calibration leaves on a population: one entry
/// per result, `[absmax, p9999, min]` for currents, `[]` for events.
inline constexpr llvm::StringLiteral RangesAttr = "spike.ranges";
/// Attribute of a population that stands for others as well: a dictionary from
/// the name of a merged result to the name of the result that replaces it.
inline constexpr llvm::StringLiteral AliasesAttr = "spike.aliases";

/// One result of the population being built.
struct EditedResult {
  mlir::StringAttr Name;
  mlir::Type Type;
  mlir::Value Yielded;                   ///< in the program
  std::optional<unsigned> ReplacesIndex; ///< the old result it replaces
  mlir::Attribute Range;                 ///< calibrated range, or null
};

class PopulationEdit {
public:
  explicit PopulationEdit(spike::PopulationOp Old);

  mlir::Block &program() { return Old.getBody().front(); }
  mlir::OpBuilder atStart() {
    return mlir::OpBuilder::atBlockBegin(&program());
  }
  mlir::OpBuilder atEnd() { return mlir::OpBuilder(program().getTerminator()); }

  /// The region argument for \p V, which is added when the population does not
  /// read it yet.
  mlir::BlockArgument addInput(mlir::Value V);
  mlir::BlockArgument addParam(mlir::Value V);
  mlir::BlockArgument addState(float Init);
  /// The state's value after the step.
  void setNextState(mlir::BlockArgument State, mlir::Value Next);

  /// Makes input \p I read \p V, of another type, and the program read what
  /// \p Decode makes of the argument.
  void decodeInput(unsigned I, mlir::Value V,
                   llvm::function_ref<mlir::Value(mlir::Value)> Decode);
  /// Replaces what the program reads as input \p I by \p Inner; the input goes.
  void replaceInput(unsigned I, mlir::Value Inner);
  /// Replaces \p From, a value of the program, everywhere.
  void replaceValue(mlir::Value From, mlir::Value To);
  /// What the population reads as \p Arg, an input or a param.
  mlir::Value valueOf(mlir::BlockArgument Arg) const;
  /// Adds names that the population stands for.
  void addAliases(mlir::DictionaryAttr Aliases);

  /// Results in order; may be changed at will.
  std::vector<EditedResult> Results;

  /// Builds the new population before the old one and replaces the uses of the
  /// results that have a successor. Inputs and params that the program no
  /// longer reads go. The old op is left without a program; with \p EraseOld
  /// false it stays so, for results that are still read.
  spike::PopulationOp finish(bool EraseOld = true);

private:
  void dropUnused();
  /// In what is yielded.
  void replaceYielded(mlir::Value From, mlir::Value To);

  spike::PopulationOp Old;
  llvm::SmallVector<mlir::Value> Inputs, Params;
  llvm::SmallVector<float> Init;
  llvm::SmallVector<mlir::Value> NextStates;
};

/// The calibrated range of result \p I of \p P, or null.
mlir::DenseF32ArrayAttr rangeOf(spike::PopulationOp P, unsigned I);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_POPULATIONEDIT_H
