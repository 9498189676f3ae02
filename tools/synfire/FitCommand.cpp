//===- FitCommand.cpp - synfire fit ---------------------------------------===//
//
// Does a network fit a chip? The importers, the passes and the mapping of
// `synfire compile`, without what takes long: no calibration, no image, and of
// a shape no weights either.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"
#include "tools/synfire/CompileSteps.h"
#include "tools/synfire/FitSummary.h"
#include "tools/synfire/GraphFiles.h"

#include "compiler/lowering/FitNetwork.h"
#include "compiler/transforms/Calibration.h"
#include "compiler/transforms/SplitChannels.h"
#include "compiler/transforms/TargetCheck.h"
#include "compiler/transforms/ToFixedPoint.h"
#include "compiler/transforms/ValueRanges.h"
#include "compiler/transforms/WeightExponents.h"
#include "models/generate/DeclaredShape.h"

#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <sys/resource.h>

using namespace synfire;
using namespace synfire::tools;

namespace {
struct FitOptions {
  ModelOptions Model;
  std::string Shape, Target;
  std::vector<std::string> Overrides;
  CompileChoices Choices;
  std::optional<int> WeightBits;
  bool WorstSums = false, AsJson = false;
};

Result<Model> openShape(const FitOptions &O) {
  if (!O.Model.Form.empty() || !O.Model.Prefix.empty())
    return Error{O.Shape, "fit-model",
                 "--form and --prefix say how to read a checkpoint; leave them "
                 "out with --model-shape"};
  models::ShapeChanges Changes;
  Changes.Architecture = O.Model.Architecture;
  Changes.Positions = O.Model.Positions;
  Changes.WeightBits = O.WeightBits;
  auto Shape = models::readShape(O.Shape, Changes);
  if (!Shape)
    return Shape.errors();
  auto Declared = models::declareNetwork(*Shape);
  if (!Declared)
    return Declared.errors();
  ModelOptions Options = O.Model;
  Options.Positions = 0; // the shape has them
  return importDeclared(*Declared, Shape->Architecture, Options);
}

/// Sum widths, from the weights if there are any.
Result<compiler::UnprovenSums> provenSums(const FitOptions &O, Model &M,
                                          const ChipSpec &Chip) {
  if (O.WorstSums || !O.Shape.empty())
    return compiler::classifyByType(M.network(), Chip.Core.AccumulatorBits);
  compiler::WeightFiles Files(M.Folder);
  auto Linears =
      compiler::classifyLinears(M.network(), Files, Chip.Core.AccumulatorBits);
  if (!Linears)
    return Linears.errors();
  return compiler::UnprovenSums();
}

Status fit(const FitOptions &O) {
  auto Start = std::chrono::steady_clock::now();
  if (O.Model.Path.empty() == O.Shape.empty())
    return Error{"synfire fit", "fit-model",
                 "give either a model or --model-shape"};
  Result<ChipSpec> Chip = ChipSpec::load(O.Target, O.Overrides);
  if (!Chip)
    return Chip.errors();
  ModelOptions Options = O.Model;
  Options.MeshHeight = Chip->Noc.Height;
  Result<Model> M = O.Shape.empty() ? openForCompile(Options) : openShape(O);
  if (!M)
    return M.errors();
  CompileChoices Choices = O.Choices;
  // Codes of a spikellm have the width that its shape says; what is left,
  // embedding and head, is stored as `synfire compile` does by default.
  if (O.WeightBits && (O.Shape.empty() || M->Architecture != "spikellm"))
    Choices.WeightBits = static_cast<unsigned>(*O.WeightBits);
  const auto Splits = compiler::splitChannels(
      M->network(), compiler::KernelRoom::of(*Chip, Choices.WeightBits));
  if (Status S = simplify(*M, Choices); !S)
    return S;
  FitSummary Out;
  Out.AssumedRanges = compiler::assumeRanges(M->network());
  if (Chip->Core.WeightExponentBits)
    compiler::assumeWeightExponents(M->network());
  compiler::WeightFiles NoFiles;
  if (Status S = quantize(*M, Choices, NoFiles, /*ExponentBits=*/0); !S)
    return S;
  const bool Fixed = Chip->Neuron.Numbers == Arithmetic::Fixed;
  if (Status S = compiler::checkTarget(M->network(), *Chip); !S && !Fixed)
    return S;
  auto Sums = provenSums(O, *M, *Chip);
  if (!Sums)
    return Sums.errors();
  if (Fixed) {
    compiler::expandFunctions(M->network());
    compiler::assumeValueRanges(M->network());
    if (auto Done = compiler::toFixedPoint(M->network(), Chip->Neuron); !Done)
      return Done.errors();
    if (Status S = compiler::checkTarget(M->network(), *Chip); !S)
      return withImportOptions(S.errors(), *M, O.Model);
  }
  auto Fit = compiler::fitNetwork(M->network(), *Chip, Choices.Spread);
  if (!Fit)
    return Fit.errors();

  Out.Network = O.Shape.empty() ? O.Model.Path : O.Shape;
  Out.Architecture = M->Architecture;
  Out.Parameters = M->Parameters;
  Out.Target = Chip->Name;
  Out.WeightsDeclared = !O.Shape.empty();
  Out.WorstSums = O.WorstSums || Out.WeightsDeclared;
  Out.AccumulatorBits = Chip->Core.AccumulatorBits;
  Out.Unproven = *Sums;
  Out.Fit = std::move(Fit->Report);
  Out.Total = Fit->Total;
  Out.Seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - Start)
          .count();
  rusage Usage{};
  getrusage(RUSAGE_SELF, &Usage);
  Out.PeakBytes = static_cast<uint64_t>(Usage.ru_maxrss) * 1024;
  fmt::print("{}", O.AsJson ? Out.json() : Out.text());
  if (!O.AsJson)
    for (const compiler::ChannelSplit &S : Splits)
      fmt::print("split    {}\n", S.text());
  return Out.Fit.fits() ? Status() : Status(Out.Fit.error());
}
} // namespace

void synfire::tools::addFit(CLI::App &App, Action &Chosen) {
  auto O = std::make_shared<FitOptions>();
  CLI::App *Command = App.add_subcommand(
      "fit", "say whether a network fits a chip, without compiling it: of a "
             "model, or of sizes alone");
  O->Model.addTo(*Command);
  Command->get_option("model")->required(false);
  Command->add_option("--model-shape", O->Shape,
                      "in place of a model: a published size such as "
                      "spikellm-7b or spikelm-base, or a config.json; no "
                      "weights are needed");
  Command
      ->add_option("--target", O->Target,
                   "chip by name (synfire targets) or .yaml file")
      ->required();
  Command
      ->add_option("--set", O->Overrides,
                   "override of the target, such as core.unified_bytes=262144")
      ->allow_extra_args(false);
  Command
      ->add_option("--activation-bits", O->Choices.ActivationBits,
                   "width of the events that matrices read, 2 to 16")
      ->check(CLI::Range(2, 16));
  Command
      ->add_option("--weight-bits", O->WeightBits,
                   "width of a weight, 2 to 8; of a spikellm shape that of "
                   "its codes")
      ->check(CLI::Range(2, 8));
  Command->add_flag("--defer-norms", O->Choices.DeferNorms,
                    "as synfire compile");
  Command->add_option("--spread", O->Choices.Spread, "as synfire compile");
  Command->add_flag("--worst-sums", O->WorstSums,
                    "take the widest sums that the types of weights allow, not "
                    "those of the weights; so it is with a shape");
  Command->add_flag("--json", O->AsJson, "as JSON");
  Command->callback([O, &Chosen] { Chosen = [O] { return fit(*O); }; });
}
