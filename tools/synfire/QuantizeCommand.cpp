//===- QuantizeCommand.cpp - synfire quantize -----------------------------===//
//
// dense LLaMA -> SpikeLLM: weights on the grid of codes, salient channels from
// calibration text, in a checkpoint that every other command reads.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"
#include "tools/synfire/ModelCalibration.h"

#include "models/spikellm/WeightCodes.h"
#include "targets/arrays/AtomicFile.h"
#include "targets/arrays/Npy.h"

#include <filesystem>
#include <fmt/format.h>
#include <memory>

using namespace synfire;
using namespace synfire::tools;
using models::SpikeLlmConfig;
namespace fs = std::filesystem;

namespace {
struct QuantizeOptions {
  ModelOptions Model;
  std::optional<int64_t> WeightBits, Bits, AddBits;
  std::optional<double> LowShare;
  std::string Evaluate, Output;
  bool Quiet = false;
};

Status writeText(const std::string &Path, const std::string &Text) {
  Result<AtomicFile> File = AtomicFile::create(Path);
  if (!File)
    return File.errors();
  if (Status S = File->write(asBytes(std::span<const char>(Text))); !S)
    return S;
  return File->commit();
}

/// A card beside \p Output that names the texts of \p Card.
std::string cardText(const checkpoint::ModelCard &Card,
                     const std::string &Output) {
  fs::path Folder = fs::absolute(Output).parent_path();
  std::string Out = "architecture: spikellm\n";
  auto Name = [&](const char *Key, const std::string &Path) {
    if (!Path.empty())
      Out += fmt::format(
          "{}: '{}'\n", Key,
          fs::absolute(Path).lexically_proximate(Folder).generic_string());
  };
  Name("vocabulary", Card.Vocabulary);
  Name("calibrate", Card.Calibrate);
  Name("evaluate", Card.Evaluate);
  if (Card.EvaluateWindow)
    Out += fmt::format("evaluate_window: {}\n", *Card.EvaluateWindow);
  return Out;
}

/// Bits per token of \p M on \p Text.
Result<double> bitsOf(Model &M, const WindowedText &Text) {
  compiler::WeightFiles Files(M.Folder);
  Result<Prediction> P = predict(M.network(), Files, Text);
  if (!P)
    return P.errors();
  return P->BitsPerToken.value_or(0);
}

Result<SpikeLlmConfig> configOf(const QuantizeOptions &O) {
  auto Config = SpikeLlmConfig::besides(O.Model.Path);
  if (!Config)
    return Config.errors();
  Config->WeightBits = O.WeightBits.value_or(Config->WeightBits);
  Config->Bits = O.Bits.value_or(Config->Bits);
  Config->AddBits = O.AddBits.value_or(Config->AddBits);
  Config->LowShare = O.LowShare.value_or(Config->LowShare);
  if (Config->WeightBits > 8)
    return Error{Config->Path, "spikellm-weight-bits",
                 fmt::format("wbits is {}, so weights would not be quantised; "
                             "give their bits, 2 to 8, with --weight-bits",
                             Config->WeightBits)};
  return Config;
}

Status quantize(const QuantizeOptions &O) {
  fs::path Output(O.Output);
  if (Output.extension() != ".safetensors")
    return Error{O.Output, "quantize-output",
                 "the checkpoint is written as .safetensors; give such a name"};
  auto Config = configOf(O);
  if (!Config)
    return Config.errors();
  Result<Model> Dense = openModel(O.Model);
  if (!Dense)
    return Dense.errors();
  auto File = checkpoint::Checkpoint::open(O.Model.Path, O.Model.Prefix);
  if (!File)
    return File.errors();
  models::ChannelMasks Masks;
  if (Config->AddBits > 0) {
    auto Computed = computeMasks(*Dense, *File, *Config, O.Model.Calibrate);
    if (!Computed)
      return Computed.errors();
    Masks = std::move(*Computed);
  }
  if (Status S =
          models::writeQuantized(*File, Dense->Shape, *Config, Masks, O.Output);
      !S)
    return S;
  if (Status S = writeText(Output.replace_extension(".json").string(),
                           models::quantizedConfig(Dense->Shape, *Config));
      !S)
    return S;
  if (Status S = writeText(checkpoint::ModelCard::pathFor(O.Output),
                           cardText(Dense->Card, O.Output));
      !S)
    return S;
  if (O.Quiet)
    return {};

  printNotes(*Dense);
  ModelOptions Written;
  Written.Path = O.Output;
  Written.KeyRange = O.Model.KeyRange;
  Result<Model> Coded = openModel(Written);
  if (!Coded)
    return Coded.errors();
  auto Text = evaluationText(*Dense, O.Evaluate, /*Seed=*/0);
  if (!Text)
    return Text.errors();
  if (Text->Targets.empty())
    return {};
  Result<double> Before = bitsOf(*Dense, *Text), After = bitsOf(*Coded, *Text);
  if (!Before)
    return Before.errors();
  if (!After)
    return After.errors();
  fmt::print("quality  {:.4f} bits per token dense, {:.4f} in codes ({:+.2f} "
             "%), {} tokens of {}\n",
             *Before, *After, 100 * (*After / *Before - 1), Text->numTargets(),
             Text->Name);
  return {};
}
} // namespace

void synfire::tools::addQuantize(CLI::App &App, Action &Chosen) {
  auto O = std::make_shared<QuantizeOptions>();
  O->Model.Architecture = "spikellm";
  O->Model.Dense = true;
  CLI::App *Command = App.add_subcommand(
      "quantize", "make a SpikeLLM checkpoint of a dense LLaMA");
  Command->add_option("model", O->Model.Path, "dense checkpoint")->required();
  Command->add_option("--prefix", O->Model.Prefix,
                      "prefix of the network's tensors in the checkpoint");
  Command
      ->add_option("--weight-bits", O->WeightBits,
                   "bits of a weight's code, 2 to 8; this and the following "
                   "by default what the configuration says")
      ->check(CLI::Range(2, 8));
  Command
      ->add_option("--activation-bits", O->Bits,
                   "bits of the codes of low channels, 1 to 8")
      ->check(CLI::Range(1, 8));
  Command
      ->add_option("--salient-bits", O->AddBits,
                   "bits that salient channels have more, 0 to 4")
      ->check(CLI::Range(0, 4));
  Command
      ->add_option("--low-share", O->LowShare,
                   "part of the channels that is low, 0 to 1")
      ->check(CLI::Range(0.0, 1.0));
  Command->add_option("--calibrate", O->Model.Calibrate,
                      "text or token ids (.npy) that salient channels are "
                      "found on; by default what the card says");
  Command->add_option("--evaluate", O->Evaluate,
                      "text or token ids (.npy) that quality is measured on");
  Command
      ->add_option("--k-range", O->Model.KeyRange,
                   "what the scale of a key's code spans when quality is "
                   "measured; token (default) or window")
      ->check(CLI::IsMember({"window", "token"}));
  Command
      ->add_option("-o,--output", O->Output,
                   "checkpoint to write (.safetensors), its configuration and "
                   "card beside it")
      ->required();
  Command->add_flag("-q,--quiet", O->Quiet,
                    "print nothing but errors, measure no quality");
  Command->callback([O, &Chosen] { Chosen = [O] { return quantize(*O); }; });
}
