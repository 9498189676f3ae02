//===- CompileCommand.cpp - synfire compile -------------------------------===//
//
// checkpoint -> spike IR -> calibrated and quantised -> chip IR -> image, with
// the quality that quantisation leaves.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"
#include "tools/synfire/Diagnostics.h"
#include "tools/synfire/ImageMetadata.h"
#include "tools/synfire/Model.h"
#include "tools/synfire/Texts.h"

#include "compiler/emit/EmitImage.h"
#include "compiler/lowering/Compile.h"
#include "compiler/transforms/Calibration.h"
#include "compiler/transforms/Classification.h"
#include "compiler/transforms/Pipeline.h"
#include "compiler/transforms/TargetCheck.h"
#include "targets/ChipSpec.h"

#include "mlir/Pass/PassManager.h"

#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <unistd.h>

using namespace synfire;
using namespace synfire::tools;

namespace {
struct CompileOptions {
  ModelOptions Model;
  std::string Target;
  std::vector<std::string> Overrides;
  std::string Calibrate, Evaluate, Output;
  std::string Placement = "space-filling";
  uint64_t Seed = 0;
  std::optional<uint32_t> Spread;
  uint32_t ActivationBits = 8, WeightBits = 8;
  bool DeferNorms = false, Quiet = false;
};

const std::map<std::string, compiler::Placing> Placements = {
    {"space-filling", compiler::Placing::SpaceFilling},
    {"row-major", compiler::Placing::RowMajor},
    {"shuffled", compiler::Placing::Shuffled}};

/// Says on a terminal what is being done; quiet in a pipe.
class Progress {
public:
  explicit Progress(bool Quiet) : Shown(!Quiet && isatty(STDERR_FILENO)) {}
  void stage(const char *What) {
    auto Now = std::chrono::steady_clock::now();
    if (Shown)
      fmt::print(stderr, "[{:6.1f} s] {}\n",
                 std::chrono::duration<double>(Now - Start).count(), What);
  }

private:
  bool Shown;
  std::chrono::steady_clock::time_point Start =
      std::chrono::steady_clock::now();
};

/// Runs the passes that \p Add adds; diagnostics become errors.
template <typename Adder>
Status runPasses(Model &M, const char *Rule, Adder Add) {
  DiagnosticCollector Found(*M.Context, Rule);
  mlir::PassManager PM(M.Context.get());
  Add(PM);
  if (mlir::failed(PM.run(*M.Module)))
    return Found.take(M.Path, "the compiler failed without a reason; this is a "
                              "fault of Synfire, please report it");
  return {};
}

/// What the metadata says of the model and the options.
ImageMetadata describe(const CompileOptions &O, const Model &M,
                       const ChipSpec &Chip) {
  ImageMetadata About;
  About.Tool = "synfire " SYNFIRE_VERSION;
  About.Architecture = M.Architecture;
  About.ModelFile = std::filesystem::path(M.Path).filename().string();
  About.ModelHash = M.Hash;
  About.Parameters = M.Parameters;
  About.Layers = static_cast<uint32_t>(M.Shape.Layers);
  About.Width = static_cast<uint32_t>(M.Shape.Width);
  About.Hidden = static_cast<uint32_t>(M.Shape.Hidden);
  About.Vocabulary = static_cast<uint32_t>(M.Shape.Vocabulary);
  About.Context = static_cast<uint32_t>(M.Card.EvaluateWindow.value_or(0));
  About.TargetName = Chip.Name;
  About.TargetHash = Chip.hash();
  About.Placement = O.Placement;
  if (O.Spread)
    About.Placement += fmt::format(", spread over {} chips", *O.Spread);
  About.Seed = O.Seed;
  About.ActivationBits = O.ActivationBits;
  About.WeightBits = O.WeightBits;
  About.Symbols = symbolsOf(M);
  return About;
}

/// One line on what quantisation costs.
std::string qualityLine(const ImageMetadata &M) {
  if (M.FloatBits)
    return fmt::format("quality  {:.4f} bits per token float, {:.4f} quantised "
                       "({:+.2f} %), {} tokens of {}\n",
                       *M.FloatBits, *M.QuantizedBits,
                       100 * (*M.QuantizedBits / *M.FloatBits - 1),
                       M.EvaluationTokens, M.EvaluationText);
  return fmt::format("quality  {:.1f} % of largest logits unchanged by "
                     "quantisation ({} {}; no text was given)\n",
                     100 * *M.ArgmaxAgreement, M.EvaluationTokens,
                     M.EvaluationText);
}

Status compile(const CompileOptions &O) {
  Progress Say(O.Quiet);
  Result<ChipSpec> Chip = ChipSpec::load(O.Target, O.Overrides);
  if (!Chip)
    return Chip.errors();
  Say.stage("importing");
  Result<Model> M = openModel(O.Model);
  if (!M)
    return M.errors();
  if (M->Form == "public-run")
    return Error{O.Model.Path, "compile-form",
                 "the public run form can be interpreted (synfire reference), "
                 "not compiled; compile the training form"};
  compiler::WeightFiles Files(M->Folder);

  ImageMetadata About = describe(O, *M, *Chip);

  Say.stage("measuring the float network");
  Result<WindowedText> Evaluate = evaluationText(*M, O.Evaluate, O.Seed);
  if (!Evaluate)
    return Evaluate.errors();
  Result<Prediction> Float = predict(M->network(), Files, *Evaluate);
  if (!Float)
    return Float.errors();
  if (Status S = runPasses(*M, "spike-simplify",
                           [&](mlir::PassManager &PM) {
                             compiler::addSimplifyPasses(PM, {O.DeferNorms});
                           });
      !S)
    return S;

  Say.stage("calibrating");
  Result<WindowedText> Text = calibrationText(*M, O.Calibrate, O.Seed);
  if (!Text)
    return Text.errors();
  About.CalibrationText = Text->Name;
  About.CalibrationTokens = Text->numTokens();
  if (Status S = compiler::calibrate(M->network(), Text->Windows, Files); !S)
    return S;
  Say.stage("quantising");
  compiler::QuantizeOptionsSet Bits;
  Bits.ActivationBits = O.ActivationBits;
  Bits.WeightBits = O.WeightBits;
  if (Status S = runPasses(*M, "spike-quantize",
                           [&](mlir::PassManager &PM) {
                             compiler::addQuantizePasses(PM, Bits);
                           });
      !S)
    return S;
  if (Status S = compiler::checkTarget(M->network(), *Chip); !S)
    return S;
  if (auto Linears = compiler::classifyLinears(M->network(), Files,
                                               Chip->Core.AccumulatorBits);
      !Linears)
    return Linears.errors();

  Say.stage("measuring the quantised network");
  Result<Prediction> Quantized = predict(M->network(), Files, *Evaluate);
  if (!Quantized)
    return Quantized.errors();
  describeQuality(*Evaluate, *Float, *Quantized, About);

  Say.stage("mapping");
  compiler::MappingOptions Mapping;
  Mapping.Placement = Placements.at(O.Placement);
  Mapping.Seed = O.Seed;
  Mapping.SpreadOver = O.Spread;
  auto Fit = compiler::compileToChip(*M->Module, *Chip, Mapping);
  if (!Fit)
    return Fit.errors();
  if (!Fit->fits()) {
    fmt::print(stderr, "{}", Fit->table());
    return Fit->error();
  }

  Say.stage("emitting");
  if (Status S = compiler::emitImage(*M->Module, *Chip, Files, {About.toJson()},
                                     O.Output);
      !S)
    return S;
  if (!O.Quiet) {
    fmt::print("{}", Fit->table());
    fmt::print("{}", qualityLine(About));
  }
  return {};
}
} // namespace

void synfire::tools::addCompile(CLI::App &App, Action &Chosen) {
  auto O = std::make_shared<CompileOptions>();
  CLI::App *Command =
      App.add_subcommand("compile", "compile a network to a chip image");
  O->Model.addTo(*Command);
  Command
      ->add_option("--target", O->Target,
                   "chip by name (synfire targets) or .yaml file")
      ->required();
  Command
      ->add_option("--set", O->Overrides,
                   "override of the target, such as noc.link_width_bits=64")
      ->allow_extra_args(false);
  Command->add_option("--calibrate", O->Calibrate,
                      "text or token ids (.npy) that scales are found on");
  Command->add_option("--evaluate", O->Evaluate,
                      "text or token ids (.npy) that quality is measured on");
  Command
      ->add_option("--activation-bits", O->ActivationBits,
                   "width of the events that matrices read, 2 to 16")
      ->check(CLI::Range(2, 16));
  Command
      ->add_option("--weight-bits", O->WeightBits,
                   "width of a stored weight, 2 to 8")
      ->check(CLI::Range(2, 8));
  Command->add_flag("--defer-norms", O->DeferNorms,
                    "scale by norms behind matrices: fewer levels, coarser "
                    "activations");
  Command
      ->add_option("--placement", O->Placement,
                   "space-filling, row-major or shuffled")
      ->check(CLI::IsMember(&Placements));
  Command->add_option("--spread", O->Spread,
                      "share the work evenly among the cores of this many "
                      "chips (0: of as many as it takes), instead of filling "
                      "cores");
  Command->add_option("--seed", O->Seed, "seed of every random choice");
  Command->add_option("-o,--output", O->Output, "image to write")->required();
  Command->add_flag("-q,--quiet", O->Quiet, "print nothing but errors");
  Command->callback([O, &Chosen] { Chosen = [O] { return compile(*O); }; });
}
