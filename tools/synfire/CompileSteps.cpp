//===- CompileSteps.cpp - From a model to a mapping -----------------------===//

#include "tools/synfire/CompileSteps.h"

#include "compiler/transforms/Calibration.h"
#include "compiler/transforms/Classification.h"
#include "compiler/transforms/Pipeline.h"
#include "compiler/transforms/TargetCheck.h"
#include "compiler/transforms/WeightExponents.h"
#include "models/spikellm/SpikeLlmConfig.h"
#include "tools/synfire/Diagnostics.h"

#include "mlir/Pass/PassManager.h"

#include <filesystem>
#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

const std::map<std::string, compiler::Placing> tools::Placements = {
    {"space-filling", compiler::Placing::SpaceFilling},
    {"row-major", compiler::Placing::RowMajor},
    {"shuffled", compiler::Placing::Shuffled}};

/// Runs the passes that \p Add adds; diagnostics become errors.
template <typename Adder>
static Status runPasses(Model &M, const char *Rule, Adder Add) {
  DiagnosticCollector Found(*M.Context, Rule);
  mlir::PassManager PM(M.Context.get());
  Add(PM);
  if (mlir::failed(PM.run(*M.Module)))
    return Found.take(M.Path, "the compiler failed without a reason; this is a "
                              "fault of Synfire, please report it");
  return {};
}

Result<Model> tools::openForCompile(const ModelOptions &Options) {
  Result<Model> M = openModel(Options);
  if (M && M->Form == "public-run")
    return Error{Options.Path, "compile-form",
                 "the public run form can be interpreted (synfire reference), "
                 "not compiled; compile the training form"};
  return M;
}

ImageMetadata tools::describeImage(const CompileChoices &Choices,
                                   const Model &M, const ChipSpec &Chip) {
  ImageMetadata About;
  About.Tool = "synfire " SYNFIRE_VERSION;
  About.Architecture = M.Architecture;
  About.ModelFile = std::filesystem::path(M.Path).filename().string();
  About.ModelHash = M.Hash;
  About.Parameters = M.Parameters;
  About.Reading = M.Reading;
  About.Dt = M.Dt;
  About.Layers = static_cast<uint32_t>(M.Shape.Layers);
  About.Width = static_cast<uint32_t>(M.Shape.Width);
  About.Hidden = static_cast<uint32_t>(M.Shape.Hidden);
  About.Vocabulary = static_cast<uint32_t>(M.Shape.Vocabulary);
  About.Context = static_cast<uint32_t>(M.Card.EvaluateWindow.value_or(0));
  if (M.Architecture == "spikellm")
    if (auto Codes = models::SpikeLlmConfig::besides(M.Path))
      About.Codes = {static_cast<uint32_t>(Codes->WeightBits),
                     static_cast<uint32_t>(Codes->Bits),
                     static_cast<uint32_t>(Codes->AddBits), Codes->LowShare};
  mlir::ModuleOp Module = M.Module.get();
  auto Network = *Module.getOps<spike::NetworkOp>().begin();
  for (spike::InputOp In : Network.getOps<spike::InputOp>())
    if (auto Shape = In.getShape())
      About.InputShapes[In.getName().str()] = {Shape->begin(), Shape->end()};
  About.TargetName = Chip.Name;
  About.TargetHash = Chip.hash();
  About.Placement = Choices.Placement;
  if (Choices.Spread)
    About.Placement += fmt::format(", spread over {} chips", *Choices.Spread);
  About.Seed = Choices.Seed;
  About.ActivationBits = Choices.ActivationBits;
  About.WeightBits = Choices.WeightBits;
  About.Symbols = symbolsOf(M);
  return About;
}

Status tools::simplify(Model &M, const CompileChoices &Choices) {
  return runPasses(M, "spike-simplify", [&](mlir::PassManager &PM) {
    compiler::addSimplifyPasses(PM, {Choices.DeferNorms});
  });
}

Status tools::calibrate(Model &M, compiler::WeightFiles &Files,
                        const WindowedText &Text) {
  return compiler::calibrate(M.network(), Text.Windows, Files);
}

Status tools::quantize(Model &M, const CompileChoices &Choices,
                       compiler::WeightFiles &Files, unsigned ExponentBits) {
  if (ExponentBits)
    if (Status S = compiler::chooseWeightExponents(
            M.network(), Files, Choices.WeightBits, ExponentBits);
        !S)
      return S;
  compiler::QuantizeOptionsSet Bits;
  Bits.ActivationBits = Choices.ActivationBits;
  Bits.WeightBits = Choices.WeightBits;
  return runPasses(M, "spike-quantize", [&](mlir::PassManager &PM) {
    compiler::addQuantizePasses(PM, Bits);
  });
}

Status tools::checkRuns(spike::NetworkOp Network, compiler::WeightFiles &Files,
                        const ChipSpec &Chip) {
  if (Status S = compiler::checkTarget(Network, Chip); !S)
    return S;
  auto Linears =
      compiler::classifyLinears(Network, Files, Chip.Core.AccumulatorBits);
  return Linears ? Status() : Status(Linears.errors());
}

Result<mapping::FitReport> tools::mapOnto(mlir::ModuleOp Module,
                                          const ChipSpec &Chip,
                                          const CompileChoices &Choices) {
  compiler::MappingOptions Mapping;
  Mapping.Placement = Placements.at(Choices.Placement);
  Mapping.Seed = Choices.Seed;
  Mapping.SpreadOver = Choices.Spread;
  return compiler::compileToChip(Module, Chip, Mapping);
}
