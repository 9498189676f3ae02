//===- tools/synfire/CompileSteps.h - From a model to a mapping -*- C++ -*-===//
//
// The steps that `synfire compile` and `synfire explore` share.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_COMPILESTEPS_H
#define SYNFIRE_TOOLS_SYNFIRE_COMPILESTEPS_H

#include "compiler/lowering/Compile.h"
#include "simulator/study/CompileChoices.h"
#include "targets/ChipSpec.h"
#include "tools/synfire/ImageMetadata.h"
#include "tools/synfire/Model.h"
#include "tools/synfire/Texts.h"

#include <map>

namespace synfire::tools {

using study::CompileChoices;

/// The placements by the names that a user gives them.
extern const std::map<std::string, compiler::Placing> Placements;

/// openModel() of a form that can be compiled.
Result<Model> openForCompile(const ModelOptions &Options);

/// What the metadata says of the model and the options.
ImageMetadata describeImage(const CompileChoices &Choices, const Model &M,
                            const ChipSpec &Chip);

/// The passes in front of the calibration.
Status simplify(Model &M, const CompileChoices &Choices);
/// Finds the scales on \p Text.
Status calibrate(Model &M, compiler::WeightFiles &Files,
                 const WindowedText &Text);
/// \p ExponentBits: those of the chip's weights (core.weight_exponent_bits).
Status quantize(Model &M, const CompileChoices &Choices,
                compiler::WeightFiles &Files, unsigned ExponentBits);

/// Whether the quantised \p Network can run on \p Chip at all.
Status checkRuns(spike::NetworkOp Network, compiler::WeightFiles &Files,
                 const ChipSpec &Chip);
/// compileToChip() as \p Choices say.
Result<mapping::FitReport> mapOnto(mlir::ModuleOp Module, const ChipSpec &Chip,
                                   const CompileChoices &Choices);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_COMPILESTEPS_H
