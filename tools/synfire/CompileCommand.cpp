//===- CompileCommand.cpp - synfire compile -------------------------------===//
//
// checkpoint -> spike IR -> calibrated and quantised -> chip IR -> image, with
// the quality that quantisation leaves.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"
#include "tools/synfire/CompileSteps.h"
#include "tools/synfire/FixedPoint.h"
#include "tools/synfire/GraphFiles.h"

#include "compiler/emit/EmitImage.h"
#include "compiler/transforms/SplitChannels.h"
#include "compiler/transforms/TargetCheck.h"

#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

using namespace synfire;
using namespace synfire::tools;

namespace {
struct CompileOptions {
  ModelOptions Model;
  std::string Target;
  std::vector<std::string> Overrides;
  std::string Evaluate, Output;
  CompileChoices Choices;
  bool Quiet = false;
};

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

/// One line on what quantisation costs.
std::string qualityLine(const ImageMetadata &M) {
  if (M.FloatBits) {
    const std::string Binary32 =
        M.Binary32Bits
            ? fmt::format("{:.4f} with binary32 programs, ", *M.Binary32Bits)
            : "";
    return fmt::format("quality  {:.4f} bits per token float, {}{:.4f} {} "
                       "({:+.2f} %), {} tokens of {}\n",
                       *M.FloatBits, Binary32, *M.QuantizedBits,
                       M.Binary32Bits ? "in fixed point" : "quantised",
                       100 * (*M.QuantizedBits / *M.FloatBits - 1),
                       M.EvaluationTokens, M.EvaluationText);
  }
  return fmt::format("quality  {:.1f} % of largest logits unchanged by "
                     "quantisation ({} {}; no text was given)\n",
                     100 * *M.ArgmaxAgreement, M.EvaluationTokens,
                     M.EvaluationText);
}

/// A line for each population whose kernels no core holds.
std::string splitLines(const std::vector<compiler::ChannelSplit> &Splits) {
  std::string Out;
  for (const compiler::ChannelSplit &S : Splits)
    Out += "split    " + S.text() + "\n";
  return Out;
}

Status compile(const CompileOptions &O) {
  Progress Say(O.Quiet);
  Result<ChipSpec> Chip = ChipSpec::load(O.Target, O.Overrides);
  if (!Chip)
    return Chip.errors();
  Say.stage("importing");
  ModelOptions Options = O.Model;
  Options.MeshHeight = Chip->Noc.Height;
  Result<Model> M = openForCompile(Options);
  if (!M)
    return M.errors();
  compiler::WeightFiles Files(M->Folder);
  const std::vector<compiler::ChannelSplit> Splits = compiler::splitChannels(
      M->network(), compiler::KernelRoom::of(*Chip, O.Choices.WeightBits));

  ImageMetadata About = describeImage(O.Choices, *M, *Chip);
  for (const compiler::ChannelSplit &S : Splits)
    for (const std::string &Name : S.Names)
      if (S.Why.empty())
        About.Splits[Name] = {S.Parts, S.Channels / S.Parts};

  Say.stage("measuring the float network");
  Result<WindowedText> Evaluate =
      evaluationText(*M, O.Evaluate, O.Choices.Seed);
  if (!Evaluate)
    return Evaluate.errors();
  Result<Prediction> Float = predict(M->network(), Files, *Evaluate);
  if (!Float)
    return Float.errors();
  if (Status S = simplify(*M, O.Choices); !S)
    return S;

  Say.stage("calibrating");
  Result<WindowedText> Text =
      calibrationText(*M, O.Model.Calibrate, O.Choices.Seed);
  if (!Text)
    return Text.errors();
  About.CalibrationText = Text->Name;
  About.CalibrationTokens = Text->numTokens();
  if (Status S = calibrate(*M, Files, *Text); !S)
    return S;
  Say.stage("quantising");
  if (Status S = quantize(*M, O.Choices, Files, Chip->Core.WeightExponentBits);
      !S)
    return S;
  std::optional<FixedPointCost> Cost;
  if (needsFixedPoint(*Chip, M->network())) {
    Say.stage("bringing programs to fixed point");
    Result<Prediction> Binary32 = predict(M->network(), Files, *Evaluate);
    if (!Binary32)
      return Binary32.errors();
    auto Fixed = toArithmeticOf(*Chip, M->network(), Files, *Text,
                                /*Compare=*/!O.Quiet);
    if (!Fixed)
      return Fixed.errors();
    Cost = std::move(*Fixed);
    About.Binary32Bits = Binary32->BitsPerToken;
  }
  // Whose sums were proven on the way need no second look at the weights.
  if (Status S = Cost ? compiler::checkTarget(M->network(), *Chip)
                      : checkRuns(M->network(), Files, *Chip);
      !S)
    return withImportOptions(S.errors(), *M, O.Model);

  Say.stage("measuring the quantised network");
  Result<Prediction> Quantized = predict(M->network(), Files, *Evaluate);
  if (!Quantized)
    return Quantized.errors();
  describeQuality(*Evaluate, *Float, *Quantized, About);

  Say.stage("mapping");
  auto Fit = mapOnto(*M->Module, *Chip, O.Choices);
  if (!Fit)
    return Fit.errors();
  if (!Fit->fits()) {
    fmt::print(stderr, "{}{}", Fit->table(), splitLines(Splits));
    return Fit->error();
  }

  Say.stage("emitting");
  if (Status S = compiler::emitImage(*M->Module, *Chip, Files, {About.toJson()},
                                     O.Output);
      !S)
    return S;
  if (!O.Quiet) {
    printNotes(*M);
    fmt::print("{}", Fit->table());
    fmt::print("{}", splitLines(Splits));
    fmt::print("{}", qualityLine(About));
    if (Cost)
      fmt::print("{}", Cost->text(Chip->Neuron));
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
  Command->add_option("--evaluate", O->Evaluate,
                      "text or token ids (.npy) that quality is measured on");
  Command
      ->add_option("--activation-bits", O->Choices.ActivationBits,
                   "width of the events that matrices read, 2 to 16")
      ->check(CLI::Range(2, 16));
  Command
      ->add_option("--weight-bits", O->Choices.WeightBits,
                   "width of a stored weight, 2 to 8")
      ->check(CLI::Range(2, 8));
  Command->add_flag("--defer-norms", O->Choices.DeferNorms,
                    "scale by norms behind matrices: fewer levels, coarser "
                    "activations");
  Command
      ->add_option("--placement", O->Choices.Placement,
                   "space-filling, row-major or shuffled")
      ->check(CLI::IsMember(&Placements));
  Command->add_option("--spread", O->Choices.Spread,
                      "share the work evenly among the cores of this many "
                      "chips (0: of as many as it takes), instead of filling "
                      "cores");
  Command->add_option("--seed", O->Choices.Seed, "seed of every random choice");
  Command->add_option("-o,--output", O->Output, "image to write")->required();
  Command->add_flag("-q,--quiet", O->Quiet, "print nothing but errors");
  Command->callback([O, &Chosen] { Chosen = [O] { return compile(*O); }; });
}
